#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/record/batch_builder.hpp"
#include "core/record/convert.hpp"
#include "core/record/legacy.hpp"
#include "core/record/validate.hpp"

namespace barnabas::record {
namespace {

// A record that owns its bytes: what went in, to compare with what comes out.
struct Plain {
  std::int64_t timestamp = 0;
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};

  bool operator==(const Plain&) const = default;
};

std::optional<ByteView> view_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return as_bytes(*text);
}
std::optional<std::string> copy_of(const std::optional<ByteView>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

Plain plain_of(const RecordView& record) {
  Plain plain{record.timestamp.value(), copy_of(record.key), copy_of(record.value)};
  for (const Header& header : record.headers) plain.headers.emplace_back(header.key, copy_of(header.value));
  return plain;
}

using Nullable = std::optional<std::string>;

rc::Gen<Nullable> nullable_text() {
  return rc::gen::oneOf(
      rc::gen::just(Nullable()),
      rc::gen::map(rc::gen::arbitrary<std::string>(), [](std::string text) { return Nullable(std::move(text)); }));
}

rc::Gen<Plain> plain_records() {
  return rc::gen::build<Plain>(
      rc::gen::set(&Plain::timestamp,
                   rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1'699'999'000'000, 1'700'000'000'000),
                                  rc::gen::inRange<std::int64_t>(-1, INT64_MAX))),
      rc::gen::set(&Plain::key, nullable_text()), rc::gen::set(&Plain::value, nullable_text()),
      rc::gen::set(&Plain::headers, rc::gen::container<std::vector<std::pair<std::string, Nullable>>>(
                                        rc::gen::pair(rc::gen::arbitrary<std::string>(), nullable_text()))));
}

rc::Gen<std::vector<Plain>> record_lists() {
  return rc::gen::nonEmpty(rc::gen::container<std::vector<Plain>>(plain_records()));
}

rc::Gen<Codec> codecs() { return rc::gen::element(Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd); }

Buffer build(const BatchOptions& options, const std::vector<Plain>& records) {
  BatchBuilder builder(options);
  for (const Plain& record : records) {
    std::vector<Header> headers;
    for (const auto& [key, value] : record.headers) headers.push_back({key, view_of(value)});
    builder.append(Timestamp(record.timestamp), view_of(record.key), view_of(record.value), headers);
  }
  return builder.build();
}

RC_GTEST_PROP(Batch, what_is_built_is_read_again, ()) {
  const std::vector<Plain> records = *record_lists();
  const Codec codec = *codecs();
  const std::int64_t base = *rc::gen::inRange<std::int64_t>(0, INT64_MAX / 2);
  const Buffer batch = build({.codec = codec,
                              .base_offset = Offset(base),
                              .leader_epoch = LeaderEpoch(7),
                              .producer_id = ProducerId(42),
                              .producer_epoch = ProducerEpoch(3),
                              .base_sequence = 11,
                              .transactional = true},
                             records);
  const Result<BatchHeader> header = parse_batch_header(batch.view());
  RC_ASSERT(header.has_value());
  RC_ASSERT(header->total_size() == batch.size());
  RC_ASSERT(header->codec() == codec);
  RC_ASSERT(header->is_transactional() && !header->is_control());
  RC_ASSERT(header->next_offset() == Offset(base) + static_cast<std::int64_t>(records.size()));
  RC_ASSERT(header->last_sequence() == 10 + static_cast<std::int32_t>(records.size()));
  RC_ASSERT(verify_crc(batch.view()).has_value());

  Buffer storage;
  const auto read = read_records(batch.view(), storage);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    RC_ASSERT(plain_of((*read)[i]) == records[i]);
    RC_ASSERT((*read)[i].offset == Offset(base) + static_cast<std::int64_t>(i));
  }
}

