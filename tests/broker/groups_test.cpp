// Groups and committed offsets over the wire; their rules are tested in tests/coordinator.
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"
#include "core/protocol/messages/10_find_coordinator.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/12_heartbeat.hpp"
#include "core/protocol/messages/13_leave_group.hpp"
#include "core/protocol/messages/14_sync_group.hpp"
#include "core/protocol/messages/15_describe_groups.hpp"
#include "core/protocol/messages/16_list_groups.hpp"
#include "core/protocol/messages/42_delete_groups.hpp"
#include "core/protocol/messages/47_offset_delete.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

FindCoordinatorRequest find_request(std::string group) {
  FindCoordinatorRequest request;
  request.key = group;
  request.coordinator_keys.push_back(group);
  return request;
}

JoinGroupRequest join_request(std::string member) {
  JoinGroupRequest request;
  request.group_id = "readers";
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 10'000;
  request.member_id = member;
  request.protocol_type = "consumer";
  auto& protocol = request.protocols.emplace_back();
  protocol.name = "range";
  protocol.metadata = Bytes::copy_of(as_bytes("metadata"));
  return request;
}

OffsetCommitRequest commit_request(std::int64_t offset) {
  OffsetCommitRequest request;
  request.group_id = "readers";
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  auto& partition = topic.partitions.emplace_back();
  partition.committed_offset = offset;
  partition.committed_metadata = "m";
  return request;
}

OffsetFetchRequest offsets_request() {
  OffsetFetchRequest request;
  request.group_id = "readers";
  auto& topic = request.topics.emplace().emplace_back();
  topic.name = "orders";
  topic.partition_indexes.push_back(0);
  return request;
}

struct Membership {
  std::string member;
  std::int32_t generation = -1;
};

// Joins alone and takes the assignment "all".
Membership join(Cluster& cluster, RawClient& client) {
  const auto joined = cluster.call<JoinGroupResponse>(client, join_request(""), 2);
  EXPECT_EQ(joined->error_code, ErrorCode::none);
  SyncGroupRequest sync;
  sync.group_id = "readers";
  sync.generation_id = joined->generation_id;
  sync.member_id = joined->member_id;
  auto& assignment = sync.assignments.emplace_back();
  assignment.member_id = joined->member_id;
  assignment.assignment = Bytes::copy_of(as_bytes("all"));
  const auto synced = cluster.call<SyncGroupResponse>(client, sync, 1);
  EXPECT_EQ(synced->error_code, ErrorCode::none);
  EXPECT_EQ(as_text(synced->assignment.view()), "all");
  return {joined->member_id.str(), joined->generation_id};
}

TEST(FindCoordinator, makes_the_topic_of_offsets_when_it_is_first_needed) {
  Cluster cluster(1);
  cluster.start();
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->topics.size(), 0u);
  for (std::int16_t version = 0; version <= 6; ++version) {
    const auto answer = cluster.call<FindCoordinatorResponse>(find_request("readers"), version);
    const bool many = version >= 4;
    EXPECT_EQ(many ? answer->coordinators.at(0).error_code : answer->error_code, ErrorCode::none) << version;
    EXPECT_EQ(many ? answer->coordinators.at(0).port : answer->port, 9092);
    EXPECT_EQ((many ? answer->coordinators.at(0).host : answer->host).str(), "broker");
  }
  const auto topics = cluster.call<MetadataResponse>(MetadataRequest(), 9);
  ASSERT_EQ(topics->topics.size(), 1u);
  EXPECT_TRUE(topics->topics[0].is_internal);
  EXPECT_EQ(topics->topics[0].partitions.size(), 3u);
  FindCoordinatorRequest transaction = find_request("t");
  transaction.key_type = 1;
  EXPECT_EQ(cluster.call<FindCoordinatorResponse>(transaction, 2)->error_code,
            ErrorCode::transactional_id_authorization_failed);
}

