// The half of PartitionLog that takes records away: truncation, DeleteRecords, retention.
#include <algorithm>
#include <limits>

#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"
#include "core/log/log_loader.hpp"
#include "core/log/partition_log.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

Task<Result<void>> PartitionLog::remove_snapshots(Offset below, Offset above) {
  const std::vector<Offset> present(snapshots_.begin(), snapshots_.end());
  for (const Offset offset : present) {
    if (offset >= below && offset <= above) continue;
    const std::string path = join_path(directory_, offset_file_name(offset, kSnapshotSuffix));
    B_CO_TRY_VOID(co_await remove_if_present(env_.disk, path));
    snapshots_.erase(offset);
  }
  co_return Result<void>{};
}

// The newest first: what a crash leaves is a log that ends earlier. One segment is there at any time, for those who
// look at the log meanwhile.
Task<Result<void>> PartitionLog::replace_all_segments(Offset base) {
  while (segments_.size() > 1) {
    const std::shared_ptr<Segment> last = active();
    std::erase(loaded_, last);
    segments_.erase(last->base());
    B_CO_TRY_VOID(co_await last->remove_files(env_.disk));
  }
  const std::shared_ptr<Segment> first = active();
  B_CO_TRY_VOID(co_await first->remove_files(env_.disk));
  B_CO_TRY(auto fresh, co_await create_segment(base));
  std::erase(loaded_, first);
  segments_.clear();
  segments_.emplace(base, std::move(fresh));
  co_return Result<void>{};
}

// Removes the segments that begin at or above `offset`, but for the first one, and cuts the last one left. Below
// the first one nothing is left, and the log begins anew at `offset`.
Task<Result<void>> PartitionLog::cut_active(Offset offset) {
  if (offset < segments_.begin()->first) co_return co_await replace_all_segments(offset);
  const auto goes = [&](Offset base) {
    return BARNABAS_MUTATE(cut_leaves_empty_segment, base >= offset, base > offset);
  };
  while (segments_.size() > 1 && goes(active()->base())) {
    const std::shared_ptr<Segment> last = active();
    std::erase(loaded_, last);
    segments_.erase(last->base());
    B_CO_TRY_VOID(co_await last->remove_files(env_.disk));
  }
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory_));
  const std::shared_ptr<Segment> segment = active();
  B_CO_TRY(const auto place, co_await segment->locate(env_.disk, offset, config_));
  const std::uint64_t size = place ? place->position : segment->size();
  B_CO_TRY(const auto present, co_await aborted_in(segment));
  TransactionIndex aborted = *present;
  aborted.truncate_from_end(place ? place->base_offset : offset);
  B_CO_TRY_VOID(co_await segment->file()->truncate(size));
  B_CO_TRY_VOID(co_await segment->file()->sync());
  // Its indexes and timestamps are found again from what is left; it takes appends now.
  std::erase(loaded_, segment);
  segment->begin_anew();
  segment->set_aborted(std::move(aborted));
  BatchScanner scanner(segment->file(), 0, size, ScanDepth::headers, kScanChunk);
  Offset end = std::min(offset, segment->base());
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) break;
    B_CO_TRY_VOID(segment->take_batch(scanner.header(), config_.index_interval_bytes));
    end = scanner.header().next_offset();
  }
  // A gap before `offset`, as compaction leaves them, keeps the log's end where the leader's is.
  if (!place || place->base_offset >= offset) end = std::max(end, offset);
  log_end_ = end;  // Only now: in the meantime it would be below the high watermark.
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::truncate_to(Offset offset) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  while (syncing_) co_await synced_.wait();
  if (offset >= log_end_) {
    if (!epochs_.truncate_from_end(offset)) co_return Result<void>{};
    co_return co_await save_epochs();
  }
  Mutation mutation(*this);
  ++truncations_;
  // First for readers and syncs, then on disk.
  log_end_ = offset;
  recovery_point_ = std::min(recovery_point_, offset);
  high_watermark_ = std::min(high_watermark_, offset);
  log_start_ = std::min(log_start_, offset);
  auto done = co_await cut_active(offset);
  recovery_point_ = std::min(recovery_point_, log_end_);
  high_watermark_ = std::min(high_watermark_, log_end_);
  log_start_ = std::min(log_start_, log_end_);
  const Offset lowest(0);
  if (done) done = co_await remove_snapshots(lowest, log_end_);
  if (done) done = co_await env_.disk.sync_directory(directory_);
  if (done && epochs_.truncate_from_end(log_end_)) done = co_await save_epochs_if_room();
  if (done) done = co_await LogLoader::load_producers(*this, log_end_);
  producers_.high_watermark_reached(high_watermark_);
  ++truncations_;
  mutation.done();
  if (!done) co_return fail_directory("truncating", done.error());
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::begin_at(Offset offset) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  while (syncing_) co_await synced_.wait();
  Mutation mutation(*this);
  ++truncations_;
  log_start_ = log_end_ = recovery_point_ = high_watermark_ = offset;
  auto done = co_await replace_all_segments(offset);
  const Offset none(-1);
  if (done) done = co_await remove_snapshots(none, none);
  if (done) done = co_await env_.disk.sync_directory(directory_);
  epochs_ = LeaderEpochCache();
  if (done) done = co_await save_epochs_if_room();
  producers_.clear();
  ++truncations_;
  mutation.done();
  if (!done) co_return fail_directory("beginning anew at " + std::to_string(offset.value()), done.error());
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::delete_segments_below(Offset until) {
  while (segments_.begin()->first < until) {
    const std::shared_ptr<Segment> oldest = segments_.begin()->second;
    B_CHECK_OP(segments_.size(), >, 1u);
    segments_.erase(segments_.begin());
    std::erase(loaded_, oldest);
    log_start_ = std::max(log_start_, segments_.begin()->first);
    // Durably one by one, so that after a power cut no segment is missing between two that are there.
    B_CO_TRY_VOID(co_await oldest->retire_files(env_.disk));
    remove_later(oldest);
  }
  const Offset first = segments_.begin()->first;
  const Offset highest(std::numeric_limits<std::int64_t>::max());
  B_CO_TRY_VOID(co_await remove_snapshots(first, highest));
  if (epochs_.truncate_from_start(log_start_)) B_CO_TRY_VOID(co_await save_epochs_if_room());
  co_return Result<void>{};
}

