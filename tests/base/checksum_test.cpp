// A few known values; tests/golden holds hundreds that Kafka produced.
#include "core/base/checksum.hpp"

#include <gtest/gtest.h>

#include "core/base/prng.hpp"

namespace barnabas {
namespace {

std::uint32_t bit_by_bit(ByteView data) {
  std::uint32_t crc = ~0u;
  for (const std::byte byte : data) {
    crc ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return ~crc;
}

TEST(Crc32c, agrees_with_the_obvious_version_at_every_length_and_alignment) {
  Prng prng(1);
  Buffer data = Buffer::allocate(9000);
  for (std::byte& byte : data.mutable_view()) byte = static_cast<std::byte>(prng.below(256));
  for (std::size_t size = 0; size < 9000; size += size < 64 ? 1 : 509) {
    for (std::size_t from = 0; from < 3 && from + size <= data.size(); ++from) {
      const ByteView part = data.view().subspan(from, size);
      ASSERT_EQ(crc32c(part), bit_by_bit(part)) << size;
    }
  }
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
}

TEST(Crc32c, continues_over_pieces) {
  Prng prng(2);
  Buffer data = Buffer::allocate(5000);
  for (std::byte& byte : data.mutable_view()) byte = static_cast<std::byte>(prng.below(256));
  const std::uint32_t whole = crc32c(data.view());
  for (const std::size_t cut : {std::size_t{1}, std::size_t{3071}, std::size_t{4999}}) {
    EXPECT_EQ(crc32c(data.view().subspan(cut), crc32c(data.view().first(cut))), whole);
  }
}

TEST(Murmur2, gives_the_values_of_kafkas_own_unit_test) {
  EXPECT_EQ(murmur2(as_bytes("21")), -973932308);
  EXPECT_EQ(murmur2(as_bytes("foobar")), -790332482);
  EXPECT_EQ(murmur2(as_bytes("a-little-bit-long-string")), -985981536);
}

TEST(JavaStringHash, is_over_utf16_units) {
  EXPECT_EQ(java_string_hash("hello"), 99162322);
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("\xF0\x9F\x98\x80"), 0xd83d * 31 + 0xde00);
  EXPECT_EQ(kafka_abs(INT32_MIN), 0);
  EXPECT_EQ(kafka_abs(-7), 7);
}

}  // namespace
}  // namespace barnabas
