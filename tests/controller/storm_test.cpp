#include "tests/controller/storm.hpp"

#include <gtest/gtest.h>

namespace barnabas::controller {
namespace {

class ControllerStorm : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ControllerStorm, ends_in_order) {
  const StormResult result = run_storm(GetParam());
  for (const std::string& what : result.broken) ADD_FAILURE() << what;
  EXPECT_GT(result.terms, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ControllerStorm, testing::Range<std::uint64_t>(1, 41));

TEST(ControllerStormRun, there_is_a_storm) {
  StormResult sum;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const StormResult one = run_storm(seed);
    sum.terms += one.terms;
    sum.elections += one.elections;
    sum.suspicions += one.suspicions;
  }
  std::printf("%zu terms, %zu elections, %zu suspicions\n", sum.terms, sum.elections, sum.suspicions);
  EXPECT_GT(sum.terms, 30U);
  EXPECT_GT(sum.elections, 50U);
  EXPECT_GT(sum.suspicions, 5U);
}

TEST(ControllerStormRun, the_same_seed_is_the_same_run) { EXPECT_EQ(run_storm(3).hash, run_storm(3).hash); }

}  // namespace
}  // namespace barnabas::controller
