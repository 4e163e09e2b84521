#include "core/base/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace barnabas {
namespace {

TEST(EditDistance, counts_inserted_deleted_and_replaced_bytes) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("sitting", "kitten"), 3U);
  EXPECT_EQ(edit_distance("ab", "ba"), 2U);
}

TEST(Nearest, finds_the_closest_and_the_first_of_equals) {
  constexpr std::array<std::string_view, 3> kNames = {"num.partitions", "log.dir", "log.dirs"};
  EXPECT_EQ(nearest("num.partition", kNames), "num.partitions");
  EXPECT_EQ(nearest("log.dis", kNames), "log.dir");
  EXPECT_EQ(nearest("log.dirs", kNames), "log.dirs");
}

TEST(Nearest, suggests_nothing_when_nothing_is_near) {
  constexpr std::array<std::string_view, 2> kNames = {"num.partitions", "log.dir"};
  EXPECT_EQ(nearest("zookeeper.connect", kNames), "");
  EXPECT_EQ(nearest("xy", kNames), "");
  EXPECT_EQ(nearest(std::string(10'000, 'x'), kNames), "");
  EXPECT_EQ(nearest("anything", {}), "");
}

}  // namespace
}  // namespace barnabas
