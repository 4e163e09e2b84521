#include "core/broker/housekeeping.hpp"

#include <algorithm>
#include <utility>

#include "core/broker/log_cleaning.hpp"
#include "core/broker/milliseconds.hpp"

namespace barnabas::broker {
namespace {

namespace keys = metadata::keys;

// How often it is looked whether a flush.ms has passed, unless log.flush.scheduler.interval.ms is less.
constexpr Duration kFlushTick = 1s;
// How often it is looked whether a data directory has failed.
constexpr Duration kDirectoryTick = 1s;

// Calls a periodic duty of the logs, one of them at a time; what fails is tried again at the next turn. Destroyed
// only while nobody holds the turn: a duty must not stop half-way.
Task<void> repeat(env::Env env, Duration interval, Semaphore& turn, log::LogManager& logs,
                  Task<Result<void>> (log::LogManager::*duty)()) {
  while (true) {
    co_await env.clock.sleep_for(interval);
    const Semaphore::Units held = co_await turn.acquire();
    const Result<void> done = co_await (logs.*duty)();
    if (!done) env.logger.log(env::LogLevel::warn, "logs", done.error().to_string());
  }
}

}  // namespace

Housekeeping::Housekeeping(env::Env env, const metadata::Config& config, log::LogManager& logs,
                           DirectoryFailed directory_failed)
    : env_(env),
      config_(config),
      logs_(logs),
      directory_failed_(std::move(directory_failed)),
      turn_(env.executor, 1),
      scope_(env.executor) {}

void Housekeeping::every(Duration interval, Task<Result<void>> (log::LogManager::*duty)()) {
  scope_.spawn(repeat(env_, std::max(interval, Duration(1ms)), turn_, logs_, duty));
}

void Housekeeping::start() {
  // One checkpoint has the recovery points and the high watermarks.
  const Duration recovery_points = milliseconds(config_.get(keys::log_flush_offset_checkpoint_interval_ms));
  const Duration high_watermarks = milliseconds(config_.get(keys::replica_high_watermark_checkpoint_interval_ms));
  every(std::min(recovery_points, high_watermarks), &log::LogManager::checkpoint);
  every(std::min(milliseconds(config_.get(keys::log_flush_scheduler_interval_ms)), kFlushTick),
        &log::LogManager::flush_due);
  every(milliseconds(config_.get(keys::log_retention_check_interval_ms)), &log::LogManager::clean_up);
  cleaner_ = std::make_unique<log::LogCleaner>(env_, logs_, log_cleaner_options(config_));
  cleaner_->start();
  scope_.spawn(watch_directories());
}

Task<void> Housekeeping::watch_directories() {
  std::set<std::string> failed;
  for (const log::DirectoryStatus& directory : logs_.directories()) {
    if (directory.failed) failed.insert(directory.data_dir);
  }
  while (true) {
    co_await env_.clock.sleep_for(kDirectoryTick);
    for (const log::DirectoryStatus& directory : logs_.directories()) {
      if (directory.failed && failed.insert(directory.data_dir).second) co_await directory_failed_(directory.data_dir);
    }
  }
}

Task<void> Housekeeping::stop() {
  {
    const Semaphore::Units held = co_await turn_.acquire();
    scope_.cancel();
  }
  cleaner_.reset();
}

}  // namespace barnabas::broker