RC_GTEST_PROP(Batch, any_flipped_bit_behind_the_crc_is_noticed, ()) {
  Buffer batch = build({.codec = *codecs()}, *record_lists());
  const std::size_t at = *rc::gen::inRange<std::size_t>(kMagicPosition + 1, batch.size());
  batch.mutable_view()[at] ^= static_cast<std::byte>(1 << *rc::gen::inRange(0, 8));
  RC_ASSERT(verify_crc(batch.view()).error().code == Errc::corrupt);
}

// Damages anything, then repairs the CRC, so that the damage reaches the record reader.
RC_GTEST_PROP(Batch, damage_under_a_right_crc_never_reads_beyond_the_batch, ()) {
  const Buffer good = build({.codec = *codecs()}, *record_lists());
  Buffer bad = Buffer::copy_of(good.view());
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    bad.mutable_view()[*rc::gen::inRange<std::size_t>(21, bad.size())] =
        static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
  }
  store_big_endian<std::uint32_t>(bad.mutable_view().data() + 17, compute_crc(bad.view()));
  std::size_t bytes = 0;
  (void)for_each_record(
      bad.view(),
      [&](const RecordView& record) {
        if (record.key) bytes += record.key->size();
        if (record.value) bytes += record.value->size();
        for (const Header& header : record.headers) bytes += header.key.size();
      },
      1 << 20);
  (void)down_convert(bad.view(), 1, Offset(0), SIZE_MAX, 1 << 20);
  AppendPolicy policy{.topic_partition = "t-0",
                      .codec = *rc::gen::arbitrary<bool>() ? std::optional(*codecs()) : std::nullopt};
  policy.max_decompressed_bytes = 1 << 20;
  (void)validate_for_append(bad, kAnyMagic, policy, Timestamp(1'700'000'000'000));
}

RC_GTEST_PROP(Batch, noise_never_crashes, ()) {
  const auto drawn = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  std::vector<std::byte> noise(std::as_bytes(std::span(drawn)).begin(), std::as_bytes(std::span(drawn)).end());
  noise.resize(std::max<std::size_t>(noise.size(), 17));
  noise[kMagicPosition] = static_cast<std::byte>(*rc::gen::inRange(0, 3));
  store_big_endian<std::int32_t>(noise.data() + 8, static_cast<std::int32_t>(noise.size() - kLogOverhead));
  const Buffer copy = Buffer::copy_of(noise);
  (void)parse_batch_header(copy.view());
  (void)for_each_message(copy.view(), 1000, [](const Message&) { return Result<void>{}; });
  (void)down_convert(copy.view(), 0, Offset(0));
  (void)up_convert(copy.view(), {});
  (void)validate_for_append(copy, kAnyMagic, {}, Timestamp(0));
}

RC_GTEST_PROP(Batch, validation_keeps_every_record_and_patches_in_place_unless_it_must_convert, ()) {
  const std::vector<Plain> records = *record_lists();
  const Codec codec = *codecs();
  const auto target = *rc::gen::arbitrary<bool>() ? std::optional(*codecs()) : std::nullopt;
  const bool log_append = *rc::gen::arbitrary<bool>();
  Buffer batch = build({.codec = codec}, records);
  const std::byte* memory = batch.data();
  AppendPolicy policy{.topic_partition = "t-0", .codec = target};
  policy.timestamp_type = log_append ? TimestampType::log_append_time : TimestampType::create_time;
  const Timestamp now(1'800'000'000'000);
  const auto result = validate_for_append(std::move(batch), 2, policy, now);
  RC_ASSERT(result.has_value());
  RC_ASSERT(result->rebuilt == (target && *target != codec));
  RC_ASSERT((result->batch.data() == memory) == !result->rebuilt);
  RC_ASSERT(verify_crc(result->batch.view()).has_value());
  Buffer storage;
  const auto read = read_records(result->batch.view(), storage);
  RC_ASSERT(read.has_value() && read->size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    Plain expected = records[i];
    if (log_append) expected.timestamp = now.value();
    RC_ASSERT(plain_of((*read)[i]) == expected);
  }
}

