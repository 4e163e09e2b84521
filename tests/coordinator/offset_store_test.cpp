#include "core/coordinator/group/offset_store.hpp"

#include <gtest/gtest.h>

namespace barnabas::coordinator::group {
namespace {

OffsetRecord commit(std::string group, std::int32_t partition, std::int64_t offset) {
  return {.key = {.group = std::move(group), .topic = "t", .partition = PartitionId(partition)},
          .value = CommittedOffset{.offset = Offset(offset), .metadata = {}}};
}
std::int64_t fetched(const OffsetStore& store, std::string_view group, std::int32_t partition) {
  const CommittedOffset* found = store.find(group, "t", partition);
  return found == nullptr ? -1 : found->offset.value();
}

TEST(OffsetStore, last_commit_wins_and_a_tombstone_removes) {
  OffsetStore store;
  store.replay(commit("g", 0, 5), Offset(0));
  store.replay(commit("g", 0, 3), Offset(1));
  EXPECT_EQ(fetched(store, "g", 0), 3);
  EXPECT_EQ(fetched(store, "g", 1), -1);
  EXPECT_EQ(fetched(store, "h", 0), -1);
  for (const OffsetRecord& tombstone : store.tombstones("g")) store.replay(tombstone, Offset(2));
  EXPECT_EQ(fetched(store, "g", 0), -1);
  EXPECT_TRUE(store.groups().empty());
}

TEST(OffsetStore, transactional_commit_shows_with_its_marker) {
  OffsetStore store;
  store.replay_transactional(ProducerId(7), commit("g", 0, 5), Offset(0));
  store.replay_transactional(ProducerId(8), commit("g", 1, 6), Offset(1));
  EXPECT_EQ(fetched(store, "g", 0), -1);
  store.end_transaction(ProducerId(7), true);
  store.end_transaction(ProducerId(8), false);
  EXPECT_EQ(fetched(store, "g", 0), 5);
  EXPECT_EQ(fetched(store, "g", 1), -1);
}

TEST(OffsetStore, later_commit_outside_the_transaction_is_not_overwritten) {
  OffsetStore store;
  store.replay_transactional(ProducerId(7), commit("g", 0, 5), Offset(0));
  store.replay(commit("g", 0, 9), Offset(1));
  store.end_transaction(ProducerId(7), true);
  EXPECT_EQ(fetched(store, "g", 0), 9);
}

}  // namespace
}  // namespace barnabas::coordinator::group
