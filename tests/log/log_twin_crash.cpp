// What is done to a log in crashes and on a disk that fails.
#include <algorithm>

#include "core/log/file_names.hpp"
#include "tests/log/log_twin.hpp"

namespace barnabas::log {

namespace {

Task<void> append_and_note(PartitionLog& log, Buffer batch, std::shared_ptr<bool> acknowledged) {
  const auto info = co_await log.append(std::move(batch));
  *acknowledged = info.has_value();
}

Task<void> clean_and_forget(env::Env env, PartitionLog& log, CleaningLimits limits, Throttle& throttle,
                            std::optional<Offset> cleaned_to) {
  (void)co_await clean_once(env, log, limits, throttle, cleaned_to);
}

Task<void> delete_and_forget(PartitionLog& log, Offset until) { (void)co_await log.advance_log_start(until); }

Task<void> truncate_and_forget(PartitionLog& log, Offset end) { (void)co_await log.truncate_to(end); }

Task<void> retain_and_forget(env::Env env, PartitionLog& log) {
  (void)co_await log.delete_old_segments(env.clock.wall());
}

}  // namespace

std::string LogTwin::crash(bool power, During what, int steps, int records, int keys) {
  // A torn offset of an unsynced batch cannot be told from a gap in a compacted log (FORMAT.md).
  if (config.cleanup_compact && !waits_for_sync()) power = false;
  log->set_high_watermark(Offset(end()));
  TwinBatch appended;
  const auto acknowledged = std::make_shared<bool>(false);
  std::int64_t highest_start = start_;
  std::int64_t lowest_end = end();
  const Offset recovery_point_before = log->recovery_point();
  if (what == During::append) {
    constexpr int kProducers[] = {-1, 0, 1, kFirstTransactional, kFirstTransactional + 1};
    const Buffer batch = next_batch(records, keys, 20, kProducers[records % 5], appended);
    node->spawn_task(append_and_note(*log, batch, acknowledged));
    if (batch.size() > static_cast<std::size_t>(config.segment_bytes)) appended = {};
  } else if (what == During::compaction) {
    checkpoint_ = log->recovery_point().value();
    node->spawn_task(clean_and_forget(node->env(), *log, limits_, throttle_, cleaned_to_));
  } else if (what == During::retention) {
    highest_start = end();
    node->spawn_task(retain_and_forget(node->env(), *log));
  } else if (what == During::truncation) {
    lowest_end = end_before_last(static_cast<std::size_t>(records) * 4);
    node->spawn_task(truncate_and_forget(*log, Offset(lowest_end)));
  } else if (!batches_.empty()) {
    highest_start = std::max(start_, batches_[batches_.size() / 2].base);
    node->spawn_task(delete_and_forget(*log, Offset(highest_start)));
  }
  const std::int64_t limit = cleaning_limit();
  for (int i = 0; i < steps; ++i) world.step();

  std::int64_t promised = power ? std::max(synced_, log->recovery_point().value()) : end();
  if (what == During::truncation) promised = std::min(promised, lowest_end);
  if (*acknowledged && (!power || waits_for_sync())) promised = appended.last + 1;
  const std::int64_t start_before = start_;
  // After a truncation the owner has yet to write the checkpoints.
  const std::int64_t highest_point = std::max(recovery_point_before, log->recovery_point()).value();
  const Offset recovery_point(std::min(checkpoint_, highest_point));
  if (power) {
    node->power_cut();
  } else {
    node->kill();
  }
  if (auto problem = start(recovery_point, Offset(start_before)); !problem.empty()) return problem;

  std::vector<TwinBatch> now;
  if (const auto problem = read(now); !problem.empty()) return "after the crash: " + problem;
  std::int64_t log_end = log->log_end_offset().value();
  start_ = log->log_start_offset().value();
  if (start_ < start_before || start_ > highest_start) {
    return "after the crash the log starts at " + std::to_string(start_);
  }
  if (log_end < promised) {
    return "after the crash the log ends at " + std::to_string(log_end) + ", not at " + std::to_string(promised);
  }
  if (power && what == During::truncation && log_end > lowest_end) {
    // The offset of a batch that was being cut off may be damaged (FORMAT.md). The owner begins the truncation again.
    const auto again = run(log->truncate_to(Offset(lowest_end)));
    if (!again) return "truncating again: " + again.error().to_string();
    log_end = lowest_end;
  }
  forget_from(log_end);
  blurred_ = blurred_ || end() < compacted_to_;
  if (!appended.records.empty() && appended.base < log_end) note(std::move(appended));
  forget_below_start();
  if (what == During::compaction) {
    compacted_to_ = std::max(compacted_to_, limit);
    const auto problem = check_compaction(batches_, now, limit);
    if (!problem.empty()) return "after the crash: " + problem;
    batches_ = std::move(now);
  }
  synced_ = std::min(log->recovery_point().value(), end());
  checkpoint_ = std::min(checkpoint_, end());
  if (cleaned_to_ && cleaned_to_->value() > end()) cleaned_to_ = Offset(end());
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
    if (log->log_end_offset().value() > account.base) note(account);
    if (info && waits_for_sync()) promised = account.last + 1;
  }
  const auto recovery_point = [&] { return Offset(std::min(checkpoint_, log->recovery_point().value())); };
  if (kill_first) {
    node->kill();
    if (auto problem = start(recovery_point(), Offset(start_)); !problem.empty()) return problem;
    // With this policy what is readable after a start is durable.
    if (waits_for_sync()) promised = log->log_end_offset().value();
  }
  const Offset known = recovery_point();
  node->power_cut();
  if (auto problem = start(known, Offset(start_)); !problem.empty()) return problem;
  const std::int64_t log_end = log->log_end_offset().value();
  if (log_end < promised) {
    return "after failed syncs the log ends at " + std::to_string(log_end) + ", not at " + std::to_string(promised);
  }
  forget_from(log_end);
  synced_ = std::min(log->recovery_point().value(), end());
  checkpoint_ = std::min(checkpoint_, synced_);
  return compare();
}