// Down-conversion makes new checksums; none for what the old one does not fit.
TEST(Batch, what_has_rotted_is_not_converted) {
  BatchBuilder builder;
  builder.append(Timestamp(1), std::nullopt, as_bytes("value"));
  Buffer batch = builder.build();
  ASSERT_TRUE(down_convert(batch.view(), 1, Offset(0)).has_value());
  batch.mutable_view().back() ^= std::byte{1};
  EXPECT_EQ(down_convert(batch.view(), 1, Offset(0)).error().code, Errc::corrupt);
}

RC_GTEST_PROP(Batch, what_goes_down_to_old_formats_comes_up_again_without_headers, ()) {
  const std::vector<Plain> records = *record_lists();
  const Codec codec = *rc::gen::element(Codec::none, Codec::gzip, Codec::snappy, Codec::lz4);
  const auto magic = static_cast<std::int8_t>(*rc::gen::inRange(0, 2));
  const Buffer batch = build({.codec = codec, .base_offset = Offset(1000)}, records);
  const Result<Buffer> down = down_convert(batch.view(), magic, Offset(0));
  RC_ASSERT(down.has_value());
  std::int64_t offset = 1000;
  RC_ASSERT(for_each_message(down->view(), 1 << 24, [&](const Message& message) -> Result<void> {
              RC_ASSERT(message.offset == Offset(offset++));
              return {};
            }).has_value());
  const Result<Buffer> up = up_convert(down->view(), {.codec = codec, .base_offset = Offset(5)});
  RC_ASSERT(up.has_value());
  Buffer storage;
  const auto read = read_records(up->view(), storage);
  RC_ASSERT(read.has_value() && read->size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    Plain expected = records[i];
    expected.headers.clear();
    if (magic == 0) expected.timestamp = -1;
    RC_ASSERT(plain_of((*read)[i]) == expected);
  }
}

TEST(Batch, sequences_wrap_after_the_greatest) {
  BatchHeader header;
  header.base_sequence = INT32_MAX - 1;
  header.last_offset_delta = 3;
  EXPECT_EQ(header.last_sequence(), 1);
}

TEST(Batch, every_prefix_of_a_batch_is_truncated) {
  const Buffer batch = build({}, {{1, "k", "v"}});
  for (std::size_t size = 0; size < batch.size(); ++size) {
    const Buffer prefix = Buffer::copy_of(batch.view().first(size));
    EXPECT_EQ(parse_batch_header(prefix.view()).error().code, Errc::truncated) << size;
  }
}

TEST(Batch, an_offset_that_would_overflow_is_corrupt) {
  const Buffer batch = build({.base_offset = Offset(INT64_MAX)}, {{1, "k", "v"}});
  EXPECT_EQ(parse_batch_header(batch.view()).error().code, Errc::corrupt);
}

TEST(Batch, assigning_offsets_leaves_the_crc_right) {
  Buffer batch = build({}, {{1, "k", "v"}, {2, "k", "v"}});
  assign_offsets(batch.mutable_view(), Offset(77), LeaderEpoch(5));
  EXPECT_TRUE(verify_crc(batch.view()).has_value());
  const BatchHeader header = *parse_batch_header(batch.view());
  EXPECT_EQ(header.next_offset(), Offset(79));
  EXPECT_EQ(header.leader_epoch, LeaderEpoch(5));
}

TEST(Batch, setting_the_producer_and_the_time_repairs_the_crc) {
  Buffer batch = build({}, {{1, "k", "v"}});
  set_producer(batch.mutable_view(), ProducerId(9), ProducerEpoch(1), 4, true);
  set_max_timestamp(batch.mutable_view(), TimestampType::log_append_time, Timestamp(99));
  EXPECT_TRUE(verify_crc(batch.view()).has_value());
  const BatchHeader header = *parse_batch_header(batch.view());
  EXPECT_EQ(header.producer_id, ProducerId(9));
  EXPECT_TRUE(header.is_transactional());
  EXPECT_EQ(header.max_timestamp, Timestamp(99));
}

}  // namespace
}  // namespace barnabas::record
