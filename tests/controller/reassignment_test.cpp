#include "core/controller/reassignment.hpp"

#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

std::vector<BrokerId> ids(std::initializer_list<std::int32_t> numbers) {
  std::vector<BrokerId> result;
  for (const std::int32_t number : numbers) result.emplace_back(number);
  return result;
}

class Reassignments : public ControllerTest {
 protected:
  std::vector<BrokerId> listed(const std::string& name = "orders") { return topic(name)->partitions.at(0).replicas; }
  bool under_way() {
    const auto held = topic("orders")->partitions.at(0);
    return !held.adding_replicas.empty() || !held.removing_replicas.empty();
  }
  void kill_replica(std::int32_t id) {
    broker(id).kill();
    ASSERT_TRUE(until([&] { return !exists("/brokers/ids/" + std::to_string(id)); }));
  }
  std::size_t ongoing() {
    FakeBroker& to = leader();
    const auto response = run(to, to.controller()->list_reassignments({}));
    return response.topics.size();
  }
  const TopicPartition id_ = at("orders", 0);
};

TEST_F(Reassignments, replicas_move_once_the_new_ones_are_in_sync) {
  start(4);
  create("orders", {{1, 2}});
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{3, 4}), ErrorCode::none);
  EXPECT_EQ(listed(), ids({3, 4, 1, 2}));
  EXPECT_EQ(topic("orders")->partitions.at(0).adding_replicas, ids({3, 4}));
  EXPECT_EQ(topic("orders")->partitions.at(0).removing_replicas, ids({1, 2}));
  EXPECT_EQ(ongoing(), 1U);
  ASSERT_TRUE(until([&] { return all_know(id_) && broker(4).replicas.contains(id_); }));
  EXPECT_TRUE(broker(3).new_ones.contains(id_));
  EXPECT_EQ(propose_isr(id_, {1, 2, 3}).error_code, ErrorCode::none);
  world_.run_for(1s);
  EXPECT_TRUE(under_way());
  EXPECT_EQ(propose_isr(id_, {1, 2, 3, 4}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return !under_way(); }));
  EXPECT_EQ(listed(), ids({3, 4}));
  EXPECT_EQ(state(id_)->leader, BrokerId(3));
  EXPECT_EQ(state(id_)->isr, ids({3, 4}));
  EXPECT_TRUE(broker(1).removed.contains(id_));
  EXPECT_TRUE(broker(2).removed.contains(id_));
  ASSERT_TRUE(until([&] { return all_know(id_); }));
  EXPECT_EQ(ongoing(), 0U);
}

TEST_F(Reassignments, a_new_controller_goes_on_before_the_move) {
  start(4);
  create("orders", {{2, 3}});
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{3, 4}), ErrorCode::none);
  broker(1).kill();
  ASSERT_TRUE(until([&] { return controller_id() > 1 && all_know(id_); }));
  EXPECT_EQ(ongoing(), 1U);
  EXPECT_EQ(propose_isr(id_, {2, 3, 4}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return !under_way() && all_know(id_); }));
  EXPECT_EQ(listed(), ids({3, 4}));
  EXPECT_EQ(state(id_)->leader, BrokerId(3));
  EXPECT_TRUE(broker(2).removed.contains(id_));
}

TEST_F(Reassignments, a_new_controller_goes_on_after_the_move) {
  start(4);
  create("orders", {{2, 3}});
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{3, 4}), ErrorCode::none);
  // The one that leaves does not hear that it shall.
  ASSERT_TRUE(until([&] { return all_know(id_); }));
  world_.network().hold("b1", "b2");
  EXPECT_EQ(propose_isr(id_, {2, 3, 4}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return state(id_)->leader == BrokerId(3); }));
  EXPECT_TRUE(under_way());
  broker(1).kill();
  ASSERT_TRUE(until([&] { return controller_id() > 1 && !under_way(); }));
  EXPECT_EQ(listed(), ids({3, 4}));
  EXPECT_TRUE(broker(2).removed.contains(id_));
  ASSERT_TRUE(until([&] { return all_know(id_); }));
}

TEST_F(Reassignments, a_dead_leaver_is_not_waited_for) {
  start(4);
  create("orders", {{2, 3}});
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{3, 4}), ErrorCode::none);
  kill_replica(2);
  ASSERT_TRUE(until([&] { return state(id_)->leader == BrokerId(3); }));
  EXPECT_EQ(propose_isr(id_, {3, 4}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return !under_way(); }));
  EXPECT_EQ(listed(), ids({3, 4}));
  // It still has the log, and hears of it when it is back.
  broker(2).restart();
  EXPECT_TRUE(until([&] { return broker(2).removed.contains(id_); }));
}

