#include "core/record/legacy.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string>

#include "core/base/reader.hpp"

namespace barnabas::record {
namespace {

constexpr std::size_t kCrcPosition = 12;

std::uint32_t crc32_of(ByteView bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::optional<ByteView> read_nullable(Reader& reader) {
  const std::int32_t size = reader.i32();
  if (size < 0) return std::nullopt;
  return reader.bytes(size);
}

void write_nullable(Writer& out, const std::optional<ByteView>& bytes) {
  out.i32(bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
  if (bytes) out.bytes(*bytes);
}

// Appends one message with its size and CRC.
void write_message(Writer& out, const Message& message) {
  const std::size_t start = out.size();
  out.i64(message.offset.value());
  out.i32(0);
  out.i32(0);
  out.i8(message.magic);
  out.i8(message.attributes);
  if (message.magic > 0) out.i64(message.timestamp.value());
  write_nullable(out, message.key);
  write_nullable(out, message.value);
  B_CHECK_OP(out.size() - start, <, std::size_t{std::numeric_limits<std::int32_t>::max()});
  out.put(start + kLogOverhead - 4, static_cast<std::int32_t>(out.size() - start - kLogOverhead));
  out.put(start + kCrcPosition, crc32_of(out.view().subspan(start + kMagicPosition)));
}

std::int8_t attributes_of(const MessageSetBuilder::Options& options, Codec codec) {
  const bool log_append = options.magic > 0 && options.timestamp_type == TimestampType::log_append_time;
  return static_cast<std::int8_t>(static_cast<int>(codec) | (log_append ? 0x8 : 0));
}

}  // namespace

Result<Message> parse_message(ByteView bytes) {
  Reader reader(bytes);
  Message message;
  message.offset = Offset(reader.i64());
  reader.skip(sizeof(std::int32_t));
  message.crc = reader.read<std::uint32_t>();
  message.magic = reader.i8();
  message.attributes = reader.i8();
  if (message.magic > 0) message.timestamp = Timestamp(reader.i64());
  message.key = read_nullable(reader);
  message.value = read_nullable(reader);
  if (!reader.ok()) {
    return fail(Errc::corrupt, "the message at offset " + std::to_string(message.offset.value()) +
                                   " is shorter than its key and value");
  }
  return message;
}

Result<void> verify_message_crc(ByteView bytes) {
  B_CHECK_OP(bytes.size(), >, kMagicPosition);
  const auto stored = load_big_endian<std::uint32_t>(bytes.data() + kCrcPosition);
  const std::uint32_t computed = crc32_of(bytes.subspan(kMagicPosition));
  if (stored != computed) {
    return fail(Errc::corrupt, "a message has CRC " + std::to_string(computed) + " but says " + std::to_string(stored));
  }
  return {};
}

InnerMessages::InnerMessages(const Message& wrapper, Buffer set)
    : set_(std::move(set)), magic_(wrapper.magic), wrapper_offset_(wrapper.offset) {
  if (wrapper.timestamp_type() == TimestampType::log_append_time) log_append_time_ = wrapper.timestamp;
}

Result<InnerMessages> InnerMessages::open(const Message& wrapper, std::size_t max_decompressed) {
  B_TRY(const Codec codec, codec_from_id(wrapper.codec_id()));
  if (codec == Codec::zstd) return fail(Errc::invalid_record, "zstd in a message older than magic 2");
  if (!wrapper.value) return fail(Errc::corrupt, "a compressed message set without a value");
  const auto checksum = wrapper.magic == 0 ? Lz4Checksum::magic0 : Lz4Checksum::standard;
  B_TRY(Buffer set, decompress(codec, *wrapper.value, max_decompressed, checksum));
  return InnerMessages(wrapper, std::move(set));
}

Result<std::optional<ByteView>> InnerMessages::next(ByteView& input) {
  const Result<Extent> extent = parse_extent(input);
  if (!extent && extent.error().code == Errc::truncated) return std::nullopt;
  if (!extent) return std::unexpected(extent.error());
  const ByteView bytes = input.first(extent->size);
  input = input.subspan(extent->size);
  return bytes;
}

Result<Offset> InnerMessages::base_offset() const {
  ByteView input = set_.view();
  std::optional<Offset> last;
  Offset greatest{0};
  for (std::optional<ByteView> bytes;;) {
    B_TRY(bytes, next(input));
    if (!bytes) break;
    B_TRY(const Message message, parse_message(*bytes));
    if (message.magic != magic_) return fail(Errc::invalid_record, "a wrapped message has another magic");
    if (message.is_compressed()) return fail(Errc::invalid_record, "a compressed message in a compressed message");
    last = message.offset;
    greatest = std::max(greatest, message.offset);
  }
  if (!last) return fail(Errc::invalid_record, "a compressed message set without messages");
  // Old producers leave the wrapper's offset 0: then the inner offsets count from 0.
  if (magic_ == 0 || wrapper_offset_ == Offset(0)) return Offset(0);
  // Written so that no sum or difference overflows.
  if (*last < Offset(0) || wrapper_offset_ < *last ||
      greatest > Offset(std::numeric_limits<std::int64_t>::max()) - (wrapper_offset_ - *last)) {
    return fail(Errc::invalid_record, "a wrapper's offset " + std::to_string(wrapper_offset_.value()) +
                                          " does not fit the last offset in it, " + std::to_string(last->value()));
  }
  return Offset(wrapper_offset_ - *last);
}

MessageSetBuilder::MessageSetBuilder(Options options) : options_(options) {
  B_CHECK(options_.codec != Codec::zstd);
  if (options_.magic == 0) options_.timestamp_type = TimestampType::create_time;
}

void MessageSetBuilder::append(Offset offset, Timestamp timestamp, std::optional<ByteView> key,
                               std::optional<ByteView> value) {
  if (count_ == 0) base_offset_ = offset;
  B_CHECK(count_ == 0 || offset > last_offset_);
  last_offset_ = offset;
  ++count_;
  if (options_.timestamp_type == TimestampType::log_append_time) timestamp = options_.log_append_time;
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  const bool relative = options_.magic > 0 && options_.codec != Codec::none;
  write_message(out_, Message{.offset = relative ? Offset(offset - base_offset_) : offset,
                              .magic = options_.magic,
                              .attributes = attributes_of(options_, Codec::none),
                              .timestamp = timestamp,
                              .key = key,
                              .value = value});
}

Writer MessageSetBuilder::build() && {
  if (options_.codec == Codec::none || count_ == 0) return std::move(out_);
  const CompressionOptions compression{
      .level = {}, .lz4_checksum = options_.magic == 0 ? Lz4Checksum::magic0 : Lz4Checksum::standard};
  const Buffer set = compress(options_.codec, out_.view(), compression);
  Writer wrapped(set.size() + 64);
  write_message(wrapped, Message{.offset = last_offset_,
                                 .magic = options_.magic,
                                 .attributes = attributes_of(options_, options_.codec),
                                 .timestamp = max_timestamp_,
                                 .key = std::nullopt,
                                 .value = set.view()});
  return wrapped;
}

}  // namespace barnabas::record
