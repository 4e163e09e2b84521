// One random history of a log and its twin, drawn from a seed: what the test of many power cuts runs, and what judges
// mutants of core/log.
#pragma once

#include <cstdint>
#include <string>

#include "tests/log/log_twin.hpp"

namespace barnabas::log {

struct HistorySettings {
  std::int64_t segment_bytes;
  std::int64_t segment_ms;
  std::int64_t index_interval;
  std::int64_t flush_messages;
  int keys;
  std::size_t io_bytes;
  std::size_t map_slots;
  bool keep_tombstones;
  std::uint64_t seed;
};
std::ostream& operator<<(std::ostream& out, const HistorySettings& settings);

LogTwin make_twin(const HistorySettings& settings);

struct HistoryOutcome {
  std::string problem;  // Empty: none; else with the settings.
  int power_cuts = 0;
  int passes = 0;  // Of compaction, to their end.
};

// Rounds of appends, compaction, retention and a disk in trouble. Each ends with a power cut at an instant drawn from
// the whole length of an append (with a roll or without), a compaction, a deletion or a retention.
inline constexpr int kRoundsOfHistory = 10;
HistoryOutcome run_log_history(std::uint64_t seed);

}  // namespace barnabas::log
