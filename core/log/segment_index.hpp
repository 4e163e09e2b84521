// The two sparse indexes of a segment, in memory. Pure; FORMAT.md has the files' bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace barnabas::log {

// From offsets to positions. An entry names the last offset of a batch and where that batch begins.
class OffsetIndex {
 public:
  static constexpr std::size_t kEntrySize = 8;

  explicit OffsetIndex(Offset base) : base_(base) {}

  // Both must be above those of the last entry, and fit.
  void append(Offset last_offset, std::uint64_t position);
  struct Hint {
    Offset last_offset;
    std::uint64_t position;
  };
  // The last indexed batch that ends at or below `offset`: a scan that looks for it may begin there. Nothing: at 0.
  std::optional<Hint> hint_for(Offset offset) const;
  // The largest position indexed that is not above this one; 0 when there is none.
  std::uint64_t boundary_at_or_before(std::uint64_t position) const;
  // The last entry; nothing when there is none.
  std::optional<Hint> last() const;

  std::size_t size() const { return entries_.size(); }
  std::vector<std::byte> encode() const;
  // Zeros behind the last entry (a preallocated file) are dropped. corrupt: not rising, or a position at or
  // beyond log_size.
  static Result<OffsetIndex> decode(Offset base, ByteView file, std::uint64_t log_size);

 private:
  struct Entry {
    std::int32_t relative_offset;
    std::int32_t position;
  };
  Offset base_;
  std::vector<Entry> entries_;
};

// From timestamps to offsets. An entry says: no record up to this offset is younger.
class TimeIndex {
 public:
  static constexpr std::size_t kEntrySize = 12;
  struct Entry {
    Timestamp timestamp;
    Offset offset;
  };

  explicit TimeIndex(Offset base) : base_(base) {}

  // Does nothing unless the timestamp is above that of the last entry.
  void append_if_later(Timestamp timestamp, Offset offset);
  // The offset from which to look for the first record at or after `timestamp`.
  Offset offset_for(Timestamp timestamp) const;
  std::optional<Entry> last() const;

  std::size_t size() const { return entries_.size(); }
  std::vector<std::byte> encode() const;
  // As for OffsetIndex.
  static Result<TimeIndex> decode(Offset base, ByteView file);

 private:
  Offset base_;
  std::vector<Entry> entries_;
};

}  // namespace barnabas::log
