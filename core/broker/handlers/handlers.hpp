// One function per API, each in the file of its number. What they answer is Kafka's; what they decide and do not
// decide stands at the head of each file.
#pragma once

#include "core/async/task.hpp"
#include "core/broker/api_table.hpp"
#include "core/broker/request_context.hpp"
#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/protocol/api_error.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/03_metadata.hpp"
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
#include "core/protocol/messages/29_describe_acls.hpp"
#include "core/protocol/messages/30_create_acls.hpp"
#include "core/protocol/messages/31_delete_acls.hpp"
#include "core/protocol/messages/32_describe_configs.hpp"
#include "core/protocol/messages/33_alter_configs.hpp"
#include "core/protocol/messages/34_alter_replica_log_dirs.hpp"
#include "core/protocol/messages/35_describe_log_dirs.hpp"
#include "core/protocol/messages/36_sasl_authenticate.hpp"
#include "core/protocol/messages/37_create_partitions.hpp"
#include "core/protocol/messages/42_delete_groups.hpp"
#include "core/protocol/messages/43_elect_leaders.hpp"
#include "core/protocol/messages/44_incremental_alter_configs.hpp"
#include "core/protocol/messages/45_alter_partition_reassignments.hpp"
#include "core/protocol/messages/46_list_partition_reassignments.hpp"
#include "core/protocol/messages/47_offset_delete.hpp"
#include "core/protocol/messages/56_alter_partition.hpp"
#include "core/protocol/messages/60_describe_cluster.hpp"
#include "core/protocol/messages/61_describe_producers.hpp"
#include "core/protocol/messages/67_allocate_producer_ids.hpp"
#include "core/protocol/messages/75_describe_topic_partitions.hpp"

