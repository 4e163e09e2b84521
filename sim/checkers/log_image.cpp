#include "sim/checkers/log_image.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "sim/world/rolling_hash.hpp"

namespace barnabas::sim {
namespace {

constexpr std::size_t kHeader = 61;
constexpr std::size_t kCrcFrom = 21;  // The CRC covers everything from the attributes on.

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr auto kCrcTable = crc_table();

std::uint32_t crc_of(ByteView bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::byte b : bytes) crc = kCrcTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

template <class T>
T big_endian(ByteView bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8) | std::to_integer<std::uint64_t>(bytes[at + i]);
  return static_cast<T>(value);
}

// Reads what a record is made of; a short or wild input makes bad() true and the rest zero.
class RecordBytes {
 public:
  explicit RecordBytes(ByteView bytes) : bytes_(bytes) {}
  bool bad() const { return bad_; }
  std::size_t left() const { return bytes_.size(); }

  std::int64_t varint() {
    std::uint64_t raw = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = std::to_integer<std::uint64_t>(bytes_[0]);
      bytes_ = bytes_.subspan(1);
      raw |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
    }
    bad_ = true;
    return 0;
  }
  ByteView take(std::int64_t count) {
    if (count < 0 || static_cast<std::uint64_t>(count) > bytes_.size()) {
      bad_ = true;
      return {};
    }
    const ByteView taken = bytes_.first(static_cast<std::size_t>(count));
    bytes_ = bytes_.subspan(static_cast<std::size_t>(count));
    return taken;
  }
  bool next_is_null() const { return !bytes_.empty() && bytes_[0] == std::byte{1}; }  // The varint -1.
  std::string text() {
    const std::int64_t size = varint();
    return size == -1 ? std::string() : std::string(as_text(take(size)));
  }

 private:
  ByteView bytes_;
  bool bad_ = false;
};

bool read_records(ByteView bytes, std::int32_t count, LoggedBatch& batch) {
  RecordBytes all(bytes);
  for (std::int32_t i = 0; i < count; ++i) {
    RecordBytes one(all.take(all.varint()));
    if (all.bad()) return false;
    one.take(1);   // Attributes.
    one.varint();  // Timestamp.
    LoggedRecord record;
    record.offset = batch.base_offset + one.varint();
    record.key = one.text();
    record.tombstone = one.next_is_null();
    record.value = one.text();
    const std::int64_t headers = one.varint();
    for (std::int64_t h = 0; h < headers && !one.bad(); ++h) {
      one.text();
      one.text();
    }
    // Compaction leaves gaps; offsets_dense looks at those of logs that are not compacted.
    const std::int64_t above = batch.records.empty() ? batch.base_offset - 1 : batch.records.back().offset;
    if (one.bad() || one.left() > 0 || record.offset <= above || record.offset > batch.last_offset) return false;
    batch.records.push_back(std::move(record));
  }
  return !all.bad() && all.left() == 0;
}

// Appends the batches of one segment. False, with a problem, at the first that is not whole and right.
bool read_segment(const std::string& name, const std::vector<std::byte>& bytes, LogImage& image) {
  const ByteView all(bytes);
  std::size_t at = 0;
  const auto stop = [&](const char* what) {
    image.problem = name + " at byte " + std::to_string(at) + ": " + what;
    return false;
  };
  while (at < all.size()) {
    const ByteView left = all.subspan(at);
    if (left.size() < kHeader) return stop("less than a header is left");
    const auto length = big_endian<std::int32_t>(left, 8);
    if (length < static_cast<std::int32_t>(kHeader - 12) || static_cast<std::size_t>(length) > left.size() - 12) {
      return stop("the batch is not whole");
    }
    const ByteView bytes_of_batch = left.first(static_cast<std::size_t>(length) + 12);
    if (std::to_integer<int>(left[16]) != 2) return stop("the magic is not 2");
    if (big_endian<std::uint32_t>(left, 17) != crc_of(bytes_of_batch.subspan(kCrcFrom))) return stop("wrong CRC");
    LoggedBatch batch;
    const auto attributes = big_endian<std::int16_t>(left, 21);
    batch.base_offset = big_endian<std::int64_t>(left, 0);
    batch.last_offset = batch.base_offset + big_endian<std::int32_t>(left, 23);
    batch.producer_id = big_endian<std::int64_t>(left, 43);
    batch.producer_epoch = big_endian<std::int16_t>(left, 51);
    batch.base_sequence = big_endian<std::int32_t>(left, 53);
    batch.control = (attributes & 0x20) != 0;
    batch.hash = RollingHash::of(as_text(bytes_of_batch));
    const auto count = big_endian<std::int32_t>(left, 57);
    if ((attributes & 7) == 0 && !read_records(bytes_of_batch.subspan(kHeader), count, batch)) {
      return stop("the records do not fill the batch as its header says");
    }
    image.batches.push_back(std::move(batch));
    at += bytes_of_batch.size();
  }
  return true;
}

