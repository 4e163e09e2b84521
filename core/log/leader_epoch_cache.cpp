#include "core/log/leader_epoch_cache.hpp"

#include <algorithm>
#include <limits>

#include "core/base/split.hpp"
#include "core/log/file_names.hpp"
#include "core/log/text_lines.hpp"

namespace barnabas::log {

bool LeaderEpochCache::assign(LeaderEpoch epoch, Offset start) {
  if (epoch.value() < 0) return false;
  const std::size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().epoch > epoch) entries_.pop_back();
  // The epoch goes on, perhaps after one in which nothing was written.
  const bool goes_on = !entries_.empty() && entries_.back().epoch == epoch && entries_.back().start <= start;
  if (goes_on) return entries_.size() != before;
  while (!entries_.empty() && (entries_.back().epoch == epoch || entries_.back().start >= start)) entries_.pop_back();
  entries_.push_back({epoch, start});
  return true;
}

std::optional<EpochEnd> LeaderEpochCache::end_offset_for(LeaderEpoch asked, Offset log_end) const {
  if (entries_.empty() || asked.value() < 0) return std::nullopt;
  const auto next = std::upper_bound(entries_.begin(), entries_.end(), asked,
                                     [](LeaderEpoch e, const EpochStart& entry) { return e < entry.epoch; });
  if (next == entries_.begin()) return EpochEnd{asked, next->start};
  return EpochEnd{std::prev(next)->epoch, next == entries_.end() ? log_end : next->start};
}

std::optional<LeaderEpoch> LeaderEpochCache::epoch_of(Offset offset) const {
  const auto next = std::upper_bound(entries_.begin(), entries_.end(), offset,
                                     [](Offset o, const EpochStart& entry) { return o < entry.start; });
  if (next == entries_.begin()) return std::nullopt;
  return std::prev(next)->epoch;
}

std::optional<LeaderEpoch> LeaderEpochCache::latest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.back().epoch;
}

bool LeaderEpochCache::truncate_from_end(Offset end) {
  const std::size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
  return entries_.size() != before;
}

bool LeaderEpochCache::truncate_from_start(Offset start) {
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), start,
                                      [](Offset o, const EpochStart& entry) { return o < entry.start; });
  if (above == entries_.begin()) return false;
  const auto last_below = std::prev(above);
  if (last_below == entries_.begin() && last_below->start == start) return false;
  last_below->start = start;
  entries_.erase(entries_.begin(), last_below);
  return true;
}

std::string LeaderEpochCache::to_text() const {
  std::string text = "0\n" + std::to_string(entries_.size()) + "\n";
  for (const EpochStart& entry : entries_) {
    text += std::to_string(entry.epoch.value()) + " " + std::to_string(entry.start.value()) + "\n";
  }
  return text;
}

Result<LeaderEpochCache> LeaderEpochCache::parse(std::string_view text) {
  LeaderEpochCache cache;
  B_TRY(const auto lines, checkpoint_lines(text, kLeaderEpochFile));
  for (const std::string_view line : lines) {
    const auto fields = split(line, ' ');
    const auto epoch = fields.size() == 2 ? parse_decimal(fields[0]) : std::nullopt;
    const auto start = fields.size() == 2 ? parse_decimal(fields[1]) : std::nullopt;
    if (!epoch || !start || *epoch > std::numeric_limits<std::int32_t>::max()) {
      return fail(Errc::corrupt, "leader-epoch-checkpoint: line '" + std::string(line) + "'");
    }
    const EpochStart entry{LeaderEpoch(static_cast<std::int32_t>(*epoch)), Offset(*start)};
    if (!cache.entries_.empty() &&
        (entry.epoch <= cache.entries_.back().epoch || entry.start <= cache.entries_.back().start)) {
      return fail(Errc::corrupt, "leader-epoch-checkpoint: not rising at '" + std::string(line) + "'");
    }
    cache.entries_.push_back(entry);
  }
  return cache;
}

}  // namespace barnabas::log
