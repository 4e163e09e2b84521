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
  // Notes that `epoch` began at `start`: of a leader, or of the first record of an epoch that was appended. False when
  // nothing changed: it is the last one already. Entries at or above `start` go, and those of later epochs: nothing was
  // written in them, or a record of an earlier epoch would not follow.
  bool assign(LeaderEpoch epoch, Offset start);

  // The largest known epoch that is not above the one asked for, and where it ends (KIP-279): at the start of
  // the next known one, or at log_end. Below all that are known: the epoch asked for, and the start of the first known
  // one, where at the latest it ended. Nothing: no epoch is known, or none is asked for (below 0).
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
