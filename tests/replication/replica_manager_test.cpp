#include <gtest/gtest.h>

#include <algorithm>

#include "tests/replication/cluster.hpp"

namespace barnabas::replication {
namespace {

struct ThreeBrokers : Cluster {
  explicit ThreeBrokers(std::uint64_t seed) : Cluster(seed) {}
  // All three, with one partition that 1 leads.
  void begin() {
    for (std::int32_t id = 1; id <= 3; ++id) start(id);
    create(kId, {1, 2, 3});
    elect(1, {1, 2, 3});
  }
  Offset end(std::int32_t id) { return member(id).partition()->log_end_offset(); }
  Offset high_watermark(std::int32_t id) { return member(id).partition()->high_watermark(); }
  std::size_t isr_size() { return controller.partitions.at(kId).isr.size(); }
  bool all_agree() {
    const auto first = content(1);
    return content(2) == first && content(3) == first;
  }
};

TEST(ReplicaManager, what_is_acknowledged_by_all_is_in_every_log_byte_for_byte) {
  ThreeBrokers cluster(1);
  cluster.begin();
  for (int i = 0; i < 20; ++i) {
    const auto outcome = cluster.produce(1, batch_of(1 + i % 5));
    ASSERT_TRUE(outcome && *outcome);
    for (std::int32_t id = 2; id <= 3; ++id) EXPECT_GT(cluster.end(id), (*outcome)->last_offset);
  }
  EXPECT_TRUE(cluster.all_agree());
  // The followers hear of the high watermark with the next answer.
  EXPECT_TRUE(cluster.wait([&] { return cluster.high_watermark(2) == cluster.end(1); }));
  EXPECT_TRUE(cluster.wait([&] { return cluster.high_watermark(3) == cluster.end(1); }));
}

TEST(ReplicaManager, all_waits_for_a_member_of_the_isr_and_leader_does_not) {
  ThreeBrokers cluster(2);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  cluster.world.network().hold("b1", "b3");
  EXPECT_FALSE(cluster.produce(1, batch_of(1), Acks::all, 3s).has_value());
  const auto outcome = cluster.produce(1, batch_of(1), Acks::leader, 3s);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(cluster.high_watermark(1), Offset(1));
}

TEST(ReplicaManager, a_dead_follower_leaves_the_isr_so_that_waiting_producers_go_on_without_further_traffic) {
  ThreeBrokers cluster(3);
  cluster.begin();
  cluster.kill(3);
  // Nothing else is sent: the shrunk ISR itself must move the high watermark (KAFKA-13091).
  const auto outcome = cluster.produce(1, batch_of(1), Acks::all, 100s);
  ASSERT_TRUE(outcome && *outcome) << "the ISR has " << cluster.isr_size();
  EXPECT_EQ(cluster.isr_size(), 2u);
  EXPECT_EQ(cluster.member(1).replicas->counts().isr_shrinks, 1u);
}

TEST(ReplicaManager, with_two_left_the_last_follower_may_fall_silent_too) {
  ThreeBrokers cluster(33);
  cluster.begin();
  cluster.kill(3);
  ASSERT_TRUE(cluster.produce(1, batch_of(1), Acks::all, 100s).has_value());
  cluster.kill(2);
  const auto outcome = cluster.produce(1, batch_of(1), Acks::all, 100s);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(cluster.isr_size(), 1u);
}

TEST(ReplicaManager, a_follower_that_returns_and_catches_up_joins_the_isr_in_its_new_life) {
  ThreeBrokers cluster(4);
  cluster.begin();
  cluster.kill(3);
  ASSERT_TRUE(cluster.produce(1, batch_of(3), Acks::all, 100s).has_value());
  ASSERT_EQ(cluster.isr_size(), 2u);
  cluster.start(3);
  cluster.tell_registrations();
  cluster.tell(3);
  EXPECT_TRUE(cluster.wait([&] { return cluster.member(1).partition()->view().isr.size() == 3; }));
  EXPECT_EQ(cluster.isr_size(), 3u);
  EXPECT_TRUE(cluster.all_agree());
}

TEST(ReplicaManager, a_lost_answer_of_the_controller_does_not_freeze_the_isr) {
  ThreeBrokers cluster(5);
  cluster.begin();
  cluster.controller.lose_answers = 1;
  cluster.kill(3);
  const auto outcome = cluster.produce(1, batch_of(1), Acks::all, 100s);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(cluster.isr_size(), 2u);
  EXPECT_EQ(cluster.member(1).partition()->partition_epoch(), cluster.controller.partitions.at(kId).partition_epoch);
  cluster.start(3);
  cluster.tell_registrations();
  cluster.tell(3);
  EXPECT_TRUE(cluster.wait([&] { return cluster.isr_size() == 3; }));
}

TEST(ReplicaManager, what_the_controller_refuses_is_proposed_again_but_not_at_every_fetch) {
  ThreeBrokers cluster(6);
  cluster.begin();
  cluster.kill(3);
  ASSERT_TRUE(cluster.produce(1, batch_of(1), Acks::all, 100s).has_value());
  using protocol::ErrorCode;
  cluster.controller.answer_with = {ErrorCode::ineligible_replica, ErrorCode::invalid_update_version,
                                    ErrorCode::not_controller};
  const int before = cluster.controller.asked;
  cluster.start(3);
  cluster.tell_registrations();
  cluster.tell(3);
  const Instant began = cluster.world.now();
  for (int i = 0; i < 100; ++i) (void)cluster.produce(1, batch_of(1));
  EXPECT_TRUE(cluster.wait([&] { return cluster.isr_size() == 3; }));
  EXPECT_LE(cluster.controller.asked - before, 4);
  EXPECT_LT(cluster.world.now() - began, 10s);
}

TEST(ReplicaManager, below_min_isr_all_is_refused_and_leader_is_accepted_but_stays_invisible) {
  ThreeBrokers cluster(7);
  cluster.min_insync_replicas = 2;
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  cluster.kill(2);
  cluster.kill(3);
  (void)cluster.produce(1, batch_of(1), Acks::leader);
  ASSERT_TRUE(cluster.wait([&] { return cluster.member(1).partition()->view().isr.size() == 1; }, 120s));
  const auto refused = cluster.produce(1, batch_of(1));
  ASSERT_TRUE(refused && !*refused);
  EXPECT_EQ(refused->error().code, Errc::not_enough_replicas);
  const auto accepted = cluster.produce(1, batch_of(1), Acks::leader);
  ASSERT_TRUE(accepted && *accepted);
  EXPECT_EQ(cluster.high_watermark(1), Offset(1));
  cluster.start(2);
  cluster.tell_registrations();
  cluster.tell(2);
  EXPECT_TRUE(cluster.wait([&] { return cluster.high_watermark(1) == Offset(3); }));
}

// KIP-101: the follower that becomes leader has heard of an older high watermark.
TEST(ReplicaManager, a_follower_that_bounces_keeps_what_it_was_not_yet_told_to_be_committed) {
  ThreeBrokers cluster(8);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  ASSERT_TRUE(cluster.wait([&] { return cluster.high_watermark(2) == Offset(1); }));
  // The answer that tells of the last record's commit never comes.
  const auto outcome = cluster.produce(1, batch_of(1));
  ASSERT_TRUE(outcome && *outcome);
  cluster.kill(2);
  cluster.start(2);
  cluster.tell_registrations();
  cluster.world.network().hold("b1", "b2");
  cluster.tell(2);
  cluster.kill(1);
  cluster.elect(2, {2, 3});
  EXPECT_EQ(cluster.end(2), Offset(2));
  EXPECT_TRUE(cluster.wait([&] { return cluster.high_watermark(2) == Offset(2); }));
}

// KIP-101: what a former leader has in excess goes, although it is at the same offsets as the new leader's.
TEST(ReplicaManager, a_former_leader_cuts_what_nobody_else_had) {
  ThreeBrokers cluster(9);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(2)).has_value());
  cluster.world.network().hold("b1", "b2");
  cluster.world.network().hold("b1", "b3");
  EXPECT_FALSE(cluster.produce(1, batch_of(5), Acks::all, 2s).has_value());
  cluster.kill(1);
  cluster.world.network().heal_all();
  cluster.elect(2, {2, 3});
  ASSERT_TRUE(cluster.produce(2, batch_of(1)).has_value());
  cluster.start(1);
  cluster.tell_registrations();
  cluster.tell(1);
  EXPECT_TRUE(cluster.wait([&] { return cluster.isr_size() == 3; }));
  EXPECT_EQ(cluster.end(1), Offset(3));
  EXPECT_TRUE(cluster.all_agree());
}

