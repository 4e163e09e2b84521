#include "core/log/log_loader.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

namespace {

constexpr std::string_view kMetadataVersion = "version: 0\n";
constexpr std::string_view kMetadataTopicId = "topic_id: ";

std::optional<Uuid> parse_partition_metadata(std::string_view text) {
  if (!text.starts_with(kMetadataVersion)) return std::nullopt;
  text.remove_prefix(kMetadataVersion.size());
  if (!text.starts_with(kMetadataTopicId)) return std::nullopt;
  text.remove_prefix(kMetadataTopicId.size());
  if (text.ends_with('\n')) text.remove_suffix(1);
  return Uuid::parse(text);
}

}  // namespace

Task<Result<std::unique_ptr<PartitionLog>>> PartitionLog::open(env::Env env, std::string directory, TopicPartition id,
                                                               LogConfig config, OpenOptions options) {
  std::unique_ptr<PartitionLog> log(new PartitionLog(env, std::move(directory), std::move(id), config, options.health));
  LogLoader loader(*log, options);
  B_CO_TRY_VOID(co_await loader.run());
  co_return log;
}

Task<Result<void>> LogLoader::run() {
  B_CO_TRY_VOID(co_await clear_leftovers(log_.env_.disk, log_.directory_));
  B_CO_TRY_VOID(co_await read_small_files());
  B_CO_TRY_VOID(co_await open_segments());
  // A kill may have come between a file's creation and the sync of its entry, which is then nobody's duty any more
  // but ours: what is appended from here on must not hang on an entry that a power cut takes away.
  if (!options_.clean_shutdown) B_CO_TRY_VOID(co_await log_.env_.disk.sync_directory(log_.directory_));
  auto loaded = options_.clean_shutdown ? co_await take_over() : co_await recover();
  if (!loaded && options_.clean_shutdown && loaded.error().code == Errc::corrupt) {
    log_.report(env::LogLevel::warn, "the log is not as a clean stop leaves it: " + loaded.error().message);
    options_.clean_shutdown = false;
    options_.recovery_point = std::min(options_.recovery_point, log_.active()->base());
    loaded = co_await recover();
  }
  if (!loaded) co_return loaded;
  co_return co_await settle();
}

Task<Result<void>> LogLoader::read_small_files() {
  const std::string metadata_path = join_path(log_.directory_, kPartitionMetadataFile);
  B_CO_TRY(const auto metadata, co_await read_whole_file(log_.env_.disk, metadata_path));
  if (metadata) {
    const auto id = parse_partition_metadata(as_text(metadata->view()));
    if (!id) co_return fail(Errc::corrupt, metadata_path + ": not a topic id; restore the file or delete it");
    log_.topic_id_ = *id;
  }
  const std::string epochs_path = join_path(log_.directory_, kLeaderEpochFile);
  B_CO_TRY(const auto epochs, co_await read_whole_file(log_.env_.disk, epochs_path));
  stored_epochs_ = epochs ? std::string(as_text(epochs->view())) : log_.epochs_.to_text();
  if (!epochs) co_return Result<void>{};
  auto parsed = LeaderEpochCache::parse(as_text(epochs->view()));
  if (parsed) {
    log_.epochs_ = *std::move(parsed);
  } else {
    // Everything in it is in the batches as well, but for the ones that were compacted away.
    log_.report(env::LogLevel::warn, parsed.error().message + "; it is rebuilt from the log");
    options_.clean_shutdown = false;
    options_.recovery_point = Offset(0);
  }
  co_return Result<void>{};
}

Task<Result<void>> LogLoader::open_segments() {
  B_CO_TRY(const auto names, co_await log_.env_.disk.list(log_.directory_));
  for (const std::string& name : names) {
    if (const auto offset = parse_offset_file_name(name, kSnapshotSuffix)) log_.snapshots_.insert(*offset);
    const auto base = parse_offset_file_name(name, kLogSuffix);
    if (!base) continue;
    const std::string path = join_path(log_.directory_, name);
    auto file = co_await log_.env_.disk.open(path, env::OpenMode::read_write);
    if (!file) co_return std::unexpected(std::move(file).error());
    auto segment = log_.make_segment(*base, *std::move(file));
    segment->adopt_closed(segment->file()->size());
    log_.segments_.emplace(*base, std::move(segment));
  }
  for (const std::string& name : names) {
    for (const std::string_view suffix : {kIndexSuffix, kTimeIndexSuffix, kTransactionIndexSuffix}) {
      const auto base = parse_offset_file_name(name, suffix);
      if (!base || log_.segments_.contains(*base)) continue;
      const std::string path = join_path(log_.directory_, name);
      B_CO_TRY_VOID(co_await remove_if_present(log_.env_.disk, path));
    }
  }
  if (!log_.segments_.empty()) co_return Result<void>{};
  B_CO_TRY(auto segment, co_await log_.create_segment(options_.log_start));
  log_.segments_.emplace(options_.log_start, std::move(segment));
  log_.log_end_ = options_.log_start;
  co_return Result<void>{};
}

