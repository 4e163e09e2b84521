#include "tests/log/log_twin.hpp"

#include <algorithm>
#include <map>

#include "core/log/file_names.hpp"

namespace barnabas::log {

namespace {

TwinBatch account_of(const Buffer& batch) {
  const auto header = header_of(batch);
  TwinBatch result{header.base_offset.value(),
                   header.last_offset().value(),
                   header.producer_id.value(),
                   header.has_producer() ? header.last_sequence() : -1,
                   {}};
  const auto walked = record::for_each_record(batch.view(), [&](const record::RecordView& record) {
    TwinRecord& kept = result.records.emplace_back();
    kept.offset = record.offset.value();
    kept.key = as_text(record.key.value_or(ByteView()));
    if (record.value) kept.value = as_text(*record.value);
  });
  EXPECT_TRUE(walked.has_value());
  return result;
}

std::vector<TwinRecord> records_of(const std::vector<TwinBatch>& batches) {
  std::vector<TwinRecord> all;
  for (const TwinBatch& batch : batches) all.insert(all.end(), batch.records.begin(), batch.records.end());
  return all;
}

// What a reader of the whole log knows in the end.
std::map<std::string, std::string> replayed(const std::vector<TwinRecord>& records) {
  std::map<std::string, std::string> state;
  for (const TwinRecord& record : records) {
    if (record.value) {
      state[record.key] = *record.value;
    } else {
      state.erase(record.key);
    }
  }
  return state;
}

std::map<std::string, std::int64_t> last_offsets(const std::vector<TwinRecord>& records) {
  std::map<std::string, std::int64_t> last;
  for (const TwinRecord& record : records) last[record.key] = record.offset;
  return last;
}

// May compaction have made `after` of `before`, where no record at or above `limit` may go?
std::string not_compaction_of(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after,
                              std::int64_t limit, bool keeps_tombstones) {
  const auto old_records = records_of(before);
  const auto new_records = records_of(after);
  auto at = old_records.begin();
  for (const TwinRecord& record : new_records) {
    at = std::find(at, old_records.end(), record);
    if (at == old_records.end()) return "a record appeared or moved at offset " + std::to_string(record.offset);
    ++at;
  }
  for (const TwinRecord& record : old_records) {
    if (record.offset < limit || std::ranges::find(new_records, record) != new_records.end()) continue;
    return "the record at offset " + std::to_string(record.offset) + " is gone, at or above " + std::to_string(limit);
  }
  if (replayed(old_records) != replayed(new_records)) return "the last values of the keys differ";
  if (keeps_tombstones && last_offsets(old_records) != last_offsets(new_records)) return "a young tombstone is gone";
  const std::int64_t old_last = before.empty() ? -1 : before.back().last;
  const std::int64_t new_last = after.empty() ? -1 : after.back().last;
  if (old_last != new_last) return "the last offset is " + std::to_string(new_last);
  return "";
}

std::string text_of(const Error& error) { return error.to_string(); }

Task<Result<CleaningOutcome>> clean(env::Env env, PartitionLog& log, CleaningLimits limits, Throttle& throttle,
                                    std::optional<Offset> cleaned_to) {
  auto turn = log.begin_cleaning();
  if (!turn) co_return fail(Errc::closed, "no turn");
  B_CO_TRY(auto closed, co_await list_closed(env, log));
  const LogFacts facts = facts_of(log, closed, log.recovery_point(), env.clock.wall(), cleaned_to);
  const CleaningPlan plan = plan_cleaning(facts, log.config());
  const HashSecret secret{1, 2};
  CleaningPass pass(env, *turn, limits, secret, throttle);
  co_return co_await pass.run(std::move(closed), plan);
}

Task<void> clean_and_forget(env::Env env, PartitionLog& log, CleaningLimits limits, Throttle& throttle,
                            std::optional<Offset> cleaned_to) {
  (void)co_await clean(env, log, limits, throttle, cleaned_to);
}

Task<void> append_and_note(PartitionLog& log, Buffer batch, std::shared_ptr<bool> acknowledged) {
  const auto info = co_await log.append(std::move(batch));
  *acknowledged = info.has_value();
}

Task<void> delete_and_forget(PartitionLog& log, Offset until) { (void)co_await log.advance_log_start(until); }

Task<void> retain_and_forget(env::Env env, PartitionLog& log) {
  (void)co_await log.delete_old_segments(env.clock.wall());
}

}  // namespace

LogTwin::LogTwin(std::uint64_t seed, const LogConfig& wanted, CleaningLimits limits) : LogTest(seed), limits_(limits) {
  config = wanted;
  open();
}

Buffer LogTwin::next_batch(int records, int keys, int value_size, int producer, TwinBatch& into) {
  record::BatchOptions options;
  options.base_offset = Offset(end());
  options.leader_epoch = LeaderEpoch(0);
  if (producer >= 0) {
    const ProducerEntry* entry = log->producers().find(ProducerId(producer));
    options.producer_id = ProducerId(producer);
    options.producer_epoch = ProducerEpoch(0);
    options.base_sequence = entry == nullptr ? 0 : entry->last_sequence() + 1;
  }
  record::BatchBuilder builder(options);
  for (int i = 0; i < records; ++i) {
    ++serial_;
    const std::string key = "k" + std::to_string((serial_ * 7 + serial_ / 3) % keys);
    std::string value = "v" + std::to_string(serial_);
    value.resize(value.size() + static_cast<std::size_t>(value_size), '.');
    const std::optional<ByteView> bytes = serial_ % 6 == 0 ? std::nullopt : std::optional(as_bytes(value));
    builder.append(Timestamp(clock_++), as_bytes(key), bytes);
  }
  Buffer batch = builder.build();
  into = account_of(batch);
  return batch;
}

std::string LogTwin::append(int records, int keys, int value_size, int producer) {
  TwinBatch account;
  const Buffer batch = next_batch(records, keys, value_size, producer, account);
  const auto info = run(log->append(batch));
  if (batch.size() > static_cast<std::size_t>(config.segment_bytes)) {
    return info ? "a batch larger than a segment was taken" : "";
  }
  if (!info) return "append: " + text_of(info.error());
  batches_.push_back(std::move(account));
  if (waits_for_sync()) synced_ = end();
  if (serial_ % 7 == 0) checkpoint_ = log->recovery_point().value();
  return "";
}

std::string LogTwin::flush() {
  const auto done = run(log->flush());
  synced_ = end();
  return done ? "" : "flush: " + text_of(done.error());
}

std::string LogTwin::truncate(std::size_t batches) {
  batches_.resize(batches_.size() - std::min(batches_.size(), batches));
  const auto done = run(log->truncate_to(Offset(end())));
  if (!done) return "truncate: " + text_of(done.error());
  synced_ = std::min(synced_, end());
  checkpoint_ = std::min(checkpoint_, end());
  if (cleaned_to_ && cleaned_to_->value() > end()) cleaned_to_ = Offset(end());
  return compare();
}

void LogTwin::forget_below_start() {
  std::erase_if(batches_, [&](const TwinBatch& batch) { return batch.last < start_; });
}

std::string LogTwin::delete_records(std::size_t batches) {
  if (batches_.empty()) return "";
  log->set_high_watermark(Offset(end()));
  start_ = std::max(start_, batches_[std::min(batches, batches_.size() - 1)].base);
  const auto done = run(log->advance_log_start(Offset(start_)));
  if (!done) return "delete: " + text_of(done.error());
  forget_below_start();
  return compare();
}

std::string LogTwin::retain() {
  log->set_high_watermark(Offset(end()));
  const std::string flushed = flush();
  if (!flushed.empty()) return flushed;
  const std::int64_t before = log->size_in_bytes();
  const bool all_readable = log->first_segment_base().value() == start_;
  const auto deleted = run(log->delete_old_segments(node->env().clock.wall()));
  if (!deleted) return "retain: " + text_of(deleted.error());
  if (all_readable && log->size_in_bytes() < std::min(before, config.retention_bytes)) {
    return "retention took more than it had to";
  }
  const std::int64_t start = log->log_start_offset().value();
  if (start < start_ || (*deleted == 0 && start != start_)) return "retention moved the log start wrongly";
  start_ = start;
  forget_below_start();
  return compare();
}

std::string LogTwin::compact() {
  log->set_high_watermark(Offset(end()));
  checkpoint_ = log->recovery_point().value();
  const std::int64_t limit = std::min(checkpoint_, log->active_base().value());
  const auto outcome = run(clean(node->env(), *log, limits_, throttle_, cleaned_to_));
  if (!outcome) return "compact: " + text_of(outcome.error());
  cleaned_to_ = outcome->cleaned_to;
  if (outcome->bytes_before > 0) ++passes_;
  std::vector<TwinBatch> now;
  if (const auto problem = read(now); !problem.empty()) return problem;
  if (const auto problem = not_compaction_of(batches_, now, limit, config.delete_retention_ms > 0); !problem.empty())
    return "compact: " + problem;
  batches_ = std::move(now);
  for (const std::string& name : names()) {
    if (name.ends_with(kCleanedSuffix) || name.ends_with(kSwapSuffix)) return "compaction left " + name;
  }
  return compare();
}

std::string LogTwin::reopen() {
  const auto closed = run(log->close());
  if (!closed) return "close: " + text_of(closed.error());
  OpenOptions options;
  options.recovery_point = log->recovery_point();
  options.high_watermark = Offset(end());
  options.log_start = Offset(start_);
  options.clean_shutdown = true;
  node->restart();
  open(options);
  synced_ = checkpoint_ = end();
  return compare();
}

std::string LogTwin::read(std::vector<TwinBatch>& into) {
  const auto bytes = run(read_all(*log, log->log_start_offset(), 900));
  if (!bytes) return "read: " + text_of(bytes.error());
  const auto walked =
      record::for_each_batch(ByteView(*bytes), [&](const record::BatchHeader&, ByteView batch) -> Result<void> {
        into.push_back(account_of(Buffer::copy_of(batch)));
        return {};
      });
  return walked ? "" : "read: " + text_of(walked.error());
}

// What a producer appended last is known, however few of its records are left. A snapshot may know of more, of batches
// that compaction removed because of one that was truncated later.
std::string LogTwin::check_producers() {
  std::map<std::int64_t, std::int32_t> last;
  for (const TwinBatch& batch : batches_) {
    if (batch.producer >= 0) last[batch.producer] = batch.last_sequence;
  }
  for (const auto& [id, sequence] : last) {
    const ProducerEntry* entry = log->producers().find(ProducerId(id));
    if (entry == nullptr || entry->last_sequence() < sequence) {
      return "producer " + std::to_string(id) + " is not known with sequence " + std::to_string(sequence);
    }
  }
  return "";
}

std::string LogTwin::compare() {
  std::vector<TwinBatch> now;
  if (log->log_end_offset().value() != end()) {
    return "the log ends at " + std::to_string(log->log_end_offset().value()) + ", not at " + std::to_string(end());
  }
  if (log->log_start_offset().value() != start_) return "the log starts elsewhere";
  if (const auto problem = read(now); !problem.empty()) return problem;
  if (now != batches_) return "the log holds other batches";
  return check_producers();
}

std::string LogTwin::crash(bool power, During what, int steps, int records, int keys) {
  // A torn offset of an unsynced batch cannot be told from a gap in a compacted log (FORMAT.md).
  if (config.cleanup_compact && !waits_for_sync()) power = false;
  log->set_high_watermark(Offset(end()));
  TwinBatch appended;
  const auto acknowledged = std::make_shared<bool>(false);
  std::vector<TwinBatch> possible = batches_;
  std::int64_t highest_start = start_;
  if (what == During::append) {
    const Buffer batch = next_batch(records, keys, 20, records % 3 - 1, appended);
    node->spawn_task(append_and_note(*log, batch, acknowledged));
    if (batch.size() <= static_cast<std::size_t>(config.segment_bytes)) possible.push_back(appended);
  } else if (what == During::compaction) {
    checkpoint_ = log->recovery_point().value();
    node->spawn_task(clean_and_forget(node->env(), *log, limits_, throttle_, cleaned_to_));
  } else if (what == During::retention) {
    highest_start = end();
    node->spawn_task(retain_and_forget(node->env(), *log));
  } else if (!batches_.empty()) {
    highest_start = std::max(start_, batches_[batches_.size() / 2].base);
    node->spawn_task(delete_and_forget(*log, Offset(highest_start)));
  }
  const std::int64_t limit = std::min(log->recovery_point().value(), log->active_base().value());
  for (int i = 0; i < steps; ++i) world.step();

  std::int64_t promised = power ? std::max(synced_, log->recovery_point().value()) : end();
  if (*acknowledged && (!power || waits_for_sync())) promised = appended.last + 1;
  const std::int64_t start = start_;
  OpenOptions options;
  options.recovery_point = Offset(std::min(checkpoint_, log->recovery_point().value()));
  options.log_start = Offset(start);
  if (power) {
    node->power_cut();
  } else {
    node->kill();
  }
  node->restart();
  open(options);

  std::vector<TwinBatch> now;
  if (const auto problem = read(now); !problem.empty()) return "after the crash: " + problem;
  const std::int64_t log_end = log->log_end_offset().value();
  start_ = log->log_start_offset().value();
  if (start_ < start || start_ > highest_start) return "after the crash the log starts at " + std::to_string(start_);
  if (log_end < promised) {
    return "after the crash the log ends at " + std::to_string(log_end) + ", not at " + std::to_string(promised);
  }
  std::erase_if(possible, [&](const TwinBatch& b) { return b.last < start_ || b.base >= log_end; });
  if (what == During::compaction) {
    const auto problem = not_compaction_of(possible, now, limit, config.delete_retention_ms > 0);
    if (!problem.empty()) return "after the crash: " + problem;
    batches_ = std::move(now);
  } else {
    batches_ = std::move(possible);
  }
  synced_ = std::min(log->recovery_point().value(), end());
  const auto problem = compare();
  return problem.empty() ? "" : "after the crash: " + problem;
}

std::string LogTwin::fail_syncs(bool kill_first, int records, int keys) {
  constexpr int kAppends = 5;
  std::int64_t promised = std::max(synced_, log->recovery_point().value());
  for (int i = 0; i < kAppends; ++i) {
    node->disk().faults().sync_error = i + 1 < kAppends ? Ratio{1, 2} : Ratio{0, 1};
    TwinBatch account;
    const Buffer batch = next_batch(records, keys, 20, i % 2, account);
    const auto info = run(log->append(batch));
    if (log->log_end_offset().value() > account.base) batches_.push_back(account);
    if (info && waits_for_sync()) promised = account.last + 1;
  }
  if (kill_first) {
    node->kill();
    node->restart();
    OpenOptions options;
    options.recovery_point = Offset(std::min(checkpoint_, log->recovery_point().value()));
    options.log_start = Offset(start_);
    open(options);
    // With this policy what is readable after a start is durable.
    if (waits_for_sync()) promised = log->log_end_offset().value();
  }
  OpenOptions options;
  options.recovery_point = Offset(std::min(checkpoint_, log->recovery_point().value()));
  options.log_start = Offset(start_);
  node->power_cut();
  node->restart();
  open(options);
  const std::int64_t log_end = log->log_end_offset().value();
  if (log_end < promised) {
    return "after failed syncs the log ends at " + std::to_string(log_end) + ", not at " + std::to_string(promised);
  }
  std::erase_if(batches_, [&](const TwinBatch& batch) { return batch.base >= log_end; });
  synced_ = std::min(log->recovery_point().value(), end());
  checkpoint_ = std::min(checkpoint_, synced_);
  return compare();
}

}  // namespace barnabas::log