TEST(Groups, join_sync_heartbeat_commit_and_leave) {
  Cluster cluster(2);
  cluster.start();
  cluster.create_topic("orders");
  const auto client = cluster.connect();
  cluster.call<FindCoordinatorResponse>(*client, find_request("readers"), 2);
  const Membership membership = join(cluster, *client);
  HeartbeatRequest heartbeat;
  heartbeat.group_id = "readers";
  heartbeat.generation_id = membership.generation;
  heartbeat.member_id = membership.member;
  EXPECT_EQ(cluster.call<HeartbeatResponse>(*client, heartbeat, 1)->error_code, ErrorCode::none);
  OffsetCommitRequest commit = commit_request(7);
  commit.member_id = membership.member;
  commit.generation_id_or_member_epoch = membership.generation;
  EXPECT_EQ(cluster.call<OffsetCommitResponse>(*client, commit, 5)->topics.at(0).partitions.at(0).error_code,
            ErrorCode::none);
  LeaveGroupRequest leave;
  leave.group_id = "readers";
  leave.member_id = membership.member;
  EXPECT_EQ(cluster.call<LeaveGroupResponse>(*client, leave, 1)->error_code, ErrorCode::none);
  EXPECT_EQ(cluster.call<HeartbeatResponse>(*client, heartbeat, 1)->error_code, ErrorCode::unknown_member_id);
  const auto offsets = cluster.call<OffsetFetchResponse>(*client, offsets_request(), 5);
  EXPECT_EQ(offsets->topics.at(0).partitions.at(0).committed_offset, 7);
}