// KIP-279: two quick changes; each leader wrote something that nobody has seen.
TEST(ReplicaManager, logs_agree_after_two_leaders_that_nobody_followed) {
  ThreeBrokers cluster(10);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(2)).has_value());
  for (const char* a : {"b1", "b2", "b3"}) {
    for (const char* b : {"b1", "b2", "b3"}) {
      if (a != b) cluster.world.network().hold(a, b);
    }
  }
  EXPECT_FALSE(cluster.produce(1, batch_of(1), Acks::all, 2s).has_value());
  cluster.kill(1);
  cluster.elect(2, {2, 3});
  EXPECT_FALSE(cluster.produce(2, batch_of(3), Acks::all, 2s).has_value());
  cluster.kill(2);
  cluster.start(1);
  cluster.elect(1, {1, 3});
  EXPECT_FALSE(cluster.produce(1, batch_of(1), Acks::all, 2s).has_value());
  cluster.world.network().heal_all();
  cluster.start(2);
  cluster.tell_registrations();
  cluster.tell(2);
  EXPECT_TRUE(cluster.wait([&] { return cluster.isr_size() == 3; }));
  EXPECT_TRUE(cluster.all_agree());
  EXPECT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  EXPECT_TRUE(cluster.all_agree());
}

TEST(ReplicaManager, a_retry_after_a_fail_over_is_still_a_duplicate) {
  ThreeBrokers cluster(11);
  cluster.begin();
  const Producer producer{ProducerId(9), ProducerEpoch(0)};
  for (int i = 0; i < 3; ++i) {
    const auto outcome = cluster.produce(1, batch_of(2, producer, 2 * i));
    ASSERT_TRUE(outcome && *outcome);
  }
  cluster.kill(1);
  cluster.elect(2, {2, 3});
  const auto again = cluster.produce(2, batch_of(2, producer, 4));
  ASSERT_TRUE(again && *again);
  EXPECT_TRUE((*again)->duplicate);
  EXPECT_EQ((*again)->base_offset, Offset(4));
  const auto next = cluster.produce(2, batch_of(2, producer, 6));
  ASSERT_TRUE(next && *next);
  EXPECT_FALSE((*next)->duplicate);
}

