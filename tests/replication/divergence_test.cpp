#include "core/replication/divergence.hpp"

#include <gtest/gtest.h>

namespace barnabas::replication {
namespace {

log::LeaderEpochCache epochs(std::initializer_list<log::EpochStart> starts) {
  log::LeaderEpochCache cache;
  for (const log::EpochStart& start : starts) cache.assign(start.epoch, start.start);
  return cache;
}

const log::LeaderEpochCache kLeader = epochs({{LeaderEpoch(0), Offset(0)}, {LeaderEpoch(3), Offset(20)}});

TEST(DivergingEpoch, logs_agree_up_to_the_end_of_the_followers_last_epoch) {
  EXPECT_FALSE(diverging_epoch(kLeader, Offset(30), Offset(30), LeaderEpoch(3))->has_value());
  EXPECT_FALSE(diverging_epoch(kLeader, Offset(30), Offset(20), LeaderEpoch(0))->has_value());
  EXPECT_FALSE(diverging_epoch(kLeader, Offset(30), Offset(0), kNoLeaderEpoch)->has_value());
}

TEST(DivergingEpoch, a_record_beyond_the_epochs_end_is_told) {
  EXPECT_EQ(**diverging_epoch(kLeader, Offset(30), Offset(25), LeaderEpoch(0)),
            (log::EpochEnd{LeaderEpoch(0), Offset(20)}));
  EXPECT_EQ(**diverging_epoch(kLeader, Offset(30), Offset(31), LeaderEpoch(3)),
            (log::EpochEnd{LeaderEpoch(3), Offset(30)}));
}

TEST(DivergingEpoch, an_epoch_unknown_here_is_answered_with_the_largest_before) {
  EXPECT_EQ(**diverging_epoch(kLeader, Offset(30), Offset(22), LeaderEpoch(2)),
            (log::EpochEnd{LeaderEpoch(0), Offset(20)}));
}

TEST(DivergingEpoch, a_log_without_epochs_cannot_be_compared) {
  const auto answer = diverging_epoch({}, Offset(30), Offset(22), LeaderEpoch(2));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::offset_out_of_range);
}

// KIP-279: two quick changes of leader, each with records that the other never saw.
TEST(Truncation, goes_back_epoch_by_epoch) {
  const log::LeaderEpochCache own = epochs({{LeaderEpoch(0), Offset(0)}, {LeaderEpoch(1), Offset(12)}});
  const auto first = diverging_epoch(kLeader, Offset(30), Offset(15), LeaderEpoch(1));
  ASSERT_TRUE(first->has_value());
  EXPECT_EQ(truncation_offset(own, Offset(15), **first), Offset(12));
}

TEST(Truncation, never_leaves_more_of_an_epoch_than_the_leader_has) {
  const log::LeaderEpochCache own = epochs({{LeaderEpoch(0), Offset(0)}});
  EXPECT_EQ(truncation_offset(own, Offset(40), {LeaderEpoch(0), Offset(20)}), Offset(20));
  EXPECT_EQ(truncation_offset(own, Offset(10), {LeaderEpoch(0), Offset(20)}), Offset(10));
}

}  // namespace
}  // namespace barnabas::replication
