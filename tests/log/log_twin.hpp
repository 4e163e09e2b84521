// A log, and beside it the plainest account of what it must hold: a list of batches. Whatever is done to the log is
// done to the account, and what the log then shows is compared with it: after a crash it must be one of the few things
// that the crash allows, after compaction what KIP-58 promises.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/log/cleaner/cleaning_pass.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {

struct TwinRecord {
  std::int64_t offset = 0;
  std::string key;
  std::optional<std::string> value;
  bool operator==(const TwinRecord&) const = default;
};

struct TwinBatch {
  std::int64_t base = 0;
  std::int64_t last = 0;
  std::int64_t producer = -1;
  std::int32_t last_sequence = -1;
  std::vector<TwinRecord> records;
  bool operator==(const TwinBatch&) const = default;
};

class LogTwin : public LogTest {
 public:
  LogTwin(std::uint64_t seed, const LogConfig& wanted, CleaningLimits limits);
  void TestBody() override {}

  // Each of these returns what it found wrong; empty: nothing.
  std::string append(int records, int keys, int value_size, int producer);
  std::string flush();
  std::string truncate(std::size_t batches);
  std::string delete_records(std::size_t batches);
  std::string retain();
  std::string compact();
  std::string reopen();
  // The process dies, or the machine loses power, `steps` events after this was begun.
  enum class During : std::uint8_t { append, compaction, deletion, retention };
  std::string crash(bool power, During what, int steps, int records, int keys);
  // Syncs fail now and then while batches are appended; then the disk is well again, but the directory is out of
  // service. Then the process is killed and started again, or not, and last the machine loses power.
  std::string fail_syncs(bool kill_first, int records, int keys);
  // The whole log against the account.
  std::string compare();

  // How many passes and crashed passes replaced a segment, for tests that must meet them.
  int passes() const { return passes_; }

 private:
  std::int64_t end() const { return batches_.empty() ? start_ : std::max(start_, batches_.back().last + 1); }
  bool waits_for_sync() const { return config.flush_messages == 1; }
  Buffer next_batch(int records, int keys, int value_size, int producer, TwinBatch& into);
  std::string read(std::vector<TwinBatch>& into);
  std::string check_producers();
  void forget_below_start();

  std::vector<TwinBatch> batches_;
  CleaningLimits limits_;
  Throttle throttle_{1e300};
  std::int64_t start_ = 0;  // The log start.
  std::int64_t synced_ = 0;
  std::int64_t checkpoint_ = 0;  // The recovery point on disk.
  std::optional<Offset> cleaned_to_;
  std::int64_t clock_ = 1'000;
  int serial_ = 0;
  int passes_ = 0;
};

}  // namespace barnabas::log
