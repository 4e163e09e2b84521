// All requests and responses, in the order of their keys. Large: include the one you need instead.
#pragma once

#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/03_metadata.hpp"
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
#include "core/protocol/messages/32_describe_configs.hpp"
#include "core/protocol/messages/37_create_partitions.hpp"
#include "core/protocol/messages/42_delete_groups.hpp"
#include "core/protocol/messages/60_describe_cluster.hpp"

namespace barnabas::protocol {

// Calls f.template operator()<Request, Response>() for every API.
template <class F>
constexpr void for_each_api(F&& f) {
  f.template operator()<ProduceRequest, ProduceResponse>();
  f.template operator()<FetchRequest, FetchResponse>();
  f.template operator()<ListOffsetsRequest, ListOffsetsResponse>();
  f.template operator()<MetadataRequest, MetadataResponse>();
  f.template operator()<OffsetCommitRequest, OffsetCommitResponse>();
  f.template operator()<OffsetFetchRequest, OffsetFetchResponse>();
  f.template operator()<FindCoordinatorRequest, FindCoordinatorResponse>();
  f.template operator()<JoinGroupRequest, JoinGroupResponse>();
  f.template operator()<HeartbeatRequest, HeartbeatResponse>();
  f.template operator()<LeaveGroupRequest, LeaveGroupResponse>();
  f.template operator()<SyncGroupRequest, SyncGroupResponse>();
  f.template operator()<DescribeGroupsRequest, DescribeGroupsResponse>();
  f.template operator()<ListGroupsRequest, ListGroupsResponse>();
  f.template operator()<SaslHandshakeRequest, SaslHandshakeResponse>();
  f.template operator()<ApiVersionsRequest, ApiVersionsResponse>();
  f.template operator()<CreateTopicsRequest, CreateTopicsResponse>();
  f.template operator()<DeleteTopicsRequest, DeleteTopicsResponse>();
  f.template operator()<DeleteRecordsRequest, DeleteRecordsResponse>();
  f.template operator()<InitProducerIdRequest, InitProducerIdResponse>();
  f.template operator()<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>();
  f.template operator()<DescribeConfigsRequest, DescribeConfigsResponse>();
  f.template operator()<CreatePartitionsRequest, CreatePartitionsResponse>();
  f.template operator()<DeleteGroupsRequest, DeleteGroupsResponse>();
  f.template operator()<DescribeClusterRequest, DescribeClusterResponse>();
}

}  // namespace barnabas::protocol
