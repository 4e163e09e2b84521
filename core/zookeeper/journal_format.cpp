#include "core/zookeeper/journal_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/checksum.hpp"
#include "core/base/reader.hpp"
#include "core/zookeeper/codec.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::string_view kLogMagic("BZKLOG\0\3", 8);
constexpr std::string_view kLogMagicStem("BZKLOG\0", 7);
constexpr std::string_view kSnapshotMagic("BZKSNAP\2", 8);
constexpr std::size_t kSnapshotHeaderSize = 32;
constexpr std::size_t kZxidDigits = 16;

static_assert(kLogHeaderSize == 8 + 8 + 4);
static_assert(kSnapshotHeaderSize == 8 + 8 + 8 + 4 + 4);

std::string with_zxid(std::string_view prefix, Zxid zxid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name(prefix);
  for (int shift = 60; shift >= 0; shift -= 4) {
    name += kDigits[static_cast<std::size_t>(zxid.value() >> shift) & 15];
  }
  return name;
}

void finish_header(Writer& writer) { writer.write(crc32c(writer.view())); }

}  // namespace

std::string log_name(Zxid first) { return with_zxid("log.", first); }
std::string snapshot_name(Zxid zxid) { return with_zxid("snapshot.", zxid); }

std::optional<Zxid> parse_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() != prefix.size() + kZxidDigits) return std::nullopt;
  std::int64_t value = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, value, 16);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return Zxid(value);
}

std::vector<std::byte> encode_log_header(Zxid first) {
  Writer writer(kLogHeaderSize);
  writer.bytes(as_bytes(kLogMagic));
  writer.i64(first.value());
  finish_header(writer);
  return std::move(writer).take();
}

Result<Zxid> decode_log_header(ByteView bytes) {
  if (bytes.size() >= kLogHeaderSize && as_text(bytes.first(7)) == kLogMagicStem &&
      as_text(bytes.first(8)) < kLogMagic) {
    return fail(Errc::corrupt, "its format is version " + std::to_string(static_cast<int>(bytes[7])) +
                                   ", which only earlier versions read");
  }
  if (bytes.size() < kLogHeaderSize || as_text(bytes.first(8)) != kLogMagic ||
      load_big_endian<std::uint32_t>(bytes.data() + 16) != crc32c(bytes.first(16))) {
    return fail(Errc::corrupt, "its header is no journal's");
  }
  return Zxid(load_big_endian<std::int64_t>(bytes.data() + 8));
}

void encode_record(std::vector<std::byte>& out, const Transaction& transaction) {
  Writer writer;
  writer.i32(0);
  encode(writer, transaction);
  const std::size_t size = writer.size() - sizeof(std::int32_t);
  B_CHECK_OP(size, >=, kMinTransactionSize);
  B_CHECK_OP(size, <=, kMaxTransactionSize);
  writer.put(0, static_cast<std::int32_t>(size));
  std::array<std::byte, 4> crc{};
  store_big_endian(crc.data(), crc32c(writer.view()));
  const ByteView bytes = writer.view();
  out.insert(out.end(), bytes.begin(), bytes.begin() + 4);
  out.insert(out.end(), crc.begin(), crc.end());
  out.insert(out.end(), bytes.begin() + 4, bytes.end());
}

std::vector<std::byte> encode_marker(Zxid first, std::uint64_t position) {
  Writer writer(kMarkerSize);
  writer.i32(static_cast<std::int32_t>(kMarkerSize - kRecordHeaderSize));
  writer.i32(0);
  writer.i64(first.value());
  writer.i64(static_cast<std::int64_t>(position));
  const ByteView bytes = writer.view();
  const std::uint32_t crc = crc32c(bytes.subspan(kRecordHeaderSize), crc32c(bytes.first(4)));
  writer.put(4, static_cast<std::int32_t>(crc));
  return std::move(writer).take();
}

std::optional<std::size_t> find_marker(ByteView bytes, Zxid first, std::size_t from) {
  for (std::size_t at = from; at < bytes.size() && bytes.size() - at >= kMarkerSize; ++at) {
    // The length and the position, which most bytes are not, before the checksum.
    if (load_big_endian<std::uint32_t>(bytes.data() + at) != kMarkerSize - kRecordHeaderSize) continue;
    if (load_big_endian<std::uint64_t>(bytes.data() + at + 16) != at) continue;
    if (std::ranges::equal(bytes.subspan(at, kMarkerSize), encode_marker(first, at))) return at;
  }
  return std::nullopt;
}

std::optional<Transaction> RecordReader::next() {
  while (bytes_.size() - position_ >= kMarkerSize &&
         find_marker(bytes_.first(position_ + kMarkerSize), first_, position_)) {
    group_ = position_;
    position_ += kMarkerSize;
  }
  Reader reader(bytes_.subspan(position_));
  const std::int32_t size = reader.i32();
  const auto crc = reader.read<std::uint32_t>();
  if (!reader.ok() || size < static_cast<std::int32_t>(kMinTransactionSize)) return std::nullopt;
  const ByteView body = reader.bytes(size);
  if (!reader.ok()) return std::nullopt;
  if (crc32c(body, crc32c(bytes_.subspan(position_, sizeof(size)))) != crc) return std::nullopt;
  auto transaction = decode_transaction(body);
  if (!transaction) return std::nullopt;
  position_ += kRecordHeaderSize + body.size();
  return std::move(*transaction);
}

std::vector<std::byte> encode_snapshot(Zxid zxid, ByteView image) {
  Writer writer(kSnapshotHeaderSize + image.size());
  writer.bytes(as_bytes(kSnapshotMagic));
  writer.i64(zxid.value());
  writer.i64(static_cast<std::int64_t>(image.size()));
  writer.write(crc32c(image));
  finish_header(writer);
  writer.bytes(image);
  return std::move(writer).take();
}

Result<ZnodeTree> decode_snapshot(ByteView bytes, Zxid expected) {
  if (bytes.size() < kSnapshotHeaderSize || as_text(bytes.first(8)) != kSnapshotMagic ||
      load_big_endian<std::uint32_t>(bytes.data() + 28) != crc32c(bytes.first(28))) {
    return fail(Errc::corrupt, "its header is no snapshot's");
  }
  const ByteView image = bytes.subspan(kSnapshotHeaderSize);
  if (static_cast<std::uint64_t>(load_big_endian<std::int64_t>(bytes.data() + 16)) != image.size() ||
      load_big_endian<std::uint32_t>(bytes.data() + 24) != crc32c(image)) {
    return fail(Errc::corrupt, "its checksum does not hold");
  }
  auto tree = ZnodeTree::deserialize(image);
  if (tree && tree->last_zxid() != expected) return fail(Errc::corrupt, "it holds another zxid than its name says");
  return tree;
}

}  // namespace barnabas::zookeeper
