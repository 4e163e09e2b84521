#include "core/log/partition_log.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

PartitionLog::PartitionLog(env::Env env, std::string directory, TopicPartition id, LogConfig config,
                           std::shared_ptr<DirectoryHealth> health)
    : env_(env),
      directory_(std::move(directory)),
      id_(std::move(id)),
      config_(config),
      health_(health != nullptr ? std::move(health) : std::make_shared<DirectoryHealth>()),
      last_flush_(env.clock.now()),
      cleaning_ended_(env.executor),
      mutations_(env.executor, 1),
      synced_(env.executor),
      scope_(env.executor) {}

PartitionLog::~PartitionLog() = default;

void PartitionLog::report(env::LogLevel level, const std::string& line) {
  if (env_.logger.enabled(level)) env_.logger.log(level, "log " + id_.to_string(), line);
}

std::unexpected<Error> PartitionLog::fail_directory(const std::string& what, const Error& cause) {
  if (!health_->failed) {
    health_->failed = BARNABAS_MUTATE(failed_directory_goes_on, true, false);
    health_->reason = id_.to_string() + ": " + what + ": " + cause.to_string();
    const std::string& where = health_->data_dir.empty() ? directory_ : health_->data_dir;
    report(env::LogLevel::warn, "log.dirs=" + where + " takes no more appends until a restart: " + what + ": " +
                                    cause.to_string() + "; free or replace the disk, then restart the broker");
  }
  synced_.notify_all();
  return fail(Errc::storage_failed, health_->reason);
}

std::unexpected<Error> PartitionLog::refuse_or_fail(const std::string& what, const Error& cause) {
  if (cause.code == Errc::storage_failed) return std::unexpected(cause);
  if (!wants_room(cause)) return fail_directory(what, cause);
  const std::string line = what + ": " + cause.message;
  warn_of_full_disk(*health_, env_, "log " + id_.to_string(), line);
  return fail(Errc::no_space, line);
}

std::optional<Error> PartitionLog::refusal() const {
  if (closed_) return Error{Errc::closed, "log " + id_.to_string()};
  if (health_->failed) return Error{Errc::storage_failed, health_->reason};
  if (broken_) return Error{Errc::storage_failed, id_.to_string() + ": a write was abandoned half-way"};
  return std::nullopt;
}

void PartitionLog::set_high_watermark(Offset offset) {
  high_watermark_ = std::min(offset, log_end_);
  producers_.high_watermark_reached(high_watermark_);
}

Offset PartitionLog::last_stable_offset() const {
  const std::optional<Offset> unstable = producers_.first_unstable();
  return unstable ? std::min(std::max(*unstable, log_start_), high_watermark_) : high_watermark_;
}

std::int64_t PartitionLog::size_in_bytes() const {
  std::uint64_t size = 0;
  for (const auto& [base, segment] : segments_) size += segment->size();
  return static_cast<std::int64_t>(size);
}

const std::shared_ptr<Segment>& PartitionLog::active() const {
  B_CHECK(!segments_.empty());
  return segments_.rbegin()->second;
}

std::map<Offset, std::shared_ptr<Segment>>::const_iterator PartitionLog::segment_at(Offset offset) const {
  const auto above = segments_.upper_bound(offset);
  return above == segments_.begin() ? above : std::prev(above);
}

std::shared_ptr<Segment> PartitionLog::make_segment(Offset base, std::shared_ptr<env::File> file) {
  std::int64_t jitter = 0;
  if (config_.segment_jitter_ms > 0) {
    const auto range = static_cast<std::uint64_t>(std::min(config_.segment_jitter_ms, config_.segment_ms));
    jitter = static_cast<std::int64_t>(env_.random.next() % std::max<std::uint64_t>(range, 1));
  }
  return std::make_shared<Segment>(directory_, base, std::move(file), env_.clock.wall(), jitter);
}

Task<Result<std::shared_ptr<Segment>>> PartitionLog::create_segment(Offset base) {
  const std::string path = join_path(directory_, offset_file_name(base, kLogSuffix));
  auto file = co_await env_.disk.open(path, env::OpenMode::create_truncate);
  if (!file) co_return std::unexpected(std::move(file).error());
  auto segment = make_segment(base, *std::move(file));
  segment->begin_anew();
  if (config_.preallocate) {
    B_CO_TRY_VOID(co_await segment->file()->truncate(static_cast<std::uint64_t>(config_.segment_bytes)));
  }
  const auto synced = co_await env_.disk.sync_directory(directory_);
  if (!synced && segments_.empty() && wants_room(synced.error())) co_return std::unexpected(synced.error());
  // The file may stay, and would be taken for the end of the log: nothing may be appended before it any more.
  if (!synced) co_return fail_directory("creating " + path, synced.error());
  co_return segment;
}