void PartitionLog::remove_later(std::shared_ptr<Segment> segment) {
  retired_.push_back({env_.clock.now() + duration_of(config_.file_delete_delay_ms), std::move(segment)});
  if (!std::exchange(removing_, true)) scope_.spawn(remove_retired());
}

// What is left when the log is closed or dies goes when it is opened again.
Task<void> PartitionLog::remove_retired() {
  while (!retired_.empty()) {
    const Instant now = env_.clock.now();
    if (retired_.front().due > now) co_await env_.clock.sleep_for(retired_.front().due - now);
    const std::shared_ptr<Segment> segment = retired_.front().segment;
    retired_.pop_front();
    const auto removed = co_await segment->remove_retired_files(env_.disk);
    if (!removed) report(env::LogLevel::warn, "deleted files stay until the next start: " + removed.error().message);
  }
  removing_ = false;
}

Task<Result<void>> PartitionLog::advance_log_start(Offset offset) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  if (offset > high_watermark_) {
    co_return fail(Errc::offset_out_of_range, id_.to_string() + ": offset " + std::to_string(offset.value()) +
                                                  " is above the high watermark " +
                                                  std::to_string(high_watermark_.value()));
  }
  if (offset <= log_start_) co_return Result<void>{};
  log_start_ = offset;
  const Offset until = segment_at(offset)->first;
  const auto done = co_await delete_segments_below(until);
  if (!done) co_return fail_directory("deleting segments", done.error());
  co_return Result<void>{};
}

// The base of the first segment that is to stay. Only what is below the high watermark and synced may go.
Task<Result<Offset>> PartitionLog::retention_point(Timestamp now) {
  const Offset limit = std::min(high_watermark_, recovery_point_);
  std::int64_t surplus = config_.retention_bytes < 0 ? 0 : size_in_bytes() - config_.retention_bytes;
  Offset point = segments_.begin()->first;
  while (true) {
    const auto it = segments_.find(point);
    const auto next = std::next(it);
    if (next == segments_.end() || next->first > limit) co_return point;
    const std::shared_ptr<Segment> segment = it->second;
    const Offset next_base = next->first;
    B_CO_TRY(const Timestamp youngest, co_await segment->largest_timestamp(env_.disk, config_.index_interval_bytes));
    const Timestamp written = youngest >= Timestamp(0) ? youngest : segment->created();
    const bool too_old = config_.retention_ms >= 0 && now - written > config_.retention_ms;
    const auto size = static_cast<std::int64_t>(segment->size());
    const bool too_much = surplus >= size;
    const bool below_start = next_base <= log_start_;
    if (!below_start && !(config_.cleanup_delete && (too_old || too_much))) co_return point;
    surplus -= size;
    point = next_base;
  }
}

Task<Result<int>> PartitionLog::delete_old_segments(Timestamp now) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  // The last segment is never deleted; when all its records are too old, they go with the next one begun.
  const std::shared_ptr<Segment> last = active();
  B_CO_TRY(const Timestamp youngest, co_await last->largest_timestamp(env_.disk, config_.index_interval_bytes));
  const Timestamp written = youngest >= Timestamp(0) ? youngest : last->created();
  const bool expired =
      config_.cleanup_delete && config_.retention_ms >= 0 && last->size() > 0 && now - written > config_.retention_ms;
  if (expired && high_watermark_ == log_end_) {
    B_CO_TRY_VOID(co_await roll());
    const auto synced = co_await sync_to(log_end_);
    if (!synced) co_return std::unexpected(synced.error());
  }
  B_CO_TRY(const Offset point, co_await retention_point(now));
  const auto count = std::distance(segments_.begin(), segments_.find(point));
  if (count == 0) co_return 0;
  const auto done = co_await delete_segments_below(point);
  if (!done) co_return fail_directory("deleting segments", done.error());
  report(env::LogLevel::info,
         "deleted " + std::to_string(count) + " segments; the log begins at " + std::to_string(log_start_.value()));
  co_return static_cast<int>(count);
}

}  // namespace barnabas::log
