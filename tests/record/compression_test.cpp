#include "core/record/compression.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <span>
#include <string>

#include "core/base/prng.hpp"
#include "core/base/writer.hpp"

namespace barnabas::record {
namespace {

constexpr std::array kCodecs{Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

std::string text_of(const Buffer& buffer) { return std::string(as_text(buffer.view())); }

// Compressible and not, small and over several blocks of every codec.
rc::Gen<std::string> payloads() {
  return rc::gen::apply(
      [](std::string unit, std::size_t repeat, std::string tail) {
        std::string text;
        while (!unit.empty() && text.size() < repeat) text += unit;
        return text + tail;
      },
      rc::gen::arbitrary<std::string>(), rc::gen::inRange<std::size_t>(0, 200'000), rc::gen::arbitrary<std::string>());
}

RC_GTEST_PROP(Compression, what_goes_in_comes_out, ()) {
  const std::string text = *payloads();
  const Codec codec = *rc::gen::elementOf(kCodecs);
  const auto checksum = *rc::gen::element(Lz4Checksum::standard, Lz4Checksum::magic0);
  const Buffer compressed = compress(codec, as_bytes(text), {.level = {}, .lz4_checksum = checksum});
  const Result<Buffer> out = decompress(codec, compressed.view(), text.size(), checksum);
  RC_ASSERT(out.has_value());
  RC_ASSERT(text_of(*out) == text);
}

RC_GTEST_PROP(Compression, one_byte_over_the_bound_is_too_large, ()) {
  const std::string text = *payloads() + "x";
  const Codec codec = *rc::gen::elementOf(kCodecs);
  const Buffer compressed = compress(codec, as_bytes(text));
  const Result<Buffer> out = decompress(codec, compressed.view(), text.size() - 1);
  RC_ASSERT(!out.has_value());
  RC_ASSERT(out.error().code == Errc::too_large);
}

RC_GTEST_PROP(Compression, damage_gives_an_error_or_bytes_within_the_bound, ()) {
  const std::string text = *payloads();
  const Codec codec = *rc::gen::elementOf(kCodecs);
  const auto checksum = *rc::gen::element(Lz4Checksum::standard, Lz4Checksum::magic0);
  Buffer compressed = compress(codec, as_bytes(text), {.level = {}, .lz4_checksum = checksum});
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    compressed.mutable_view()[*rc::gen::inRange<std::size_t>(0, compressed.size())] =
        static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
  }
  // A copy of the exact size, so that a read beyond it is seen by the address sanitizer.
  const Buffer cut = Buffer::copy_of(compressed.view().first(*rc::gen::inRange<std::size_t>(0, compressed.size() + 1)));
  const Result<Buffer> out = decompress(codec, cut.view(), 150'000, checksum);
  if (out) RC_ASSERT(out->size() <= 150'000u);
}

RC_GTEST_PROP(Compression, noise_never_crashes, ()) {
  const auto noise = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  for (const Codec codec : kCodecs) (void)decompress(codec, std::as_bytes(std::span(noise)), 100'000);
}

TEST(Compression, a_bomb_stops_at_the_bound) {
  const std::string zeros(64 << 20, '\0');
  for (const Codec codec : kCodecs) {
    const Buffer bomb = compress(codec, as_bytes(zeros));
    EXPECT_LT(bomb.size(), zeros.size() / 15) << name_of(codec);
    const Result<Buffer> out = decompress(codec, bomb.view(), 1 << 20);
    ASSERT_FALSE(out.has_value()) << name_of(codec);
    EXPECT_EQ(out.error().code, Errc::too_large) << name_of(codec);
  }
}

TEST(Compression, a_claimed_size_is_not_believed) {
  // A bare snappy block of 6 bytes that claims 2^31 - 1; a zstd frame of one empty block that claims 64 MiB.
  const std::string snappy("\xff\xff\xff\xff\x07\x00", 6);
  const Result<Buffer> block = decompress(Codec::snappy, as_bytes(snappy));
  ASSERT_FALSE(block.has_value());
  EXPECT_EQ(block.error().code, Errc::corrupt);
  const std::string zstd("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x04\x01\x00\x00", 12);
  EXPECT_FALSE(decompress(Codec::zstd, as_bytes(zstd)).has_value());
}

TEST(Compression, a_snappy_stream_has_javas_header) {
  const Buffer out = compress(Codec::snappy, as_bytes("hello"));
  EXPECT_EQ(text_of(out).substr(0, 16), std::string("\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16));
}

TEST(Compression, a_bare_snappy_block_is_read) {
  // "aaaaaaaaaaaaaaaa": length 16, a literal of one byte, a copy of 15 from one byte back.
  const std::string block("\x10\x00\x61\x3a\x01\x00", 6);
  const Result<Buffer> out = decompress(Codec::snappy, as_bytes(block));
  ASSERT_TRUE(out.has_value()) << out.error().to_string();
  EXPECT_EQ(text_of(*out), std::string(16, 'a'));
}

TEST(Compression, concatenated_gzip_members_snappy_streams_and_zstd_frames_are_read) {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::zstd}) {
    const Buffer first = compress(codec, as_bytes("first "));
    const Buffer second = compress(codec, as_bytes("second"));
    Writer both;
    both.bytes(first.view());
    both.bytes(second.view());
    const Result<Buffer> out = decompress(codec, both.view());
    ASSERT_TRUE(out.has_value()) << name_of(codec) << out.error().to_string();
    EXPECT_EQ(text_of(*out), "first second") << name_of(codec);
  }
}

TEST(Compression, the_broken_lz4_checksum_of_magic_0_is_refused_elsewhere) {
  const Buffer broken = compress(Codec::lz4, as_bytes("hello"), {.level = {}, .lz4_checksum = Lz4Checksum::magic0});
  EXPECT_FALSE(decompress(Codec::lz4, broken.view()).has_value());
  const Buffer standard = compress(Codec::lz4, as_bytes("hello"));
  EXPECT_NE(text_of(broken), text_of(standard));
  // The same frame but for that byte; readers of magic 0 take either.
  EXPECT_EQ(text_of(broken).substr(7), text_of(standard).substr(7));
  EXPECT_TRUE(decompress(Codec::lz4, standard.view(), 100, Lz4Checksum::magic0).has_value());
}

TEST(Compression, levels_are_taken_and_smaller_output_comes_of_higher_ones) {
  Prng prng(1);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "word" + std::to_string(prng.below(500)) + " ";
  for (const auto& [codec, highest] : {std::pair(Codec::gzip, 9), {Codec::lz4, 12}, {Codec::zstd, 19}}) {
    const Buffer low = compress(codec, as_bytes(text), {.level = 1});
    const Buffer high = compress(codec, as_bytes(text), {.level = highest});
    EXPECT_LT(high.size(), low.size()) << name_of(codec);
    EXPECT_EQ(text_of(*decompress(codec, high.view())), text) << name_of(codec);
  }
}

TEST(Compression, names_and_ids_are_kafkas) {
  EXPECT_EQ(codec_named("zstd"), Codec::zstd);
  EXPECT_EQ(codec_named("producer"), std::nullopt);
  EXPECT_EQ(codec_from_id(5).error().code, Errc::unsupported_codec);
}

}  // namespace
}  // namespace barnabas::record
