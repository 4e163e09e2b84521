// The draws of a seed are part of what a seed means: they must be the same under every compiler and for ever.
#include "core/base/prng.hpp"

#include <gtest/gtest.h>

#include <array>

namespace barnabas {
namespace {

TEST(Prng, draws_of_seed_42_are_fixed) {
  Prng prng(42);
  const std::array<std::uint64_t, 4> expected = {15021278609987233951u, 5881210131331364753u, 18149643915985481100u,
                                                 12933668939759105464u};
  for (const std::uint64_t value : expected) EXPECT_EQ(prng.next(), value);
  EXPECT_EQ(prng.draws(), expected.size());
}

TEST(Prng, bounded_draws_and_children_are_fixed) {
  Prng prng(42);
  EXPECT_EQ(prng.below(1000), 814u);
  EXPECT_EQ(prng.between(-50, 50), -18);
  EXPECT_EQ(prng.child("disk", 3).next(), 140571557039498703u);
  EXPECT_EQ(prng.child("network").next(), 7665101683645660748u);
}

TEST(Prng, a_child_does_not_depend_on_how_much_its_parent_drew) {
  const Prng fresh(7);
  Prng used(7);
  for (int i = 0; i < 100; ++i) used.next();
  EXPECT_EQ(fresh.child("faults").next(), used.child("faults").next());
  EXPECT_NE(fresh.child("faults").next(), fresh.child("faults", 1).next());
  EXPECT_NE(fresh.child("faults").next(), fresh.child("network").next());
}

TEST(Prng, bounds_hold_and_every_value_comes_up) {
  Prng prng(3);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen[prng.below(7)];
  for (const int count : seen) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t value = prng.between(-3, 3);
    EXPECT_GE(value, -3);
    EXPECT_LE(value, 3);
  }
  EXPECT_EQ(prng.between(5, 5), 5);
  EXPECT_EQ(Prng(1).between(INT64_MIN, INT64_MAX), Prng(1).between(INT64_MIN, INT64_MAX));
}

TEST(Prng, chance_is_an_integer_ratio) {
  Prng prng(9);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) hits += prng.chance({1, 4}) ? 1 : 0;
  EXPECT_GT(hits, 2300);
  EXPECT_LT(hits, 2700);
  EXPECT_FALSE(prng.chance({0, 5}));
  EXPECT_TRUE(prng.chance({5, 5}));
}

}  // namespace
}  // namespace barnabas