// After a clean stop: only the batches after the last index entry are looked at.
Task<Result<void>> LogLoader::take_over() {
  const std::shared_ptr<Segment> last = log_.active();
  const std::uint64_t size = last->file()->size();
  B_CO_TRY(const bool indexed, co_await last->begin_at_last_index_entry(log_.env_.disk));
  if (!indexed && size > 0) log_.report(env::LogLevel::info, "rebuilding the indexes of the last segment");
  if (last->size() > 0) {
    BatchScanner first(last->file(), 0, size, ScanDepth::headers, record::kBatchHeaderSize);
    B_CO_TRY(const bool there, co_await first.next());
    if (there) last->set_first_timestamp(first.header().max_timestamp);
  }
  log_.log_end_ = last->base();
  BatchScanner scanner(last->file(), last->size(), size, ScanDepth::headers, 64 * 1024);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) break;
    B_CO_TRY_VOID(last->take_batch(scanner.header(), log_.config_.index_interval_bytes));
    log_.log_end_ = scanner.header().next_offset();
  }
  if (last->indexed_from(log_.log_end_)) co_return fail(Errc::corrupt, "an index entry beyond the end of the log");
  co_return co_await load_producers(log_, log_.log_end_);
}

bool LogLoader::begins_where_the_last_ended(const Segment& segment, bool first) const {
  if (first) return true;  // What came before it was synced.
  return segment.base() == log_.log_end_ || (log_.config_.cleanup_compact && segment.base() > log_.log_end_);
}

Task<Result<void>> LogLoader::recover() {
  const auto begin = log_.segment_at(options_.recovery_point);
  const Offset from = begin->first;
  B_CO_TRY_VOID(co_await load_producers(log_, from));
  log_.log_end_ = from;
  std::shared_ptr<Segment> previous;
  for (auto it = begin; it != log_.segments_.end(); it = log_.segments_.upper_bound(previous->base())) {
    const std::shared_ptr<Segment> segment = it->second;
    if (!begins_where_the_last_ended(*segment, previous == nullptr)) {
      log_.report(env::LogLevel::warn, "segment " + std::to_string(segment->base().value()) +
                                           " does not follow the end of the log at " +
                                           std::to_string(log_.log_end_.value()) + ": removing it and the rest");
      co_return co_await drop_segments_from(segment->base());
    }
    if (previous != nullptr) {
      log_.log_end_ = segment->base();
      B_CO_TRY_VOID(co_await write_side_files(previous));
    }
    B_CO_TRY(const bool sound, co_await scan_segment(segment));
    if (!sound) co_return co_await drop_segments_from(segment->base() + 1);
    previous = segment;
  }
  // Side files that had not survived have entries that are not durable yet.
  if (previous != nullptr && previous->base() != from) {
    B_CO_TRY_VOID(co_await log_.env_.disk.sync_directory(log_.directory_));
  }
  co_return Result<void>{};
}

// Of a segment that another follows, anew, as the roll did: what is there may never have been synced.
Task<Result<void>> LogLoader::write_side_files(std::shared_ptr<Segment> segment) {
  B_CO_TRY_VOID(co_await segment->write_indexes(log_.env_.disk));
  B_CO_TRY(auto snapshot, co_await log_.write_snapshot());
  segment->unsynced().push_back(std::move(snapshot));
  segment->close_to_appends();
  log_.note_loaded(segment);
  co_return Result<void>{};
}

// The CRC covers neither offset nor leader epoch: a torn sector that harms only the offset is found by what that must
// be. The epoch costs no record, as in Kafka: a checkpoint may lag, and epochs begin anew if ZooKeeper lost its data.
const char* LogLoader::fault_of_uncovered(const Segment& segment, const record::BatchHeader& header) const {
  if (const char* fault = segment.fault_of(header); fault != nullptr) return fault;
  if (header.base_offset > log_.log_end_ && !log_.config_.cleanup_compact) return "offsets are missing";
  if (header.leader_epoch < kNoLeaderEpoch) return "a negative leader epoch";
  return nullptr;
}

