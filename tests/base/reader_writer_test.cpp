#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "core/base/reader.hpp"
#include "core/base/writer.hpp"

namespace barnabas {
namespace {

TEST(ReaderWriter, integers_are_big_endian_and_come_back) {
  Writer out;
  out.i8(-2);
  out.i16(0x1234);
  out.i32(-5);
  out.i64(std::numeric_limits<std::int64_t>::min());
  out.write(std::uint16_t{0xfffe});
  EXPECT_EQ(out.view()[1], std::byte{0x12});
  EXPECT_EQ(out.view()[2], std::byte{0x34});
  Reader in(out.view());
  EXPECT_EQ(in.i8(), -2);
  EXPECT_EQ(in.i16(), 0x1234);
  EXPECT_EQ(in.i32(), -5);
  EXPECT_EQ(in.i64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(in.read<std::uint16_t>(), 0xfffe);
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(ReaderWriter, varints_come_back_at_the_size_foretold) {
  for (int shift = 0; shift < 64; ++shift) {
    for (const int delta : {-1, 0, 1}) {
      const auto value = static_cast<std::int64_t>((std::uint64_t{1} << shift) + static_cast<std::uint64_t>(delta));
      Writer out;
      out.varlong(value);
      EXPECT_EQ(out.size(), static_cast<std::size_t>(varlong_size(value)));
      Reader in(out.view());
      EXPECT_EQ(in.varlong(), value);
      EXPECT_TRUE(in.ok() && in.at_end());
      const auto small = static_cast<std::int32_t>(value);
      Writer out32;
      out32.varint(small);
      EXPECT_EQ(out32.size(), static_cast<std::size_t>(varint_size(small)));
      EXPECT_EQ(Reader(out32.view()).varint(), small);
    }
  }
}

TEST(ReaderWriter, a_varint_that_never_ends_fails) {
  const std::vector<std::byte> endless(11, std::byte{0xff});
  Reader in32(endless);
  in32.unsigned_varint();
  EXPECT_FALSE(in32.ok());
  Reader in64(endless);
  in64.unsigned_varlong();
  EXPECT_FALSE(in64.ok());
}

TEST(Reader, reading_past_the_end_fails_for_good_and_gives_zeros) {
  Writer out;
  out.i32(7);
  Reader in(out.view());
  EXPECT_EQ(in.i16(), 0);
  EXPECT_EQ(in.i32(), 0);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.i8(), 0);
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Reader, a_negative_or_too_large_count_of_bytes_fails) {
  Writer out;
  out.zeros(8);
  Reader negative(out.view());
  EXPECT_TRUE(negative.bytes(-1).empty());
  EXPECT_FALSE(negative.ok());
  Reader large(out.view());
  EXPECT_TRUE(large.bytes(std::numeric_limits<std::int64_t>::max()).empty());
  EXPECT_FALSE(large.ok());
}

TEST(Writer, lengths_can_be_filled_in_later) {
  Writer out;
  out.zeros(4);
  out.bytes(as_bytes("abc"));
  out.put(0, static_cast<std::int32_t>(out.size() - 4));
  const MutableByteView room = out.extend(2);
  room[1] = std::byte{9};
  Reader in(out.view());
  EXPECT_EQ(as_text(in.bytes(in.i32())), "abc");
  EXPECT_EQ(in.i16(), 9);
}

TEST(BufferSlices, share_memory_and_keep_it_alive) {
  Buffer slice;
  {
    const Buffer whole = Buffer::copy_of(as_bytes("one record"));
    slice = whole.slice(4, 6);
    EXPECT_EQ(slice.data(), whole.data() + 4);
  }
  EXPECT_EQ(as_text(slice.view()), "record");
  EXPECT_EQ(as_text(slice.slice(0, 3).view()), "rec");
}

TEST(BufferDeathTest, a_slice_beyond_the_end_is_a_bug) {
  const Buffer buffer = Buffer::allocate(4);
  EXPECT_DEATH((void)buffer.slice(2, 3), "size <= size_ - from \\(3 <= 2\\)");
}

}  // namespace
}  // namespace barnabas
