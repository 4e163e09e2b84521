// Several brokers: what a client of a cluster relies on. Rules are tested in tests/replication and tests/controller,
// guarantees under faults in the simulator.
#include <algorithm>
#include <set>

#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"
#include "core/protocol/messages/10_find_coordinator.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/12_heartbeat.hpp"
#include "core/protocol/messages/14_sync_group.hpp"
#include "core/protocol/messages/21_delete_records.hpp"
#include "core/protocol/messages/22_init_producer_id.hpp"
#include "core/protocol/messages/32_describe_configs.hpp"
#include "core/protocol/messages/37_create_partitions.hpp"
#include "core/protocol/messages/44_incremental_alter_configs.hpp"
#include "tests/broker/brokers.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;
using Strings = std::vector<std::string>;
using Ids = std::vector<std::int32_t>;

Ids sorted(Ids ids) {
  std::ranges::sort(ids);
  return ids;
}

TEST(Cluster, a_topic_is_there_on_every_broker_and_its_records_outlive_the_leader) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Brokers brokers(seed);
    brokers.start_all();
    brokers.create_topic("orders", 1, 3, {{"min.insync.replicas", "2"}});
    for (int id = 1; id <= 3; ++id) {
      EXPECT_TRUE(brokers.eventually([&] { return brokers.leader(id, "orders") > 0; })) << id;
    }
    EXPECT_EQ(brokers.produce("orders", "a"), 0);
    EXPECT_EQ(brokers.produce("orders", "b"), 1);
    const int first = brokers.leader(1, "orders");
    brokers.kill(first);
    EXPECT_EQ(brokers.produce("orders", "c"), 2) << seed;
    EXPECT_NE(brokers.leader(brokers.any(), "orders"), first);
    EXPECT_EQ(brokers.read_all("orders"), (Strings{"a", "b", "c"}));
    brokers.start(first);
    EXPECT_TRUE(brokers.eventually([&] { return sorted(brokers.isr(first, "orders")) == Ids{1, 2, 3}; })) << seed;
    EXPECT_EQ(brokers.produce("orders", "d"), 3);
  }
}

// Producers before Kafka 2.1 do not try again.
TEST(Cluster, leaders_lead_when_the_creation_of_their_topic_is_answered) {
  Brokers brokers(26);
  brokers.start_all();
  const int controller = brokers.controller(1);
  for (int id = 1; id <= 3; ++id) {
    if (id == controller) continue;
    brokers.world().network().delay("b" + std::to_string(controller), "b" + std::to_string(id), 100ms);
  }
  brokers.create_topic("orders", 6, 3);
  const auto topic = brokers.topic(controller, "orders");
  ASSERT_EQ(topic.partitions.size(), 6u);
  for (const auto& partition : topic.partitions) {
    ProduceRequest request = produce_request("orders", partition.partition_index, batch_of({"a"}), 1);
    const auto answer = brokers.call<ProduceResponse>(partition.leader_id, std::move(request), 5);
    EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error_code, ErrorCode::none)
        << "partition " << partition.partition_index << " at " << partition.leader_id;
  }
}

TEST(Cluster, a_broker_that_hangs_holds_up_no_creation) {
  Brokers brokers(27);
  brokers.start_all();
  const int controller = brokers.controller(1);
  brokers.node(controller % 3 + 1).pause();
  const Instant begun = brokers.world().now();
  brokers.create_topic("orders", 1, 1);
  EXPECT_LT(brokers.world().now() - begun, 1s);
}

TEST(Cluster, works_on_the_zookeeper_in_its_first_broker) {
  Brokers brokers(11, 3, Brokers::ZooKeeper::embedded);
  brokers.start_all();
  brokers.create_topic("orders", 1, 3);
  EXPECT_EQ(brokers.produce("orders", "a"), 0);
  const int other = brokers.leader(1, "orders") == 2 ? 3 : 2;
  brokers.kill(other);
  EXPECT_EQ(brokers.produce("orders", "b"), 1);
  brokers.start(other);
  EXPECT_TRUE(brokers.eventually([&] { return brokers.isr(1, "orders").size() == 3; }));
}