TEST(ReplicaManager, a_follower_whose_log_ends_before_the_leaders_start_goes_on_there) {
  ThreeBrokers cluster(12);
  cluster.config.segment_bytes = 2000;
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  cluster.kill(3);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(cluster.produce(1, batch_of(10), Acks::all, 100s).has_value());
  Member& leader = cluster.member(1);
  ASSERT_TRUE(leader.run(leader.partition()->log().advance_log_start(Offset(105))).has_value());
  leader.partition()->tell_log_start_moved();
  cluster.start(3);
  cluster.tell_registrations();
  cluster.tell(3);
  EXPECT_TRUE(cluster.wait([&] { return cluster.isr_size() == 3; }));
  EXPECT_EQ(cluster.end(3), Offset(201));
  EXPECT_TRUE(cluster.wait([&] { return cluster.member(3).partition()->log_start_offset() == Offset(105); }));
}

// KAFKA-2143.
TEST(ReplicaManager, a_follower_whose_log_ends_above_the_leaders_is_cut_to_its_end) {
  ThreeBrokers cluster(13);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(2)).has_value());
  cluster.world.network().hold("b1", "b2");
  cluster.world.network().hold("b1", "b3");
  for (int i = 0; i < 4; ++i) (void)cluster.produce(1, batch_of(5), Acks::leader, 1s);
  cluster.elect(2, {2, 3});
  cluster.world.network().heal_all();
  EXPECT_TRUE(cluster.wait([&] { return cluster.end(1) == Offset(2); }));
  ASSERT_TRUE(cluster.wait([&] { return cluster.isr_size() == 3; }));
  EXPECT_TRUE(cluster.all_agree());
}