TEST_F(Reassignments, cancelling_goes_back_and_removes_what_was_added) {
  start(3);
  create("orders", {{1, 2}});
  EXPECT_EQ(reassign(id_, std::nullopt), ErrorCode::no_reassignment_in_progress);
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{3, 1}), ErrorCode::none);
  ASSERT_TRUE(until([&] { return broker(3).replicas.contains(id_); }));
  ASSERT_EQ(reassign(id_, std::nullopt), ErrorCode::none);
  EXPECT_FALSE(under_way());
  EXPECT_EQ(listed(), ids({1, 2}));
  ASSERT_TRUE(until([&] { return broker(3).removed.contains(id_) && all_know(id_); }));
  EXPECT_EQ(state(id_)->isr, ids({1, 2}));
}

TEST_F(Reassignments, a_partition_that_nobody_alive_has_ever_held_moves_as_well) {
  start(3);
  kill_replica(3);
  create("orders", {{3}});
  EXPECT_FALSE(state(id_).has_value());
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{2}), ErrorCode::none);
  ASSERT_TRUE(until([&] { return !under_way() && all_know(id_); }));
  EXPECT_EQ(listed(), ids({2}));
  EXPECT_EQ(state(id_)->leader, BrokerId(2));
}

TEST_F(Reassignments, what_cannot_be_is_refused) {
  start(3);
  create("orders", {{1, 2}});
  EXPECT_EQ(reassign(at("orders", 7), std::vector<std::int32_t>{1}), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(reassign(id_, std::vector<std::int32_t>{}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(reassign(id_, std::vector<std::int32_t>{1, 1}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(reassign(id_, std::vector<std::int32_t>{1, 9}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(reassign(id_, std::vector<std::int32_t>{1, -1}), ErrorCode::invalid_replica_assignment);
  EXPECT_FALSE(under_way());
}

TEST_F(Reassignments, an_order_in_the_old_znode_is_carried_out_and_removed) {
  start(3);
  create("orders", {{1, 2}});
  const std::string json = R"({"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[3,1]}]})";
  auto writing = broker(2).session()->create("/admin/reassign_partitions", Buffer::copy_of(as_bytes(json)),
                                             zookeeper::CreateMode::persistent);
  ASSERT_TRUE(run(broker(2), std::move(writing)).has_value());
  ASSERT_TRUE(until([&] { return under_way() && all_know(id_) && broker(3).replicas.contains(id_); }));
  EXPECT_TRUE(exists("/admin/reassign_partitions"));
  EXPECT_EQ(propose_isr(id_, {1, 2, 3}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return !exists("/admin/reassign_partitions"); }));
  EXPECT_EQ(listed(), ids({3, 1}));
}

// ----- The pure steps -----

ControllerState with_partition(PartitionEntry entry) {
  ControllerState held;
  for (std::int32_t id = 1; id <= 4; ++id) {
    metadata::BrokerInfo info;
    info.id = BrokerId(id);
    info.epoch = 100 + id;
    held.brokers[info.id] = info;
  }
  TopicEntry topic;
  topic.name = "orders";
  topic.partitions.push_back(std::move(entry));
  held.put_topic(std::move(topic));
  return held;
}

PartitionEntry entry_of(std::initializer_list<std::int32_t> replicas, std::initializer_list<std::int32_t> isr) {
  PartitionEntry entry;
  entry.replicas = ids(replicas);
  entry.record.emplace();
  entry.record->leader = BrokerId(*isr.begin());
  for (const std::int32_t id : isr) entry.record->isr.push_back({BrokerId(id), 0});
  return entry;
}

TEST(Reassignment, a_second_target_keeps_the_former_replicas_as_origin) {
  PartitionEntry entry = entry_of({3, 1, 2}, {1, 2});
  entry.adding = ids({3});
  entry.removing = ids({2});
  const auto next = begin_reassignment(with_partition(entry), at("orders", 0), ids({4, 1}), true);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->replicas, ids({4, 1, 2}));
  EXPECT_EQ(next->adding, ids({4}));
  EXPECT_EQ(next->removing, ids({2}));
  EXPECT_EQ(next->unneeded, ids({3}));
}

TEST(Reassignment, a_changed_factor_is_refused_where_it_is_not_allowed) {
  const auto held = with_partition(entry_of({1, 2}, {1, 2}));
  const auto next = begin_reassignment(held, at("orders", 0), ids({1, 2, 3}), false);
  ASSERT_FALSE(next.has_value());
  EXPECT_EQ(next.error().code, ErrorCode::invalid_replication_factor);
}

TEST(Reassignment, it_is_not_cancelled_when_only_added_replicas_are_in_sync) {
  PartitionEntry entry = entry_of({3, 1}, {3});
  entry.adding = ids({3});
  entry.removing = ids({1});
  const auto next = begin_reassignment(with_partition(entry), at("orders", 0), std::nullopt, true);
  ASSERT_FALSE(next.has_value());
  EXPECT_EQ(next.error().code, ErrorCode::invalid_replica_assignment);
}

}  // namespace
}  // namespace barnabas::controller
