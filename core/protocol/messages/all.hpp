// All requests and responses, in the order of their keys. Large: include the one you need instead.
#pragma once

#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/03_metadata.hpp"
#include "core/protocol/messages/04_leader_and_isr.hpp"
#include "core/protocol/messages/05_stop_replica.hpp"
#include "core/protocol/messages/06_update_metadata.hpp"
#include "core/protocol/messages/07_controlled_shutdown.hpp"
#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"
#include "core/protocol/messages/10_find_coordinator.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/12_heartbeat.hpp"
#include "core/protocol/messages/13_leave_group.hpp"
#include "core/protocol/messages/14_sync_group.hpp"
#include "core/protocol/messages/15_describe_groups.hpp"
#include "core/protocol/messages/16_list_groups.hpp"
#include "core/protocol/messages/17_sasl_handshake.hpp"
#include "core/protocol/messages/18_api_versions.hpp"
#include "core/protocol/messages/19_create_topics.hpp"
#include "core/protocol/messages/20_delete_topics.hpp"
#include "core/protocol/messages/21_delete_records.hpp"
#include "core/protocol/messages/22_init_producer_id.hpp"
#include "core/protocol/messages/23_offset_for_leader_epoch.hpp"
#include "core/protocol/messages/24_add_partitions_to_txn.hpp"
#include "core/protocol/messages/25_add_offsets_to_txn.hpp"
#include "core/protocol/messages/26_end_txn.hpp"
#include "core/protocol/messages/27_write_txn_markers.hpp"
#include "core/protocol/messages/28_txn_offset_commit.hpp"
#include "core/protocol/messages/29_describe_acls.hpp"
#include "core/protocol/messages/30_create_acls.hpp"
#include "core/protocol/messages/31_delete_acls.hpp"
#include "core/protocol/messages/32_describe_configs.hpp"
#include "core/protocol/messages/33_alter_configs.hpp"
#include "core/protocol/messages/34_alter_replica_log_dirs.hpp"
#include "core/protocol/messages/35_describe_log_dirs.hpp"
#include "core/protocol/messages/36_sasl_authenticate.hpp"
#include "core/protocol/messages/37_create_partitions.hpp"
#include "core/protocol/messages/38_create_delegation_token.hpp"
#include "core/protocol/messages/39_renew_delegation_token.hpp"
#include "core/protocol/messages/40_expire_delegation_token.hpp"
#include "core/protocol/messages/41_describe_delegation_token.hpp"
#include "core/protocol/messages/42_delete_groups.hpp"
#include "core/protocol/messages/43_elect_leaders.hpp"
#include "core/protocol/messages/44_incremental_alter_configs.hpp"
#include "core/protocol/messages/45_alter_partition_reassignments.hpp"
#include "core/protocol/messages/46_list_partition_reassignments.hpp"
#include "core/protocol/messages/47_offset_delete.hpp"
#include "core/protocol/messages/48_describe_client_quotas.hpp"
#include "core/protocol/messages/49_alter_client_quotas.hpp"
#include "core/protocol/messages/50_describe_user_scram_credentials.hpp"
#include "core/protocol/messages/51_alter_user_scram_credentials.hpp"
#include "core/protocol/messages/52_vote.hpp"
#include "core/protocol/messages/53_begin_quorum_epoch.hpp"
#include "core/protocol/messages/54_end_quorum_epoch.hpp"
#include "core/protocol/messages/55_describe_quorum.hpp"
#include "core/protocol/messages/56_alter_partition.hpp"
#include "core/protocol/messages/57_update_features.hpp"
#include "core/protocol/messages/58_envelope.hpp"
#include "core/protocol/messages/59_fetch_snapshot.hpp"
#include "core/protocol/messages/60_describe_cluster.hpp"
#include "core/protocol/messages/61_describe_producers.hpp"
#include "core/protocol/messages/62_broker_registration.hpp"
#include "core/protocol/messages/63_broker_heartbeat.hpp"
#include "core/protocol/messages/64_unregister_broker.hpp"
#include "core/protocol/messages/65_describe_transactions.hpp"
#include "core/protocol/messages/66_list_transactions.hpp"
#include "core/protocol/messages/67_allocate_producer_ids.hpp"
#include "core/protocol/messages/68_consumer_group_heartbeat.hpp"
#include "core/protocol/messages/69_consumer_group_describe.hpp"
#include "core/protocol/messages/70_controller_registration.hpp"
#include "core/protocol/messages/71_get_telemetry_subscriptions.hpp"
#include "core/protocol/messages/72_push_telemetry.hpp"
#include "core/protocol/messages/73_assign_replicas_to_dirs.hpp"
#include "core/protocol/messages/74_list_config_resources.hpp"
#include "core/protocol/messages/75_describe_topic_partitions.hpp"
#include "core/protocol/messages/76_share_group_heartbeat.hpp"
#include "core/protocol/messages/77_share_group_describe.hpp"
#include "core/protocol/messages/78_share_fetch.hpp"
#include "core/protocol/messages/79_share_acknowledge.hpp"
#include "core/protocol/messages/80_add_raft_voter.hpp"
#include "core/protocol/messages/81_remove_raft_voter.hpp"
#include "core/protocol/messages/82_update_raft_voter.hpp"
#include "core/protocol/messages/83_initialize_share_group_state.hpp"
#include "core/protocol/messages/84_read_share_group_state.hpp"
#include "core/protocol/messages/85_write_share_group_state.hpp"
#include "core/protocol/messages/86_delete_share_group_state.hpp"
#include "core/protocol/messages/87_read_share_group_state_summary.hpp"
#include "core/protocol/messages/88_streams_group_heartbeat.hpp"
#include "core/protocol/messages/89_streams_group_describe.hpp"
#include "core/protocol/messages/90_describe_share_group_offsets.hpp"
#include "core/protocol/messages/91_alter_share_group_offsets.hpp"
#include "core/protocol/messages/92_delete_share_group_offsets.hpp"
#include "core/protocol/messages/93_streams_group_topology_description_update.hpp"
#include "core/protocol/messages/94_unregister_controller.hpp"

