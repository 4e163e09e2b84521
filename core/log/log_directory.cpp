#include "core/log/log_directory.hpp"

#include <algorithm>

#include "core/async/gather.hpp"
#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"
#include "core/log/log_config.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

namespace {

// Logs that are opened, made or closed at the same time: their syncs go to the disk together.
constexpr std::int64_t kLogsAtOnce = 32;
constexpr std::int64_t kWholeTurn = kLogsAtOnce;

// The directories above this one, nearest first.
std::vector<std::string> ancestors(std::string path) {
  std::vector<std::string> result;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  while (path != "/" && path != ".") {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) {
      path = ".";
    } else {
      path = slash == 0 ? "/" : path.substr(0, slash);
    }
    result.push_back(path);
  }
  return result;
}

// The error of a disk, told in terms of the key that names the directory.
std::unexpected<Error> about_log_dirs(const std::string& directory, const Error& cause) {
  const bool full = cause.code == Errc::no_space;
  const std::string remedy = full ? "; free some space or set another log.dirs"
                                  : "; make it a directory that this user may write to, or set another log.dirs";
  return fail(cause.code, "log.dirs=" + directory + ": " + cause.message + remedy);
}

std::string hex_digits(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15];
  return text;
}

}  // namespace

LogDirectory::LogDirectory(env::Env env, Options options)
    : env_(env),
      options_(std::move(options)),
      health_(std::make_shared<DirectoryHealth>()),
      turn_(env.executor, kWholeTurn),
      scope_(env.executor) {
  health_->data_dir = options_.data_dir;
}

LogDirectory::~LogDirectory() = default;

void LogDirectory::report(env::LogLevel level, const std::string& line) {
  if (env_.logger.enabled(level)) env_.logger.log(level, "logs " + options_.data_dir, line);
}

LogConfig LogDirectory::config_of(const std::string& topic) const {
  return options_.config_of ? options_.config_of(topic) : options_.defaults;
}

std::string LogDirectory::path(std::string_view name) const { return join_path(options_.data_dir, name); }

Task<Result<std::optional<MetaProperties>>> LogDirectory::read_meta(env::Env env, std::string data_dir) {
  const std::string path = join_path(data_dir, kMetaPropertiesFile);
  const auto content = co_await read_whole_file(env.disk, path);
  if (!content) co_return about_log_dirs(data_dir, content.error());
  if (!*content) co_return std::optional<MetaProperties>();
  auto parsed = parse_meta_properties(as_text((*content)->view()));
  if (!parsed) {
    co_return fail(parsed.error().code, "log.dirs=" + data_dir + ": " + parsed.error().message +
                                            "; restore the file or set another log.dirs");
  }
  co_return std::optional<MetaProperties>(*std::move(parsed));
}

Task<Result<void>> LogDirectory::create_data_directory(env::Env env, std::string data_dir) {
  const auto created = co_await env.disk.create_directories(data_dir);
  if (!created) co_return about_log_dirs(data_dir, created.error());
  co_return Result<void>{};
}

Task<Result<std::unique_ptr<LogDirectory>>> LogDirectory::open(env::Env env, Options options) {
  std::unique_ptr<LogDirectory> manager(new LogDirectory(env, std::move(options)));
  B_CO_TRY_VOID(co_await manager->start());
  co_return manager;
}

Task<Result<void>> LogDirectory::start() {
  B_CO_TRY_VOID(co_await take_lock());
  B_CO_TRY_VOID(co_await check_identity());
  auto started = co_await take_clean_marker();
  if (started) started = co_await open_logs();
  if (BARNABAS_MUTANT(clean_marker_removed_after_load)) {
    const std::string marker = path(kCleanShutdownFile);
    (void)co_await env_.disk.remove(marker);
  }
  if (!started) co_return about_log_dirs(options_.data_dir, started.error());
  co_return Result<void>{};
}

Task<Result<void>> LogDirectory::take_lock() {
  const std::string directory = options_.data_dir;
  B_CO_TRY_VOID(co_await create_data_directory(env_, directory));
  const std::string lock_path = path(kLockFile);
  auto lock = co_await env_.disk.lock(lock_path);
  if (!lock && lock.error().code == Errc::locked) {
    co_return fail(Errc::locked,
                   "log.dirs=" + directory + " is in use by another process: stop that one or set another log.dirs");
  }
  if (!lock) co_return about_log_dirs(directory, lock.error());
  lock_ = *std::move(lock);
  co_return Result<void>{};
}