namespace barnabas::broker {

// These take the bytes. Produce patches the record batches where they lie, and may have no answer (acks=0); the others
// go on when the connection is gone.
Task<Result<ResponseFrame>> handle_produce(RequestContext& context, Buffer body);
Task<Result<ResponseFrame>> handle_leader_and_isr(RequestContext& context, Buffer body);
Task<Result<ResponseFrame>> handle_stop_replica(RequestContext& context, Buffer body);

Task<protocol::UpdateMetadataResponse> handle_update_metadata(RequestContext& context,
                                                              protocol::UpdateMetadataRequest request);
Task<protocol::ControlledShutdownResponse> handle_controlled_shutdown(RequestContext& context,
                                                                      protocol::ControlledShutdownRequest request);
Task<protocol::AlterPartitionResponse> handle_alter_partition(RequestContext& context,
                                                              protocol::AlterPartitionRequest request);
Task<protocol::AllocateProducerIdsResponse> handle_allocate_producer_ids(RequestContext& context,
                                                                         protocol::AllocateProducerIdsRequest request);

Task<protocol::FetchResponse> handle_fetch(RequestContext& context, protocol::FetchRequest request);
Task<protocol::ListOffsetsResponse> handle_list_offsets(RequestContext& context, protocol::ListOffsetsRequest request);
Task<protocol::MetadataResponse> handle_metadata(RequestContext& context, protocol::MetadataRequest request);
Task<protocol::OffsetCommitResponse> handle_offset_commit(RequestContext& context,
                                                          protocol::OffsetCommitRequest request);
Task<protocol::OffsetFetchResponse> handle_offset_fetch(RequestContext& context, protocol::OffsetFetchRequest request);
Task<protocol::FindCoordinatorResponse> handle_find_coordinator(RequestContext& context,
                                                                protocol::FindCoordinatorRequest request);
Task<protocol::JoinGroupResponse> handle_join_group(RequestContext& context, protocol::JoinGroupRequest request);
Task<protocol::HeartbeatResponse> handle_heartbeat(RequestContext& context, protocol::HeartbeatRequest request);
Task<protocol::LeaveGroupResponse> handle_leave_group(RequestContext& context, protocol::LeaveGroupRequest request);
Task<protocol::SyncGroupResponse> handle_sync_group(RequestContext& context, protocol::SyncGroupRequest request);
Task<protocol::ApiVersionsResponse> handle_api_versions(RequestContext& context, protocol::ApiVersionsRequest request);
Task<protocol::CreateTopicsResponse> handle_create_topics(RequestContext& context,
                                                          protocol::CreateTopicsRequest request);
Task<protocol::DeleteTopicsResponse> handle_delete_topics(RequestContext& context,
                                                          protocol::DeleteTopicsRequest request);
Task<protocol::DeleteRecordsResponse> handle_delete_records(RequestContext& context,
                                                            protocol::DeleteRecordsRequest request);
Task<protocol::CreatePartitionsResponse> handle_create_partitions(RequestContext& context,
                                                                  protocol::CreatePartitionsRequest request);
Task<protocol::AlterConfigsResponse> handle_alter_configs(RequestContext& context,
                                                          protocol::AlterConfigsRequest request);
Task<protocol::IncrementalAlterConfigsResponse> handle_incremental_alter_configs(
    RequestContext& context, protocol::IncrementalAlterConfigsRequest request);
Task<protocol::SaslHandshakeResponse> handle_sasl_handshake(RequestContext& context,
                                                            protocol::SaslHandshakeRequest request);
Task<protocol::DescribeAclsResponse> handle_describe_acls(RequestContext& context,
                                                          protocol::DescribeAclsRequest request);
Task<protocol::CreateAclsResponse> handle_create_acls(RequestContext& context, protocol::CreateAclsRequest request);
Task<protocol::DeleteAclsResponse> handle_delete_acls(RequestContext& context, protocol::DeleteAclsRequest request);
Task<protocol::AlterReplicaLogDirsResponse> handle_alter_replica_log_dirs(RequestContext& context,
                                                                          protocol::AlterReplicaLogDirsRequest request);
Task<protocol::DescribeLogDirsResponse> handle_describe_log_dirs(RequestContext& context,
                                                                 protocol::DescribeLogDirsRequest request);
Task<protocol::SaslAuthenticateResponse> handle_sasl_authenticate(RequestContext& context,
                                                                  protocol::SaslAuthenticateRequest request);
Task<protocol::ElectLeadersResponse> handle_elect_leaders(RequestContext& context,
                                                          protocol::ElectLeadersRequest request);
Task<protocol::AlterPartitionReassignmentsResponse> handle_alter_partition_reassignments(
    RequestContext& context, protocol::AlterPartitionReassignmentsRequest request);
Task<protocol::ListPartitionReassignmentsResponse> handle_list_partition_reassignments(
    RequestContext& context, protocol::ListPartitionReassignmentsRequest request);
Task<protocol::OffsetDeleteResponse> handle_offset_delete(RequestContext& context,
                                                          protocol::OffsetDeleteRequest request);
Task<protocol::DescribeProducersResponse> handle_describe_producers(RequestContext& context,
                                                                    protocol::DescribeProducersRequest request);
Task<protocol::DescribeTopicPartitionsResponse> handle_describe_topic_partitions(
    RequestContext& context, protocol::DescribeTopicPartitionsRequest request);
Task<protocol::InitProducerIdResponse> handle_init_producer_id(RequestContext& context,
                                                               protocol::InitProducerIdRequest request);
Task<protocol::DescribeConfigsResponse> handle_describe_configs(RequestContext& context,
                                                                protocol::DescribeConfigsRequest request);

Task<protocol::DescribeGroupsResponse> handle_describe_groups(RequestContext& context,
                                                              protocol::DescribeGroupsRequest request);
Task<protocol::ListGroupsResponse> handle_list_groups(RequestContext& context, protocol::ListGroupsRequest request);
Task<protocol::OffsetForLeaderEpochResponse> handle_offset_for_leader_epoch(
    RequestContext& context, protocol::OffsetForLeaderEpochRequest request);
Task<protocol::DeleteGroupsResponse> handle_delete_groups(RequestContext& context,
                                                          protocol::DeleteGroupsRequest request);
Task<protocol::DescribeClusterResponse> handle_describe_cluster(RequestContext& context,
                                                                protocol::DescribeClusterRequest request);

// What everybody may do while there is no authorizer: the bits of Kafka's AclOperation.
inline constexpr std::int32_t kAllTopicOperations = 0b1101'1111'1000;
inline constexpr std::int32_t kAllClusterOperations = 0b1'1111'1010'0000;

// To a client that asked the wrong broker for what only the controller does.
inline protocol::ApiError not_controller() {
  return {protocol::ErrorCode::not_controller, "This is not the correct controller for this cluster."};
}

// How the group coordinator knows the one who asks.
coordinator::RequestContext group_context(const RequestContext& context);

}  // namespace barnabas::broker