Result<std::vector<PartitionLog::Batch>> PartitionLog::split_batches(ByteView batches) const {
  std::vector<Batch> result;
  Offset next = log_end_;
  const auto split =
      record::for_each_batch(batches, [&](const record::BatchHeader& header, ByteView bytes) -> Result<void> {
        if (header.base_offset < next && !BARNABAS_MUTANT(follower_overlaps_its_log)) {
          return fail(Errc::offset_out_of_range, id_.to_string() + ": batch at " +
                                                     std::to_string(header.base_offset.value()) + ", the log ends at " +
                                                     std::to_string(next.value()));
        }
        if (header.is_control()) B_TRY_VOID(read_marker(bytes));
        next = header.next_offset();
        result.push_back({header, bytes});
        return {};
      });
  if (!split) return std::unexpected(split.error());
  if (result.empty()) return fail(Errc::truncated, id_.to_string() + ": no batch to append");
  if (static_cast<std::int64_t>(batches.size()) > config_.segment_bytes) {
    return fail(Errc::record_list_too_large,
                id_.to_string() + ": " + std::to_string(batches.size()) +
                    " bytes do not fit segment.bytes=" + std::to_string(config_.segment_bytes));
  }
  return result;
}

Task<Result<void>> PartitionLog::prepare(const std::vector<Batch>& batches, std::size_t bytes) {
  Timestamp max_timestamp = kNoTimestamp;
  bool new_epoch = false;
  for (const Batch& batch : batches) {
    max_timestamp = std::max(max_timestamp, batch.header.max_timestamp);
    // Before the bytes: an entry above the end of the log is dropped by recovery, a missing one is not found again.
    new_epoch = epochs_.assign(batch.header.leader_epoch, batch.header.base_offset) || new_epoch;
  }
  if (new_epoch || epochs_unsaved_ || BARNABAS_MUTANT(epochs_saved_each_time)) B_CO_TRY_VOID(co_await save_epochs());
  const Offset last = batches.back().header.last_offset();
  if (active()->must_roll_for(config_, bytes, max_timestamp, last, env_.clock.wall())) {
    B_CO_TRY_VOID(co_await roll());
  }
  co_return Result<void>{};
}

// A full disk before the new segment is created harms nothing: what was written so far will be overwritten.
Task<Result<void>> PartitionLog::roll() {
  const std::shared_ptr<Segment> old = active();
  B_CHECK_OP(log_end_, >, old->base());
  auto written = co_await old->write_indexes(env_.disk);
  if (written) written = co_await old->trim_file();
  if (written) {
    auto snapshot = co_await write_snapshot();
    if (snapshot) {
      if (!BARNABAS_MUTANT(snapshot_not_synced)) old->unsynced().push_back(*std::move(snapshot));
    } else {
      written = std::unexpected(std::move(snapshot).error());
    }
  }
  if (written && config_.cleanup_compact) written = co_await sync_to(log_end_);
  // A recovery point at the new base leaves the old segment behind. Then its files, and their entries in the directory,
  // must be safe before the new one is there: an index of aborted transactions that is lost looks like one without
  // entries. If it is not there yet, it waits until the new one is safe.
  const Rolling rolling(*this);
  if (written && recovery_point_ >= log_end_) {
    written = co_await sync_side_files(old);
    if (written) written = co_await env_.disk.sync_directory(directory_);
  }
  if (!written) co_return refuse_or_fail("rolling", written.error());
  auto fresh = co_await create_segment(log_end_);
  if (!fresh) co_return refuse_or_fail("rolling", fresh.error());
  old->close_to_appends();
  note_loaded(old);
  segments_.emplace(log_end_, *std::move(fresh));
  scope_.spawn(sync_in_background(*this, log_end_));
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::sync_side_files(std::shared_ptr<Segment> segment) {
  const auto files = segment->unsynced();
  for (const auto& file : files) B_CO_TRY_VOID(co_await file->sync());
  segment->unsynced().clear();
  co_return Result<void>{};
}

Task<Result<AppendInfo>> PartitionLog::write(Buffer batches) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  B_CO_TRY(const auto parsed, split_batches(batches.view()));
  if (auto prepared = co_await prepare(parsed, batches.size()); !prepared) {
    forget_epochs_above_end();
    co_return std::unexpected(std::move(prepared).error());
  }

  const std::shared_ptr<Segment> segment = active();
  Mutation mutation(*this);
  if (BARNABAS_MUTANT(producer_state_before_append)) note_producers(parsed);
  const ByteView parts[] = {batches.view()};
  auto written = co_await segment->file()->write_at(segment->size(), parts);
  if (!written) {
    auto outcome = co_await undo_write(segment, std::move(written).error());
    mutation.done();
    co_return outcome;
  }
  mutation.done();
  if (health_->failed) co_return fail(Errc::storage_failed, health_->reason);
  for (const Batch& batch : parsed) segment->note_batch(batch.header, config_.index_interval_bytes);
  note_producers(parsed);
  if (BARNABAS_MUTANT(log_end_after_indexes)) B_CO_TRY_VOID(co_await segment->write_indexes(env_.disk));
  co_return publish(parsed);
}

