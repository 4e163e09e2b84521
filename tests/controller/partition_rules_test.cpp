#include "core/controller/partition_rules.hpp"

#include <gtest/gtest.h>

namespace barnabas::controller {
namespace {

constexpr BrokerId kA{1};
constexpr BrokerId kB{2};
constexpr BrokerId kC{3};
const std::vector<BrokerId> kReplicas{kA, kB, kC};

LiveBrokers live(std::initializer_list<BrokerId> ids) {
  LiveBrokers brokers;
  for (const BrokerId id : ids) brokers[id] = {100 + id.value(), 1, false};
  return brokers;
}

PartitionRecord led_by_a(std::initializer_list<BrokerId> isr) {
  PartitionRecord record;
  record.leader = kA;
  record.leader_epoch = LeaderEpoch(5);
  for (const BrokerId id : isr) record.isr.push_back({id, 1});
  return record;
}

IsrRequest request(std::initializer_list<BrokerId> isr) {
  IsrRequest wanted{kA, 101, LeaderEpoch(5), 7, {}};
  for (const BrokerId id : isr) wanted.isr.push_back({id, 100 + id.value()});
  return wanted;
}

IsrRefusal refusal_of(const PartitionRecord& record, const LiveBrokers& brokers, const IsrRequest& wanted) {
  const auto decided = alter_isr(record, 7, kReplicas, brokers, {}, wanted);
  EXPECT_FALSE(decided.has_value());
  return decided ? IsrRefusal{} : decided.error();
}

TEST(Election, first_live_member_of_the_isr_in_order_of_preference_leads) {
  const auto election = elect(led_by_a({kA, kC, kB}), kReplicas, live({kB, kC}), ElectionKind::offline, {});
  ASSERT_TRUE(election.has_value());
  EXPECT_TRUE(election->clean);
  EXPECT_EQ(election->record.leader, kB);
  EXPECT_EQ(election->record.leader_epoch, LeaderEpoch(6));
  EXPECT_EQ(election->record.isr_ids(), (std::vector{kB, kC}));
}

TEST(Election, nobody_out_of_sync_leads_unless_that_is_allowed) {
  const auto waiting = elect(led_by_a({kA}), kReplicas, live({kB, kC}), ElectionKind::offline, {});
  ASSERT_TRUE(waiting.has_value());
  EXPECT_EQ(waiting->record.leader, kNoBroker);
  EXPECT_EQ(waiting->record.isr_ids(), std::vector{kA});
  EXPECT_FALSE(elect(waiting->record, kReplicas, live({kB, kC}), ElectionKind::offline, {}).has_value());
  const auto unclean = elect(waiting->record, kReplicas, live({kB, kC}), ElectionKind::offline, {1, true});
  ASSERT_TRUE(unclean.has_value());
  EXPECT_FALSE(unclean->clean);
  EXPECT_EQ(unclean->record.isr_ids(), std::vector{kB});
}

TEST(Election, a_leader_that_came_back_with_another_log_gives_way) {
  LiveBrokers brokers = live({kA, kB, kC});
  brokers[kA].incarnation = 2;
  const auto election = elect(led_by_a({kA, kB}), kReplicas, brokers, ElectionKind::offline, {});
  ASSERT_TRUE(election.has_value());
  EXPECT_EQ(election->record.leader, kB);
  EXPECT_EQ(election->record.isr_ids(), std::vector{kB});
}

TEST(Election, the_last_replica_standing_leaves_an_heir) {
  const PartitionPolicy two{2, false};
  // B goes while A stays: alone, A can make nothing visible, so B misses nothing.
  const auto alone = drop_lost(led_by_a({kA, kB}), kReplicas, live({kA}), two);
  ASSERT_TRUE(alone.has_value());
  EXPECT_EQ(alone->eligible, (std::vector<Member>{{kB, 1}}));
  LiveBrokers brokers = live({kA, kB});
  brokers[kA].incarnation = 2;
  const auto election = elect(*alone, kReplicas, brokers, ElectionKind::offline, two);
  ASSERT_TRUE(election.has_value());
  EXPECT_TRUE(election->clean);
  EXPECT_EQ(election->record.leader, kB);
}

TEST(Election, one_replica_always_leads) {
  const std::vector<BrokerId> only{kA};
  LiveBrokers brokers = live({kA});
  brokers[kA].incarnation = 2;
  const auto election = elect(led_by_a({kA}), only, brokers, ElectionKind::offline, {});
  ASSERT_TRUE(election.has_value());
  EXPECT_FALSE(election->clean);
  EXPECT_EQ(election->record.leader, kA);
  EXPECT_EQ(election->record.isr, (std::vector<Member>{{kA, 2}}));
}

TEST(Election, preferred_leader_takes_over_only_in_sync) {
  PartitionRecord record = led_by_a({kA, kB});
  record.leader = kB;
  const auto election = elect(record, kReplicas, live({kA, kB}), ElectionKind::preferred, {});
  ASSERT_TRUE(election.has_value());
  EXPECT_EQ(election->record.leader, kA);
  record.isr.erase(record.isr.begin());
  EXPECT_FALSE(elect(record, kReplicas, live({kA, kB}), ElectionKind::preferred, {}).has_value());
}

TEST(Election, a_leader_that_shuts_down_leaves_the_isr) {
  LiveBrokers brokers = live({kA, kB, kC});
  brokers[kA].shutting_down = true;
  const auto election = elect(led_by_a({kA, kB}), kReplicas, brokers, ElectionKind::controlled_shutdown, {});
  ASSERT_TRUE(election.has_value());
  EXPECT_EQ(election->record.leader, kB);
  EXPECT_EQ(election->record.isr_ids(), std::vector{kB});
  EXPECT_FALSE(elect(led_by_a({kA}), kReplicas, brokers, ElectionKind::controlled_shutdown, {}).has_value());
}

TEST(AlterIsr, a_follower_joins_in_the_life_that_the_leader_knows) {
  const auto decided = alter_isr(led_by_a({kA}), 7, kReplicas, live({kA, kB}), {}, request({kA, kB}));
  ASSERT_TRUE(decided.has_value());
  EXPECT_EQ(decided->isr_ids(), (std::vector{kA, kB}));
  EXPECT_EQ(decided->leader_epoch, LeaderEpoch(5));
}

TEST(AlterIsr, what_is_refused) {
  const PartitionRecord record = led_by_a({kA});
  LiveBrokers brokers = live({kA, kB});
  IsrRequest wanted = request({kA, kB});
  wanted.leader_epoch = LeaderEpoch(4);
  EXPECT_EQ(refusal_of(record, brokers, wanted), IsrRefusal::fenced_leader_epoch);
  wanted = request({kA, kB});
  wanted.partition_epoch = 6;
  EXPECT_EQ(refusal_of(record, brokers, wanted), IsrRefusal::invalid_update_version);
  wanted = request({kA, kB});
  wanted.leader_broker_epoch = 1;
  EXPECT_EQ(refusal_of(record, brokers, wanted), IsrRefusal::stale_broker_epoch);
  EXPECT_EQ(refusal_of(record, brokers, request({kB})), IsrRefusal::invalid_request);
  EXPECT_EQ(refusal_of(record, brokers, request({kA, BrokerId(9)})), IsrRefusal::invalid_request);
  EXPECT_EQ(refusal_of(record, brokers, request({kA, kC})), IsrRefusal::ineligible_replica);
  brokers[kB].epoch = 300;
  EXPECT_EQ(refusal_of(record, brokers, request({kA, kB})), IsrRefusal::ineligible_replica);
  brokers = live({kA, kB});
  brokers[kB].shutting_down = true;
  EXPECT_EQ(refusal_of(record, brokers, request({kA, kB})), IsrRefusal::ineligible_replica);
}

TEST(AlterIsr, who_is_eligible_stays_so_until_the_isr_is_large_enough) {
  const PartitionPolicy two{2, false};
  const auto alone = alter_isr(led_by_a({kA, kB}), 7, kReplicas, live({kA, kB, kC}), two, request({kA}));
  ASSERT_TRUE(alone.has_value());
  EXPECT_EQ(alone->eligible, (std::vector<Member>{{kB, 1}}));
  const auto grown = alter_isr(*alone, 7, kReplicas, live({kA, kB, kC}), two, request({kA, kC}));
  ASSERT_TRUE(grown.has_value());
  EXPECT_TRUE(grown->eligible.empty());
}

}  // namespace
}  // namespace barnabas::controller