TEST(Groups, are_listed_described_and_deleted) {
  Cluster cluster(7);
  cluster.start();
  cluster.create_topic("orders");
  const auto client = cluster.connect();
  cluster.call<FindCoordinatorResponse>(*client, find_request("readers"), 2);
  const Membership membership = join(cluster, *client);
  for (std::int16_t version = 0; version <= 5; ++version) {
    const auto listed = cluster.call<ListGroupsResponse>(*client, ListGroupsRequest(), version);
    ASSERT_EQ(listed->groups.size(), 1u);
    EXPECT_EQ(listed->groups[0].group_id.str(), "readers");
    DescribeGroupsRequest about;
    about.groups.push_back("readers");
    about.groups.push_back("readers");
    const auto described = cluster.call<DescribeGroupsResponse>(*client, about, version);
    ASSERT_EQ(described->groups.size(), 1u) << "once, however often it is asked for";
    ASSERT_EQ(described->groups.at(0).members.size(), 1u);
    EXPECT_EQ(described->groups[0].group_state.str(), "Stable");
    EXPECT_EQ(described->groups[0].members[0].member_id.view(), membership.member);
  }
  DeleteGroupsRequest removal;
  removal.groups_names.push_back("readers");
  EXPECT_EQ(cluster.call<DeleteGroupsResponse>(*client, removal, 2)->results.at(0).error_code,
            ErrorCode::non_empty_group);
  LeaveGroupRequest leave;
  leave.group_id = "readers";
  leave.member_id = membership.member;
  cluster.call<LeaveGroupResponse>(*client, leave, 1);
  EXPECT_EQ(cluster.call<DeleteGroupsResponse>(*client, removal, 2)->results.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(cluster.call<ListGroupsResponse>(*client, ListGroupsRequest(), 4)->groups.size(), 0u);
}

TEST(Groups, an_offset_for_an_unknown_partition_is_refused) {
  Cluster cluster(3);
  cluster.start();
  cluster.call<FindCoordinatorResponse>(find_request("readers"), 2);
  EXPECT_EQ(cluster.call<OffsetCommitResponse>(commit_request(7), 5)->topics.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
}

TEST(Groups, committed_offsets_survive_a_clean_stop_and_a_killed_process) {
  for (const bool clean : {true, false}) {
    Cluster cluster(4);
    cluster.start();
    cluster.create_topic("orders");
    cluster.call<FindCoordinatorResponse>(find_request("readers"), 2);
    for (std::int64_t offset = 1; offset <= 20; ++offset) {
      const auto answer = cluster.call<OffsetCommitResponse>(commit_request(offset), 5);
      ASSERT_EQ(answer->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    }
    if (clean) {
      cluster.stop();
    } else {
      cluster.kill();
    }
    cluster.start();
    const auto loaded = [&] {
      return cluster.call<OffsetFetchResponse>(offsets_request(), 5)->error_code == ErrorCode::none;
    };
    for (int i = 0; i < 50 && !loaded(); ++i) cluster.world().run_for(100ms);
    const auto offsets = cluster.call<OffsetFetchResponse>(offsets_request(), 5);
    EXPECT_EQ(offsets->topics.at(0).partitions.at(0).committed_offset, 20) << clean;
    EXPECT_EQ(offsets->topics.at(0).partitions.at(0).metadata->str(), "m");
  }
}

OffsetDeleteRequest forget_request(std::string topic, std::int32_t partition) {
  OffsetDeleteRequest request;
  request.group_id = "readers";
  auto& row = request.topics.emplace_back();
  row.name = topic;
  row.partitions.emplace_back().partition_index = partition;
  return request;
}

TEST(Groups, forget_the_offsets_they_are_told_to) {
  Cluster cluster(8);
  cluster.start();
  cluster.create_topic("orders", 2);
  cluster.call<FindCoordinatorResponse>(find_request("readers"), 2);
  const auto forget = [&](std::string topic, std::int32_t partition) {
    const auto answer = cluster.call<OffsetDeleteResponse>(forget_request(std::move(topic), partition), 0);
    if (answer->error_code != ErrorCode::none) return answer->error_code;
    return answer->topics.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(forget("orders", 0), ErrorCode::group_id_not_found);
  OffsetCommitRequest both = commit_request(7);
  both.topics[0].partitions.emplace_back().partition_index = 1;
  cluster.call<OffsetCommitResponse>(both, 5);
  EXPECT_EQ(forget("nothing", 0), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(forget("orders", 9), ErrorCode::unknown_topic_or_partition);
  OffsetDeleteRequest mixed = forget_request("orders", 1);
  mixed.topics.begin()->partitions.emplace_back().partition_index = 9;
  cluster.call<OffsetCommitResponse>(both, 5);
  const auto told = cluster.call<OffsetDeleteResponse>(mixed, 0);
  ASSERT_EQ(told->topics.size(), 1u) << "a topic is answered once";
  EXPECT_EQ(told->topics[0].partitions.size(), 2u);
  cluster.call<OffsetCommitResponse>(both, 5);
  EXPECT_EQ(forget("orders", 0), ErrorCode::none);
  EXPECT_EQ(forget("orders", 0), ErrorCode::none) << "what is not there is no error";
  EXPECT_EQ(cluster.call<OffsetFetchResponse>(offsets_request(), 5)->topics.at(0).partitions.at(0).committed_offset,
            -1);
  EXPECT_EQ(forget("orders", 1), ErrorCode::none);
  EXPECT_EQ(forget("orders", 1), ErrorCode::group_id_not_found) << "nothing was left of the group";
}

TEST(Groups, keep_the_offsets_of_topics_that_members_consume) {
  Cluster cluster(9);
  cluster.start();
  cluster.create_topic("orders");
  cluster.create_topic("others");
  const auto client = cluster.connect();
  cluster.call<FindCoordinatorResponse>(*client, find_request("readers"), 2);
  ConsumerProtocolSubscription subscription;
  subscription.topics.emplace_back("orders");
  JoinGroupRequest request = join_request("");
  request.protocols[0].metadata = Bytes(encode_versioned(subscription, 0));
  EXPECT_EQ(cluster.call<JoinGroupResponse>(*client, request, 2)->error_code, ErrorCode::none);
  const auto code = [&](std::string topic) {
    const auto answer = cluster.call<OffsetDeleteResponse>(forget_request(std::move(topic), 0), 0);
    EXPECT_EQ(answer->error_code, ErrorCode::none);
    return answer->topics.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(code("orders"), ErrorCode::group_subscribed_to_topic);
  EXPECT_EQ(code("others"), ErrorCode::none);
}

TEST(Groups, offsets_of_version_0_are_kept_in_zookeeper) {
  Cluster cluster(10);
  cluster.start();
  cluster.create_topic("orders");
  const auto code = [&](OffsetCommitRequest request) {
    return cluster.call<OffsetCommitResponse>(request, 0)->topics.at(0).partitions.at(0).error_code;
  };
  const auto offset = [&](std::int16_t version) {
    return cluster.call<OffsetFetchResponse>(offsets_request(), version)
        ->topics.at(0)
        .partitions.at(0)
        .committed_offset;
  };
  EXPECT_EQ(offset(0), -1);
  EXPECT_EQ(cluster.call<OffsetFetchResponse>(offsets_request(), 0)->topics.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition)
      << "what consumers of that time take for no offset yet";
  EXPECT_EQ(code(commit_request(7)), ErrorCode::none) << "no coordinator is needed";
  EXPECT_EQ(code(commit_request(8)), ErrorCode::none);
  EXPECT_EQ(offset(0), 8);
  cluster.power_cut();
  cluster.start();
  EXPECT_EQ(offset(0), 8);
  cluster.call<FindCoordinatorResponse>(find_request("readers"), 2);
  cluster.world().run_for(1s);
  EXPECT_EQ(offset(1), -1) << "the coordinator does not know of them";
  OffsetCommitRequest bad = commit_request(9);
  bad.group_id = "a//b";
  EXPECT_EQ(code(bad), ErrorCode::invalid_group_id);
  bad = commit_request(9);
  bad.topics[0].partitions[0].partition_index = 5;
  EXPECT_EQ(code(bad), ErrorCode::unknown_topic_or_partition);
  bad = commit_request(9);
  const std::string long_text(5000, 'x');
  bad.topics[0].partitions[0].committed_metadata = long_text;
  EXPECT_EQ(code(bad), ErrorCode::offset_metadata_too_large);
  EXPECT_EQ(offset(0), 8);
}

TEST(Groups, clients_may_not_write_or_delete_the_topic_of_offsets) {
  Cluster cluster(5);
  cluster.start();
  cluster.call<FindCoordinatorResponse>(find_request("readers"), 2);
  const auto written = cluster.call<ProduceResponse>(produce_request("__consumer_offsets", 0, batch_of({"forged"})), 9);
  EXPECT_EQ(written->responses[0].partition_responses[0].error_code, ErrorCode::invalid_topic_exception);
  DeleteTopicsRequest removal;
  removal.timeout_ms = 10'000;
  removal.topic_names.push_back("__consumer_offsets");
  EXPECT_EQ(cluster.call<DeleteTopicsResponse>(removal, 4)->responses.at(0).error_code, ErrorCode::invalid_request);
}

TEST(Groups, a_stopping_broker_answers_a_member_that_waits_for_others) {
  Cluster cluster(6);
  cluster.start();
  cluster.create_topic("orders");
  const auto first = cluster.connect();
  cluster.call<FindCoordinatorResponse>(*first, find_request("readers"), 2);
  join(cluster, *first);
  // The first does not come back: the second waits for the rebalance.
  const auto second = cluster.connect();
  cluster.run(second->send(RawClient::frame(join_request(""), 2, 9)));
  cluster.world().run_for(1s);
  const Instant before = cluster.world().now();
  cluster.stop();
  EXPECT_LT(cluster.world().now() - before, 5s);
}

}  // namespace
}  // namespace barnabas::broker