Task<std::unexpected<Error>> PartitionLog::undo_write(std::shared_ptr<Segment> segment, Error error) {
  if (wants_room(error)) {
    forget_epochs_above_end();
    const auto cut = co_await segment->file()->truncate(segment->size());
    if (cut) co_return refuse_or_fail("appending", error);
  }
  co_return fail_directory("appending", error);
}

void PartitionLog::note_producers(const std::vector<Batch>& batches) {
  for (const Batch& batch : batches) {
    const auto updated = producers_.update(batch.header, batch.bytes);
    B_CHECK(updated.has_value());  // split_batches() has read the markers.
    if (*updated) active()->note_aborted(**updated);
  }
}

AppendInfo PartitionLog::publish(const std::vector<Batch>& batches) {
  Timestamp max_timestamp = kNoTimestamp;
  for (const Batch& batch : batches) {
    max_timestamp = std::max(max_timestamp, batch.header.max_timestamp);
  }
  log_end_ = batches.back().header.next_offset();
  return {batches.front().header.base_offset, batches.back().header.last_offset(), max_timestamp, log_start_};
}

Task<Result<AppendInfo>> PartitionLog::append(Buffer batches) {
  B_CO_TRY(const AppendInfo info, co_await write(std::move(batches)));
  const Offset end = info.last_offset + 1;
  B_CO_TRY_VOID(co_await make_durable(end));
  co_return info;
}

Task<Result<void>> PartitionLog::make_durable(Offset end) {
  if (log_end_ - recovery_point_ < config_.flush_messages) co_return Result<void>{};
  co_return co_await sync_to(end);
}

Task<Result<void>> PartitionLog::flush() {
  const Offset end = log_end_;
  co_return co_await sync_to(end);
}

Task<Result<void>> PartitionLog::flush_if_due() {
  const Offset end = log_end_;
  if (config_.flush_ms == LogConfig::kNever || recovery_point_ >= end) co_return Result<void>{};
  if (env_.clock.now() - last_flush_ < std::chrono::milliseconds(config_.flush_ms)) co_return Result<void>{};
  co_return co_await sync_to(end);
}

Task<Result<void>> PartitionLog::sync_to(Offset end) {
  while (recovery_point_ < std::min(end, log_end_)) {
    if (failed()) co_return fail(Errc::storage_failed, health_->reason);
    if (!syncing_) {
      syncing_ = true;
      scope_.spawn(run_sync());
    }
    co_await synced_.wait();
  }
  co_return Result<void>{};
}

Task<void> PartitionLog::sync_in_background(PartitionLog& log, Offset end) {
  // A failure is on record in the directory's health.
  (void)co_await log.sync_to(end);
}

