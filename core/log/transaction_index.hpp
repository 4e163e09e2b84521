// The aborted transactions whose markers lie in one segment, in the order of the markers. Pure; FORMAT.md has the
// file's bytes.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace barnabas::log {

// What a reader of committed records needs to know to skip the others (KIP-98).
struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;        // Of its first record.
  Offset last_offset;         // Of its marker.
  Offset last_stable_offset;  // Of the log once the marker was there: nothing below it was still open.
  bool operator==(const AbortedTransaction&) const = default;
};

class TransactionIndex {
 public:
  static constexpr std::size_t kEntrySize = 34;

  // Its marker must be above that of the last entry.
  void append(const AbortedTransaction& transaction);
  // Adds to `found` those that may have records in [from, upper). True when no later segment can hold more of them.
  bool collect(Offset from, Offset upper, std::vector<AbortedTransaction>& found) const;
  // Those whose marker is at or above `end` go.
  void truncate_from_end(Offset end);

  std::span<const AbortedTransaction> entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  std::vector<std::byte> encode() const;
  // corrupt: not whole entries of version 0, or markers that do not rise or lie below `base`.
  static Result<TransactionIndex> decode(Offset base, ByteView file);

 private:
  std::vector<AbortedTransaction> entries_;
};

}  // namespace barnabas::log