TEST(ReplicaManager, a_new_partition_does_not_wait_for_the_fetch_that_is_under_way) {
  ThreeBrokers cluster(14);
  cluster.options.fetch_wait = 60s;
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  cluster.world.run_for(5s);
  for (int round = 0; round < 4; ++round) {
    const TopicPartition fresh{"payments", PartitionId(round)};
    cluster.create(fresh, {1, 2, 3}, 8);
    cluster.elect(1, {1, 2, 3}, fresh);
    auto outcome = std::make_shared<bool>(false);
    Member& leader = cluster.member(1);
    const auto appending = [](std::shared_ptr<Partition> partition, std::shared_ptr<bool> done) -> Task<void> {
      auto append = partition->append_as_leader(batch_of(1), Acks::all);
      const auto appended = co_await std::move(append);
      *done = appended.has_value();
    };
    leader.node.spawn_task(appending(leader.partition(fresh), outcome));
    EXPECT_TRUE(cluster.wait([&] { return *outcome; }, 2s)) << round;
  }
}

TEST(ReplicaManager, what_waits_at_a_leader_that_is_deposed_fails_and_its_log_follows) {
  ThreeBrokers cluster(15);
  cluster.begin();
  cluster.world.network().hold("b1", "b2");
  cluster.world.network().hold("b1", "b3");
  auto code = std::make_shared<std::optional<Errc>>();
  const auto appending = [](std::shared_ptr<Partition> partition,
                            std::shared_ptr<std::optional<Errc>> result) -> Task<void> {
    auto append = partition->append_as_leader(batch_of(1), Acks::all);
    const auto appended = co_await std::move(append);
    if (!appended) *result = appended.error().code;
  };
  Member& leader = cluster.member(1);
  leader.node.spawn_task(appending(leader.partition(), code));
  cluster.world.run_for(1s);
  EXPECT_FALSE(code->has_value());
  cluster.elect(2, {2, 3});
  ASSERT_TRUE(cluster.wait([&] { return code->has_value(); }, 5s));
  EXPECT_EQ(**code, Errc::not_leader);
  EXPECT_EQ(leader.partition()->role(), Role::follower);
}

// As when the controller takes a follower that bounced out of the ISR.
TEST(ReplicaManager, who_leads_on_in_a_new_epoch_keeps_what_waits) {
  ThreeBrokers cluster(16);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(2)).has_value());
  cluster.world.network().hold("b1", "b2");
  cluster.world.network().hold("b1", "b3");
  auto outcomes = std::make_shared<std::vector<bool>>();
  const auto appending = [](std::shared_ptr<Partition> partition,
                            std::shared_ptr<std::vector<bool>> results) -> Task<void> {
    auto append = partition->append_as_leader(batch_of(1), Acks::all);
    const auto appended = co_await std::move(append);
    results->push_back(appended.has_value());
  };
  Member& leader = cluster.member(1);
  for (int i = 0; i < 5; ++i) leader.node.spawn_task(appending(leader.partition(), outcomes));
  cluster.elect(1, {1, 2, 3});
  for (int i = 0; i < 5; ++i) leader.node.spawn_task(appending(leader.partition(), outcomes));
  cluster.elect(1, {1, 2, 3});
  cluster.world.network().heal_all();
  ASSERT_TRUE(cluster.wait([&] { return outcomes->size() == 10; }));
  EXPECT_EQ(std::count(outcomes->begin(), outcomes->end(), true), 10);
  EXPECT_EQ(cluster.end(1), Offset(12));
  EXPECT_TRUE(cluster.all_agree());
}

