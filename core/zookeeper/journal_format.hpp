// Headers and records of the journal and snapshot files (FORMAT.md), as pure functions over bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/writer.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

inline constexpr std::size_t kLogHeaderSize = 20;
inline constexpr std::size_t kRecordHeaderSize = 8;
inline constexpr std::size_t kMarkerSize = kRecordHeaderSize + 16;
inline constexpr std::size_t kMinTransactionSize = 33;
// Nothing larger is ever written: kMaxMultiSize and what the encoding adds.
inline constexpr std::size_t kMaxTransactionSize = std::size_t{64} << 20;

std::string log_name(Zxid first);
std::string snapshot_name(Zxid zxid);
// The zxid of "log.<16 hex digits>"; nothing for other names.
std::optional<Zxid> parse_name(std::string_view name, std::string_view prefix);

std::vector<std::byte> encode_log_header(Zxid first);
// corrupt; the message says what a journal's header that cannot be read is.
Result<Zxid> decode_log_header(ByteView bytes);

void encode_record(std::vector<std::byte>& out, const Transaction& transaction);

// A marker, which begins every group of records that is written at once: whatever is before `position`, where the
// marker stands in the journal that begins with `first`, was synced before the marker was written.
std::vector<std::byte> encode_marker(Zxid first, std::uint64_t position);
// The first marker at or after `from`, at any byte. bytes: the whole file.
std::optional<std::size_t> find_marker(ByteView bytes, Zxid first, std::size_t from);

// Takes records from the front of a journal's bytes.
class RecordReader {
 public:
  // bytes: the whole file, its header included, which says `first`.
  RecordReader(ByteView bytes, Zxid first)
      : bytes_(bytes), first_(first), position_(kLogHeaderSize), group_(kLogHeaderSize) {}

  // The next transaction; nothing at the first bytes that are no whole and valid record, or at the end. Markers are
  // passed over.
  std::optional<Transaction> next();
  // Where the valid records end.
  std::size_t position() const { return position_; }
  // Where the last group that was met begins: what is before was synced.
  std::size_t group() const { return group_; }

 private:
  ByteView bytes_;
  Zxid first_;
  std::size_t position_;
  std::size_t group_;
};

std::vector<std::byte> encode_snapshot(Zxid zxid, ByteView image);
// corrupt.
Result<ZnodeTree> decode_snapshot(ByteView bytes, Zxid expected);

}  // namespace barnabas::zookeeper
