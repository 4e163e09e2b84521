#include "core/base/uuid.hpp"

#include <gtest/gtest.h>

namespace barnabas {
namespace {

TEST(Uuid, prints_as_kafka_prints_it_and_reads_it_back) {
  Uuid last;
  last.bytes[15] = 1;
  EXPECT_EQ(last.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
  EXPECT_EQ(Uuid().to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_TRUE(Uuid().is_zero());
  const Uuid random = Uuid::from_random(0x0123456789abcdef, 0xfedcba9876543210);
  EXPECT_EQ(Uuid::parse(random.to_string()), random);
}

TEST(Uuid, random_ones_are_of_version_4) {
  const Uuid uuid = Uuid::from_random(~0ull, 0);
  EXPECT_EQ(uuid.bytes[6] >> 4, 4);
  EXPECT_EQ(uuid.bytes[8] >> 6, 2);
}

TEST(Uuid, refuses_other_text) {
  EXPECT_FALSE(Uuid::parse("").has_value());
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAAA").has_value());
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAA+A").has_value());
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAB").has_value());  // Bits beyond the 128th.
}

}  // namespace
}  // namespace barnabas