// The controller's words.

struct Words : ThreeBrokers {
  explicit Words(std::uint64_t seed) : ThreeBrokers(seed) {}
  protocol::LeaderAndIsrResponse say(std::int32_t to, protocol::LeaderAndIsrRequest request, std::int16_t version = 7) {
    return member(to).run(member(to).replicas->leader_and_isr(std::move(request), version));
  }
  protocol::ErrorCode say_one(std::int32_t to, protocol::LeaderAndIsrRequest request) {
    const auto response = say(to, std::move(request));
    return response.topics.at(0).partition_errors.at(0).error_code;
  }
};

using protocol::ErrorCode;

TEST(ReplicaManager, an_older_controller_and_a_former_life_of_the_broker_are_refused) {
  Words cluster(20);
  cluster.begin();
  auto request = cluster.leader_and_isr(kId);
  request.controller_epoch = 5;
  EXPECT_EQ(cluster.say(1, request).error_code, ErrorCode::none);
  request.controller_epoch = 4;
  EXPECT_EQ(cluster.say(1, request).error_code, ErrorCode::stale_controller_epoch);
  request.controller_epoch = 5;
  request.broker_epoch = cluster.member(1).self.epoch - 1;
  EXPECT_EQ(cluster.say(1, request).error_code, ErrorCode::stale_broker_epoch);
  // The controller has seen the next registration before the broker itself.
  request.broker_epoch = cluster.member(1).self.epoch + 1;
  EXPECT_EQ(cluster.say(1, request).error_code, ErrorCode::none);
}

TEST(ReplicaManager, each_partition_is_answered_for_itself) {
  Words cluster(21);
  cluster.begin();
  auto same = cluster.leader_and_isr(kId);
  EXPECT_EQ(cluster.say_one(1, same), ErrorCode::stale_controller_epoch);
  auto other_id = same;
  other_id.topic_states[0].topic_id = topic_id_of(8);
  other_id.topic_states[0].partition_states[0].leader_epoch = 9;
  EXPECT_EQ(cluster.say_one(1, other_id), ErrorCode::inconsistent_topic_id);
  auto no_replica = same;
  no_replica.topic_states[0].partition_states[0].leader_epoch = 9;
  no_replica.topic_states[0].partition_states[0].replicas = {2, 3};
  EXPECT_EQ(cluster.say_one(1, no_replica), ErrorCode::unknown_topic_or_partition);
  auto not_in_sync = same;
  not_in_sync.topic_states[0].partition_states[0].leader_epoch = 9;
  not_in_sync.topic_states[0].partition_states[0].isr = {2, 3};
  EXPECT_EQ(cluster.say_one(1, not_in_sync), ErrorCode::invalid_request);
  auto newer = same;
  newer.topic_states[0].partition_states[0].partition_epoch += 1;
  newer.topic_states[0].partition_states[0].isr = {1, 2};
  EXPECT_EQ(cluster.say_one(1, newer), ErrorCode::none);
  EXPECT_EQ(cluster.member(1).partition()->view().isr.size(), 2u);
  EXPECT_EQ(cluster.member(1).roles, std::vector<std::string>({"orders-0 leader 0"}));
}