Task<Result<bool>> LogLoader::scan_segment(std::shared_ptr<Segment> segment) {
  const std::uint64_t size = segment->file()->size();
  segment->begin_anew();
  BatchScanner scanner(segment->file(), 0, size, ScanDepth::whole, kScanChunk);
  std::string fault;
  while (fault.empty()) {
    const auto more = co_await scanner.next();
    if (!more && more.error().code != Errc::corrupt) co_return std::unexpected(more.error());
    if (more && !*more) co_return true;
    if (!more) {
      fault = more.error().message;
    } else if (const char* implausible = fault_of_uncovered(*segment, scanner.header()); implausible != nullptr) {
      fault = implausible;
    } else if (const auto noted = log_.producers_.update(scanner.header(), scanner.bytes()); !noted) {
      fault = noted.error().message;
    } else {
      segment->note_batch(scanner.header(), log_.config_.index_interval_bytes);
      if (*noted) segment->note_aborted(**noted);
      note_epoch(scanner.header());
      log_.log_end_ = scanner.header().next_offset();
    }
  }
  log_.report(env::LogLevel::warn, "segment " + std::to_string(segment->base().value()) + " is cut at offset " +
                                       std::to_string(log_.log_end_.value()) + ", " +
                                       std::to_string(size - segment->size()) + " bytes go: " + fault);
  B_CO_TRY_VOID(co_await segment->file()->truncate(segment->size()));
  B_CO_TRY_VOID(co_await segment->file()->sync());
  co_return false;
}

// What the checkpoint says rightly stays, so that an epoch in which nothing was written yet is not forgotten.
void LogLoader::note_epoch(const record::BatchHeader& header) {
  if (log_.epochs_.epoch_of(header.base_offset) == header.leader_epoch) return;
  log_.epochs_.assign(header.leader_epoch, header.base_offset);
}

// Durable before anything is appended where they began.
Task<Result<void>> LogLoader::drop_segments_from(Offset base) {
  while (log_.segments_.size() > 1 && log_.active()->base() >= base) {
    const std::shared_ptr<Segment> last = log_.active();
    log_.segments_.erase(last->base());
    B_CO_TRY_VOID(co_await last->remove_files(log_.env_.disk));
  }
  co_return co_await log_.env_.disk.sync_directory(log_.directory_);
}

// Records below the log start were deleted on purpose, and what came after them is lost: no offset is given twice.
Task<Result<void>> LogLoader::start_over_at(Offset offset) {
  log_.report(env::LogLevel::warn, "the log ends at " + std::to_string(log_.log_end_.value()) + ", before its start " +
                                       std::to_string(offset.value()) + ": it is emptied");
  while (!log_.segments_.empty()) {
    const std::shared_ptr<Segment> last = log_.active();
    log_.segments_.erase(last->base());
    B_CO_TRY_VOID(co_await last->remove_files(log_.env_.disk));
  }
  log_.loaded_.clear();
  B_CO_TRY(auto segment, co_await log_.create_segment(offset));
  log_.segments_.emplace(offset, std::move(segment));
  log_.log_end_ = offset;
  log_.producers_.clear();
  co_return Result<void>{};
}

Task<Result<void>> LogLoader::settle() {
  if (options_.log_start > log_.log_end_) {
    const Offset start = options_.log_start;
    B_CO_TRY_VOID(co_await start_over_at(start));
  }
  log_.log_start_ = std::max(options_.log_start, log_.segments_.begin()->first);
  log_.recovery_point_ = std::min(options_.clean_shutdown ? log_.log_end_ : options_.recovery_point, log_.log_end_);
  log_.set_high_watermark(std::max(options_.high_watermark, log_.log_start_));

  // An epoch that begins at the log end stays: it was assigned, and nothing was written in it yet.
  log_.epochs_.truncate_from_end(log_.log_end_ + 1);
  log_.epochs_.truncate_from_start(log_.log_start_);
  if (log_.epochs_.to_text() != stored_epochs_) B_CO_TRY_VOID(co_await log_.save_epochs());

  // A snapshot between two segments was of a clean stop; only the newest is of use.
  std::vector<Offset> strays;
  Offset newest(-1);
  for (const Offset offset : log_.snapshots_) {
    if (offset <= log_.log_end_) newest = std::max(newest, offset);
  }
  for (const Offset offset : log_.snapshots_) {
    if (offset != newest && (offset > log_.log_end_ || !log_.segments_.contains(offset))) strays.push_back(offset);
  }
  for (const Offset offset : strays) {
    const std::string path = join_path(log_.directory_, offset_file_name(offset, kSnapshotSuffix));
    B_CO_TRY_VOID(co_await remove_if_present(log_.env_.disk, path));
    log_.snapshots_.erase(offset);
  }
  if (!strays.empty()) B_CO_TRY_VOID(co_await log_.env_.disk.sync_directory(log_.directory_));
  // With a flush policy what is readable is durable, but for a bounded number of records: so after a start, too. And
  // what is closed of a log that is compacted is: compaction waits for it, and if nothing is appended it never comes.
  const bool compaction_waits = log_.config_.cleanup_compact && log_.recovery_point_ < log_.active()->base();
  if (log_.config_.flush_messages == LogConfig::kNever && !compaction_waits) co_return Result<void>{};
  if (!options_.clean_shutdown && !BARNABAS_MUTANT(recovered_not_written_again)) {
    B_CO_TRY_VOID(co_await write_again());
  }
  co_return co_await log_.flush();
}