Task<Result<void>> LogDirectory::check_identity() {
  const std::string directory = options_.data_dir;
  B_CO_TRY(const auto meta, co_await read_meta(env_, directory));
  if (!meta) {
    // A new directory: reachable after a power cut before anything is promised in it. Ancestors that we may not
    // read were there before us.
    for (const std::string& above : ancestors(directory)) {
      const auto synced = co_await env_.disk.sync_directory(above);
      if (!synced && synced.error().code != Errc::permission_denied)
        co_return about_log_dirs(directory, synced.error());
    }
    const std::string text = to_text(MetaProperties{options_.broker_id, options_.cluster_id});
    const Buffer content = Buffer::copy_of(as_bytes(text));
    const std::string name(kMetaPropertiesFile);
    const auto written = co_await replace_file(env_.disk, directory, name, content);
    if (!written) co_return about_log_dirs(directory, written.error());
    co_return Result<void>{};
  }
  if (meta->cluster_id != options_.cluster_id) {
    co_return fail(Errc::invalid_argument, "log.dirs=" + directory + " belongs to cluster " + meta->cluster_id +
                                               ", zookeeper.connect leads to cluster " + options_.cluster_id +
                                               ": set the log.dirs or the zookeeper.connect that belong together");
  }
  if (meta->broker_id != options_.broker_id) {
    const std::string theirs = std::to_string(meta->broker_id.value());
    co_return fail(Errc::invalid_argument, "broker.id=" + std::to_string(options_.broker_id.value()) +
                                               ", but log.dirs=" + directory + " belongs to broker " + theirs +
                                               ": set broker.id=" + theirs + " or another log.dirs");
  }
  co_return Result<void>{};
}

// Gone, for good, before the first log is touched: what crashes from here on must not look clean (KAFKA-10471).
Task<Result<void>> LogDirectory::take_clean_marker() {
  const std::string marker = path(kCleanShutdownFile);
  const std::string directory = options_.data_dir;
  B_CO_TRY(started_clean_, co_await env_.disk.exists(marker));
  if (started_clean_ && !BARNABAS_MUTANT(clean_marker_removed_after_load)) {
    B_CO_TRY_VOID(co_await env_.disk.remove(marker));
    B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory));
  }
  co_return Result<void>{};
}

Task<Result<OffsetCheckpoint>> LogDirectory::read_checkpoint(std::string_view name) {
  const std::string file = path(name);
  B_CO_TRY(const auto content, co_await read_whole_file(env_.disk, file));
  if (!content) co_return OffsetCheckpoint{};
  auto parsed = parse_offset_checkpoint(as_text(content->view()), name);
  if (parsed) co_return parsed;
  // Without it more is scanned than necessary; nothing is lost.
  report(env::LogLevel::warn, parsed.error().message + "; it is ignored");
  co_return OffsetCheckpoint{};
}

Task<Result<void>> LogDirectory::write_checkpoint(std::string_view name, OffsetCheckpoint checkpoint) {
  const Buffer content = Buffer::copy_of(as_bytes(to_text(checkpoint)));
  const std::string directory = options_.data_dir;
  const std::string file(name);
  co_return co_await replace_file(env_.disk, directory, file, content);
}

Task<Result<void>> LogDirectory::write_checkpoints() {
  Checkpoints now;
  for (const auto& [id, log] : logs_) {
    now.recovery_points[id] = log->recovery_point();
    now.high_watermarks[id] = log->high_watermark();
    if (log->log_start_offset() > log->first_segment_base()) now.log_starts[id] = log->log_start_offset();
  }
  // The recovery point first: a log start above what is durable is worse than one that lags.
  B_CO_TRY_VOID(co_await write_checkpoint(kRecoveryPointFile, now.recovery_points));
  B_CO_TRY_VOID(co_await write_checkpoint(kLogStartFile, now.log_starts));
  B_CO_TRY_VOID(co_await write_checkpoint(kHighWatermarkFile, now.high_watermarks));
  departed_.clear();
  co_return Result<void>{};
}

Task<Result<void>> LogDirectory::checkpoint() {
  const auto turn = co_await turn_.acquire(kWholeTurn);
  if (health_->failed) co_return fail(Errc::storage_failed, health_->reason);
  co_return co_await write_checkpoints();
}