TEST(ReplicaManager, versions_before_topic_ids_are_answered_by_name) {
  Words cluster(22);
  cluster.begin();
  protocol::LeaderAndIsrRequest request;
  request.controller_epoch = 1;
  auto state = cluster.leader_and_isr(kId).topic_states[0].partition_states[0];
  state.topic_name = "orders";
  state.leader_epoch = 4;
  request.ungrouped_partition_states.push_back(state);
  const auto response = cluster.say(1, request, 1);
  ASSERT_EQ(response.partition_errors.size(), 1u);
  EXPECT_EQ(response.partition_errors[0].topic_name, "orders");
  EXPECT_EQ(response.partition_errors[0].error_code, ErrorCode::none);
  EXPECT_EQ(cluster.member(1).partition()->leader_epoch(), LeaderEpoch(4));
}

protocol::StopReplicaRequest stop_request(const TopicPartition& which, std::int32_t epoch, bool remove) {
  protocol::StopReplicaRequest request;
  request.controller_epoch = 1;
  auto& topic = request.topic_states.emplace_back();
  topic.topic_name = which.topic;
  auto& row = topic.partition_states.emplace_back();
  row.partition_index = which.partition.value();
  row.leader_epoch = epoch;
  row.delete_partition = remove;
  return request;
}

TEST(ReplicaManager, a_deleted_topics_log_is_gone_and_the_name_is_free_for_another) {
  Words cluster(23);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(3)).has_value());
  for (std::int32_t id = 1; id <= 3; ++id) {
    Member& one = cluster.member(id);
    const auto fenced = one.run(one.replicas->stop_replica(stop_request(kId, -1, false), 4));
    EXPECT_EQ(fenced.partition_errors.at(0).error_code, ErrorCode::none);
    const auto answer = one.run(one.replicas->stop_replica(stop_request(kId, -2, true), 4));
    ASSERT_EQ(answer.partition_errors.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(one.partition(), nullptr);
    EXPECT_EQ(one.roles.back().substr(0, 13), "orders-0 none");
    // Once more, for a controller that did not hear it.
    const auto again = one.run(one.replicas->stop_replica(stop_request(kId, -2, true), 4));
    EXPECT_EQ(again.partition_errors.at(0).error_code, ErrorCode::none);
  }
  cluster.create(kId, {1, 2, 3}, 8);
  cluster.elect(2, {1, 2, 3});
  EXPECT_EQ(cluster.end(1), Offset(0));
  ASSERT_TRUE(cluster.produce(2, batch_of(1)).has_value());
  EXPECT_TRUE(cluster.all_agree());
}

TEST(ReplicaManager, the_log_of_a_former_topic_of_that_name_is_not_served) {
  Words cluster(24);
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(3)).has_value());
  cluster.kill(3);
  cluster.start(3);
  auto request = cluster.leader_and_isr(kId);
  request.topic_states[0].topic_id = topic_id_of(8);
  EXPECT_EQ(cluster.say_one(3, request), ErrorCode::inconsistent_topic_id);
  EXPECT_EQ(cluster.member(3).partition(), nullptr);
}