TEST(Cluster, any_broker_makes_the_topic_that_is_asked_for) {
  Brokers brokers(12);
  brokers.set("default.replication.factor", "3");
  brokers.start_all();
  const int other = brokers.controller(1) == 1 ? 2 : 1;
  MetadataRequest request;
  request.topics.emplace().emplace_back().name = "orders";
  const auto answer = brokers.call<MetadataResponse>(other, request, 9);
  EXPECT_EQ(answer->topics.at(0).error_code, ErrorCode::none);
  ASSERT_EQ(answer->topics.at(0).partitions.size(), 1u);
  EXPECT_EQ(answer->topics.at(0).partitions.at(0).replica_nodes.size(), 3u);
  EXPECT_EQ(brokers.produce("orders", "a"), 0);
}

TEST(Cluster, only_the_controller_changes_topics) {
  Brokers brokers(13);
  brokers.start_all();
  const int controller = brokers.controller(1);
  for (int id = 1; id <= 3; ++id) {
    CreateTopicsRequest creation;
    auto& topic = creation.topics.emplace_back();
    topic.name = "orders";
    topic.num_partitions = 1;
    topic.replication_factor = 2;
    creation.validate_only = true;
    EXPECT_EQ(brokers.call<CreateTopicsResponse>(id, creation, 7)->topics.at(0).error_code,
              id == controller ? ErrorCode::none : ErrorCode::not_controller);
  }
}

TEST(Cluster, a_topic_below_the_least_replication_factor_is_refused_with_advice) {
  Brokers brokers(14);
  brokers.set("min.replication.factor", "2");
  brokers.start_all();
  CreateTopicsRequest creation;
  auto& topic = creation.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  const auto answer = brokers.call<CreateTopicsResponse>(brokers.controller(1), creation, 7);
  EXPECT_EQ(answer->topics.at(0).error_code, ErrorCode::invalid_replication_factor);
  EXPECT_NE(answer->topics.at(0).error_message->str().find("ask for at least 2"), std::string::npos);
  EXPECT_NO_THROW(brokers.create_topic("payments", 1, -1));
  EXPECT_EQ(brokers.topic(1, "payments").partitions.at(0).replica_nodes.size(), 2u);
}

TEST(Cluster, a_deleted_topic_is_gone_everywhere_and_its_name_is_free) {
  Brokers brokers(15);
  brokers.start_all();
  brokers.create_topic("orders", 2, 3);
  brokers.produce("orders", "old");
  DeleteTopicsRequest removal;
  removal.timeout_ms = 10'000;
  removal.topic_names.push_back("orders");
  const auto answer = brokers.call<DeleteTopicsResponse>(brokers.controller(1), removal, 3);
  EXPECT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
  for (int id = 1; id <= 3; ++id) {
    EXPECT_TRUE(brokers.eventually([&] {
      return brokers.topic(id, "orders").error_code == ErrorCode::unknown_topic_or_partition;
    }));
  }
  brokers.create_topic("orders", 1, 3);
  EXPECT_EQ(brokers.produce("orders", "new"), 0);
  EXPECT_EQ(brokers.read_all("orders"), Strings{"new"});
}

TEST(Cluster, a_topic_grows) {
  Brokers brokers(16);
  brokers.start_all();
  brokers.create_topic("orders", 1, 2);
  CreatePartitionsRequest growth;
  growth.timeout_ms = 10'000;
  auto& wish = growth.topics.emplace_back();
  wish.name = "orders";
  wish.count = 4;
  const auto answer = brokers.call<CreatePartitionsResponse>(brokers.controller(1), growth, 3);
  EXPECT_EQ(answer->results.at(0).error_code, ErrorCode::none);
  for (int id = 1; id <= 3; ++id) {
    EXPECT_TRUE(brokers.eventually([&] {
      const auto topic = brokers.topic(id, "orders");
      return topic.partitions.size() == 4 &&
             std::ranges::all_of(topic.partitions, [](const auto& partition) { return partition.leader_id > 0; });
    })) << id;
  }
}

