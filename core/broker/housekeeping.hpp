// What a broker does from time to time: checkpoints, flushes, retention, compaction, and the look whether a data
// directory has failed.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/log/cleaner/log_cleaner.hpp"
#include "core/log/log_manager.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::broker {

class Housekeeping {
 public:
  // Called once for each data directory that fails while the broker runs.
  using DirectoryFailed = std::function<Task<void>(std::string data_dir)>;

  // The logs outlive this.
  Housekeeping(env::Env env, const metadata::Config& config, log::LogManager& logs, DirectoryFailed directory_failed);

  void start();
  // Ends when no duty is under way: none may stop half-way.
  Task<void> stop();

 private:
  void every(Duration interval, Task<Result<void>> (log::LogManager::*duty)());
  Task<void> watch_directories();

  env::Env env_;
  const metadata::Config& config_;
  log::LogManager& logs_;
  DirectoryFailed directory_failed_;
  std::unique_ptr<log::LogCleaner> cleaner_;
  Semaphore turn_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
