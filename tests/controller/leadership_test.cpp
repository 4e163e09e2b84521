// Leaderships that move for other reasons than a death: a broker that stops, a preferred leader, an order.
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

class Leadership : public ControllerTest {
 protected:
  protocol::ControlledShutdownResponse shut_down(std::int32_t id) {
    protocol::ControlledShutdownRequest request;
    request.broker_id = id;
    request.broker_epoch = broker(id).epoch;
    FakeBroker& to = leader();
    return run(to, to.controller()->controlled_shutdown(request));
  }
  protocol::ElectLeadersResponse elect(std::int8_t type, std::optional<std::vector<TopicPartition>> which) {
    protocol::ElectLeadersRequest request;
    request.election_type = type;
    if (which) {
      request.topic_partitions.emplace();
      for (const TopicPartition& id : *which) {
        auto& group = request.topic_partitions->emplace_back();
        group.topic = protocol::String(id.topic);
        group.partitions.push_back(id.partition.value());
      }
    }
    FakeBroker& to = leader();
    return run(to, to.controller()->elect_leaders(request));
  }
  ErrorCode elect_one(std::int8_t type, const TopicPartition& id) {
    const auto response = elect(type, std::vector{id});
    return response.replica_election_results.at(0).partition_result.at(0).error_code;
  }
  void away(std::int32_t id) {
    broker(id).kill();
    ASSERT_TRUE(until([&] { return !exists("/brokers/ids/" + std::to_string(id)); }));
  }
};

TEST_F(Leadership, a_broker_that_stops_hands_over_first) {
  start(3);
  create("orders", {{2, 3, 1}, {3, 2, 1}, {2}});
  const auto answer = shut_down(2);
  EXPECT_EQ(answer.error_code, ErrorCode::none);
  EXPECT_TRUE(answer.remaining_partitions.empty());
  EXPECT_EQ(state(at("orders", 0))->leader, BrokerId(3));
  EXPECT_EQ(state(at("orders", 0))->isr, (std::vector{BrokerId(3), BrokerId(1)}));
  EXPECT_EQ(state(at("orders", 1))->isr, (std::vector{BrokerId(3), BrokerId(1)}));
  // A replica that is alone has nobody to hand over to.
  EXPECT_EQ(state(at("orders", 2))->leader, BrokerId(2));
  ASSERT_TRUE(until([&] { return broker(2).stopped.contains(at("orders", 1)); }));
  EXPECT_FALSE(broker(2).removed.contains(at("orders", 1)));
  // Nobody takes it back in, in this life.
  EXPECT_EQ(propose_isr(at("orders", 0), {3, 1, 2}).error_code, ErrorCode::ineligible_replica);
}

TEST_F(Leadership, what_cannot_be_handed_over_remains) {
  start(3);
  create("orders", {{2, 3}});
  away(3);
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->isr.size() == 1; }));
  const auto answer = shut_down(2);
  ASSERT_EQ(answer.remaining_partitions.size(), 1U);
  EXPECT_EQ(answer.remaining_partitions[0].topic_name, "orders");
}

TEST_F(Leadership, a_former_life_cannot_stop_the_present_one) {
  start(2);
  broker(2).epoch -= 1;
  EXPECT_EQ(shut_down(2).error_code, ErrorCode::stale_broker_epoch);
  broker(2).epoch += 1;
  protocol::ControlledShutdownRequest unknown;
  unknown.broker_id = 9;
  const auto answer = run(broker(1), broker(1).controller()->controlled_shutdown(unknown));
  EXPECT_EQ(answer.error_code, ErrorCode::broker_not_available);
}

TEST_F(Leadership, the_preferred_replica_leads_again_when_it_is_told_to) {
  start(3);
  create("orders", {{2, 3, 1}});
  EXPECT_EQ(elect_one(0, at("orders", 0)), ErrorCode::election_not_needed);
  EXPECT_EQ(elect_one(0, at("orders", 9)), ErrorCode::unknown_topic_or_partition);
  EXPECT_TRUE(elect(0, std::nullopt).replica_election_results.empty());
  away(2);
  EXPECT_EQ(elect_one(0, at("orders", 0)), ErrorCode::preferred_leader_not_available);
  broker(2).restart();
  ASSERT_TRUE(until([&] { return broker(2).ready() && broker(1).live_brokers.contains(2); }));
  EXPECT_EQ(propose_isr(at("orders", 0), {3, 1, 2}).error_code, ErrorCode::none);
  EXPECT_EQ(elect(0, std::nullopt).replica_election_results.size(), 1U);
  EXPECT_EQ(state(at("orders", 0))->leader, BrokerId(2));
}