TEST(Cluster, acks_all_needs_as_many_replicas_as_it_says) {
  Brokers brokers(17);
  brokers.start_all();
  brokers.create_topic("orders", 1, 3, {{"min.insync.replicas", "3"}});
  EXPECT_EQ(brokers.produce("orders", "a"), 0);
  const int leader = brokers.leader(1, "orders");
  brokers.kill(leader % 3 + 1);
  const auto code = [&] {
    const auto answer =
        brokers.call<ProduceResponse>(leader, produce_request("orders", 0, batch_of({"b"})), 9);
    return answer->responses.at(0).partition_responses.at(0).error_code;
  };
  EXPECT_TRUE(brokers.eventually([&] { return code() == ErrorCode::not_enough_replicas; }));
}

TEST(Cluster, who_asks_the_wrong_broker_is_told_the_leader) {
  Brokers brokers(18);
  brokers.start_all();
  brokers.create_topic("orders", 1, 2);
  const int leader = brokers.leader(1, "orders");
  const int other = leader % 3 + 1;
  ASSERT_TRUE(brokers.eventually([&] { return brokers.leader(other, "orders") == leader; }));
  const auto produced =
      brokers.call<ProduceResponse>(other, produce_request("orders", 0, batch_of({"a"})), 11);
  const auto& result = produced->responses.at(0).partition_responses.at(0);
  EXPECT_EQ(result.error_code, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(result.current_leader.leader_id, leader);
  ASSERT_EQ(produced->node_endpoints.size(), 1u);
  EXPECT_EQ(produced->node_endpoints.at(0).host.str(), "b" + std::to_string(leader));
}

TEST(Cluster, groups_and_their_offsets_outlive_the_coordinator) {
  Brokers brokers(19);
  brokers.set("offsets.topic.replication.factor", "3");
  brokers.start_all();
  brokers.create_topic("orders", 1, 3);
  const auto coordinator = [&](int asked) {
    FindCoordinatorRequest request;
    request.key = "readers";
    int found = -1;
    EXPECT_TRUE(brokers.eventually([&] {
      const auto answer = brokers.call<FindCoordinatorResponse>(asked, request, 2);
      found = answer->error_code == ErrorCode::none ? answer->node_id : -1;
      return found > 0 && brokers.alive(found);
    }));
    return found;
  };
  OffsetCommitRequest commit;
  commit.group_id = "readers";
  auto& topic = commit.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.emplace_back().committed_offset = 7;
  const int first = coordinator(1);
  for (int asked = 2; asked <= 3; ++asked) EXPECT_EQ(coordinator(asked), first);
  EXPECT_TRUE(brokers.eventually([&] {
    const auto answer = brokers.call<OffsetCommitResponse>(first, commit, 7);
    return answer->topics.at(0).partitions.at(0).error_code == ErrorCode::none;
  }));
  EXPECT_EQ(brokers.call<OffsetCommitResponse>(first % 3 + 1, commit, 7)->topics.at(0).partitions.at(0).error_code,
            ErrorCode::not_coordinator);
  brokers.kill(first);
  const int second = coordinator(brokers.any());
  EXPECT_NE(second, first);
  OffsetFetchRequest fetch;
  fetch.group_id = "readers";
  auto& asked = fetch.topics.emplace().emplace_back();
  asked.name = "orders";
  asked.partition_indexes.push_back(0);
  EXPECT_TRUE(brokers.eventually([&] {
    const auto answer = brokers.call<OffsetFetchResponse>(second, fetch, 7);
    return answer->error_code == ErrorCode::none && answer->topics.at(0).partitions.at(0).committed_offset == 7;
  }));
}

TEST(Cluster, a_group_does_not_notice_that_another_replica_of_its_partition_dies) {
  Brokers brokers(27);
  brokers.set("offsets.topic.replication.factor", "3");
  brokers.set("offsets.topic.num.partitions", "1");
  brokers.start_all();
  FindCoordinatorRequest find;
  find.key = "readers";
  ASSERT_TRUE(brokers.eventually(
      [&] { return brokers.call<FindCoordinatorResponse>(1, find, 2)->error_code == ErrorCode::none; }));
  const int coordinator = brokers.call<FindCoordinatorResponse>(1, find, 2)->node_id;
  JoinGroupRequest join;
  join.group_id = "readers";
  join.session_timeout_ms = 30'000;
  join.rebalance_timeout_ms = 30'000;
  join.protocol_type = "consumer";
  auto& protocol = join.protocols.emplace_back();
  protocol.name = "range";
  protocol.metadata = Bytes::copy_of(as_bytes("metadata"));
  const auto joined = brokers.call<JoinGroupResponse>(coordinator, join, 2);
  ASSERT_EQ(joined->error_code, ErrorCode::none);
  SyncGroupRequest sync;
  sync.group_id = "readers";
  sync.generation_id = joined->generation_id;
  sync.member_id = joined->member_id;
  ASSERT_EQ(brokers.call<SyncGroupResponse>(coordinator, sync, 1)->error_code, ErrorCode::none);
  const std::string topic = "__consumer_offsets";
  const std::int32_t epoch = brokers.topic(coordinator, topic).partitions.at(0).leader_epoch;
  brokers.kill(coordinator % 3 + 1);
  HeartbeatRequest heartbeat;
  heartbeat.group_id = "readers";
  heartbeat.generation_id = joined->generation_id;
  heartbeat.member_id = joined->member_id;
  EXPECT_TRUE(brokers.eventually([&] {
    EXPECT_EQ(brokers.call<HeartbeatResponse>(coordinator, heartbeat, 1)->error_code, ErrorCode::none);
    return brokers.topic(coordinator, topic).partitions.at(0).leader_epoch > epoch;
  }));
  EXPECT_EQ(brokers.call<HeartbeatResponse>(coordinator, heartbeat, 1)->error_code, ErrorCode::none);
  OffsetCommitRequest commit;
  commit.group_id = "readers";
  commit.generation_id_or_member_epoch = joined->generation_id;
  commit.member_id = joined->member_id;
  brokers.create_topic("orders", 1, 1);
  auto& row = commit.topics.emplace_back();
  row.name = "orders";
  row.partitions.emplace_back().committed_offset = 7;
  EXPECT_TRUE(brokers.eventually([&] {
    const auto answer = brokers.call<OffsetCommitResponse>(coordinator, commit, 7);
    return answer->topics.at(0).partitions.at(0).error_code == ErrorCode::none;
  }));
}

TEST(Cluster, a_clean_stop_hands_over_before_anybody_is_turned_away) {
  Brokers brokers(20);
  brokers.start_all();
  brokers.create_topic("orders", 1, 3);
  brokers.produce("orders", "a");
  const int first = brokers.leader(1, "orders");
  brokers.stop(first);
  const int asked = brokers.any();
  EXPECT_NE(brokers.leader(asked, "orders"), first);
  EXPECT_GT(brokers.leader(asked, "orders"), 0) << "a leader was there at once";
  EXPECT_EQ(brokers.produce("orders", "b"), 1);
  EXPECT_EQ(brokers.read_all("orders"), (Strings{"a", "b"}));
}

void alter(Brokers& brokers, int at, std::int8_t type, std::string name, std::string key, std::string value) {
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = type;
  resource.resource_name = name;
  auto& config = resource.configs.emplace_back();
  config.name = key;
  config.value = value;
  EXPECT_EQ(brokers.call<IncrementalAlterConfigsResponse>(at, request, 1)->responses.at(0).error_code,
            ErrorCode::none);
}

TEST(Cluster, a_configuration_that_one_broker_changes_is_in_force_on_all) {
  constexpr std::int8_t kTopic = 2;
  constexpr std::int8_t kBroker = 4;
  Brokers brokers(21);
  brokers.start_all();
  brokers.create_topic("orders", 1, 1);
  brokers.create_topic("payments", 1, 1);
  const auto too_large = [&](std::string topic) {
    const int leader = brokers.leader(1, topic);
    const std::string large(500, 'x');
    const auto answer =
        brokers.call<ProduceResponse>(leader, produce_request(topic, 0, batch_of({large})), 9);
    return answer->responses.at(0).partition_responses.at(0).error_code == ErrorCode::message_too_large;
  };
  alter(brokers, brokers.leader(1, "orders") % 3 + 1, kTopic, "orders", "max.message.bytes", "100");
  EXPECT_TRUE(brokers.eventually([&] { return too_large("orders"); }));
  EXPECT_FALSE(too_large("payments"));
  alter(brokers, brokers.leader(1, "payments") % 3 + 1, kBroker, "", "message.max.bytes", "100");
  EXPECT_TRUE(brokers.eventually([&] { return too_large("payments"); }));
}

TEST(Cluster, producer_ids_of_different_brokers_are_different) {
  Brokers brokers(22);
  brokers.start_all();
  std::set<std::int64_t> ids;
  for (int round = 0; round < 3; ++round) {
    for (int id = 1; id <= 3; ++id) {
      const auto answer = brokers.call<InitProducerIdResponse>(id, InitProducerIdRequest(), 4);
      EXPECT_EQ(answer->error_code, ErrorCode::none);
      ids.insert(answer->producer_id);
    }
  }
  EXPECT_EQ(ids.size(), 9u);
}

TEST(Cluster, consumers_may_read_from_the_replica_in_their_rack) {
  Brokers brokers(23);
  brokers.set("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector");
  brokers.start_all();
  brokers.create_topic("orders", 1, 3);
  brokers.produce("orders", "a");
  const int leader = brokers.leader(1, "orders");
  const int near = leader % 3 + 1;
  FetchRequest request = fetch_request("orders", 0, 0);
  request.rack_id = "r" + std::to_string(near);
  const auto sent = brokers.call<FetchResponse>(leader, request, 11);
  EXPECT_EQ(sent->responses.at(0).partitions.at(0).preferred_read_replica, near);
  EXPECT_TRUE(sent->responses.at(0).partitions.at(0).records->empty());
  EXPECT_TRUE(brokers.eventually([&] {
    const auto read = brokers.call<FetchResponse>(near, request, 11);
    const auto& data = read->responses.at(0).partitions.at(0);
    return data.error_code == ErrorCode::none && !data.records->empty();
  }));
  request.rack_id = "elsewhere";
  EXPECT_FALSE(brokers.call<FetchResponse>(leader, request, 11)->responses.at(0).partitions.at(0).records->empty());
}

TEST(Cluster, deleted_records_are_gone_from_every_replica_when_it_is_answered) {
  Brokers brokers(26);
  brokers.start_all();
  brokers.create_topic("orders", 1, 3);
  for (const char* value : {"a", "b", "c"}) brokers.produce("orders", value);
  const int leader = brokers.leader(1, "orders");
  DeleteRecordsRequest removal;
  removal.timeout_ms = 10'000;
  auto& topic = removal.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.emplace_back().offset = 2;
  const auto refused = brokers.call<DeleteRecordsResponse>(leader % 3 + 1, removal, 2);
  EXPECT_EQ(refused->topics.at(0).partitions.at(0).error_code, ErrorCode::not_leader_or_follower);
  const auto answer = brokers.call<DeleteRecordsResponse>(leader, removal, 2);
  EXPECT_EQ(answer->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(answer->topics.at(0).partitions.at(0).low_watermark, 2);
  ListOffsetsRequest earliest;
  earliest.replica_id = -2;  // Any replica answers.
  auto& row = earliest.topics.emplace_back();
  row.name = "orders";
  row.partitions.emplace_back().timestamp = -2;
  for (int id = 1; id <= 3; ++id) {
    EXPECT_EQ(brokers.call<ListOffsetsResponse>(id, earliest, 5)->topics.at(0).partitions.at(0).offset, 2) << id;
  }
}

TEST(Cluster, a_broker_that_another_address_or_id_belongs_to_does_not_start) {
  Brokers brokers(24, 2);
  brokers.start(1);
  brokers.set("advertised.listeners", "PLAINTEXT://b1:9092");
  EXPECT_THROW(brokers.start(2), std::runtime_error);
}

TEST(Cluster, a_lost_session_is_followed_by_a_new_registration) {
  Brokers brokers(25);
  brokers.start_all();
  brokers.create_topic("orders", 1, 3, {{"min.insync.replicas", "2"}});
  brokers.produce("orders", "a");
  const int leader = brokers.leader(1, "orders");
  brokers.node(leader).pause();
  brokers.world().run_for(10s);
  brokers.node(leader).unpause();
  const int other = leader % 3 + 1;
  EXPECT_TRUE(brokers.eventually([&] { return sorted(brokers.isr(other, "orders")) == Ids{1, 2, 3}; }));
  EXPECT_EQ(brokers.produce("orders", "b"), 1);
  EXPECT_EQ(brokers.read_all("orders"), (Strings{"a", "b"}));
}

}  // namespace
}  // namespace barnabas::broker
