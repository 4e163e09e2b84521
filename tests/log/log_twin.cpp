// What is done to a log that is well; log_twin_crash.cpp has the rest.
#include "tests/log/log_twin.hpp"

#include <algorithm>
#include <map>

#include "core/log/file_names.hpp"

namespace barnabas::log {

using Kind = TwinBatch::Kind;

Task<Result<CleaningOutcome>> clean_once(env::Env env, PartitionLog& log, CleaningLimits limits, Throttle& throttle,
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
    options.transactional = producer >= kFirstTransactional;
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

void LogTwin::note(TwinBatch batch) {
  batches_.push_back(batch);
  batch.records.clear();
  history_.push_back(std::move(batch));
}

void LogTwin::forget_from(std::int64_t offset) {
  const auto above = [&](const TwinBatch& batch) { return batch.base >= offset; };
  std::erase_if(batches_, above);
  std::erase_if(history_, above);
}

void LogTwin::forget_below_start() {
  std::erase_if(batches_, [&](const TwinBatch& batch) { return batch.last < start_; });
}

std::string LogTwin::append(int records, int keys, int value_size, int producer) {
  TwinBatch account;
  const Buffer batch = next_batch(records, keys, value_size, producer, account);
  const auto info = run(log->append(batch));
  if (batch.size() > static_cast<std::size_t>(config.segment_bytes)) {
    return info ? "a batch larger than a segment was taken" : "";
  }
  if (!info) return "append: " + info.error().to_string();
  note(std::move(account));
  if (waits_for_sync()) synced_ = end();
  if (serial_ % 7 == 0) checkpoint_ = log->recovery_point().value();
  return "";
}

std::string LogTwin::end_transaction(int producer, bool commit) {
  if (!open_transactions(history_).contains(producer)) return "";
  const Buffer marker = make_marker(Offset(end()), {producer, 0, -1}, commit, 0);
  const auto info = run(log->append(marker));
  if (!info) return "ending a transaction: " + info.error().to_string();
  note(account_of(marker));
  if (waits_for_sync()) synced_ = end();
  return "";
}

std::string LogTwin::append_overlapping(int batches, int records, int keys) {
  if (batches_.empty()) return "";
  const std::size_t back = std::min<std::size_t>(static_cast<std::size_t>(batches), batches_.size());
  TwinBatch account;
  Buffer batch = next_batch(records, keys, 0, -1, account);
  if (batch.size() > static_cast<std::size_t>(config.segment_bytes)) return "";
  record::assign_offsets(batch.mutable_view(), Offset(batches_[batches_.size() - back].base), LeaderEpoch(0));
  const auto info = run(log->append(batch));
  if (info || info.error().code != Errc::offset_out_of_range) return "a batch from below the log end was taken";
  return compare();
}

std::string LogTwin::flush() {
  const auto done = run(log->flush());
  synced_ = end();
  return done ? "" : "flush: " + done.error().to_string();
}

std::string LogTwin::truncate(std::size_t batches) {
  const std::size_t left = batches_.size() - std::min(batches_.size(), batches);
  forget_from(left < batches_.size() ? batches_[left].base : end());
  blurred_ = blurred_ || end() < compacted_to_;
  const auto done = run(log->truncate_to(Offset(end())));
  if (!done) return "truncate: " + done.error().to_string();
  synced_ = std::min(synced_, end());
  checkpoint_ = std::min(checkpoint_, end());
  if (cleaned_to_ && cleaned_to_->value() > end()) cleaned_to_ = Offset(end());
  return compare();
}

std::int64_t LogTwin::end_before_last(std::size_t batches) const {
  const std::size_t left = batches_.size() - std::min(batches_.size(), batches);
  return left == 0 ? start_ : std::max(start_, batches_[left - 1].last + 1);
}

std::string LogTwin::begin_anew() {
  const std::int64_t at = end();
  const auto done = run(log->begin_at(Offset(at)));
  if (!done) return "begin anew: " + done.error().to_string();
  batches_.clear();
  history_.clear();
  start_ = synced_ = checkpoint_ = at;
  cleaned_to_.reset();
  compacted_to_ = 0;
  blurred_ = false;
  return compare();
}

std::string LogTwin::delete_records(std::size_t batches) {
  if (batches_.empty()) return "";
  log->set_high_watermark(Offset(end()));
  start_ = std::max(start_, batches_[std::min(batches, batches_.size() - 1)].base);
  const auto done = run(log->advance_log_start(Offset(start_)));
  if (!done) return "delete: " + done.error().to_string();
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
  if (!deleted) return "retain: " + deleted.error().to_string();
  if (all_readable && log->size_in_bytes() < std::min(before, config.retention_bytes)) {
    return "retention took more than it had to";
  }
  const std::int64_t start = log->log_start_offset().value();
  if (start < start_ || (*deleted == 0 && start != start_)) return "retention moved the log start wrongly";
  start_ = start;
  forget_below_start();
  return compare();
}

std::string LogTwin::check_compaction(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after,
                                      std::int64_t limit) const {
  const bool keeps_marks = config.delete_retention_ms > 0;
  if (auto problem = not_compaction_of(before, after, limit, keeps_marks); !problem.empty()) return problem;
  return blurred_ ? "" : lost_of_producers(before, after);
}

std::int64_t LogTwin::cleaning_limit() const {
  const Offset bound = std::min(log->recovery_point(), log->last_stable_offset());
  if (log->active_base() <= bound) return log->active_base().value();
  Offset limit = log->first_segment_base();
  for (const auto& segment : log->closed_segments()) {
    if (segment->base() <= bound) limit = segment->base();
  }
  return limit.value();
}

std::string LogTwin::compact(bool from_start) {
  if (from_start) cleaned_to_.reset();
  log->set_high_watermark(Offset(end()));
  checkpoint_ = log->recovery_point().value();
  const std::int64_t limit = cleaning_limit();
  const auto outcome = run(clean_once(node->env(), *log, limits_, throttle_, cleaned_to_));
  if (!outcome) return "compact: " + outcome.error().to_string();
  cleaned_to_ = outcome->cleaned_to;
  if (outcome->bytes_before > 0) ++passes_;
  for (const std::string& name : names()) {
    if (name.ends_with(kCleanedSuffix) || name.ends_with(kSwapSuffix)) return "compaction left " + name;
  }
  return take_over_compaction(limit);
}

std::string LogTwin::take_over_compaction(std::int64_t limit) {
  compacted_to_ = std::max(compacted_to_, limit);
  std::vector<TwinBatch> now;
  if (const auto problem = read(now); !problem.empty()) return problem;
  if (const auto problem = check_compaction(batches_, now, limit); !problem.empty()) return "compact: " + problem;
  batches_ = std::move(now);
  return compare();
}

std::string LogTwin::start(Offset recovery_point, Offset log_start, bool clean) {
  node->restart();
  OpenOptions options;
  options.recovery_point = recovery_point;
  options.log_start = log_start;
  options.clean_shutdown = clean;
  open(options);
  return log == nullptr ? "the log cannot be opened" : "";
}

std::string LogTwin::reopen() {
  const auto closed = run(log->close());
  if (!closed) return "close: " + closed.error().to_string();
  if (auto problem = start(log->recovery_point(), Offset(start_), true); !problem.empty()) return problem;
  synced_ = checkpoint_ = end();
  return compare();
}

std::string LogTwin::pass_time(Duration time) {
  world.run_for(time);
  return compare();
}

std::string LogTwin::read(std::vector<TwinBatch>& into) {
  const auto bytes = run(read_all(*log, log->log_start_offset(), 900));
  if (!bytes) return "read: " + bytes.error().to_string();
  const auto walked =
      record::for_each_batch(ByteView(*bytes), [&](const record::BatchHeader&, ByteView batch) -> Result<void> {
        into.push_back(account_of(Buffer::copy_of(batch)));
        return {};
      });
  return walked ? "" : "read: " + walked.error().to_string();
}

// P4: the state is that of all that was ever appended, whatever retention and compaction have left of it.
std::string LogTwin::check_producers() {
  std::map<std::int64_t, std::int32_t> last;
  for (const TwinBatch& batch : blurred_ ? batches_ : history_) {
    if (batch.producer >= 0 && !batch.is_marker()) last[batch.producer] = batch.last_sequence;
  }
  for (const auto& [id, sequence] : last) {
    const ProducerEntry* entry = log->producers().find(ProducerId(id));
    const std::int32_t known = entry == nullptr ? -1 : entry->last_sequence();
    // A snapshot may know of batches that compaction removed for the sake of one that was cut off.
    if (known == sequence || (blurred_ && known > sequence)) continue;
    return "producer " + std::to_string(id) + " is known with sequence " + std::to_string(known) + ", not with " +
           std::to_string(sequence);
  }
  return "";
}

std::string LogTwin::check_transactions(const std::vector<TwinBatch>& now) {
  std::int64_t stable = end();
  for (const auto& [producer, begin] : open_transactions(history_)) stable = std::min(stable, begin);
  stable = std::max(stable, start_);
  const Offset told = log->last_stable_offset();
  if (told.value() != stable) {
    return "the last stable offset is " + std::to_string(told.value()) + ", not " + std::to_string(stable);
  }
  const auto aborted = run(log->aborted_transactions(log->log_start_offset(), told));
  if (!aborted) return "aborted transactions: " + aborted.error().to_string();
  if (filtered_records(now, stable, *aborted) != committed_records(batches_, stable)) {
    return "a reader of committed records sees others";
  }
  return "";
}

std::string LogTwin::compare() {
  if (log->log_end_offset().value() != end()) {
    return "the log ends at " + std::to_string(log->log_end_offset().value()) + ", not at " + std::to_string(end());
  }
  if (log->log_start_offset().value() != start_) return "the log starts elsewhere";
  log->set_high_watermark(Offset(end()));
  std::vector<TwinBatch> now;
  if (const auto problem = read(now); !problem.empty()) return problem;
  if (now != batches_) return "the log holds other batches";
  if (const auto problem = check_producers(); !problem.empty()) return problem;
  return blurred_ ? "" : check_transactions(now);
}

}  // namespace barnabas::log
