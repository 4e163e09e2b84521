// Compaction in the background: `log.cleaner.threads` coroutines, each of which takes the log with the largest dirty
// part (an overdue one counts as due however small that is), compacts it, and sleeps when there is nothing to do.
//
// How far each log was compacted is kept in cleaner-offset-checkpoint, one in each data directory, after the pass. When
// it is lost or old, more is compacted again than necessary.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/async/scope.hpp"
#include "core/log/cleaner/cleaning_pass.hpp"
#include "core/log/data_directory.hpp"
#include "core/log/log_manager.hpp"

namespace barnabas::log {

struct LogCleanerOptions {
  bool enable = true;                                    // log.cleaner.enable
  std::int32_t threads = 1;                              // log.cleaner.threads
  std::size_t dedupe_buffer_size = 128 * 1024 * 1024;    // log.cleaner.dedupe.buffer.size, of all threads together
  double load_factor = 0.9;                              // log.cleaner.io.buffer.load.factor
  std::size_t io_buffer_size = 512 * 1024;               // log.cleaner.io.buffer.size, the same
  double max_bytes_per_second = 1.7976931348623157E308;  // log.cleaner.io.max.bytes.per.second
  Duration backoff = 15s;                                // log.cleaner.backoff.ms
};

class LogCleaner {
 public:
  // The manager outlives the cleaner. Destroying the cleaner ends passes where they are, which harms nothing.
  LogCleaner(env::Env env, LogManager& logs, LogCleanerOptions options);

  // Once. Nothing happens when it is not enabled.
  void start();
  // Compacts the dirtiest log, if one is due. True: that went on from where it was. For the threads, and for tests.
  Task<bool> clean_dirtiest();

  // Logs that are left alone until the next start because compaction cannot read them.
  const std::set<TopicPartition>& uncleanable() const { return uncleanable_; }
  std::optional<Offset> cleaned_to(const TopicPartition& id) const;

 private:
  struct Candidate {
    TopicPartition id;
    double ratio = 0;
  };

  Task<void> work();
  Task<void> load_checkpoints();
  Task<void> load_checkpoint(std::string data_dir);
  Task<void> save_checkpoint(std::string data_dir);
  Task<std::optional<Candidate>> examine(TopicPartition id);
  Task<std::optional<TopicPartition>> choose();
  Task<bool> clean(TopicPartition id);
  Task<Result<CleaningOutcome>> run_pass(PartitionLog::CleaningTurn& turn, Offset durable_end);
  void settle(const PartitionLog& log, const Result<CleaningOutcome>& outcome);
  void report(env::LogLevel level, const std::string& line);

  env::Env env_;
  LogManager& logs_;
  LogCleanerOptions options_;
  CleaningLimits limits_;
  HashSecret secret_;
  Throttle throttle_;
  bool loaded_ = false;
  Semaphore files_;  // One checkpoint file at a time.
  OffsetCheckpoint cleaned_to_;
  std::set<TopicPartition> uncleanable_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::log
