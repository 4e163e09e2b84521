#include "core/controller/alter_partition.hpp"

#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

class AlterPartition : public ControllerTest {
 protected:
  const TopicPartition id_ = at("orders", 0);
};

TEST_F(AlterPartition, the_isr_follows_the_leader_and_everybody_hears) {
  start(3);
  create("orders", {{2, 3, 1}});
  const auto shrunk = propose_isr(id_, {2, 3});
  EXPECT_EQ(shrunk.error_code, ErrorCode::none);
  EXPECT_EQ(shrunk.partition_epoch, 1);
  EXPECT_EQ(shrunk.isr, (std::vector<std::int32_t>{2, 3}));
  ASSERT_TRUE(until([&] {
    for (const auto& one : brokers_) {
      if (one->metadata[id_].isr != std::vector<std::int32_t>{2, 3}) return false;
    }
    return true;
  }));
  const auto grown = propose_isr(id_, {2, 3, 1});
  EXPECT_EQ(grown.error_code, ErrorCode::none);
  EXPECT_EQ(grown.partition_epoch, 2);
}

// Who is in sync must be able to lead with everything. Brokers that came back from a power cut cannot, whether the
// controller has heard of it or not: the third one, which holds everything, stays.
TEST_F(AlterPartition, what_a_leader_proposed_before_a_power_cut_is_not_written_once_it_is_back) {
  start(3, false);
  create("orders", {{2, 3, 1}});
  const auto request = isr_request(id_, {2, 3});
  for (int i = 1; i <= 3; ++i) world_.network().hold("zk" + std::to_string(i), "b1");
  for (const std::int32_t id : {2, 3}) {
    const std::int64_t former = broker(id).epoch;
    broker(id).power_cut();
    broker(id).incarnation = static_cast<std::uint64_t>(90 + id);
    broker(id).restart();
    ASSERT_TRUE(until([&] { return broker(id).ready() && broker(id).epoch > former; }));
  }
  bool answered = false;
  const auto ask = [](Controller& controller, protocol::AlterPartitionRequest wanted, bool& done) -> Task<void> {
    (void)co_await controller.alter_partition(std::move(wanted), 3);
    done = true;
  };
  broker(1).node().spawn_task(ask(*broker(1).controller(), request, answered));
  world_.run_for(1s);
  for (int i = 1; i <= 3; ++i) world_.network().release("zk" + std::to_string(i), "b1");
  ASSERT_TRUE(until([&] { return answered && all_know(id_); }));
  const auto held = state(id_);
  EXPECT_EQ(held->leader, BrokerId(1));
  EXPECT_NE(std::ranges::find(held->isr, BrokerId(1)), held->isr.end());
}

TEST_F(AlterPartition, who_leaves_too_small_an_isr_stays_eligible) {
  start(3);
  create("orders", {{2, 3, 1}}, {{"min.insync.replicas", "2"}});
  EXPECT_EQ(propose_isr(id_, {2, 3}).error_code, ErrorCode::none);
  EXPECT_TRUE(state(id_)->eligible.empty());
  EXPECT_EQ(propose_isr(id_, {2}).error_code, ErrorCode::none);
  EXPECT_EQ(state(id_)->eligible, std::vector{BrokerId(3)});
  broker(2).kill();
  ASSERT_TRUE(until([&] { return state(id_)->leader == BrokerId(3); }));
}

TEST_F(AlterPartition, a_repeated_proposal_succeeds_and_another_does_not) {
  start(3);
  create("orders", {{2, 3, 1}});
  protocol::AlterPartitionRequest request;
  request.broker_id = 2;
  request.broker_epoch = broker(2).epoch;
  auto& group = request.topics.emplace_back();
  group.topic_id = topic("orders")->id;
  auto& one = group.partitions.emplace_back();
  for (const std::int32_t member : {2, 3}) {
    auto& entry = one.new_isr_with_epochs.emplace_back();
    entry.broker_id = member;
    entry.broker_epoch = broker(member).epoch;
  }
  const auto ask = [&] {
    const auto response = run(broker(1), broker(1).controller()->alter_partition(request, 3));
    return response.topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(ask().partition_epoch, 1);
  const auto again = ask();
  EXPECT_EQ(again.error_code, ErrorCode::none);
  EXPECT_EQ(again.partition_epoch, 1);
  request.topics[0].partitions[0].new_isr_with_epochs.pop_back();
  EXPECT_EQ(ask().error_code, ErrorCode::invalid_update_version);
  request.topics[0].partitions[0].leader_epoch = 7;
  EXPECT_EQ(ask().error_code, ErrorCode::fenced_leader_epoch);
  request.topics[0].topic_id = Uuid::from_random(1, 1);
  EXPECT_EQ(ask().error_code, ErrorCode::unknown_topic_id);
  request.broker_epoch -= 1;
  EXPECT_EQ(run(broker(1), broker(1).controller()->alter_partition(request, 3)).error_code,
            ErrorCode::stale_broker_epoch);
}

TEST_F(AlterPartition, a_follower_of_a_former_life_is_not_let_in) {
  start(3);
  create("orders", {{2, 3, 1}});
  EXPECT_EQ(propose_isr(id_, {2, 1}).error_code, ErrorCode::none);
  const std::int64_t former = broker(3).epoch;
  broker(3).power_cut();
  broker(3).incarnation = 7;
  broker(3).restart();
  ASSERT_TRUE(until([&] { return broker(3).ready() && broker(1).live_brokers[3] == broker(3).epoch; }));
  EXPECT_EQ(propose_isr(id_, {2, 1, 3}).error_code, ErrorCode::none);
  // Proposed by what it had fetched before.
  const std::int64_t present = std::exchange(broker(3).epoch, former);
  EXPECT_EQ(propose_isr(id_, {2, 1}).error_code, ErrorCode::none);
  EXPECT_EQ(propose_isr(id_, {2, 1, 3}).error_code, ErrorCode::ineligible_replica);
  broker(3).epoch = present;
}

}  // namespace
}  // namespace barnabas::controller