TEST_F(Leadership, the_preferred_replica_leads_again_after_a_while) {
  start(3);
  create("orders", {{2, 3, 1}});
  away(2);
  broker(2).restart();
  ASSERT_TRUE(until([&] { return broker(2).ready() && broker(1).live_brokers.contains(2); }));
  EXPECT_EQ(propose_isr(at("orders", 0), {3, 1, 2}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(2); }, 400s));
}

TEST_F(Leadership, an_order_for_a_preferred_election_in_the_old_znode_is_carried_out) {
  start(3);
  create("orders", {{2, 3, 1}});
  ASSERT_EQ(shut_down(2).error_code, ErrorCode::none);
  away(2);
  broker(2).restart();
  ASSERT_TRUE(until([&] { return broker(2).ready() && broker(1).live_brokers.contains(2); }));
  EXPECT_EQ(propose_isr(at("orders", 0), {3, 1, 2}).error_code, ErrorCode::none);
  const std::string json = R"({"version":1,"partitions":[{"topic":"orders","partition":0}]})";
  auto writing = broker(3).session()->create("/admin/preferred_replica_election", Buffer::copy_of(as_bytes(json)),
                                             zookeeper::CreateMode::persistent);
  ASSERT_TRUE(run(broker(3), std::move(writing)).has_value());
  ASSERT_TRUE(until([&] { return !exists("/admin/preferred_replica_election"); }));
  EXPECT_EQ(state(at("orders", 0))->leader, BrokerId(2));
}

TEST_F(Leadership, an_unclean_election_happens_by_order_only) {
  start(3);
  create("orders", {{2, 3}});
  EXPECT_EQ(elect_one(1, at("orders", 0)), ErrorCode::election_not_needed);
  EXPECT_EQ(propose_isr(at("orders", 0), {2}).error_code, ErrorCode::none);
  away(2);
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == kNoBroker; }));
  EXPECT_EQ(elect_one(1, at("orders", 0)), ErrorCode::none);
  EXPECT_EQ(state(at("orders", 0))->leader, BrokerId(3));
  EXPECT_EQ(broker(1).controller()->counts().unclean_elections, 1U);
}

TEST_F(Leadership, an_unclean_election_happens_when_the_topic_allows_it) {
  start(3);
  create("orders", {{2, 3}});
  EXPECT_EQ(propose_isr(at("orders", 0), {2}).error_code, ErrorCode::none);
  away(2);
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == kNoBroker; }));
  std::map<std::string, std::string> config{{"unclean.leader.election.enable", "true"}};
  ASSERT_TRUE(run(broker(3), broker(3).store()->set_topic_config("orders", config)).has_value());
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(3); }));
}

TEST_F(Leadership, a_lost_log_directory_takes_the_leadership_along) {
  start(3);
  create("orders", {{2, 3}});
  broker(2).broken_logs.insert(at("orders", 0));
  const std::string json = R"({"version":1,"broker":2,"event":1})";
  auto writing = broker(2).session()->create("/log_dir_event_notification/log_dir_event_",
                                             Buffer::copy_of(as_bytes(json)), zookeeper::CreateMode::sequential);
  ASSERT_TRUE(run(broker(2), std::move(writing)).has_value());
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(3); }));
  EXPECT_EQ(state(at("orders", 0))->isr, std::vector{BrokerId(3)});
  ASSERT_TRUE(until([&] { return !exists("/log_dir_event_notification/log_dir_event_0000000000"); }));
}

TEST_F(Leadership, producer_ids_are_handed_out_once) {
  start(2);
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = 2;
  request.broker_epoch = broker(2).epoch;
  const auto first = run(broker(1), broker(1).controller()->allocate_producer_ids(request));
  const auto second = run(broker(1), broker(1).controller()->allocate_producer_ids(request));
  EXPECT_EQ(first.error_code, ErrorCode::none);
  EXPECT_EQ(first.producer_id_len, 1000);
  EXPECT_EQ(second.producer_id_start, first.producer_id_start + 1000);
  request.broker_epoch -= 1;
  EXPECT_EQ(run(broker(1), broker(1).controller()->allocate_producer_ids(request)).error_code,
            ErrorCode::stale_broker_epoch);
}

}  // namespace
}  // namespace barnabas::controller