TEST(ReplicaManager, stopping_a_replica_of_an_older_leader_epoch_is_fenced) {
  Words cluster(25);
  cluster.begin();
  cluster.elect(1, {1, 2, 3});
  Member& one = cluster.member(2);
  const auto fenced = one.run(one.replicas->stop_replica(stop_request(kId, 0, false), 4));
  EXPECT_EQ(fenced.partition_errors.at(0).error_code, ErrorCode::fenced_leader_epoch);
  const auto stopped = one.run(one.replicas->stop_replica(stop_request(kId, 1, false), 4));
  EXPECT_EQ(stopped.partition_errors.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(one.partition()->leader(), kNoBroker);
  // Its log stands still until a newer word.
  (void)cluster.produce(1, batch_of(1), Acks::leader);
  cluster.world.run_for(5s);
  EXPECT_EQ(cluster.end(2), Offset(0));
  cluster.elect(1, {1, 2, 3});
  EXPECT_TRUE(cluster.wait([&] { return cluster.end(2) == Offset(1); }));
}

TEST(ReplicaManager, many_partitions_in_one_word_are_all_made) {
  Words cluster(26);
  cluster.begin();
  constexpr std::int32_t kCount = 150;
  protocol::LeaderAndIsrRequest request;
  request.controller_epoch = 1;
  auto& topic = request.topic_states.emplace_back();
  topic.topic_name = "many";
  topic.topic_id = topic_id_of(9);
  for (std::int32_t i = 0; i < kCount; ++i) {
    auto& row = topic.partition_states.emplace_back();
    row.partition_index = i;
    row.leader = 1 + i % 3;
    row.leader_epoch = 0;
    row.partition_epoch = 0;
    row.replicas = row.isr = {1, 2, 3};
    cluster.controller.partitions[{"many", PartitionId(i)}] = {topic_id_of(9), 1 + i % 3, 0, 0, {1, 2, 3}, {1, 2, 3}};
  }
  for (std::int32_t id = 1; id <= 3; ++id) {
    const auto response = cluster.say(id, request);
    for (const auto& row : response.topics.at(0).partition_errors) EXPECT_EQ(row.error_code, ErrorCode::none);
  }
  for (std::int32_t i = 0; i < kCount; i += 37) {
    auto done = std::make_shared<bool>(false);
    const auto appending = [](std::shared_ptr<Partition> partition, std::shared_ptr<bool> flag) -> Task<void> {
      auto append = partition->append_as_leader(batch_of(1), Acks::all);
      const auto appended = co_await std::move(append);
      *flag = appended.has_value();
    };
    Member& leader = cluster.member(1 + i % 3);
    leader.node.spawn_task(appending(leader.partition({"many", PartitionId(i)}), done));
    EXPECT_TRUE(cluster.wait([&] { return *done; }, 10s)) << i;
  }
  EXPECT_EQ(cluster.member(1).replicas->counts().leaders, 51u);
}

TEST(ReplicaManager, roles_for_which_there_was_no_room_are_asked_for_until_there_is) {
  Words cluster(29);
  cluster.begin();
  Member& member = cluster.member(2);
  const TopicPartition late{"late", PartitionId(0)};
  cluster.controller.partitions[late] = {topic_id_of(9), 1, 0, 0, {1, 2, 3}, {1, 2, 3}};
  const auto request = cluster.leader_and_isr(late);
  member.node.disk().faults().capacity = member.node.disk().files().allocated();
  EXPECT_EQ(cluster.say_one(2, request), ErrorCode::kafka_storage_error);
  EXPECT_TRUE(cluster.wait([&] { return member.role_requests == 2; }, 10s));
  member.node.disk().faults().capacity = 1ULL << 40;
  EXPECT_EQ(cluster.say_one(2, request), ErrorCode::none);
  cluster.world.run_for(5min);
  EXPECT_EQ(member.role_requests, 2);
}

TEST(ReplicaManager, it_stops_while_fetches_are_under_way) {
  ThreeBrokers cluster(27);
  cluster.options.fetch_wait = 60s;
  cluster.begin();
  ASSERT_TRUE(cluster.produce(1, batch_of(1)).has_value());
  cluster.world.run_for(2s);
  Member& one = cluster.member(2);
  const Instant began = cluster.world.now();
  one.run(one.replicas->stop());
  EXPECT_LT(cluster.world.now() - began, 1s);
}

TEST(ReplicaManager, a_dead_leader_is_reported_as_a_failed_peer) {
  ThreeBrokers cluster(28);
  cluster.begin();
  cluster.kill(1);
  EXPECT_TRUE(cluster.wait([&] { return cluster.member(2).peer_failures > 0; }, 10s));
}

}  // namespace
}  // namespace barnabas::replication