Task<Result<void>> LogDirectory::open_logs() {
  B_CO_TRY(at_start_.recovery_points, co_await read_checkpoint(kRecoveryPointFile));
  B_CO_TRY(at_start_.high_watermarks, co_await read_checkpoint(kHighWatermarkFile));
  B_CO_TRY(at_start_.log_starts, co_await read_checkpoint(kLogStartFile));
  const std::string directory = options_.data_dir;
  // As LogLoader::run() does for the files in it: for partition directories whose creation a kill interrupted.
  if (!started_clean_) B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory));
  B_CO_TRY(const auto names, co_await env_.disk.list(directory));
  std::vector<Task<Result<void>>> opening;
  for (const std::string& name : names) {
    if (name.ends_with(kDeleteDirectorySuffix)) {
      const std::string doomed = path(name);
      B_CO_TRY_VOID(co_await delete_directory(doomed));
      continue;
    }
    const auto id = parse_partition_directory(name);
    if (!id) continue;
    opening.push_back(open_log(*id, config_of(id->topic), started_clean_));
  }
  B_CO_TRY_VOID(co_await gather(env_.executor, std::move(opening), kLogsAtOnce));
  note_departed();
  at_start_ = {};
  co_return Result<void>{};
}

void LogDirectory::note_departed() {
  for (const auto* checkpoint : {&at_start_.recovery_points, &at_start_.high_watermarks, &at_start_.log_starts}) {
    for (const auto& [id, offset] : *checkpoint) {
      if (!logs_.contains(id)) departed_.insert(id);
    }
  }
}

Task<Result<void>> LogDirectory::open_log(TopicPartition id, LogConfig config, bool clean) {
  const auto known = [&](const OffsetCheckpoint& checkpoint) {
    const auto found = checkpoint.find(id);
    return found == checkpoint.end() ? Offset(0) : found->second;
  };
  OpenOptions options;
  options.recovery_point = known(at_start_.recovery_points);
  options.log_start = known(at_start_.log_starts);
  options.high_watermark = known(at_start_.high_watermarks);
  options.clean_shutdown = clean;
  options.health = health_;
  const std::string directory = path(id.to_string());
  B_CO_TRY(auto log, co_await PartitionLog::open(env_, directory, id, config, options));
  logs_[id] = std::move(log);
  co_return Result<void>{};
}

PartitionLog* LogDirectory::find(const TopicPartition& id) {
  const auto found = logs_.find(id);
  return found == logs_.end() ? nullptr : found->second.get();
}

std::vector<PartitionLog*> LogDirectory::all() {
  std::vector<PartitionLog*> result;
  for (const auto& [id, log] : logs_) result.push_back(log.get());
  return result;
}

std::vector<TopicPartition> LogDirectory::ids() const {
  std::vector<TopicPartition> result;
  for (const auto& [id, log] : logs_) result.push_back(id);
  return result;
}

Task<Result<PartitionLog*>> LogDirectory::create(TopicPartition id, Uuid topic_id, LogConfig config) {
  if (departed_.contains(id)) B_CO_TRY_VOID(co_await checkpoint());
  const auto turn = co_await turn_.acquire();
  const std::string directory = path(id.to_string());
  const auto present = co_await env_.disk.exists(directory);
  auto created = co_await create_in_turn(id, topic_id, config);
  if (!created) {
    if (wants_room(created.error()) && present && !*present) co_await undo_creation(id);
    created = std::unexpected(creation_error(id, std::move(created).error()));
  }
  co_return created;
}

Error LogDirectory::creation_error(const TopicPartition& id, Error cause) {
  const std::string where = "log.dirs=" + options_.data_dir + ": ";
  if (wants_room(cause)) {
    const std::string what = "creating " + id.to_string() + ": " + cause.message;
    warn_of_full_disk(*health_, env_, "logs " + options_.data_dir, what);
    return Error{Errc::no_space, where + cause.message};
  }
  if (cause.code != Errc::corrupt && cause.code != Errc::truncated) return cause;
  // Ours, not the client's: its own bytes were never looked at.
  Error told{Errc::storage_failed, where + cause.message};
  if (reported_.insert(id).second) report(env::LogLevel::warn, told.message);
  return told;
}

// What cannot be removed stays: an empty log without records, which the next creation takes up.
Task<void> LogDirectory::undo_creation(TopicPartition id) {
  if (const auto made = logs_.find(id); made != logs_.end()) {
    co_await made->second->abandon();
    logs_.erase(id);
  }
  const std::string directory = path(id.to_string());
  const auto removed = co_await delete_directory(directory);
  if (!removed && removed.error().code != Errc::not_found) {
    report(env::LogLevel::warn, "cannot remove the unfinished " + id.to_string() + ": " + removed.error().message);
  }
}

Task<Result<void>> LogDirectory::make_log(TopicPartition id, LogConfig config) {
  const std::string directory = path(id.to_string());
  const std::string parent = options_.data_dir;
  B_CO_TRY_VOID(co_await env_.disk.create_directories(directory));
  // The entry before the content: what is promised below it must be reachable.
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(parent));
  co_return co_await open_log(id, config, false);
}

