// Fail-over on evidence: true, false, and about the controller itself.
#include "core/controller/decisions.hpp"
#include "core/controller/peers.hpp"
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

class Suspicion : public ControllerTest {};

TEST_F(Suspicion, a_suspect_that_lives_is_taken_back) {
  start(3);
  create("orders", {{2, 3, 1}});
  world_.network().cut("b1", "b2");
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(3); }, 5s));
  EXPECT_TRUE(exists("/brokers/ids/2"));
  ASSERT_TRUE(until([&] { return !broker(3).live_brokers.contains(2); }, 5s));
  world_.network().heal("b1", "b2");
  ASSERT_TRUE(until([&] { return broker(3).live_brokers.contains(2) && all_know(at("orders", 0)); }));
  EXPECT_EQ(broker(2).replicas.at(at("orders", 0)).leader, 3);
}

TEST_F(Suspicion, a_silent_host_waits_for_its_session) {
  start(3);
  create("orders", {{2, 3, 1}});
  broker(2).node().pause();
  world_.run_for(2s);
  EXPECT_EQ(state(at("orders", 0))->leader, BrokerId(2));
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(3); }));
  EXPECT_EQ(broker(1).controller()->counts().suspicions, 0U);
  broker(2).node().unpause();
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)); }));
}

TEST_F(Suspicion, it_does_not_take_an_isr_below_its_minimum) {
  start(3);
  create("orders", {{2, 3}}, {{"min.insync.replicas", "2"}});
  broker(2).kill();
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->leader == BrokerId(3); }, 5s));
  EXPECT_TRUE(exists("/brokers/ids/2"));
  EXPECT_EQ(state(at("orders", 0))->isr, (std::vector{BrokerId(3), BrokerId(2)}));
  // When the session is over it is not suspicion alone any more.
  ASSERT_TRUE(until([&] { return state(at("orders", 0))->isr == std::vector{BrokerId(3)}; }));
  EXPECT_EQ(state(at("orders", 0))->eligible, std::vector{BrokerId(2)});
}

TEST_F(Suspicion, whom_everybody_refuses_does_not_lead_everything) {
  start(3);
  create("orders", {{2, 1}, {3, 1}});
  world_.network().cut("b1", "b2");
  world_.network().cut("b1", "b3");
  const auto leads_all = [&] {
    return state(at("orders", 0))->leader == BrokerId(1) && state(at("orders", 1))->leader == BrokerId(1);
  };
  EXPECT_FALSE(until(leads_all, 60s));
}

TEST_F(Suspicion, a_live_controller_that_is_deposed_only_loses_its_term) {
  start(3);
  create("orders", {{1, 2, 3}});
  world_.network().cut("b1", "b3");
  ASSERT_TRUE(until([&] { return text("/controller_epoch") != "1"; }, 10s));
  world_.network().heal("b1", "b3");
  ASSERT_TRUE(until([&] { return all_know(at("orders", 0)) && broker(3).live_brokers.size() == 3; }));
  ASSERT_TRUE(until([&] {
    return std::ranges::all_of(brokers_, [&](const auto& one) {
      return controller_id() != 0 && one->controller()->controller_id() == BrokerId(controller_id());
    });
  }));
}

TEST_F(Suspicion, a_deposed_controller_writes_nothing) {
  start(3);
  create("orders", {{3, 2, 1}});
  // It does not hear that it is deposed: its ZooKeeper server answers nothing for a while.
  for (int i = 1; i <= 3; ++i) world_.network().hold("zk" + std::to_string(i), "b1");
  world_.network().cut("b1", "b2");
  ASSERT_TRUE(until([&] { return text("/controller_epoch") == "2"; }));
  const std::int32_t version = version_of(at("orders", 0));
  protocol::AlterPartitionRequest request;
  request.broker_id = 3;
  request.broker_epoch = broker(3).epoch;
  auto& group = request.topics.emplace_back();
  group.topic_id = topic("orders")->id;
  auto& one = group.partitions.emplace_back();
  one.leader_epoch = state(at("orders", 0))->leader_epoch.value();
  one.partition_epoch = version;
  one.new_isr_with_epochs.push_back({3, broker(3).epoch, {}});
  protocol::ErrorCode code = ErrorCode::none;
  const auto ask = [](Controller& controller, protocol::AlterPartitionRequest wanted,
                      protocol::ErrorCode& into) -> Task<void> {
    const auto response = co_await controller.alter_partition(std::move(wanted), 3);
    into = response.error_code;
    if (into == ErrorCode::none) into = response.topics.at(0).partitions.at(0).error_code;
    if (into == ErrorCode::none) into = ErrorCode::unknown_server_error;
  };
  broker(1).node().spawn_task(ask(*broker(1).controller(), request, code));
  world_.run_for(3s);
  for (int i = 1; i <= 3; ++i) world_.network().release("zk" + std::to_string(i), "b1");
  ASSERT_TRUE(until([&] { return code != ErrorCode::none; }));
  EXPECT_EQ(code, ErrorCode::not_controller);
  const auto held = state(at("orders", 0));
  EXPECT_NE(held->isr, std::vector{BrokerId(3)}) << "written by the controller of epoch " << held->controller_epoch;
}

