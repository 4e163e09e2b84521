// Elections, fail-over and topics of a controller on a simulated ensemble.
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

TEST_F(ControllerTest, the_first_broker_is_elected_and_the_others_know) {
  start(3);
  EXPECT_EQ(controller_id(), 1);
  EXPECT_EQ(text("/controller_epoch"), "1");
  for (const auto& one : brokers_) EXPECT_EQ(one->controller()->controller_id(), BrokerId(1));
  EXPECT_TRUE(broker(1).controller()->term().has_value());
  EXPECT_FALSE(broker(2).controller()->term().has_value());
}

TEST_F(ControllerTest, a_topic_that_is_created_has_leaders_that_everybody_knows) {
  start(3);
  const auto made = create("orders", {{1, 2, 3}, {2, 3, 1}});
  EXPECT_EQ(made.partitions.at(1).leader, BrokerId(2));
  const auto first = state(at("orders", 0));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->leader, BrokerId(1));
  EXPECT_EQ(first->isr, (std::vector{BrokerId(1), BrokerId(2), BrokerId(3)}));
  EXPECT_EQ(first->isr_incarnations, (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(first->controller_epoch, 1);
  // The controller's own broker knows when the request is answered, the others soon.
  EXPECT_EQ(broker(1).metadata.size(), 2U);
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)) && all_know(at("orders", 1)); }));
  for (const auto& one : brokers_) EXPECT_TRUE(one->new_ones.contains(at("orders", 0)));
  const auto& told = broker(2).replicas.at(at("orders", 0));
  EXPECT_EQ(told.isr_broker_epochs, (std::vector{broker(1).epoch, broker(2).epoch, broker(3).epoch}));
  EXPECT_EQ(broker(3).live_brokers.at(2), broker(2).epoch);
}

TEST_F(ControllerTest, only_the_controller_answers) {
  start(2);
  const auto refused = run(broker(2), broker(2).controller()->delete_topic("orders"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::not_controller);
  const auto unknown = run(broker(1), broker(1).controller()->delete_topic("orders"));
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(ControllerTest, a_killed_leader_is_replaced_long_before_its_session_ends) {
  start(3);
  create("orders", {{2, 3, 1}});
  const Instant before = world_.now();
  broker(2).kill();
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(3); }, 5s));
  EXPECT_LT(world_.now() - before, 1s);
  const auto held = state(at("orders", 0));
  EXPECT_EQ(held->leader_epoch, LeaderEpoch(1));
  EXPECT_EQ(held->isr, (std::vector{BrokerId(3), BrokerId(1)}));
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)); }, 5s));
  EXPECT_FALSE(broker(3).live_brokers.contains(2));
  EXPECT_EQ(broker(1).controller()->counts().suspicions, 1U);
}

TEST_F(ControllerTest, without_suspicion_a_killed_leader_is_replaced_when_its_session_ends) {
  start(3, false);
  create("orders", {{2, 3, 1}});
  const Instant before = world_.now();
  broker(2).kill();
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader != BrokerId(2); }));
  EXPECT_GT(world_.now() - before, 3s);
}

TEST_F(ControllerTest, a_killed_controller_that_leads_is_replaced_in_both) {
  start(3);
  create("orders", {{1, 2, 3}});
  const Instant before = world_.now();
  broker(1).kill();
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(2); }, 5s));
  EXPECT_LT(world_.now() - before, 1s);
  EXPECT_EQ(text("/controller_epoch"), "2");
  EXPECT_NE(controller_id(), 1);
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)); }, 5s));
}

TEST_F(ControllerTest, a_partition_without_a_live_replica_gets_its_leader_back) {
  start(3);
  create("orders", {{2}});
  broker(2).kill();
  ASSERT_TRUE(until([&] { return !exists("/brokers/ids/2"); }));
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == kNoBroker; }));
  EXPECT_EQ(state(at("orders", 0))->isr, std::vector{BrokerId(2)});
  EXPECT_EQ(broker(1).controller()->counts().offline_partitions, 1U);
  broker(2).restart();
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(2) && all_know(at("orders", 0)); }));
}

TEST_F(ControllerTest, a_bounced_broker_hears_everything_again_in_its_new_life) {
  start(3);
  create("orders", {{2, 3, 1}});
  const std::int64_t former = broker(2).epoch;
  broker(2).kill();
  broker(2).replicas.clear();
  broker(2).metadata.clear();
  broker(2).restart();
  ASSERT_TRUE(until([&] { return broker(2).ready() && broker(2).epoch > former; }));
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)) && broker(3).live_brokers[2] == broker(2).epoch; }));
}

