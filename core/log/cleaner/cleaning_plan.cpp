#include "core/log/cleaner/cleaning_plan.hpp"

#include <algorithm>
#include <limits>

#include "core/log/segment_index.hpp"

namespace barnabas::log {

namespace {

// A checkpoint may be of a longer log, or of one that began earlier.
Offset first_dirty(const LogFacts& log) {
  const Offset cleaned = log.cleaned_to.value_or(log.log_start);
  return cleaned < log.log_start || cleaned > log.log_end ? log.log_start : cleaned;
}

bool is_overdue(const LogFacts& log, Offset dirty_from, const LogConfig& config) {
  if (config.max_compaction_lag_ms == LogConfig::kNever) return false;
  return std::ranges::any_of(log.closed, [&](const SegmentFacts& segment) {
    return segment.end > dirty_from && segment.first_timestamp > Timestamp(0) &&
           log.now - segment.first_timestamp > config.max_compaction_lag_ms;
  });
}

}  // namespace

double CleaningPlan::ratio() const {
  const std::uint64_t total = clean_bytes + cleanable_bytes;
  return total == 0 ? 0.0 : static_cast<double>(cleanable_bytes) / static_cast<double>(total);
}

bool CleaningPlan::is_due(const LogConfig& config) const {
  if (cleanable_bytes == 0) return false;
  return overdue || ratio() > config.min_cleanable_ratio;
}

CleaningPlan plan_cleaning(const LogFacts& log, const LogConfig& config) {
  CleaningPlan plan;
  plan.dirty_from = first_dirty(log);
  Offset limit = std::min(log.stable_end, log.active_base);
  if (config.min_compaction_lag_ms > 0) {
    for (const SegmentFacts& segment : log.closed) {
      if (segment.end <= plan.dirty_from || log.now - segment.largest_timestamp >= config.min_compaction_lag_ms)
        continue;
      limit = std::min(limit, segment.base);
      break;
    }
  }
  plan.uncleanable_from = log.closed.empty() ? log.active_base : log.closed.front().base;
  for (const SegmentFacts& segment : log.closed) {
    if (segment.end > limit) break;
    plan.uncleanable_from = segment.end;
    (segment.end <= plan.dirty_from ? plan.clean_bytes : plan.cleanable_bytes) += segment.size;
  }
  plan.overdue = is_overdue(log, plan.dirty_from, config);
  return plan;
}

bool joins_group(const SegmentGroup& group, const SegmentFacts& next, const LogConfig& config) {
  constexpr std::int64_t kMostOffsets = std::numeric_limits<std::int32_t>::max();
  const auto index_bytes = static_cast<std::size_t>(std::max<std::int64_t>(config.segment_index_bytes, 0));
  return static_cast<std::int64_t>(group.size + next.size) <= config.segment_bytes &&
         (group.offset_entries + next.offset_entries) * OffsetIndex::kEntrySize <= index_bytes &&
         (group.time_entries + next.time_entries) * TimeIndex::kEntrySize <= index_bytes &&
         next.end - 1 - group.base <= kMostOffsets;
}

}  // namespace barnabas::log
