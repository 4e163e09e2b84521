// One data directory of a broker: its lock, its identity, its checkpoints and the logs in it. Its files are
// described in FORMAT.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/log/data_directory.hpp"
#include "core/log/partition_log.hpp"

namespace barnabas::log {

struct LogDirectoryOptions {
  std::string data_dir;  // Created when missing.
  BrokerId broker_id;
  std::string cluster_id;  // Of the ZooKeeper that this broker uses.
  LogConfig defaults;
  // The configuration of a topic; the defaults when empty.
  std::function<LogConfig(const std::string& topic)> config_of;
};

class LogDirectory {
 public:
  using Options = LogDirectoryOptions;

  // With missing parents; success when it is there already. The error names log.dirs and what to do.
  static Task<Result<void>> create_data_directory(env::Env env, std::string data_dir);
  // What meta.properties says; nothing when the directory or the file is not there.
  static Task<Result<std::optional<MetaProperties>>> read_meta(env::Env env, std::string data_dir);

  // Locks the directory, checks whose it is, takes the clean-shutdown marker away, and opens every log in it.
  // Errors, each naming the key and the remedy: locked, permission_denied, invalid_argument (another broker's or
  // another cluster's directory), corrupt (a meta.properties that cannot be read), io_error, no_space.
  static Task<Result<std::unique_ptr<LogDirectory>>> open(env::Env env, Options options);
  // Destroying it without stop() is the crash.
  ~LogDirectory();

  // Whether the last stop was a clean one.
  bool started_clean() const { return started_clean_; }
  // Takes no more appends, and for what reason. Until the next start.
  bool failed() const { return health_->failed; }
  const std::string& failure() const { return health_->reason; }
  const std::string& data_dir() const { return options_.data_dir; }
  std::size_t size() const { return logs_.size(); }

  // Null when there is no such log. Valid until remove() or stop().
  PartitionLog* find(const TopicPartition& id);
  std::vector<PartitionLog*> all();

  // See LogManager. Several may be made at the same time, but not the same one twice.
  Task<Result<PartitionLog*>> create(TopicPartition id, Uuid topic_id, LogConfig config);
  Task<Result<void>> remove(TopicPartition id);

  // Writes the checkpoints: recovery points, high watermarks, log start offsets. For a background task
  // (log.flush.offset.checkpoint.interval.ms) and after DeleteRecords.
  Task<Result<void>> checkpoint();
  // flush_if_due() of each log: for a background task (log.flush.scheduler.interval.ms).
  Task<Result<void>> flush_due();
  // Retention and producer expiry of each log (log.retention.check.interval.ms).
  Task<Result<void>> clean_up();

  // The clean end: closes every log, writes the checkpoints and the marker, gives up the lock. On an error there is no
  // marker, and the next start recovers.
  Task<Result<void>> stop();

 private:
  struct Checkpoints {
    OffsetCheckpoint recovery_points;
    OffsetCheckpoint high_watermarks;
    OffsetCheckpoint log_starts;
  };

  LogDirectory(env::Env env, Options options);

  void report(env::LogLevel level, const std::string& line);
  LogConfig config_of(const std::string& topic) const;
  std::string path(std::string_view name) const;

  Task<Result<void>> start();
  Task<Result<void>> take_lock();
  Task<Result<void>> check_identity();
  Task<Result<void>> take_clean_marker();
  Task<Result<OffsetCheckpoint>> read_checkpoint(std::string_view name);
  Task<Result<void>> write_checkpoint(std::string_view name, OffsetCheckpoint checkpoint);
  Task<Result<void>> write_checkpoints();
  Task<Result<void>> open_logs();
  Task<Result<void>> open_log(TopicPartition id, LogConfig config, bool clean);
  Task<Result<PartitionLog*>> create_in_turn(TopicPartition id, Uuid topic_id, LogConfig config);
  Task<Result<void>> make_log(TopicPartition id, LogConfig config);
  // Takes away what a creation made before it failed.
  Task<void> undo_creation(TopicPartition id);
  // What is told of a creation that failed.
  Error creation_error(const TopicPartition& id, Error cause);
  std::vector<TopicPartition> ids() const;
  Task<Result<void>> delete_directory(std::string directory);
  static Task<void> delete_later(LogDirectory& owner, std::string directory, Duration delay);
  void note_departed();

  env::Env env_;
  Options options_;
  std::shared_ptr<DirectoryHealth> health_;
  std::unique_ptr<env::Disk::Lock> lock_;
  Checkpoints at_start_;
  std::map<TopicPartition, std::unique_ptr<PartitionLog>> logs_;
  bool started_clean_ = false;
  std::set<TopicPartition> reported_;  // Directories of which it was said that they cannot be used.
  // In the checkpoints on disk, but without a log: a new log of that name would be taken to be synced up to there.
  std::set<TopicPartition> departed_;
  Semaphore turn_;  // Several creations at a time, or one removal, checkpoint or other duty.
  Scope scope_;     // Deletions that wait for their time. Last: destroyed first.
};

}  // namespace barnabas::log