// A sync that failed leaves pages that are taken for clean and never reached the disk, and after a kill we read them
// from the cache. Written once more they are dirty, so that the sync that follows is worth its name.
Task<Result<void>> LogLoader::write_again() {
  for (auto it = log_.segment_at(log_.recovery_point_); it != log_.segments_.end();) {
    const std::shared_ptr<Segment> segment = it->second;
    B_CO_TRY(const auto place, co_await segment->locate(log_.env_.disk, log_.recovery_point_, log_.config_));
    std::uint64_t position = place ? place->position : segment->size();
    while (position < segment->size()) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kScanChunk, segment->size() - position));
      B_CO_TRY(const Buffer bytes, co_await segment->file()->read_at(position, size));
      if (bytes.empty()) co_return fail(Errc::truncated, segment->path(kLogSuffix) + ": shorter than it was");
      const ByteView parts[] = {bytes.view()};
      B_CO_TRY_VOID(co_await segment->file()->write_at(position, parts));
      position += bytes.size();
    }
    it = log_.segments_.upper_bound(segment->base());
  }
  co_return Result<void>{};
}

Task<Result<void>> LogLoader::load_producers(PartitionLog& log, Offset end) {
  B_CO_TRY(log.producers_, co_await producers_at(log, end));
  co_return Result<void>{};
}

Task<Result<std::optional<ProducerState>>> LogLoader::read_snapshot(PartitionLog& log, Offset offset) {
  const std::string path = join_path(log.directory_, offset_file_name(offset, kSnapshotSuffix));
  B_CO_TRY(const auto content, co_await read_whole_file(log.env_.disk, path));
  auto stored = content ? ProducerState::decode(content->view()) : fail(Errc::corrupt, "gone");
  if (stored) co_return std::optional<ProducerState>(*std::move(stored));
  log.report(env::LogLevel::info, "producer snapshot " + path + " is not whole and is ignored");
  co_return std::optional<ProducerState>();
}

Task<Result<ProducerState>> LogLoader::producers_at(PartitionLog& log, Offset end) {
  ProducerState state;
  Offset from = log.segments_.begin()->first;
  const std::vector<Offset> candidates(log.snapshots_.rbegin(), log.snapshots_.rend());
  for (const Offset offset : candidates) {
    if (offset > end || offset < from) continue;
    B_CO_TRY(auto stored, co_await read_snapshot(log, offset));
    if (!stored) continue;
    state = *std::move(stored);
    from = offset;
    break;
  }
  for (auto it = log.segment_at(from); it != log.segments_.end() && from < end && it->first < end;) {
    const std::shared_ptr<Segment> segment = it->second;
    const auto replayed = co_await replay_segment(log, segment, from, end, state);
    if (!replayed && replayed.error().code != Errc::corrupt) co_return std::unexpected(replayed.error());
    // Below the recovery point, so it was sound once. The log goes on, as it does for readers of what is sound.
    if (!replayed) log.report(env::LogLevel::warn, "producer state: " + replayed.error().message);
    it = log.segments_.upper_bound(segment->base());
  }
  co_return state;
}

Task<Result<void>> LogLoader::replay_segment(PartitionLog& log, std::shared_ptr<Segment> segment, Offset from,
                                             Offset end, ProducerState& state) {
  B_CO_TRY(const auto place, co_await segment->locate(log.env_.disk, from, log.config_));
  log.note_loaded(segment);
  const std::uint64_t begin = place ? place->position : segment->size();
  BatchScanner scanner(segment->file(), begin, segment->size(), ScanDepth::headers, kScanChunk);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more || scanner.header().base_offset >= end) co_return Result<void>{};
    B_CO_TRY_VOID(state.update(scanner.header(), scanner.bytes()));
  }
}

Task<Result<void>> LogLoader::rebuild_aborted(PartitionLog& log, std::shared_ptr<Segment> segment) {
  B_CO_TRY(ProducerState state, co_await producers_at(log, segment->base()));
  TransactionIndex found;
  BatchScanner scanner(segment->file(), 0, segment->size(), ScanDepth::headers, kScanChunk);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) break;
    B_CO_TRY(const auto aborted, state.update(scanner.header(), scanner.bytes()));
    if (aborted) found.append(*aborted);
  }
  segment->set_aborted(std::move(found));
  co_return Result<void>{};
}

}  // namespace barnabas::log
