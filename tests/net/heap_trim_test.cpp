#include "net/heap_trim.hpp"

#include <gtest/gtest.h>

namespace barnabas::net {
namespace {

TEST(HeapTrim, is_due_when_most_of_many_connections_have_gone) {
  EXPECT_FALSE(HeapTrim::is_due(10'000, 10'000));
  EXPECT_FALSE(HeapTrim::is_due(10'000, 5'001));
  EXPECT_TRUE(HeapTrim::is_due(10'000, 5'000));
  EXPECT_FALSE(HeapTrim::is_due(600, 100));
  EXPECT_TRUE(HeapTrim::is_due(600, 88));
}

}  // namespace
}  // namespace barnabas::net
