// Where in the log each leader epoch began (KIP-101). Pure; the log writes it to leader-epoch-checkpoint.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace barnabas::log {

struct EpochStart {
  LeaderEpoch epoch;
  Offset start;
  bool operator==(const EpochStart&) const = default;
};

// An epoch and the offset after its last record.
struct EpochEnd {
  LeaderEpoch epoch;
  Offset end;
  bool operator==(const EpochEnd&) const = default;
};

class LeaderEpochCache {
 public:
  // Notes that `epoch` began at `start`. False when nothing changed: the epoch is not above the last one. Entries
  // at or above `start` go: nothing was written in those epochs.
  bool assign(LeaderEpoch epoch, Offset start);

  // The largest known epoch that is not above the one asked for, and where it ends (KIP-279): at the start of
  // the next known one, or at log_end. Nothing: no such epoch is known.
  std::optional<EpochEnd> end_offset_for(LeaderEpoch asked, Offset log_end) const;
  // The epoch of the record at this offset.
  std::optional<LeaderEpoch> epoch_of(Offset offset) const;
  std::optional<LeaderEpoch> latest() const;

  // The log now ends at `end`: entries that start at or above it go. True when something changed.
  bool truncate_from_end(Offset end);
  // The log now begins at `start`: of the entries below, only the last one stays, moved to `start`.
  bool truncate_from_start(Offset start);

  std::span<const EpochStart> entries() const { return entries_; }

  std::string to_text() const;
  static Result<LeaderEpochCache> parse(std::string_view text);

 private:
  std::vector<EpochStart> entries_;  // Strictly rising in both.
};

}  // namespace barnabas::log
