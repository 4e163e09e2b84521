// The refusals that the vectors do not hold: limits, timestamps, versions, origins.
#include "core/record/validate.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/record/batch_builder.hpp"
#include "core/record/convert.hpp"

namespace barnabas::record {
namespace {

constexpr Timestamp kNow{1'700'000'000'000};

Buffer one_batch(BatchOptions options = {}, std::size_t value_size = 10, int records = 3) {
  const std::string value(value_size, 'v');
  BatchBuilder builder(std::move(options));
  for (int i = 0; i < records; ++i) builder.append(kNow + i, as_bytes("key"), as_bytes(value));
  return builder.build();
}

Errc refusal(Buffer records, const AppendPolicy& policy, std::int8_t magic = kAnyMagic) {
  const auto result = validate_for_append(std::move(records), magic, policy, kNow);
  EXPECT_FALSE(result.has_value());
  return result ? Errc::closed : result.error().code;
}

TEST(Validate, a_batch_over_max_message_bytes_is_too_large) {
  AppendPolicy policy;
  const Buffer batch = one_batch();
  policy.max_message_bytes = batch.size();
  EXPECT_TRUE(validate_for_append(Buffer::copy_of(batch.view()), kAnyMagic, policy, kNow).has_value());
  policy.max_message_bytes = batch.size() - 1;
  EXPECT_EQ(refusal(batch, policy), Errc::too_large);
}

TEST(Validate, a_batch_that_grows_over_max_message_bytes_in_conversion_is_too_large) {
  AppendPolicy policy;
  policy.codec = Codec::none;
  policy.max_message_bytes = 1000;
  EXPECT_EQ(refusal(one_batch({.codec = Codec::gzip}, 5000), policy), Errc::too_large);
}

TEST(Validate, a_batch_over_segment_bytes_is_a_record_list_too_large) {
  AppendPolicy policy;
  policy.segment_bytes = 100;
  EXPECT_EQ(refusal(one_batch(), policy), Errc::record_list_too_large);
}

TEST(Validate, a_decompression_bomb_is_too_large) {
  AppendPolicy policy;
  policy.max_decompressed_bytes = 1 << 20;
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    EXPECT_EQ(refusal(one_batch({.codec = codec}, 4 << 20), policy), Errc::too_large) << name_of(codec);
  }
}

TEST(Validate, timestamps_out_of_range_name_their_records) {
  AppendPolicy policy;
  policy.timestamp_after_max_ms = 1;
  const auto result = validate_for_append(one_batch(), kAnyMagic, policy, kNow);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::invalid_timestamp);
  ASSERT_EQ(result.error().record_errors.size(), 1u);
  EXPECT_EQ(result.error().record_errors[0].index, 2);

  policy.timestamp_after_max_ms = INT64_MAX;
  policy.timestamp_before_max_ms = 5;
  const auto late = validate_for_append(one_batch(), kAnyMagic, policy, kNow + 6);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().record_errors.size(), 1u);
  EXPECT_EQ(late.error().record_errors[0].index, 0);
}

TEST(Validate, log_append_time_replaces_the_producers) {
  AppendPolicy policy;
  policy.timestamp_type = TimestampType::log_append_time;
  policy.timestamp_before_max_ms = 0;  // Does not apply then.
  const auto result = validate_for_append(one_batch(), kAnyMagic, policy, kNow + 50);
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_FALSE(result->rebuilt);
  EXPECT_EQ(result->log_append_time, kNow + 50);
  EXPECT_EQ(result->header.timestamp_type(), TimestampType::log_append_time);
  EXPECT_TRUE(verify_crc(result->batch.view()).has_value());
}

TEST(Validate, a_producer_may_not_claim_log_append_time_to_a_topic_that_uses_it) {
  AppendPolicy policy;
  policy.timestamp_type = TimestampType::log_append_time;
  const Buffer batch = one_batch({.timestamp_type = TimestampType::log_append_time, .log_append_time = kNow});
  EXPECT_EQ(refusal(batch, policy), Errc::invalid_timestamp);
}

TEST(Validate, zstd_needs_a_produce_version_that_knows_it) {
  AppendPolicy policy;
  policy.zstd_allowed = false;
  EXPECT_EQ(refusal(one_batch({.codec = Codec::zstd}), policy), Errc::unsupported_codec);
}

