#include "core/record/convert.hpp"

#include <string>

#include "core/record/legacy.hpp"

namespace barnabas::record {
namespace {

// One batch of magic 2 as messages of to_magic; empty if nothing of it is to be seen.
Result<Writer> convert_batch(const BatchHeader& header, ByteView batch, std::int8_t to_magic, Offset from,
                             std::size_t max_decompressed) {
  Buffer storage;
  B_TRY(const ByteView bytes, open_records(header, batch, storage, max_decompressed));
  MessageSetBuilder builder({.magic = to_magic,
                             .codec = header.codec(),
                             .timestamp_type = header.timestamp_type(),
                             .log_append_time = header.max_timestamp});
  RecordCursor cursor(header, bytes);
  std::optional<Offset> last;
  for (RecordView record; cursor.next(record);) {
    if (last && record.offset <= *last) return fail(Errc::corrupt, "offsets in a batch do not rise");
    last = record.offset;
    if (header.codec() == Codec::none && record.offset < from) continue;
    builder.append(record.offset, record.timestamp, record.key, record.value);
  }
  B_TRY_VOID(cursor.status());
  return std::move(builder).build();
}

// One message or wrapper of magic 1 as magic 0.
Result<Writer> convert_message(ByteView bytes, Offset from, std::size_t max_decompressed) {
  B_TRY(const Message outer, parse_message(bytes));
  B_TRY(const Codec codec, codec_from_id(outer.codec_id()));
  if (codec == Codec::zstd) return fail(Errc::invalid_record, "zstd in a message older than magic 2");
  MessageSetBuilder builder({.magic = 0, .codec = codec});
  std::optional<Offset> last;
  B_TRY_VOID(for_each_message(bytes, max_decompressed, [&](const Message& message) -> Result<void> {
    if (last && message.offset <= *last) return fail(Errc::corrupt, "offsets in a message set do not rise");
    last = message.offset;
    if (codec == Codec::none && message.offset < from) return {};
    builder.append(message.offset, message.timestamp, message.key, message.value);
    return {};
  }));
  return std::move(builder).build();
}

struct Target {
  std::int8_t magic;
  Offset from;
  std::size_t max_decompressed;
};

// What extent's bytes become; nothing for a control batch.
Result<Writer> convert_any(const Extent& extent, ByteView bytes, const Target& target) {
  if (extent.magic <= target.magic) {
    Writer same(bytes.size());
    same.bytes(bytes);
    return same;
  }
  if (extent.magic < 2) return convert_message(bytes, target.from, target.max_decompressed);
  // What has rotted on the disk must not be given a new checksum.
  B_TRY_VOID(verify_crc(bytes));
  B_TRY(const BatchHeader header, parse_batch_header(bytes));
  if (header.is_control()) return Writer();
  if (header.codec() == Codec::zstd) {
    return fail(Errc::unsupported_codec, "zstd batches can't be converted for clients that fetch magic 0 or 1");
  }
  return convert_batch(header, bytes, target.magic, target.from, target.max_decompressed);
}

}  // namespace

Result<Buffer> up_convert(ByteView messages, const BatchOptions& options, std::size_t max_decompressed) {
  BatchBuilder builder(options);
  B_TRY_VOID(for_each_message(messages, max_decompressed, [&](const Message& message) -> Result<void> {
    if (message.timestamp < kNoTimestamp) {
      return fail(Errc::invalid_timestamp, "a message has timestamp " + std::to_string(message.timestamp.value()));
    }
    builder.append(message.timestamp, message.key, message.value);
    if (builder.uncompressed_size() > max_decompressed + kBatchHeaderSize) {
      return fail(Errc::too_large, "the messages are more than " + std::to_string(max_decompressed) + " bytes");
    }
    return {};
  }));
  if (builder.empty()) return fail(Errc::invalid_record, "a message set without messages");
  return builder.build();
}

Result<Buffer> down_convert(ByteView batches, std::int8_t to_magic, Offset from, std::size_t max_size,
                            std::size_t max_decompressed) {
  B_CHECK(to_magic == 0 || to_magic == 1);
  Writer out;
  while (true) {
    const Result<Extent> extent = parse_extent(batches);
    if (!extent && extent.error().code == Errc::truncated) break;
    if (!extent) return std::unexpected(extent.error());
    const Result<Writer> converted =
        convert_any(*extent, batches.first(extent->size), Target{to_magic, from, max_decompressed});
    if (!converted) {
      // What is converted already is served; the client meets the error with its next fetch.
      if (out.size() > 0) break;
      return std::unexpected(converted.error());
    }
    if (out.size() > 0 && out.size() + converted->size() > max_size) break;
    out.bytes(converted->view());
    batches = batches.subspan(extent->size);
  }
  return out.to_buffer();
}

}  // namespace barnabas::record