namespace barnabas::protocol {

template <class... Requests>
struct RequestList {
  template <class F>
  static constexpr void for_each(F&& f) {
    (f.template operator()<Requests, typename Requests::Response>(), ...);
  }
};
using AllRequests = RequestList<
    ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, LeaderAndIsrRequest, StopReplicaRequest,
    UpdateMetadataRequest, ControlledShutdownRequest, OffsetCommitRequest, OffsetFetchRequest, FindCoordinatorRequest,
    JoinGroupRequest, HeartbeatRequest, LeaveGroupRequest, SyncGroupRequest, DescribeGroupsRequest, ListGroupsRequest,
    SaslHandshakeRequest, ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, DeleteRecordsRequest,
    InitProducerIdRequest, OffsetForLeaderEpochRequest, AddPartitionsToTxnRequest, AddOffsetsToTxnRequest,
    EndTxnRequest, WriteTxnMarkersRequest, TxnOffsetCommitRequest, DescribeAclsRequest, CreateAclsRequest,
    DeleteAclsRequest, DescribeConfigsRequest, AlterConfigsRequest, AlterReplicaLogDirsRequest, DescribeLogDirsRequest,
    SaslAuthenticateRequest, CreatePartitionsRequest, CreateDelegationTokenRequest, RenewDelegationTokenRequest,
    ExpireDelegationTokenRequest, DescribeDelegationTokenRequest, DeleteGroupsRequest, ElectLeadersRequest,
    IncrementalAlterConfigsRequest, AlterPartitionReassignmentsRequest, ListPartitionReassignmentsRequest,
    OffsetDeleteRequest, DescribeClientQuotasRequest, AlterClientQuotasRequest, DescribeUserScramCredentialsRequest,
    AlterUserScramCredentialsRequest, VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest,
    DescribeQuorumRequest, AlterPartitionRequest, UpdateFeaturesRequest, EnvelopeRequest, FetchSnapshotRequest,
    DescribeClusterRequest, DescribeProducersRequest, BrokerRegistrationRequest, BrokerHeartbeatRequest,
    UnregisterBrokerRequest, DescribeTransactionsRequest, ListTransactionsRequest, AllocateProducerIdsRequest,
    ConsumerGroupHeartbeatRequest, ConsumerGroupDescribeRequest, ControllerRegistrationRequest,
    GetTelemetrySubscriptionsRequest, PushTelemetryRequest, AssignReplicasToDirsRequest, ListConfigResourcesRequest,
    DescribeTopicPartitionsRequest, ShareGroupHeartbeatRequest, ShareGroupDescribeRequest, ShareFetchRequest,
    ShareAcknowledgeRequest, AddRaftVoterRequest, RemoveRaftVoterRequest, UpdateRaftVoterRequest,
    InitializeShareGroupStateRequest, ReadShareGroupStateRequest, WriteShareGroupStateRequest,
    DeleteShareGroupStateRequest, ReadShareGroupStateSummaryRequest, StreamsGroupHeartbeatRequest,
    StreamsGroupDescribeRequest, DescribeShareGroupOffsetsRequest, AlterShareGroupOffsetsRequest,
    DeleteShareGroupOffsetsRequest, StreamsGroupTopologyDescriptionUpdateRequest, UnregisterControllerRequest>;

// Calls f.template operator()<Request, Response>() for every API.
template <class F>
constexpr void for_each_api(F&& f) {
  AllRequests::for_each(f);
}

}  // namespace barnabas::protocol