TEST(Validate, another_magic_than_expected_is_an_invalid_record) {
  EXPECT_EQ(refusal(one_batch(), {}, 1), Errc::invalid_record);
  const Buffer old = *down_convert(one_batch().view(), 1, Offset(0));
  AppendPolicy policy;
  policy.one_batch_required = true;
  EXPECT_EQ(refusal(old, policy), Errc::invalid_record);
}

TEST(Validate, only_our_own_coordinators_write_control_batches) {
  EXPECT_EQ(refusal(one_batch({.control = true}), {}), Errc::invalid_record);
  AppendPolicy policy;
  policy.origin = AppendOrigin::coordinator;
  policy.codec = Codec::gzip;
  const auto result = validate_for_append(one_batch({.control = true}), kAnyMagic, policy, kNow);
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_EQ(result->header.codec(), Codec::none);
  EXPECT_TRUE(result->header.is_control());
}

TEST(Validate, recompression_keeps_the_producers_identity) {
  AppendPolicy policy;
  policy.codec = Codec::lz4;
  const auto result = validate_for_append(
      one_batch({.producer_id = ProducerId(5), .producer_epoch = ProducerEpoch(2), .base_sequence = 9}), kAnyMagic,
      policy, kNow);
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_EQ(result->header.codec(), Codec::lz4);
  EXPECT_EQ(result->header.producer_id, ProducerId(5));
  EXPECT_EQ(result->header.producer_epoch, ProducerEpoch(2));
  EXPECT_EQ(result->header.base_sequence, 9);
}

TEST(Validate, records_numbered_wrongly_are_numbered_anew) {
  Buffer batch = one_batch({}, 1, 2);
  // A record here: length 1, attributes 1, timestamp delta 1, offset delta 1, ... The second's delta becomes 0.
  const std::size_t first = kBatchHeaderSize + 1 + static_cast<std::size_t>(std::to_integer<int>(batch.view()[61]) / 2);
  batch.mutable_view()[first + 3] = std::byte{0};
  store_big_endian<std::uint32_t>(batch.mutable_view().data() + 17, compute_crc(batch.view()));
  const auto result = validate_for_append(batch, kAnyMagic, {}, kNow);
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_TRUE(result->rebuilt);
  Buffer storage;
  const auto records = read_records(result->batch.view(), storage);
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ((*records)[1].offset, Offset(1));
}

TEST(DownConvert, stops_at_the_bound_but_after_one_batch_at_least) {
  Writer both;
  Buffer first = one_batch();
  Buffer second = one_batch({.base_offset = Offset(3)});
  both.bytes(first.view());
  both.bytes(second.view());
  const Buffer all = *down_convert(both.view(), 1, Offset(0));
  const Buffer one = *down_convert(both.view(), 1, Offset(0), 1);
  EXPECT_EQ(one.size() * 2, all.size());
  EXPECT_EQ(down_convert(both.view(), 1, Offset(0), all.size())->size(), all.size());
}

TEST(DownConvert, zstd_is_unsupported_but_what_precedes_it_is_served) {
  Writer both;
  Buffer first = one_batch();
  Buffer second = one_batch({.codec = Codec::zstd, .base_offset = Offset(3)});
  EXPECT_EQ(down_convert(second.view(), 1, Offset(0)).error().code, Errc::unsupported_codec);
  both.bytes(first.view());
  both.bytes(second.view());
  EXPECT_EQ(down_convert(both.view(), 1, Offset(0))->size(), down_convert(first.view(), 1, Offset(0))->size());
}

TEST(DownConvert, an_old_message_that_claims_zstd_is_refused) {
  Buffer old = *down_convert(one_batch().view(), 1, Offset(0));
  old.mutable_view()[kMagicPosition + 1] = std::byte{4};
  EXPECT_EQ(down_convert(old.view(), 0, Offset(0)).error().code, Errc::invalid_record);
}

TEST(DownConvert, a_partial_batch_at_the_end_is_left_out) {
  const Buffer batch = one_batch();
  Writer cut;
  cut.bytes(batch.view());
  cut.bytes(batch.view().first(batch.size() - 1));
  EXPECT_EQ(down_convert(cut.view(), 0, Offset(0))->size(), down_convert(batch.view(), 0, Offset(0))->size());
}

}  // namespace
}  // namespace barnabas::record
