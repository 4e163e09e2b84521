// The logs of a broker, in one or several data directories (log.dirs). A directory that fails takes its own logs out of
// service, not the broker: they answer storage_failed to appends, and those that could not be opened are not there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/log/log_directory.hpp"

namespace barnabas::log {

struct LogManagerOptions {
  std::vector<std::string> data_dirs;  // log.dirs: at least one; created when missing.
  BrokerId broker_id;
  std::string cluster_id;  // Of the ZooKeeper that this broker uses.
  LogConfig defaults;
  // The configuration of a topic; the defaults when empty.
  std::function<LogConfig(const std::string& topic)> config_of;
  // Whether this partition of the topic with this id was there before this start, and so may have a log in a directory
  // that is out of service. Empty: any may have been.
  std::function<bool(const TopicPartition&, const Uuid& topic_id)> existed;
};

// One of log.dirs, for those who ask how it does (DescribeLogDirs).
struct DirectoryStatus {
  std::string data_dir;
  bool failed;
  std::string failure;  // Empty unless it failed.
};

class LogManager {
 public:
  using Options = LogManagerOptions;

  // With missing parents; success when it is there already. The error names log.dirs and what to do.
  static Task<Result<void>> create_data_directory(env::Env env, std::string data_dir);
  // What the first meta.properties says that can be read; nothing when no directory has one. The error of the first
  // directory when none can be read.
  static Task<Result<std::optional<MetaProperties>>> read_meta(env::Env env, std::vector<std::string> data_dirs);

  // Locks the directories, checks whose they are, takes the clean-shutdown markers away, and opens every log in them.
  // A directory that cannot be used stays out of service, unless it is the last. Errors, each naming the key and the
  // remedy: locked, invalid_argument (another broker's or another cluster's directory, or the same partition in two),
  // unsupported (of KRaft mode); when no directory is left also permission_denied, corrupt (a meta.properties that
  // cannot be read), io_error, no_space.
  static Task<Result<std::unique_ptr<LogManager>>> open(env::Env env, Options options);
  // Destroying it without stop() is the crash.
  ~LogManager();

  // Whether the last stop was a clean one, in all directories.
  bool started_clean() const;
  // Whether no directory is in service.
  bool failed() const;
  std::vector<DirectoryStatus> directories() const;

  // Null when there is no such log, or its directory could not be opened. Valid until remove() or stop().
  PartitionLog* find(const TopicPartition& id);
  std::vector<PartitionLog*> all();

  // The log, made when it is not there, in the directory with the fewest logs. When this returns its directory
  // survives a power cut. Several may be made at the same time; already_exists: this one is being made by another call.
  // storage_failed: a log of that name with another topic id, or one that cannot be read, is there (said once in the
  // log), or a directory is out of service that may hold it. no_space: a new log is not there then, and it may be tried
  // again. A zero topic id is not recorded.
  Task<Result<PartitionLog*>> create(TopicPartition id, Uuid topic_id, LogConfig config);
  // Deletes the log; it does not come back after a power cut. Its files stay for file.delete.delay.ms. Success when it
  // is not there. Nobody may use the log any more; slices that were read stay readable. storage_failed: a directory is
  // out of service that has it or may have it.
  Task<Result<void>> remove(TopicPartition id);

  // Writes the checkpoints of all directories: recovery points, high watermarks, log start offsets. For a background
  // task (log.flush.offset.checkpoint.interval.ms) and after DeleteRecords. These four leave out directories that are
  // out of service, do all they can, and then return the first error; storage_failed when no directory is left.
  Task<Result<void>> checkpoint();
  // flush_if_due() of each log: for a background task (log.flush.scheduler.interval.ms).
  Task<Result<void>> flush_due();
  // Retention and producer expiry of each log (log.retention.check.interval.ms).
  Task<Result<void>> clean_up();
  // The clean end: closes every log, writes the checkpoints and the markers, gives up the locks. A directory that
  // failed gets no marker, and its next start recovers.
  Task<Result<void>> stop();

 private:
  struct Place {
    std::string data_dir;
    std::unique_ptr<LogDirectory> directory;  // Null when it could not be opened.
    std::string failure;                      // Why not.
    std::size_t creating = 0;                 // Logs that are being made in it.

    bool in_service() const { return directory != nullptr && !directory->failed(); }
  };

  LogManager(env::Env env, Options options);

  Task<Result<void>> open_place(Place& place);
  Result<void> check_opened() const;
  // The directory that has the log; null: none that was opened.
  Place* owner_of(const TopicPartition& id);
  bool any_unopened() const;
  Result<Place*> place_for(const TopicPartition& id, const Uuid& topic_id);
  Task<Result<void>> each(Task<Result<void>> (LogDirectory::*duty)());

  env::Env env_;
  Options options_;
  std::vector<Place> places_;
  std::set<TopicPartition> creating_;
};

}  // namespace barnabas::log