Task<void> PartitionLog::run_sync() {
  const Offset end = log_end_;
  std::vector<std::shared_ptr<env::File>> files;
  for (auto it = segment_at(recovery_point_); it != segments_.end(); ++it) {
    files.push_back(it->second->file());
    auto& side = it->second->unsynced();
    files.insert(files.end(), side.begin(), side.end());
    side.clear();
  }
  Result<void> outcome;
  for (const auto& file : files) {
    if (BARNABAS_MUTANT(recovery_point_without_sync)) break;
    outcome = co_await file->sync();
    if (!outcome) break;
  }
  syncing_ = false;
  // What failed once stays unknown, whatever a later sync says (S3): the recovery point never moves again.
  if (!outcome && !BARNABAS_MUTANT(sync_error_ignored)) {
    (void)fail_directory("syncing", outcome.error());
    co_return;
  }
  Offset reached = std::min(end, log_end_);
  if (rolling_) reached = std::min(reached, log_end_ - 1);
  for (auto it = segments_.begin(); it != segments_.end() && std::next(it) != segments_.end(); ++it) {
    // Closed while we synced: it must be read again after a crash until its indexes are safe as well.
    if (!it->second->unsynced().empty()) reached = std::min(reached, std::next(it)->first - 1);
  }
  if (!health_->failed) recovery_point_ = std::max(recovery_point_, reached);
  last_flush_ = env_.clock.now();
  synced_.notify_all();
}

Task<Result<std::shared_ptr<env::File>>> PartitionLog::write_snapshot() {
  const std::string path = join_path(directory_, offset_file_name(log_end_, kSnapshotSuffix));
  const std::vector<std::byte> content = producers_.encode();
  auto opened = co_await env_.disk.open(path, env::OpenMode::create_truncate);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  std::shared_ptr<env::File> file = *std::move(opened);
  const ByteView parts[] = {ByteView(content)};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  snapshots_.insert(log_end_);
  co_return file;
}

void PartitionLog::forget_epochs_above_end() {
  if (epochs_.truncate_from_end(log_end_ + 1)) epochs_unsaved_ = true;
}

Task<Result<void>> PartitionLog::save_epochs() {
  const Buffer content = Buffer::copy_of(as_bytes(epochs_.to_text()));
  const std::string name(kLeaderEpochFile);
  epochs_unsaved_ = true;
  const auto saved = co_await replace_file(env_.disk, directory_, name, content);
  if (!saved) co_return refuse_or_fail(name, saved.error());
  epochs_unsaved_ = false;
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::save_epochs_if_room() {
  const auto saved = co_await save_epochs();
  if (!saved && saved.error().code != Errc::no_space) co_return saved;
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::assign_leader_epoch(LeaderEpoch epoch) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  if (!epochs_.assign(epoch, log_end_) && !epochs_unsaved_) co_return Result<void>{};
  co_return co_await save_epochs();
}

Task<Result<void>> PartitionLog::set_topic_id(Uuid id) {
  const auto turn = co_await mutations_.acquire();
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  const std::string text = "version: 0\ntopic_id: " + id.to_string();
  const Buffer content = Buffer::copy_of(as_bytes(text));
  const std::string name(kPartitionMetadataFile);
  const auto saved = co_await replace_file(env_.disk, directory_, name, content);
  if (!saved) co_return refuse_or_fail(name, saved.error());
  topic_id_ = id;
  co_return Result<void>{};
}

void PartitionLog::expire_producers() { producers_.expire(env_.clock.wall(), config_.producer_id_expiration_ms); }

Task<void> PartitionLog::abandon() {
  co_await wait_for_cleaning_to_end();
  const auto turn = co_await mutations_.acquire();
  closed_ = true;
  while (syncing_) co_await synced_.wait();
}

Task<Result<void>> PartitionLog::close() {
  co_await wait_for_cleaning_to_end();
  const auto turn = co_await mutations_.acquire();
  if (closed_) co_return Result<void>{};
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  closed_ = true;
  const std::shared_ptr<Segment> segment = active();
  auto written = co_await segment->trim_file();
  if (written) written = co_await sync_to(log_end_);
  if (written) written = co_await segment->write_indexes(env_.disk);
  if (written && log_end_ > segment->base() && !snapshots_.contains(log_end_)) {
    auto snapshot = co_await write_snapshot();
    if (snapshot) {
      segment->unsynced().push_back(*std::move(snapshot));
    } else {
      written = std::unexpected(std::move(snapshot).error());
    }
  }
  if (written) written = co_await sync_side_files(segment);
  if (written) written = co_await env_.disk.sync_directory(directory_);
  if (!written) co_return fail_directory("closing", written.error());
  co_return Result<void>{};
}

}  // namespace barnabas::log