Task<Result<PartitionLog*>> LogDirectory::create_in_turn(TopicPartition id, Uuid topic_id, LogConfig config) {
  if (health_->failed) co_return fail(Errc::storage_failed, health_->reason);
  if (find(id) == nullptr) B_CO_TRY_VOID(co_await make_log(id, config));
  PartitionLog* log = find(id);
  log->set_config(config);
  if (topic_id.is_zero() || log->topic_id() == topic_id) co_return log;
  if (!log->topic_id().is_zero()) {
    co_return fail(Errc::corrupt, id.to_string() + " holds topic id " + log->topic_id().to_string() + ", not " +
                                      topic_id.to_string() +
                                      ": stop the broker, then move that directory away or, if it is the one that "
                                      "you want, restore the zookeeper directory that it belongs to");
  }
  B_CO_TRY_VOID(co_await log->set_topic_id(topic_id));
  co_return log;
}

Task<Result<void>> LogDirectory::remove(TopicPartition id) {
  const auto turn = co_await turn_.acquire(kWholeTurn);
  if (health_->failed) co_return fail(Errc::storage_failed, health_->reason);
  const auto found = logs_.find(id);
  if (found == logs_.end()) co_return Result<void>{};
  // Destroyed only when nothing of it runs any more.
  co_await found->second->abandon();
  const std::string from = found->second->directory();
  const Duration delay = duration_of(found->second->config().file_delete_delay_ms);
  const std::uint64_t high = env_.random.next();
  const std::uint64_t low = env_.random.next();
  const std::string to = from + "." + hex_digits(high) + hex_digits(low) + std::string(kDeleteDirectorySuffix);
  const std::string parent = options_.data_dir;
  B_CO_TRY_VOID(co_await env_.disk.rename(from, to));
  logs_.erase(id);
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(parent));
  scope_.spawn(delete_later(*this, to, delay));
  departed_.insert(id);
  const auto written = co_await write_checkpoints();
  // A full disk must not keep what would free it from being deleted.
  if (!written && wants_room(written.error())) co_return Result<void>{};
  co_return written;
}

// What is left when the broker stops goes at the next start.
Task<void> LogDirectory::delete_later(LogDirectory& owner, std::string directory, Duration delay) {
  co_await owner.env_.clock.sleep_for(delay);
  const auto deleted = co_await owner.delete_directory(directory);
  if (!deleted) {
    owner.report(env::LogLevel::warn, directory + " stays until the next start: " + deleted.error().message);
  }
}

Task<Result<void>> LogDirectory::delete_directory(std::string directory) {
  B_CO_TRY(const auto names, co_await env_.disk.list(directory));
  for (const std::string& name : names) {
    const std::string file = join_path(directory, name);
    B_CO_TRY_VOID(co_await remove_if_present(env_.disk, file));
  }
  co_return co_await env_.disk.remove(directory);
}

Task<Result<void>> LogDirectory::flush_due() {
  for (const TopicPartition& id : ids()) {
    const auto turn = co_await turn_.acquire(kWholeTurn);
    if (PartitionLog* log = find(id)) B_CO_TRY_VOID(co_await log->flush_if_due());
  }
  co_return Result<void>{};
}

Task<Result<void>> LogDirectory::clean_up() {
  const Timestamp now = env_.clock.wall();
  for (const TopicPartition& id : ids()) {
    const auto turn = co_await turn_.acquire(kWholeTurn);
    PartitionLog* log = find(id);
    if (log == nullptr) continue;
    log->expire_producers();
    const auto deleted = co_await log->delete_old_segments(now);
    if (!deleted && deleted.error().code != Errc::closed) co_return std::unexpected(deleted.error());
  }
  co_return Result<void>{};
}

Task<Result<void>> LogDirectory::stop() {
  const auto turn = co_await turn_.acquire(kWholeTurn);
  scope_.cancel();
  if (health_->failed) co_return fail(Errc::storage_failed, health_->reason);
  std::vector<Task<Result<void>>> closing;
  for (const auto& [id, log] : logs_) closing.push_back(log->close());
  B_CO_TRY_VOID(co_await gather(env_.executor, std::move(closing), kLogsAtOnce));
  B_CO_TRY_VOID(co_await write_checkpoints());
  const Buffer marker = Buffer::copy_of(as_bytes(kCleanShutdownText));
  const std::string directory = options_.data_dir;
  const std::string name(kCleanShutdownFile);
  B_CO_TRY_VOID(co_await replace_file(env_.disk, directory, name, marker));
  lock_.reset();
  co_return Result<void>{};
}

}  // namespace barnabas::log