// What is read of a segment while the batch at this position is rotten.
std::string LogTwin::check_rotten(std::shared_ptr<Segment> segment, std::size_t position) {
  const auto bytes = run(segment->file()->read_at(0, segment->size()));
  std::size_t at = 0;
  std::string problem;
  // Where the header itself can no longer be read, that tells it.
  (void)record::for_each_batch(bytes->view(), [&](const record::BatchHeader&, ByteView batch) -> Result<void> {
    const bool sound = record::verify_crc(batch).has_value();
    if (sound == (at == position)) problem = "a checksum does not tell what has rotted";
    at += batch.size();
    return {};
  });
  return problem;
}

std::string LogTwin::rot(std::size_t segment, std::size_t batch, std::uint64_t bit) {
  constexpr std::size_t kCovered = 21;  // What comes before the attributes is not covered by the checksum.
  const auto closed = log->closed_segments();
  if (closed.empty()) return "";
  const std::shared_ptr<Segment> struck = closed[segment % closed.size()];
  const auto file = inode(offset_file_name(struck->base(), kLogSuffix));
  const std::vector<std::byte> before = file->cached.contents();
  std::vector<std::pair<std::size_t, std::size_t>> places;
  std::size_t at = 0;
  (void)record::for_each_batch(before, [&](const record::BatchHeader&, ByteView one) -> Result<void> {
    places.emplace_back(at, one.size());
    at += one.size();
    return {};
  });
  if (places.empty()) return "";
  const auto [position, size] = places[batch % places.size()];
  const std::uint64_t place = (position + kCovered) * 8 + bit % ((size - kCovered) * 8);
  if (place / 8 >= file->durable.size()) return "";

  log->set_high_watermark(Offset(end()));
  const std::int64_t limit = cleaning_limit();
  node->disk().files().rot(*file, place);
  const std::string problem = check_rotten(struck, position);
  const auto outcome = run(clean_once(node->env(), *log, limits_, throttle_, std::nullopt));
  node->disk().files().rot(*file, place);
  if (!problem.empty()) return problem;
  const auto still = log->closed_segments();
  if (std::ranges::find(still, struck) == still.end()) return "compaction copied what has rotted";
  // Others may have been compacted.
  if (outcome) cleaned_to_ = outcome->cleaned_to;
  return take_over_compaction(limit);
}

// possible: what a refused append may have written whole.
std::string LogTwin::append_in_trouble(Trouble trouble, bool last, int records, int keys,
                                       std::vector<TwinBatch>& possible) {
  sim::DiskFaults& faults = node->disk().faults();
  if (last) faults = {};
  const bool refused_before = log->failed();
  constexpr int kProducers[] = {0, 1, kFirstTransactional};
  TwinBatch account;
  const Buffer batch = next_batch(records, keys, 60, kProducers[serial_ % 3], account);
  if (batch.size() > static_cast<std::size_t>(config.segment_bytes)) return "";
  const auto info = run(log->append(batch));
  if (info) {
    if (refused_before) return "an append was taken after an error of the disk";
    note(std::move(account));
    if (waits_for_sync()) synced_ = end();
    return "";
  }
  const bool may_be_refused = trouble == Trouble::full && !last ? info.error().code == Errc::no_space
                                                               : info.error().code == Errc::storage_failed;
  if (!may_be_refused || (trouble == Trouble::full && last)) return "append: " + info.error().to_string();
  if (trouble == Trouble::broken && !log->failed()) return "the disk failed and the directory goes on";
  if (possible.empty() && account.base == end()) possible.push_back(std::move(account));
  return "";
}

std::string LogTwin::fail_writes(Trouble trouble, int records, int keys) {
  constexpr int kAppends = 6;
  sim::DiskFaults& faults = node->disk().faults();
  if (trouble == Trouble::full) faults.capacity = node->disk().files().allocated();
  if (trouble == Trouble::broken) faults.write_error = {1, 4};
  std::vector<TwinBatch> possible;
  for (int i = 0; i < kAppends; ++i) {
    auto problem = append_in_trouble(trouble, i + 1 == kAppends, records, keys, possible);
    if (!problem.empty()) return "on a disk in trouble: " + problem;
  }
  faults = {};
  if (trouble == Trouble::full) return compare();
  node->kill();
  const Offset recovery_point(std::min(checkpoint_, log->recovery_point().value()));
  if (auto problem = start(recovery_point, Offset(start_)); !problem.empty()) return problem;
  const std::int64_t log_end = log->log_end_offset().value();
  if (!possible.empty() && log_end > possible.front().base) note(possible.front());
  synced_ = std::min(log->recovery_point().value(), end());
  checkpoint_ = std::min(checkpoint_, synced_);
  return compare();
}

}  // namespace barnabas::log
