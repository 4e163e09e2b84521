// What of a log may be compacted, whether it is worth it, and which segments become one. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/log/log_config.hpp"

namespace barnabas::log {

// A closed segment, as planning sees it.
struct SegmentFacts {
  Offset base;
  Offset end;  // Base of the one after it.
  std::uint64_t size = 0;
  Timestamp first_timestamp = kNoTimestamp;  // The largest of its first batch. Only for max.compaction.lag.ms.
  Timestamp largest_timestamp = kNoTimestamp;
  std::size_t offset_entries = 0;  // Of its indexes.
  std::size_t time_entries = 0;
};

struct LogFacts {
  std::span<const SegmentFacts> closed;  // Oldest first.
  Offset active_base{0};
  Offset log_start{0};
  Offset log_end{0};
  Offset stable_end{0};              // All below it is decided, replicated and synced.
  std::optional<Offset> cleaned_to;  // The checkpoint.
  Timestamp now{0};
};

struct CleaningPlan {
  Offset dirty_from;        // All below was compacted.
  Offset uncleanable_from;  // A base: no segment from here on may be touched.
  std::uint64_t clean_bytes = 0;
  std::uint64_t cleanable_bytes = 0;
  bool overdue = false;  // A record has waited for longer than max.compaction.lag.ms.

  double ratio() const;
  // Is it worth a pass?
  bool is_due(const LogConfig& config) const;
};

// Never reaches the active segment, an undecided transaction, what is not replicated or not synced, or what is younger
// than min.compaction.lag.ms (S5).
CleaningPlan plan_cleaning(const LogFacts& log, const LogConfig& config);

// What the segments of a group, which become one, have come to so far.
struct SegmentGroup {
  Offset base;
  std::uint64_t size = 0;
  std::size_t offset_entries = 0;  // Of its indexes.
  std::size_t time_entries = 0;
};

// Does the segment that follows still fit, even if all of it must be kept? By what is left of those before, not by what
// they were: else each of many segments that are wholly superseded would become a segment with nothing in it, and
// consumers would be given nothing many times in a row, which some take for an error.
bool joins_group(const SegmentGroup& group, const SegmentFacts& next, const LogConfig& config);

}  // namespace barnabas::log
