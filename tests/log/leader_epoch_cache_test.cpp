#include "core/log/leader_epoch_cache.hpp"

#include <gtest/gtest.h>

namespace barnabas::log {
namespace {

LeaderEpochCache epochs_2_5_9() {
  LeaderEpochCache cache;
  EXPECT_TRUE(cache.assign(LeaderEpoch(2), Offset(0)));
  EXPECT_TRUE(cache.assign(LeaderEpoch(5), Offset(10)));
  EXPECT_TRUE(cache.assign(LeaderEpoch(9), Offset(30)));
  return cache;
}

TEST(LeaderEpochCache, unknown_epoch_is_answered_with_the_largest_below) {
  const LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_EQ(cache.end_offset_for(LeaderEpoch(1), Offset(40)), (EpochEnd{LeaderEpoch(1), cache.entries()[0].start}));
  EXPECT_FALSE(LeaderEpochCache().end_offset_for(LeaderEpoch(1), Offset(40)).has_value());
  EXPECT_EQ(cache.end_offset_for(LeaderEpoch(2), Offset(40)), (EpochEnd{LeaderEpoch(2), Offset(10)}));
  EXPECT_EQ(cache.end_offset_for(LeaderEpoch(7), Offset(40)), (EpochEnd{LeaderEpoch(5), Offset(30)}));
  EXPECT_EQ(cache.end_offset_for(LeaderEpoch(9), Offset(40)), (EpochEnd{LeaderEpoch(9), Offset(40)}));
}

TEST(LeaderEpochCache, the_same_epoch_again_changes_nothing) {
  LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_FALSE(cache.assign(LeaderEpoch(9), Offset(50)));
  EXPECT_EQ(cache.entries().size(), 3u);
}

// A broker led epoch 9 without writing, and now follows a leader whose log has records of epoch 7 there.
TEST(LeaderEpochCache, a_record_of_an_earlier_epoch_ends_the_later_ones) {
  LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_TRUE(cache.assign(LeaderEpoch(7), Offset(30)));
  EXPECT_EQ(cache.to_text(), "0\n3\n2 0\n5 10\n7 30\n");
}

TEST(LeaderEpochCache, an_epoch_that_goes_on_after_an_empty_one_keeps_its_start) {
  LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_TRUE(cache.assign(LeaderEpoch(5), Offset(30)));
  EXPECT_EQ(cache.to_text(), "0\n2\n2 0\n5 10\n");
}

TEST(LeaderEpochCache, epoch_without_records_gives_way) {
  LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_TRUE(cache.assign(LeaderEpoch(10), Offset(30)));
  EXPECT_EQ(cache.latest(), LeaderEpoch(10));
  EXPECT_EQ(cache.entries().size(), 3u);
}

TEST(LeaderEpochCache, truncation_from_the_end_drops_the_entry_at_the_end) {
  LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_TRUE(cache.truncate_from_end(Offset(30)));
  EXPECT_EQ(cache.latest(), LeaderEpoch(5));
  EXPECT_FALSE(cache.truncate_from_end(Offset(30)));
}

TEST(LeaderEpochCache, truncation_from_the_start_moves_the_epoch_in_force) {
  LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_TRUE(cache.truncate_from_start(Offset(15)));
  EXPECT_EQ(cache.to_text(), "0\n2\n5 15\n9 30\n");
  EXPECT_FALSE(cache.truncate_from_start(Offset(15)));
}

TEST(LeaderEpochCache, text_is_kafkas) {
  const LeaderEpochCache cache = epochs_2_5_9();
  EXPECT_EQ(cache.to_text(), "0\n3\n2 0\n5 10\n9 30\n");
  EXPECT_EQ(LeaderEpochCache::parse(cache.to_text())->to_text(), cache.to_text());
  for (const char* bad : {"", "1\n0\n", "0\n2\n0 0\n", "0\n1\n0\n", "0\n2\n1 0\n0 5\n", "0\n1\n-1 0\n"}) {
    EXPECT_FALSE(LeaderEpochCache::parse(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace barnabas::log
