#include "core/record/batch.hpp"

#include <limits>
#include <string>

#include "core/base/checksum.hpp"
#include "core/base/writer.hpp"

namespace barnabas::record {
namespace {

// Where the fields are; see batch.hpp.
constexpr std::size_t kLengthPosition = 8;
constexpr std::size_t kLeaderEpochPosition = 12;
constexpr std::size_t kCrcPosition = 17;
constexpr std::size_t kAttributesPosition = 21;
constexpr std::size_t kLastOffsetDeltaPosition = 23;
constexpr std::size_t kBaseTimestampPosition = 27;
constexpr std::size_t kMaxTimestampPosition = 35;
constexpr std::size_t kProducerIdPosition = 43;
constexpr std::size_t kProducerEpochPosition = 51;
constexpr std::size_t kBaseSequencePosition = 53;
constexpr std::size_t kRecordCountPosition = 57;
static_assert(kRecordCountPosition + sizeof(std::int32_t) == kBatchHeaderSize);

constexpr std::size_t kExtentSize = kMagicPosition + 1;
// What a message or batch of each magic needs at least after its length field.
constexpr std::int32_t kLeastLength[] = {14, 22, kBatchHeaderSize - kLogOverhead};
constexpr std::int32_t kMostLength = std::numeric_limits<std::int32_t>::max() - std::int32_t{kLogOverhead};

template <std::integral T>
T load(ByteView from, std::size_t position) {
  return load_big_endian<T>(from.data() + position);
}

void refresh_crc(MutableByteView batch) {
  store_big_endian<std::uint32_t>(batch.data() + kCrcPosition, compute_crc(batch));
}

Result<void> check_length(std::int32_t length, std::int32_t least) {
  if (length < least || length > kMostLength) {
    return fail(Errc::corrupt, "a batch or message length of " + std::to_string(length) + " cannot be");
  }
  return {};
}

}  // namespace

std::int32_t BatchHeader::last_sequence() const {
  if (base_sequence == kNoSequence) return kNoSequence;
  constexpr std::int64_t kModulus = std::int64_t{1} << 31;
  const std::int64_t last = std::int64_t{base_sequence} + last_offset_delta;
  return static_cast<std::int32_t>(last >= kModulus ? last - kModulus : last);
}

Result<Extent> parse_extent_prefix(ByteView input) {
  if (input.size() < kLogOverhead) return fail(Errc::truncated, "the input ends inside a batch's length");
  const auto length = load<std::int32_t>(input, kLengthPosition);
  B_TRY_VOID(check_length(length, kLeastLength[0]));
  if (input.size() < kExtentSize) return fail(Errc::truncated, "the input ends before a batch's magic");
  const auto magic = load<std::int8_t>(input, kMagicPosition);
  if (magic < 0 || magic > 2) return fail(Errc::corrupt, "unknown magic " + std::to_string(magic));
  B_TRY_VOID(check_length(length, kLeastLength[magic]));
  return Extent{.base_offset = Offset(load<std::int64_t>(input, 0)),
                .magic = magic,
                .size = static_cast<std::size_t>(length) + kLogOverhead};
}

Result<Extent> parse_extent(ByteView input) {
  B_TRY(const Extent extent, parse_extent_prefix(input));
  if (extent.size > input.size()) return fail(Errc::truncated, "the input ends inside a batch");
  return extent;
}

BatchHeader load_batch_header(ByteView batch) {
  B_CHECK_OP(batch.size(), >=, kBatchHeaderSize);
  return {.base_offset = Offset(load<std::int64_t>(batch, 0)),
          .length = load<std::int32_t>(batch, kLengthPosition),
          .leader_epoch = LeaderEpoch(load<std::int32_t>(batch, kLeaderEpochPosition)),
          .crc = load<std::uint32_t>(batch, kCrcPosition),
          .attributes = load<std::int16_t>(batch, kAttributesPosition),
          .last_offset_delta = load<std::int32_t>(batch, kLastOffsetDeltaPosition),
          .base_timestamp = Timestamp(load<std::int64_t>(batch, kBaseTimestampPosition)),
          .max_timestamp = Timestamp(load<std::int64_t>(batch, kMaxTimestampPosition)),
          .producer_id = ProducerId(load<std::int64_t>(batch, kProducerIdPosition)),
          .producer_epoch = ProducerEpoch(load<std::int16_t>(batch, kProducerEpochPosition)),
          .base_sequence = load<std::int32_t>(batch, kBaseSequencePosition),
          .record_count = load<std::int32_t>(batch, kRecordCountPosition)};
}

Result<BatchHeader> parse_batch_header_prefix(ByteView input) {
  B_TRY(const Extent extent, parse_extent_prefix(input));
  if (extent.magic != 2) return fail(Errc::corrupt, "magic " + std::to_string(extent.magic) + " instead of 2");
  if (input.size() < kBatchHeaderSize) return fail(Errc::truncated, "the input ends inside a batch header");
  const BatchHeader header = load_batch_header(input);
  B_TRY_VOID(codec_from_id(header.attributes & 0x7));
  if (header.record_count < 0 || header.last_offset_delta < 0) {
    return fail(Errc::corrupt, "a batch with " + std::to_string(header.record_count) +
                                   " records and last offset delta " + std::to_string(header.last_offset_delta));
  }
  if (header.base_offset.value() > std::numeric_limits<std::int64_t>::max() - header.last_offset_delta - 1) {
    return fail(Errc::corrupt, "a batch at offset " + std::to_string(header.base_offset.value()));
  }
  return header;
}

Result<BatchHeader> parse_batch_header(ByteView input) {
  B_TRY(const BatchHeader header, parse_batch_header_prefix(input));
  if (header.total_size() > input.size()) return fail(Errc::truncated, "the input ends inside a batch");
  return header;
}

void store_batch_header(MutableByteView batch, const BatchHeader& header) {
  B_CHECK_OP(batch.size(), >=, kBatchHeaderSize);
  std::byte* to = batch.data();
  store_big_endian(to, header.base_offset.value());
  store_big_endian(to + kLengthPosition, header.length);
  store_big_endian(to + kLeaderEpochPosition, header.leader_epoch.value());
  to[kMagicPosition] = std::byte{2};
  store_big_endian(to + kCrcPosition, header.crc);
  store_big_endian(to + kAttributesPosition, header.attributes);
  store_big_endian(to + kLastOffsetDeltaPosition, header.last_offset_delta);
  store_big_endian(to + kBaseTimestampPosition, header.base_timestamp.value());
  store_big_endian(to + kMaxTimestampPosition, header.max_timestamp.value());
  store_big_endian(to + kProducerIdPosition, header.producer_id.value());
  store_big_endian(to + kProducerEpochPosition, header.producer_epoch.value());
  store_big_endian(to + kBaseSequencePosition, header.base_sequence);
  store_big_endian(to + kRecordCountPosition, header.record_count);
}

std::uint32_t compute_crc(ByteView batch) {
  B_CHECK_OP(batch.size(), >=, kBatchHeaderSize);
  return crc32c(batch.subspan(kAttributesPosition));
}

Result<void> verify_crc(ByteView batch) {
  if (batch.size() < kBatchHeaderSize) return fail(Errc::truncated, "fewer bytes than a batch header");
  const auto stored = load<std::uint32_t>(batch, kCrcPosition);
  const std::uint32_t computed = compute_crc(batch);
  if (stored != computed) {
    return fail(Errc::corrupt, "the batch at offset " + std::to_string(load<std::int64_t>(batch, 0)) + " has CRC " +
                                   std::to_string(computed) + " but says " + std::to_string(stored));
  }
  return {};
}

void assign_offsets(MutableByteView batch, Offset base_offset, LeaderEpoch leader_epoch) {
  B_CHECK_OP(batch.size(), >=, kBatchHeaderSize);
  B_CHECK_OP(base_offset.value(), >=, 0);
  store_big_endian(batch.data(), base_offset.value());
  store_big_endian(batch.data() + kLeaderEpochPosition, leader_epoch.value());
}

void set_max_timestamp(MutableByteView batch, TimestampType type, Timestamp max_timestamp) {
  const BatchHeader header = load_batch_header(batch);
  if (header.timestamp_type() == type && header.max_timestamp == max_timestamp) return;
  const int type_bit = type == TimestampType::log_append_time ? 0x8 : 0;
  store_big_endian(batch.data() + kAttributesPosition,
                   static_cast<std::int16_t>((header.attributes & ~0x8) | type_bit));
  store_big_endian(batch.data() + kMaxTimestampPosition, max_timestamp.value());
  refresh_crc(batch);
}

void set_producer(MutableByteView batch, ProducerId id, ProducerEpoch epoch, std::int32_t base_sequence,
                  bool transactional) {
  const BatchHeader header = load_batch_header(batch);
  store_big_endian(batch.data() + kAttributesPosition,
                   static_cast<std::int16_t>((header.attributes & ~0x10) | (transactional ? 0x10 : 0)));
  store_big_endian(batch.data() + kProducerIdPosition, id.value());
  store_big_endian(batch.data() + kProducerEpochPosition, epoch.value());
  store_big_endian(batch.data() + kBaseSequencePosition, base_sequence);
  refresh_crc(batch);
}

}  // namespace barnabas::record