TEST_F(ControllerTest, a_leader_with_another_log_does_not_lead_under_its_old_epoch) {
  start(3);
  create("orders", {{2, 3, 1}});
  broker(2).power_cut();
  broker(2).replicas.clear();
  broker(2).incarnation = 99;
  broker(2).restart();
  ASSERT_TRUE(until([&] { return broker(2).ready() && all_know(at("orders", 0)); }));
  const auto held = state(at("orders", 0));
  EXPECT_EQ(held->leader, BrokerId(3));
  EXPECT_EQ(held->isr, (std::vector{BrokerId(3), BrokerId(1)}));
  for (const auto& [id, replica] : broker(2).replicas) EXPECT_NE(replica.leader, 2);
}

TEST_F(ControllerTest, topics_that_others_write_are_taken_up) {
  start(3);
  metadata::NewTopic topic;
  topic.name = "auto";
  topic.id = Uuid::from_random(5, 6);
  topic.assignment = {{BrokerId(3), BrokerId(1)}};
  topic.config = {{"min.insync.replicas", "2"}};
  ASSERT_TRUE(run(broker(2), broker(2).store()->propose_topic(topic)).has_value());
  ASSERT_TRUE(until([&] { return all_know(at("auto", 0)); }));
  EXPECT_EQ(state(at("auto", 0))->leader, BrokerId(3));
  // And partitions that a tool adds.
  auto grown = *this->topic("auto");
  grown.partitions.emplace_back().replicas = {BrokerId(1), BrokerId(2)};
  const std::string json = metadata::znode::encode_topic(grown);
  auto writing = broker(2).session()->set("/brokers/topics/auto", Buffer::copy_of(as_bytes(json)), -1);
  ASSERT_TRUE(run(broker(2), std::move(writing)).has_value());
  ASSERT_TRUE(until([&] { return all_know(at("auto", 1)); }));
}

TEST_F(ControllerTest, partitions_are_added_where_the_caller_saw_the_topic_as_it_is) {
  start(2);
  create("orders", {{1, 2}});
  const auto stale = run(broker(1), broker(1).controller()->add_partitions("orders", 2, {{BrokerId(2)}}));
  ASSERT_FALSE(stale.has_value());
  EXPECT_EQ(stale.error().code, ErrorCode::invalid_partitions);
  metadata::Assignment added{{BrokerId(2), BrokerId(1)}};
  ASSERT_TRUE(run(broker(1), broker(1).controller()->add_partitions("orders", 1, added)).has_value());
  ASSERT_TRUE(until([&] { return all_know(at("orders", 1)); }));
  EXPECT_EQ(topic("orders")->partitions.size(), 2U);
}

TEST_F(ControllerTest, an_old_controller_is_refused_after_it_was_paused) {
  start(3);
  create("orders", {{1, 2, 3}});
  broker(1).node().pause();
  ASSERT_TRUE(until([&] { return text("/controller_epoch") == "2"; }));
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader != BrokerId(1); }));
  broker(1).node().unpause();
  ASSERT_TRUE(until([&] { return broker(1).controller()->controller_id() == leader().id() && controller_id() != 1; }));
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)); }));
  EXPECT_FALSE(broker(1).controller()->term().has_value());
}

TEST_F(ControllerTest, an_expired_session_ends_the_term_and_the_broker_comes_back) {
  start(3);
  create("orders", {{1, 2, 3}});
  const std::int64_t former = broker(1).epoch;
  for (int i = 1; i <= 3; ++i) world_.network().hold("b1", "zk" + std::to_string(i));
  ASSERT_TRUE(until([&] { return text("/controller_epoch") == "2"; }));
  world_.network().heal_all();
  ASSERT_TRUE(until([&] { return broker(1).epoch > former; }));
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)) && broker(2).live_brokers[1] == broker(1).epoch; }));
  EXPECT_FALSE(broker(1).controller()->term().has_value());
  EXPECT_EQ(broker(1).controller()->controller_id(), leader().id());
}

TEST_F(ControllerTest, a_stopped_controller_hands_over_at_once) {
  start(2);
  const Instant before = world_.now();
  run(broker(1), broker(1).controller()->stop());
  ASSERT_TRUE(until([&] { return controller_id() == 2; }, 5s));
  EXPECT_LT(world_.now() - before, 1s);
}

}  // namespace
}  // namespace barnabas::controller
