// The rules one by one; tests/property plays them against each other.
#include "core/replication/leader_state.hpp"

#include <gtest/gtest.h>

namespace barnabas::replication {
namespace {

constexpr BrokerId kSelf{1};
constexpr BrokerId kOther{2};
constexpr BrokerId kThird{3};

Instant at(Duration since) { return Instant(since + 1000s); }

Leadership leadership(std::vector<IsrMember> isr, std::int32_t partition_epoch = 1) {
  Leadership result;
  result.epoch = LeaderEpoch(5);
  result.partition_epoch = partition_epoch;
  result.replicas = {kSelf, kOther, kThird};
  result.isr = std::move(isr);
  return result;
}

LeaderState leader(std::vector<IsrMember> isr, std::int64_t end, std::int64_t high_watermark,
                   std::size_t min_insync = 1) {
  return LeaderState(kSelf, 10, leadership(std::move(isr)), Offset(end), Offset(high_watermark), at(0s),
                     {30s, min_insync});
}

// KAFKA-7128: the high watermark of a new leader is stale.
TEST(LeaderState, nobody_joins_below_the_start_of_the_epoch) {
  LeaderState state = leader({{kSelf, 10}, {kThird, 30}}, 100, 40);
  state.registered(kOther, 20, at(0s));
  EXPECT_FALSE(state.fetched({kOther, 20, Offset(60), at(1s)}).proposed);
  EXPECT_TRUE(state.fetched({kOther, 20, Offset(100), at(2s)}).proposed);
  ASSERT_TRUE(state.proposal().has_value());
  EXPECT_EQ(state.proposal()->isr.back(), (IsrMember{kOther, 20}));
}

// KIP-903: what the former life had may be lost.
TEST(LeaderState, a_broker_that_registered_anew_does_not_join_on_the_progress_of_before) {
  LeaderState state = leader({{kSelf, 10}}, 100, 100);
  state.fetched({kOther, 20, Offset(100), at(1s)});
  EXPECT_FALSE(state.proposal().has_value());  // Its registration is not known yet.
  EXPECT_FALSE(state.registered(kOther, 21, at(2s)).proposed);
  EXPECT_TRUE(state.fetched({kOther, 20, Offset(100), at(3s)}).ignored);
  EXPECT_FALSE(state.proposal().has_value());
  EXPECT_FALSE(state.fetched({kOther, 21, Offset(50), at(4s)}).proposed);
  EXPECT_TRUE(state.fetched({kOther, 21, Offset(100), at(5s)}).proposed);
}

TEST(LeaderState, a_member_in_another_life_holds_the_high_watermark_back_until_it_is_accepted_again) {
  LeaderState state = leader({{kSelf, 10}, {kOther, 20}}, 100, 100);
  state.registered(kOther, 21, at(1s));
  state.fetched({kOther, 21, Offset(100), at(2s)});
  ASSERT_TRUE(state.proposal().has_value());
  state.log_grew(Offset(120));
  state.fetched({kOther, 21, Offset(120), at(3s)});
  EXPECT_EQ(state.high_watermark(), Offset(100));
  EXPECT_TRUE(state.proposal_accepted(2).high_watermark_moved);
  EXPECT_EQ(state.high_watermark(), Offset(120));
}

// A new controller finds the same log registered anew, and the state names it already: nothing is written, and the
// partition epoch stays.
TEST(LeaderState, a_member_that_registered_anew_counts_once_the_controller_has_nothing_to_change) {
  LeaderState state = leader({{kSelf, 10}, {kOther, 20}}, 100, 100);
  state.fetched({kOther, 20, Offset(100), at(1s)});
  state.registered(kOther, 27, at(2s));
  state.log_grew(Offset(150));
  EXPECT_TRUE(state.fetched({kOther, 27, Offset(150), at(3s)}).proposed);
  EXPECT_EQ(state.high_watermark(), Offset(100));
  EXPECT_TRUE(state.proposal_accepted(state.partition_epoch()).high_watermark_moved);
  EXPECT_EQ(state.high_watermark(), Offset(150));
  EXPECT_FALSE(state.proposal().has_value());
}

// KAFKA-13091.
TEST(LeaderState, an_accepted_shrink_moves_the_high_watermark_by_itself) {
  LeaderState state = leader({{kSelf, 10}, {kOther, 20}}, 100, 100);
  state.fetched({kOther, 20, Offset(100), at(1s)});
  state.log_grew(Offset(150));
  EXPECT_TRUE(state.tick(at(60s)).proposed);
  EXPECT_EQ(state.high_watermark(), Offset(100));
  EXPECT_TRUE(state.proposal_accepted(2).high_watermark_moved);
  EXPECT_EQ(state.high_watermark(), Offset(150));
}

// KAFKA-15583.
TEST(LeaderState, below_min_insync_replicas_the_high_watermark_stands) {
  LeaderState state = leader({{kSelf, 10}}, 100, 50, 2);
  EXPECT_FALSE(state.enough_insync());
  EXPECT_FALSE(state.log_grew(Offset(120)).high_watermark_moved);
  EXPECT_EQ(state.high_watermark(), Offset(50));
  EXPECT_TRUE(state.limits_changed({30s, 1}).high_watermark_moved);
  EXPECT_EQ(state.high_watermark(), Offset(120));
}

TEST(LeaderState, the_controllers_word_takes_the_place_of_what_was_proposed) {
  LeaderState state = leader({{kSelf, 10}, {kOther, 20}}, 100, 100);
  state.log_grew(Offset(150));
  state.tick(at(60s));
  ASSERT_TRUE(state.proposal().has_value());
  EXPECT_FALSE(state.updated(leadership({{kSelf, 10}}, 1)).isr_changed);
  EXPECT_TRUE(state.updated(leadership({{kSelf, 10}, {kThird, 30}, {kOther, 20}}, 4)).isr_changed);
  EXPECT_FALSE(state.proposal().has_value());
  EXPECT_EQ(state.partition_epoch(), 4);
}

}  // namespace
}  // namespace barnabas::replication