TEST_F(Suspicion, evidence_from_elsewhere_is_looked_into) {
  start(3);
  create("orders", {{2, 3, 1}});
  broker(1).controller()->suspect(BrokerId(2));
  world_.run_for(1s);
  EXPECT_EQ(broker(1).controller()->counts().suspicions_refuted, 1U);
  EXPECT_EQ(state(at("orders", 0))->leader, BrokerId(2));
  broker(3).controller()->suspect(BrokerId(1));
  world_.run_for(1s);
  EXPECT_EQ(broker(3).controller()->counts().suspicions_refuted, 1U);
  EXPECT_EQ(text("/controller_epoch"), "1");
}

TEST(SuspicionBudget, the_same_life_waits_longer_each_time_and_another_does_not) {
  SuspicionBudget budget;
  Instant now{};
  EXPECT_TRUE(budget.allow(BrokerId(1), 7, now));
  EXPECT_FALSE(budget.allow(BrokerId(1), 7, now + 9s));
  EXPECT_TRUE(budget.allow(BrokerId(1), 7, now + 10s));
  EXPECT_FALSE(budget.allow(BrokerId(1), 7, now + 29s));
  EXPECT_TRUE(budget.allow(BrokerId(1), 7, now + 30s));
  EXPECT_TRUE(budget.allow(BrokerId(1), 8, now + 30s));
}

TEST(SuspicionBudget, all_together_are_limited) {
  SuspicionBudget budget;
  Instant now{};
  for (std::int32_t id = 0; id < 30; ++id) EXPECT_TRUE(budget.allow(BrokerId(id), 1, now));
  EXPECT_FALSE(budget.allow(BrokerId(99), 1, now + 59s));
  EXPECT_TRUE(budget.allow(BrokerId(99), 1, now + 60s));
}

TEST(KeepSuspects, who_was_in_sync_stays_where_the_isr_would_be_too_small) {
  const std::vector<BrokerId> replicas{BrokerId(1), BrokerId(2), BrokerId(3)};
  PartitionRecord before{BrokerId(1), LeaderEpoch(4), {{BrokerId(1), 5}, {BrokerId(2), 6}}, {{BrokerId(3), 7}}};
  PartitionRecord after{BrokerId(2), LeaderEpoch(5), {{BrokerId(2), 6}}, {{BrokerId(1), 5}, {BrokerId(3), 7}}};
  const auto kept = keep_suspects(before, after, {BrokerId(1)}, replicas, {2, false});
  EXPECT_EQ(kept.isr, (std::vector<Member>{{BrokerId(2), 6}, {BrokerId(1), 5}}));
  EXPECT_TRUE(kept.eligible.empty());
  EXPECT_EQ(keep_suspects(before, after, {BrokerId(1)}, replicas, {1, false}), after);
  EXPECT_EQ(keep_suspects(before, after, {BrokerId(3)}, replicas, {2, false}), after);
}

TEST(Brokers, who_registered_anew_between_two_looks_has_bounced) {
  Registrations before;
  for (std::int32_t id = 1; id <= 3; ++id) {
    before[BrokerId(id)].id = BrokerId(id);
    before[BrokerId(id)].epoch = id;
  }
  Registrations now = before;
  now.erase(BrokerId(1));
  now[BrokerId(2)].epoch = 9;
  now[BrokerId(3)].rack = "r";
  now[BrokerId(4)].id = BrokerId(4);
  const BrokerChanges changes = compare(before, now);
  EXPECT_EQ(changes.gone, std::vector{BrokerId(1)});
  EXPECT_EQ(changes.bounced, std::vector{BrokerId(2)});
  EXPECT_EQ(changes.moved, std::vector{BrokerId(3)});
  EXPECT_EQ(changes.started, std::vector{BrokerId(4)});
  EXPECT_FALSE(compare(now, now).any());
}

}  // namespace
}  // namespace barnabas::controller