// "orders-3" of "/data/orders-3/00000000000000000000.log".
struct SegmentName {
  TopicPartition partition;
  std::string file;
};

std::optional<SegmentName> parse_path(std::string_view path, const std::string& data_directory) {
  const std::string prefix = data_directory + "/";
  constexpr std::string_view kSuffix = ".log";
  if (!path.starts_with(prefix) || !path.ends_with(kSuffix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) return std::nullopt;
  const std::string_view directory = path.substr(0, slash);
  const std::string_view file = path.substr(slash + 1);
  const std::size_t dash = directory.rfind('-');
  if (dash == std::string_view::npos || directory.ends_with("-delete")) return std::nullopt;
  std::int32_t index = 0;
  const std::string_view digits = directory.substr(dash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (file.size() != 20 + kSuffix.size()) return std::nullopt;
  return SegmentName{{std::string(directory.substr(0, dash)), PartitionId(index)}, std::string(file)};
}

}  // namespace

const LoggedRecord* LogImage::find(std::int64_t offset) const {
  const auto batch = std::lower_bound(batches.begin(), batches.end(), offset,
                                      [](const LoggedBatch& b, std::int64_t o) { return b.last_offset < o; });
  if (batch == batches.end() || batch->base_offset > offset) return nullptr;
  for (const LoggedRecord& record : batch->records) {
    if (record.offset == offset) return &record;
  }
  return nullptr;
}

namespace {

constexpr std::string_view kSwap = ".swap";

// A finished compaction whose files have not got their names yet stands for the segments whose range it covers.
void put_in_place(const std::map<std::string, SparseBytes>& files, const std::string& data_directory,
                  std::map<std::string, SparseBytes>& logs) {
  for (const auto& [swap, bytes] : files) {
    if (!swap.ends_with(kSwap)) continue;
    const std::string first = swap.substr(0, swap.size() - kSwap.size());
    if (!parse_path(first, data_directory)) continue;
    LogImage cleaned;
    if (!read_segment(swap, bytes.contents(), cleaned)) continue;
    std::erase_if(logs, [&](const auto& log) {
      if (log.first < first || log.first.substr(0, log.first.rfind('/')) != first.substr(0, first.rfind('/'))) {
        return false;
      }
      const std::string_view digits = std::string_view(log.first).substr(log.first.rfind('/') + 1, 20);
      std::int64_t base = 0;
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), base);
      return parsed.ec == std::errc{} && base < cleaned.end();
    });
    logs.insert_or_assign(first, bytes);
  }
}

}  // namespace

LogImages read_logs(const std::map<std::string, SparseBytes>& files, const std::string& data_directory) {
  LogImages images;
  std::map<std::string, SparseBytes> logs;
  for (const auto& [path, bytes] : files) {
    if (parse_path(path, data_directory)) logs.emplace(path, bytes);
  }
  put_in_place(files, data_directory, logs);
  // Paths are sorted, and the names of segments are numbers of equal length: each log comes in its order.
  for (const auto& [path, bytes] : logs) {
    LogImage& image = images[parse_path(path, data_directory)->partition];
    if (image.problem.empty()) read_segment(path, bytes.contents(), image);
  }
  return images;
}

}  // namespace barnabas::sim
