#include "core/log/cleaner/log_cleaner.hpp"

#include <algorithm>

#include "core/log/whole_file.hpp"

namespace barnabas::log {

namespace {

// The directory above a log's own.
std::string data_dir_of(const PartitionLog& log) {
  const std::string& directory = log.directory();
  return directory.substr(0, directory.rfind('/'));
}

CleaningLimits limits_of(const LogCleanerOptions& options) {
  const auto threads = static_cast<std::size_t>(std::max(options.threads, 1));
  CleaningLimits limits;
  limits.map_bytes = options.dedupe_buffer_size / threads;
  limits.map_load_factor = options.load_factor;
  limits.io_bytes = options.io_buffer_size / threads / 2;  // A buffer to read into and one to write from.
  return limits;
}

}  // namespace

LogCleaner::LogCleaner(env::Env env, LogManager& logs, LogCleanerOptions options)
    : env_(env),
      logs_(logs),
      options_(options),
      limits_(limits_of(options)),
      throttle_(options.max_bytes_per_second),
      files_(env.executor, 1),
      scope_(env.executor) {
  secret_.low = env.random.next();
  secret_.high = env.random.next();
}

void LogCleaner::start() {
  if (!options_.enable) return;
  for (std::int32_t i = 0; i < options_.threads; ++i) scope_.spawn(work());
}

void LogCleaner::report(env::LogLevel level, const std::string& line) {
  if (env_.logger.enabled(level)) env_.logger.log(level, "log cleaner", line);
}

std::optional<Offset> LogCleaner::cleaned_to(const TopicPartition& id) const {
  const auto found = cleaned_to_.find(id);
  return found == cleaned_to_.end() ? std::nullopt : std::optional<Offset>(found->second);
}

Task<void> LogCleaner::work() {
  while (true) {
    const bool cleaned = co_await clean_dirtiest();
    // Even then others get a turn: a log whose passes end at once must not spin.
    const Duration pause = cleaned ? std::min<Duration>(options_.backoff, 1ms) : options_.backoff;
    co_await env_.clock.sleep_for(std::max<Duration>(pause, 1ms));
  }
}

Task<bool> LogCleaner::clean_dirtiest() {
  co_await load_checkpoints();
  const auto chosen = co_await choose();
  if (!chosen) co_return false;
  co_return co_await clean(*chosen);
}

Task<void> LogCleaner::load_checkpoints() {
  const auto turn = co_await files_.acquire();
  if (std::exchange(loaded_, true)) co_return;
  std::set<std::string> directories;
  for (const PartitionLog* log : logs_.all()) directories.insert(data_dir_of(*log));
  for (const std::string& directory : directories) co_await load_checkpoint(directory);
}

// Without it compaction begins at the start of the log.
Task<void> LogCleaner::load_checkpoint(std::string data_dir) {
  const std::string path = data_dir + "/" + std::string(kCleanerFile);
  const auto content = co_await read_whole_file(env_.disk, path);
  if (content && !*content) co_return;
  auto parsed = content ? parse_offset_checkpoint(as_text((*content)->view()), kCleanerFile)
                        : Result<OffsetCheckpoint>(std::unexpected(content.error()));
  if (parsed) {
    cleaned_to_.merge(*parsed);
  } else {
    report(env::LogLevel::warn, parsed.error().message + "; it is ignored");
  }
}

Task<void> LogCleaner::save_checkpoint(std::string data_dir) {
  const auto turn = co_await files_.acquire();
  OffsetCheckpoint mine;
  std::set<TopicPartition> present;
  for (const PartitionLog* log : logs_.all()) {
    present.insert(log->id());
    const auto found = cleaned_to_.find(log->id());
    if (found != cleaned_to_.end() && data_dir_of(*log) == data_dir) mine.insert(*found);
  }
  std::erase_if(cleaned_to_, [&](const auto& entry) { return !present.contains(entry.first); });
  const Buffer content = Buffer::copy_of(as_bytes(to_text(mine)));
  const std::string name(kCleanerFile);
  const auto saved = co_await replace_file(env_.disk, data_dir, name, content);
  if (!saved) report(env::LogLevel::warn, std::string(kCleanerFile) + ": " + saved.error().message);
}

Task<std::optional<LogCleaner::Candidate>> LogCleaner::examine(TopicPartition id) {
  PartitionLog* log = logs_.find(id);
  if (log == nullptr || !log->config().cleanup_compact || uncleanable_.contains(id)) co_return std::nullopt;
  auto turn = log->begin_cleaning();
  if (!turn) co_return std::nullopt;
  const auto closed = co_await list_closed(env_, *log);
  if (!closed) {
    report(env::LogLevel::warn, id.to_string() + ": " + closed.error().message);
    co_return std::nullopt;
  }
  const LogFacts facts = facts_of(*log, *closed, log->recovery_point(), env_.clock.wall(), cleaned_to(id));
  const CleaningPlan plan = plan_cleaning(facts, log->config());
  if (!plan.is_due(log->config())) co_return std::nullopt;
  co_return Candidate{id, plan.ratio()};
}

Task<std::optional<TopicPartition>> LogCleaner::choose() {
  std::vector<TopicPartition> ids;
  for (const PartitionLog* log : logs_.all()) {
    if (log->config().cleanup_compact) ids.push_back(log->id());
  }
  std::optional<Candidate> best;
  for (const TopicPartition& id : ids) {
    auto candidate = co_await examine(id);
    if (candidate && (!best || candidate->ratio > best->ratio)) best = std::move(candidate);
  }
  if (!best) co_return std::nullopt;
  co_return best->id;
}

Task<bool> LogCleaner::clean(TopicPartition id) {
  PartitionLog* log = logs_.find(id);
  if (log == nullptr) co_return false;
  // Recovery takes gaps for damage where a topic is not compacted, and the topic may not be any more when it is
  // needed. So nothing is compacted that recovery would read.
  const Offset durable_end = log->recovery_point();
  const auto saved = co_await logs_.checkpoint();
  if (!saved) co_return false;
  log = logs_.find(id);
  if (log == nullptr) co_return false;
  auto turn = log->begin_cleaning();
  if (!turn) co_return false;
  const std::optional<Offset> before = cleaned_to(id);
  const auto outcome = co_await run_pass(*turn, durable_end);
  // What was written in vain should not fill a disk until the next pass.
  if (!outcome && !log->failed()) (void)co_await log->remove_cleaned_files();
  settle(*log, outcome);
  const std::string data_dir = data_dir_of(*log);
  turn.reset();
  if (outcome) co_await save_checkpoint(data_dir);
  co_return outcome && (!before || outcome->cleaned_to != *before);
}

Task<Result<CleaningOutcome>> LogCleaner::run_pass(PartitionLog::CleaningTurn& turn, Offset durable_end) {
  PartitionLog& log = turn.log();
  B_CO_TRY(auto closed, co_await list_closed(env_, log));
  const LogFacts facts = facts_of(log, closed, durable_end, env_.clock.wall(), cleaned_to(log.id()));
  const CleaningPlan plan = plan_cleaning(facts, log.config());
  CleaningPass pass(env_, turn, limits_, secret_, throttle_);
  co_return co_await pass.run(std::move(closed), plan);
}

void LogCleaner::settle(const PartitionLog& log, const Result<CleaningOutcome>& outcome) {
  const std::string name = log.id().to_string();
  if (outcome) {
    cleaned_to_[log.id()] = outcome->cleaned_to;
    report(env::LogLevel::info, name + " is compacted up to offset " + std::to_string(outcome->cleaned_to.value()) +
                                    ": " + std::to_string(outcome->bytes_before) + " bytes became " +
                                    std::to_string(outcome->bytes_after));
    return;
  }
  const Error& error = outcome.error();
  if (error.code == Errc::closed) return;
  std::string line = name + " cannot be compacted: " + error.to_string();
  if (error.code == Errc::corrupt || error.code == Errc::too_large || error.code == Errc::truncated) {
    uncleanable_.insert(log.id());
    line += "; it is left alone until the next start";
  }
  report(env::LogLevel::warn, line);
}

}  // namespace barnabas::log
