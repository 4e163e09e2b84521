#include "core/base/result.hpp"

#include <gtest/gtest.h>

#include "core/base/ids.hpp"

namespace barnabas {
namespace {

Result<int> half_of(int n) {
  if (n % 2 != 0) return fail(Errc::invalid_argument, std::to_string(n) + " is odd");
  return n / 2;
}
Result<int> quarter_of(int n) {
  B_TRY(const int half, half_of(n));
  B_TRY(const int quarter, half_of(half));
  return quarter;
}

TEST(Result, try_passes_values_on_and_errors_out) {
  EXPECT_EQ(quarter_of(8), 2);
  ASSERT_FALSE(quarter_of(6).has_value());
  EXPECT_EQ(quarter_of(6).error().to_string(), "invalid_argument: 3 is odd");
}

TEST(StrongIds, count_and_compare) {
  const Offset offset(5);
  EXPECT_EQ((offset + 2).value(), 7);
  EXPECT_EQ(Offset(9) - offset, 4);
  EXPECT_LT(offset, Offset(6));
  EXPECT_EQ((TopicPartition{"orders", PartitionId(3)}.to_string()), "orders-3");
}

}  // namespace
}  // namespace barnabas
