// The header of a record batch, magic 2, and what a broker patches in it (KIP-98).
//
//   0 base offset i64 | 8 length i32 of what follows | 12 partition leader epoch i32 | 16 magic i8 | 17 crc u32
//   21 attributes i16 | 23 last offset delta i32 | 27 base timestamp i64 | 35 max timestamp i64
//   43 producer id i64 | 51 producer epoch i16 | 53 base sequence i32 | 57 record count i32 | 61 records
//
// Attributes: bits 0-2 codec, 3 log-append time, 4 transactional, 5 control, 6 delete horizon (KIP-534).
// The CRC-32C covers byte 21 to the end, so that a broker assigns offset and leader epoch without computing it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/record/compression.hpp"

namespace barnabas::record {

inline constexpr std::size_t kBatchHeaderSize = 61;
// Base offset and length: what precedes every batch of every magic, and is not counted in its length field.
inline constexpr std::size_t kLogOverhead = 12;
inline constexpr std::size_t kMagicPosition = 16;
inline constexpr std::int32_t kNoSequence = -1;

enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

struct BatchHeader {
  Offset base_offset{0};
  std::int32_t length = 0;  // As in the field: total_size() - 12.
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  Timestamp base_timestamp = kNoTimestamp;
  Timestamp max_timestamp = kNoTimestamp;
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = kNoSequence;
  std::int32_t record_count = 0;

  // The three codec bits; parse_batch_header has refused the ids that do not exist.
  Codec codec() const { return static_cast<Codec>(attributes & 0x7); }
  TimestampType timestamp_type() const {
    return (attributes & 0x8) != 0 ? TimestampType::log_append_time : TimestampType::create_time;
  }
  bool is_transactional() const { return (attributes & 0x10) != 0; }
  bool is_control() const { return (attributes & 0x20) != 0; }
  // Then base_timestamp is the time after which tombstones of this batch may go.
  bool has_delete_horizon() const { return (attributes & 0x40) != 0; }

  Offset last_offset() const { return base_offset + last_offset_delta; }
  Offset next_offset() const { return last_offset() + 1; }
  bool has_producer() const { return producer_id.value() >= 0; }
  // Sequence of the last record; sequences wrap from 2^31 - 1 to 0. kNoSequence if there is no base sequence.
  std::int32_t last_sequence() const;
  // Bytes of the whole batch, header included.
  std::size_t total_size() const { return static_cast<std::size_t>(length) + kLogOverhead; }
};

// The first fields of a batch or message of any magic.
struct Extent {
  Offset base_offset{0};  // For a compressed message set of magic 0 or 1: the last offset in it.
  std::int8_t magic = 2;
  std::size_t size = 0;  // Of the whole, kLogOverhead included.
};

// Reads the first 17 bytes. Errc::truncated: fewer than 17 bytes, or fewer than the batch's size, are there.
// Errc::corrupt: a length under the least that its magic needs, or an unknown magic.
Result<Extent> parse_extent(ByteView input);
// The same from a prefix: only the 17 bytes must be there (for scanning a file by its headers).
Result<Extent> parse_extent_prefix(ByteView input);

// Reads the header of the batch of magic 2 at the start of input. The CRC is not verified.
// Errc::truncated: input ends before the header or before the end of the batch. Errc::corrupt: another magic, or
// a length, count or last offset that cannot be. Errc::unsupported_codec: codec bits 5 to 7.
Result<BatchHeader> parse_batch_header(ByteView input);
// The same when only the header's 61 bytes are at hand (for scanning a file by its headers).
Result<BatchHeader> parse_batch_header_prefix(ByteView input);

// The fields as they are, whatever they are: for callers that judge them by themselves. Requires 61 bytes.
BatchHeader load_batch_header(ByteView batch);

// Writes the 61 bytes as they are in header, magic 2, crc included. Requires room for them.
void store_batch_header(MutableByteView batch, const BatchHeader& header);

// batch is one whole batch of magic 2. Errc::corrupt: its CRC does not match; Errc::truncated: not whole.
Result<void> verify_crc(ByteView batch);
std::uint32_t compute_crc(ByteView batch);

// Patches in place; each requires one whole, parsed batch of magic 2 in memory that nobody else reads yet.
// Offsets and leader epoch lie outside the CRC.
void assign_offsets(MutableByteView batch, Offset base_offset, LeaderEpoch leader_epoch);
// Sets type and maximum; recomputes the CRC only if something changed.
void set_max_timestamp(MutableByteView batch, TimestampType type, Timestamp max_timestamp);
void set_producer(MutableByteView batch, ProducerId id, ProducerEpoch epoch, std::int32_t base_sequence,
                  bool transactional);

// Calls f(const BatchHeader&, ByteView batch) -> Result<void> for each batch of magic 2 in input, in order.
// Stops at the first error. Trailing bytes that are not a whole batch give Errc::truncated.
template <class F>
Result<void> for_each_batch(ByteView input, F&& f) {
  while (!input.empty()) {
    B_TRY(const BatchHeader header, parse_batch_header(input));
    B_TRY_VOID(f(header, input.first(header.total_size())));
    input = input.subspan(header.total_size());
  }
  return {};
}

}  // namespace barnabas::record
