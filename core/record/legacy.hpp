// Message sets of magic 0 and 1, which clients before 0.11 write and read (KIP-31, KIP-32).
//
//   0 offset i64 | 8 size i32 of what follows | 12 crc u32 | 16 magic i8 | 17 attributes i8
//   18 timestamp i64 (magic 1 only) | key length i32 | key | value length i32 | value; a length of -1 is null
//
// Attributes: bits 0-2 codec, 3 log-append time (magic 1). The CRC-32 (not CRC-32C) covers magic to the end. A
// message with a codec is a wrapper: its value is a compressed message set, its offset that of the last message in
// it. Inner offsets are absolute in magic 0 and relative to the first in magic 1. A set of uncompressed messages
// has no frame of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/writer.hpp"
#include "core/record/batch.hpp"

namespace barnabas::record {

// One message as it is on the wire. Borrows.
struct Message {
  Offset offset{0};
  std::int8_t magic = 0;
  std::uint32_t crc = 0;
  std::int8_t attributes = 0;
  Timestamp timestamp = kNoTimestamp;  // Always kNoTimestamp in magic 0.
  std::optional<ByteView> key = {};
  std::optional<ByteView> value = {};

  int codec_id() const { return attributes & 0x7; }
  bool is_compressed() const { return codec_id() != 0; }
  TimestampType timestamp_type() const {
    return magic > 0 && (attributes & 0x8) != 0 ? TimestampType::log_append_time : TimestampType::create_time;
  }
};

// bytes: one whole message as parse_extent found it. The CRC is not verified. Errc::corrupt if key or value do not
// fit; bytes after the value are ignored, as Kafka does.
Result<Message> parse_message(ByteView bytes);

// Errc::corrupt: the CRC of one whole message does not match.
Result<void> verify_message_crc(ByteView bytes);

// The messages inside a wrapper, in storage, with absolute offsets and with the wrapper's time if that is a
// log-append time.
class InnerMessages {
 public:
  // Errc::corrupt: the value is missing or does not decompress. Errc::too_large. Errc::unsupported_codec for an
  // unknown codec, Errc::invalid_record for zstd, which these formats do not have.
  static Result<InnerMessages> open(const Message& wrapper, std::size_t max_decompressed);

  // Calls f(const Message&, ByteView bytes) -> Result<void> for each. A partial message at the end is left out.
  // Errc::invalid_record: another magic than the wrapper's, a wrapper in the wrapper, no message at all, or a
  // wrapper offset below the last relative offset.
  template <class F>
  Result<void> for_each(F&& f) const {
    B_TRY(const Offset base, base_offset());
    ByteView input = set_.view();
    for (std::optional<ByteView> bytes;;) {
      B_TRY(bytes, next(input));
      if (!bytes) return {};
      B_TRY(Message message, parse_message(*bytes));
      message.offset += base.value();
      if (log_append_time_) message.timestamp = *log_append_time_;
      B_TRY_VOID(f(message, *bytes));
    }
  }

 private:
  InnerMessages(const Message& wrapper, Buffer set);

  // Takes the next whole message off the front of input; nothing at the end.
  static Result<std::optional<ByteView>> next(ByteView& input);
  // What to add to inner offsets; also the check of the whole set.
  Result<Offset> base_offset() const;

  Buffer set_;
  std::int8_t magic_;
  Offset wrapper_offset_;
  std::optional<Timestamp> log_append_time_;
};

// Calls f(const Message&) -> Result<void> for each message of a set, wrappers opened, every CRC verified.
// A partial message at the end is left out. Messages of magic 2 give Errc::invalid_record.
template <class F>
Result<void> for_each_message(ByteView set, std::size_t max_decompressed, F&& f) {
  while (true) {
    const Result<Extent> extent = parse_extent(set);
    if (!extent && extent.error().code == Errc::truncated) return {};
    if (!extent) return std::unexpected(extent.error());
    const ByteView bytes = set.first(extent->size);
    set = set.subspan(extent->size);
    if (extent->magic > 1) return fail(Errc::invalid_record, "a batch of magic 2 in a set of older messages");
    B_TRY_VOID(verify_message_crc(bytes));
    B_TRY(const Message message, parse_message(bytes));
    if (!message.is_compressed()) {
      B_TRY_VOID(f(message));
      continue;
    }
    B_TRY(const InnerMessages inner, InnerMessages::open(message, max_decompressed));
    B_TRY_VOID(inner.for_each([&](const Message& each, ByteView each_bytes) -> Result<void> {
      B_TRY_VOID(verify_message_crc(each_bytes));
      return f(each);
    }));
  }
}

// Builds a set of magic 0 or 1 with the offsets given: one message after the other, or all of them in one wrapper
// if there is a codec.
class MessageSetBuilder {
 public:
  struct Options {
    std::int8_t magic = 1;
    Codec codec = Codec::none;  // Not zstd.
    TimestampType timestamp_type = TimestampType::create_time;
    Timestamp log_append_time = kNoTimestamp;  // Of every message if the type is log_append_time.
  };
  explicit MessageSetBuilder(Options options);

  // Offsets must rise.
  void append(Offset offset, Timestamp timestamp, std::optional<ByteView> key, std::optional<ByteView> value);

  bool empty() const { return count_ == 0; }
  // The set. Empty if nothing was appended. The builder is spent.
  Writer build() &&;

 private:
  Options options_;
  Writer out_;
  std::int32_t count_ = 0;
  Offset base_offset_{0};
  Offset last_offset_{0};
  Timestamp max_timestamp_ = kNoTimestamp;
};

}  // namespace barnabas::record
