#include "core/log/segment_index.hpp"

#include <gtest/gtest.h>

#include "core/base/writer.hpp"

namespace barnabas::log {
namespace {

OffsetIndex three_entries() {
  OffsetIndex index(Offset(100));
  index.append(Offset(110), 500);
  index.append(Offset(120), 900);
  index.append(Offset(135), 4000);
  return index;
}

TEST(OffsetIndex, hint_is_the_last_entry_that_ends_at_or_below) {
  const OffsetIndex index = three_entries();
  EXPECT_FALSE(index.hint_for(Offset(109)).has_value());
  EXPECT_EQ(index.hint_for(Offset(110))->position, 500u);
  EXPECT_EQ(index.hint_for(Offset(134))->position, 900u);
  EXPECT_EQ(index.hint_for(Offset(999))->last_offset, Offset(135));
}

TEST(OffsetIndex, boundary_never_lies_above_the_position) {
  const OffsetIndex index = three_entries();
  EXPECT_EQ(index.boundary_at_or_before(499), 0u);
  EXPECT_EQ(index.boundary_at_or_before(500), 500u);
  EXPECT_EQ(index.boundary_at_or_before(3999), 900u);
}

TEST(OffsetIndex, file_is_read_back_without_its_preallocated_tail) {
  std::vector<std::byte> file = three_entries().encode();
  EXPECT_EQ(file.size(), 24u);
  file.resize(80);
  const auto index = OffsetIndex::decode(Offset(100), file, 5000);
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->size(), 3u);
  EXPECT_EQ(index->last()->position, 4000u);
}

TEST(OffsetIndex, entry_beyond_the_log_or_falling_is_corrupt) {
  EXPECT_EQ(OffsetIndex::decode(Offset(100), three_entries().encode(), 4000).error().code, Errc::corrupt);
  Writer falling;
  for (const std::int32_t field : {10, 500, 9, 600}) falling.i32(field);
  EXPECT_EQ(OffsetIndex::decode(Offset(0), falling.view(), 5000).error().code, Errc::corrupt);
}

TEST(TimeIndex, takes_only_later_timestamps) {
  TimeIndex index(Offset(100));
  index.append_if_later(Timestamp(-1), Offset(100));
  index.append_if_later(Timestamp(50), Offset(101));
  index.append_if_later(Timestamp(50), Offset(102));
  index.append_if_later(Timestamp(70), Offset(103));
  EXPECT_EQ(index.size(), 2u);
  EXPECT_EQ(index.offset_for(Timestamp(49)), Offset(100));
  EXPECT_EQ(index.offset_for(Timestamp(69)), Offset(101));
  const auto decoded = TimeIndex::decode(Offset(100), index.encode());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->last()->offset, Offset(103));
}

}  // namespace
}  // namespace barnabas::log
