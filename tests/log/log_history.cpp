#include "tests/log/log_history.hpp"

#include <ostream>
#include <sstream>

#include "core/base/prng.hpp"

namespace barnabas::log {

std::ostream& operator<<(std::ostream& out, const HistorySettings& s) {
  return out << "segment " << s.segment_bytes << " bytes, " << s.segment_ms << " ms, index " << s.index_interval
             << " flush " << s.flush_messages << " keys " << s.keys << " io " << s.io_bytes << " map " << s.map_slots
             << " tombstones " << s.keep_tombstones << " seed " << s.seed;
}

LogTwin make_twin(const HistorySettings& settings) {
  LogConfig config;
  config.segment_bytes = settings.segment_bytes;
  config.segment_ms = settings.segment_ms;
  config.index_interval_bytes = settings.index_interval;
  config.flush_messages = settings.flush_messages;
  config.cleanup_compact = true;
  config.retention_ms = -1;
  config.retention_bytes = settings.segment_bytes * 5;
  config.min_cleanable_ratio = 0;
  config.delete_retention_ms = settings.keep_tombstones ? 1'000'000'000 : 0;
  config.file_delete_delay_ms = 10;
  CleaningLimits limits;
  limits.io_bytes = settings.io_bytes;
  limits.map_bytes = settings.map_slots * OffsetMap::kBytesPerSlot;
  return LogTwin(settings.seed, config, limits);
}

namespace {

class History {
 public:
  explicit History(std::uint64_t seed) : draw_(seed), settings_(draw_settings(seed)), twin_(make_twin(settings_)) {}

  HistoryOutcome run() {
    HistoryOutcome outcome;
    for (int i = 0; i < kRoundsOfHistory && outcome.problem.empty(); ++i) {
      const std::string problem = round();
      ++outcome.power_cuts;
      if (problem.empty()) continue;
      std::ostringstream text;
      text << problem << " (round " << i << ", " << settings_ << ")";
      outcome.problem = text.str();
    }
    outcome.passes = twin_.passes();
    return outcome;
  }

 private:
  int below(int bound) { return static_cast<int>(draw_.below(static_cast<std::uint64_t>(bound))); }
  bool one_in(int bound) { return below(bound) == 0; }

  HistorySettings draw_settings(std::uint64_t seed) {
    HistorySettings settings{};
    settings.segment_bytes = draw_.between(500, 2500);
    settings.segment_ms = one_in(3) ? 40 : LogConfig::kNever;
    settings.index_interval = draw_.between(1, 800);
    settings.flush_messages = 1;
    // Few keys, so that most is superseded; or many, so that what compaction writes takes several segments.
    settings.keys = one_in(2) ? 1 + below(25) : 25 + below(150);
    settings.io_bytes = static_cast<std::size_t>(draw_.between(100, 3000));
    settings.map_slots = static_cast<std::size_t>(draw_.between(10, 200));
    settings.keep_tombstones = one_in(2);
    settings.seed = seed;
    return settings;
  }

  std::string append() {
    constexpr int kProducers[] = {-1, 0, 1, 2, LogTwin::kFirstTransactional, LogTwin::kFirstTransactional + 1};
    const int producer = kProducers[below(6)];
    const bool ends = producer >= LogTwin::kFirstTransactional && one_in(3);
    if (ends) return twin_.end_transaction(producer, one_in(2));
    return twin_.append(1 + below(5), settings_.keys, below(90), producer);
  }

  std::string trouble() {
    const int records = 1 + below(5);
    switch (below(4)) {
      case 0: return twin_.fail_syncs(true, records, settings_.keys);
      case 1: return twin_.fail_syncs(false, records, settings_.keys);
      case 2: return twin_.fail_writes(LogTwin::Trouble::broken, records, settings_.keys);
      default: return twin_.fail_writes(LogTwin::Trouble::full, records, settings_.keys);
    }
  }

  std::string round() {
    const int appends = below(14);
    std::string problem;
    // The crash before may have come between a roll and its append.
    if (one_in(4)) problem = twin_.pass_time(50ms);
    for (int i = 0; i < appends && problem.empty(); ++i) problem = append();
    if (problem.empty() && one_in(4)) problem = twin_.compact();
    if (problem.empty() && one_in(4)) problem = twin_.compact(true);
    if (problem.empty() && one_in(8)) problem = twin_.retain();
    if (problem.empty() && one_in(8)) problem = twin_.reopen();
    if (problem.empty() && one_in(8)) problem = twin_.append_overlapping(1 + below(3), 1 + below(5), settings_.keys);
    if (problem.empty() && one_in(8)) problem = twin_.pass_time(50ms);
    if (problem.empty() && one_in(12)) problem = twin_.truncate(static_cast<std::size_t>(below(3)));
    if (problem.empty() && one_in(40)) problem = twin_.begin_anew();
    if (problem.empty() && one_in(6)) problem = twin_.rot(draw_.next(), draw_.next(), draw_.next());
    if (problem.empty() && one_in(5)) problem = trouble();
    const auto during = static_cast<LogTwin::During>(below(5));
    if (problem.empty()) problem = twin_.crash(true, during, below(260), 1 + below(5), settings_.keys);
    return problem;
  }

  Prng draw_;
  HistorySettings settings_;
  LogTwin twin_;
};

}  // namespace

HistoryOutcome run_log_history(std::uint64_t seed) { return History(seed).run(); }

}  // namespace barnabas::log
