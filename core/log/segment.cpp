#include "core/log/segment.hpp"

#include <algorithm>
#include <limits>

#include "core/base/mutant.hpp"
#include "core/base/reader.hpp"
#include "core/log/file_names.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

namespace {

constexpr std::string_view kSuffixes[] = {kLogSuffix, kIndexSuffix, kTimeIndexSuffix, kTransactionIndexSuffix};

constexpr std::size_t kMinChunk = 4096;
constexpr std::size_t kMaxChunk = 64 * 1024;
constexpr std::size_t kRebuildChunk = 1024 * 1024;

// One read should find the next index entry's batch.
std::size_t lookup_chunk(const LogConfig& config) {
  return std::clamp(static_cast<std::size_t>(std::max<std::int64_t>(config.index_interval_bytes, 0)) * 2, kMinChunk,
                    kMaxChunk);
}

BatchPlace place_of(const record::BatchHeader& header, std::uint64_t position) {
  return {header.base_offset,  header.last_offset(), position,
          header.total_size(), header.max_timestamp, header.leader_epoch};
}

}  // namespace

Segment::Segment(std::string directory, Offset base, std::shared_ptr<env::File> file, Timestamp created,
                 std::int64_t roll_jitter_ms)
    : directory_(std::move(directory)),
      base_(base),
      file_(std::move(file)),
      created_(created),
      roll_jitter_ms_(roll_jitter_ms),
      max_timestamp_offset_(base) {}

std::string Segment::path(std::string_view suffix) const {
  return join_path(directory_, offset_file_name(base_, suffix));
}

bool Segment::must_roll_for(const LogConfig& config, std::size_t bytes, Timestamp max_timestamp, Offset last_offset,
                            Timestamp now) const {
  if (size_ == 0 && !BARNABAS_MUTANT(empty_segment_rolls)) return false;
  if (static_cast<std::int64_t>(size_ + bytes) > config.segment_bytes) return true;
  if (last_offset - base_ > std::numeric_limits<std::int32_t>::max()) return true;
  const std::int64_t age = first_timestamp_ >= Timestamp(0) && max_timestamp >= Timestamp(0)
                               ? max_timestamp - first_timestamp_
                               : now - created_;
  if (age > config.segment_ms - roll_jitter_ms_) return true;
  const auto index_bytes = static_cast<std::size_t>(std::max<std::int64_t>(config.segment_index_bytes, 0));
  // The last place in the time index is kept for the entry written when the segment is closed.
  return indexes_->offsets.size() >= index_bytes / OffsetIndex::kEntrySize ||
         indexes_->times.size() + 1 >= index_bytes / TimeIndex::kEntrySize;
}

void Segment::note_batch(const record::BatchHeader& header, std::int64_t index_interval_bytes) {
  B_CHECK(indexes_ != nullptr && !closed_);
  B_CHECK_OP(header.base_offset, >=, base_);
  if (size_ == 0) first_timestamp_ = header.max_timestamp;
  if (header.max_timestamp > max_timestamp_) {
    max_timestamp_ = header.max_timestamp;
    max_timestamp_offset_ = header.last_offset();
  }
  const auto indexed = indexes_->offsets.last();
  // Apache Kafka enters a set of batches with the last offset of all: those of its other batches are not above that.
  const bool above = !indexed || header.last_offset() > indexed->last_offset;
  if (above && static_cast<std::int64_t>(size_ - last_indexed_) > index_interval_bytes) {
    indexes_->offsets.append(header.last_offset(), size_);
    indexes_->times.append_if_later(max_timestamp_, max_timestamp_offset_);
    last_indexed_ = size_;
  }
  if (recent_.size() == kRecent) recent_.pop_front();
  recent_.push_back(place_of(header, size_));
  size_ += header.total_size();
}

const char* Segment::fault_of(const record::BatchHeader& header) const {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();
  const Offset lowest = recent_.empty() ? base_ : recent_.back().last_offset + 1;
  if (header.base_offset < lowest) return "offsets do not rise";
  if (header.last_offset() - base_ > kLargest) return "an offset is too far from its segment's";
  if (size_ > static_cast<std::uint64_t>(kLargest)) return "the segment is larger than 2 GiB";
  return nullptr;
}

Result<void> Segment::take_batch(const record::BatchHeader& header, std::int64_t index_interval_bytes) {
  if (const char* fault = fault_of(header); fault != nullptr) return fail(Errc::corrupt, fault);
  note_batch(header, index_interval_bytes);
  return {};
}

void Segment::adopt_closed(std::uint64_t size) {
  size_ = size;
  closed_ = true;
}

void Segment::begin_anew() {
  closed_ = false;
  size_ = 0;
  last_indexed_ = 0;
  max_timestamp_ = kNoTimestamp;
  max_timestamp_offset_ = base_;
  first_timestamp_ = kNoTimestamp;
  largest_.reset();
  recent_.clear();
  indexes_ = std::make_shared<SegmentIndexes>(base_);
  aborted_ = std::make_shared<TransactionIndex>();
}

Task<Result<bool>> Segment::begin_at_last_index_entry(env::Disk& disk) {
  begin_anew();
  aborted_.reset();
  B_CO_TRY_VOID(co_await aborted(disk));
  size_ = file_->size();  // What the entries are checked against.
  auto indexes = co_await read_indexes(disk);
  size_ = 0;
  if (!indexes) co_return std::unexpected(std::move(indexes).error());
  if (*indexes == nullptr) co_return false;
  indexes_ = *std::move(indexes);
  const auto indexed = indexes_->offsets.last();
  size_ = last_indexed_ = indexed ? indexed->position : 0;
  if (const auto last = indexes_->times.last()) {
    max_timestamp_ = last->timestamp;
    max_timestamp_offset_ = last->offset;
  }
  co_return true;
}

Task<Result<void>> Segment::trim_file() {
  if (file_->size() <= size_) co_return Result<void>{};
  B_CO_TRY_VOID(co_await file_->truncate(size_));
  unsynced_.push_back(file_);
  co_return Result<void>{};
}

void Segment::close_to_appends() {
  closed_ = true;
  largest_ = max_timestamp_;
  recent_.clear();
}

bool Segment::indexed_from(Offset offset) const {
  const auto last = indexes_->offsets.last();
  return last && last->last_offset >= offset;
}

void Segment::unload_indexes() {
  if (!closed_) return;
  indexes_.reset();
  if (aborted_ != nullptr && !aborted_->empty()) aborted_.reset();
}

Task<Result<std::shared_ptr<SegmentIndexes>>> Segment::read_indexes(env::Disk& disk) {
  const std::string offsets_path = path(kIndexSuffix);
  const std::string times_path = path(kTimeIndexSuffix);
  B_CO_TRY(const auto offsets_file, co_await read_whole_file(disk, offsets_path));
  B_CO_TRY(const auto times_file, co_await read_whole_file(disk, times_path));
  if (!offsets_file || !times_file) co_return std::shared_ptr<SegmentIndexes>();
  auto offsets = OffsetIndex::decode(base_, offsets_file->view(), size_);
  auto times = TimeIndex::decode(base_, times_file->view());
  if (!offsets || !times) co_return std::shared_ptr<SegmentIndexes>();
  if (times->size() == 0 && size_ >= record::kBatchHeaderSize) {
    // Right only if no record has a timestamp.
    B_CO_TRY(const Buffer first, co_await file_->read_at(0, record::kBatchHeaderSize));
    const auto header = record::parse_batch_header_prefix(first.view());
    if (header && header->max_timestamp >= Timestamp(0)) co_return std::shared_ptr<SegmentIndexes>();
  }
  auto indexes = std::make_shared<SegmentIndexes>(base_);
  indexes->offsets = *std::move(offsets);
  indexes->times = *std::move(times);
  co_return indexes;
}

Task<Result<void>> Segment::rebuild_indexes(std::int64_t index_interval_bytes) {
  const std::uint64_t size = size_;
  Segment twin(directory_, base_, file_, created_, roll_jitter_ms_);
  twin.begin_anew();
  BatchScanner scanner(file_, 0, size, ScanDepth::headers, kRebuildChunk);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) break;
    B_CO_TRY_VOID(twin.take_batch(scanner.header(), index_interval_bytes));
  }
  twin.indexes_->times.append_if_later(twin.max_timestamp_, twin.max_timestamp_offset_);
  indexes_ = twin.indexes_;
  co_return Result<void>{};
}

Task<Result<std::shared_ptr<SegmentIndexes>>> Segment::indexes(env::Disk& disk, std::int64_t index_interval_bytes) {
  if (indexes_ == nullptr) {
    B_CO_TRY(auto read, co_await read_indexes(disk));
    // Another reader may have loaded them meanwhile.
    if (indexes_ == nullptr) indexes_ = std::move(read);
  }
  if (indexes_ == nullptr) {
    B_CO_TRY_VOID(co_await rebuild_indexes(index_interval_bytes));
  }
  co_return indexes_;
}

Task<Result<void>> Segment::write_side_file(env::Disk& disk, std::string_view suffix, std::vector<std::byte> content) {
  const std::string target = path(suffix);
  auto opened = co_await disk.open(target, env::OpenMode::create_truncate);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  std::shared_ptr<env::File> file = *std::move(opened);
  const ByteView parts[] = {ByteView(content)};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  unsynced_.push_back(std::move(file));
  co_return Result<void>{};
}

Task<Result<void>> Segment::write_indexes(env::Disk& disk, std::string_view extra_suffix) {
  B_CHECK(indexes_ != nullptr);
  indexes_->times.append_if_later(max_timestamp_, max_timestamp_offset_);
  const std::string offsets_suffix = std::string(kIndexSuffix).append(extra_suffix);
  std::vector<std::byte> offsets = indexes_->offsets.encode();
  B_CO_TRY_VOID(co_await write_side_file(disk, offsets_suffix, std::move(offsets)));
  const std::string times_suffix = std::string(kTimeIndexSuffix).append(extra_suffix);
  std::vector<std::byte> times = indexes_->times.encode();
  B_CO_TRY_VOID(co_await write_side_file(disk, times_suffix, std::move(times)));
  B_CHECK(aborted_ != nullptr);
  const std::string transactions_suffix = std::string(kTransactionIndexSuffix).append(extra_suffix);
  std::vector<std::byte> transactions = aborted_->encode();
  if (!transactions.empty()) co_return co_await write_side_file(disk, transactions_suffix, std::move(transactions));
  const std::string stale = path(transactions_suffix);
  co_return co_await remove_if_present(disk, stale);
}

Task<Result<std::shared_ptr<TransactionIndex>>> Segment::aborted(env::Disk& disk) {
  if (aborted_ != nullptr) co_return aborted_;
  const std::string file = path(kTransactionIndexSuffix);
  B_CO_TRY(const auto content, co_await read_whole_file(disk, file));
  TransactionIndex index;
  if (content) {
    B_CO_TRY(index, TransactionIndex::decode(base_, content->view()));
  }
  // Another reader may have loaded it meanwhile.
  if (aborted_ == nullptr) set_aborted(std::move(index));
  co_return aborted_;
}

Task<Result<Timestamp>> Segment::largest_timestamp(env::Disk& disk, std::int64_t index_interval_bytes) {
  if (!closed_) co_return max_timestamp_;
  if (!largest_) {
    const bool loaded = indexes_loaded();
    B_CO_TRY(const auto found, co_await indexes(disk, index_interval_bytes));
    const auto last = found->times.last();
    largest_ = last ? last->timestamp : kNoTimestamp;
    if (!loaded) unload_indexes();
  }
  co_return *largest_;
}

const BatchPlace* Segment::find_recent(Offset offset) const {
  if (recent_.empty() || (offset < recent_.front().base_offset && recent_.front().position != 0)) return nullptr;
  const auto found = std::lower_bound(recent_.begin(), recent_.end(), offset,
                                      [](const BatchPlace& b, Offset o) { return b.last_offset < o; });
  return found == recent_.end() ? nullptr : &*found;
}

// first_ends_at: what the index says of the batch at `begin`. corrupt when the file says otherwise.
Task<Result<std::optional<BatchPlace>>> Segment::scan_for(std::uint64_t begin, std::optional<Offset> first_ends_at,
                                                          Offset offset, std::size_t chunk) {
  BatchScanner scanner(file_, begin, size_, ScanDepth::headers, chunk);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) co_return std::optional<BatchPlace>();
    if (first_ends_at && scanner.header().last_offset() != *first_ends_at && !BARNABAS_MUTANT(index_is_trusted)) {
      co_return fail(Errc::corrupt, path(kIndexSuffix) + " does not fit the log");
    }
    first_ends_at.reset();
    if (scanner.header().last_offset() < offset) continue;
    co_return std::optional<BatchPlace>(place_of(scanner.header(), scanner.position()));
  }
}

Task<Result<std::optional<BatchPlace>>> Segment::locate(env::Disk& disk, Offset offset, const LogConfig& config) {
  const BatchPlace* recent = find_recent(offset);
  if (recent != nullptr && !BARNABAS_MUTANT(recent_batches_forgotten)) co_return std::optional<BatchPlace>(*recent);
  const std::int64_t interval = config.index_interval_bytes;
  const std::size_t chunk = lookup_chunk(config);
  B_CO_TRY(const auto loaded, co_await indexes(disk, interval));
  auto hint = loaded->offsets.hint_for(offset);
  if (BARNABAS_MUTANT(index_hint_ignored)) hint.reset();
  std::uint64_t begin = hint ? hint->position : 0;
  std::optional<Offset> ends_at = hint ? std::optional<Offset>(hint->last_offset) : std::nullopt;
  auto found = co_await scan_for(begin, ends_at, offset, chunk);
  if (found || found.error().code != Errc::corrupt || !closed_ || !hint) co_return found;
  // The index pointed wrong. The log is right, or the next scan says that it is not.
  B_CO_TRY_VOID(co_await rebuild_indexes(interval));
  hint = indexes_->offsets.hint_for(offset);
  begin = hint ? hint->position : 0;
  ends_at.reset();
  co_return co_await scan_for(begin, ends_at, offset, chunk);
}

Task<Result<std::optional<BatchPlace>>> Segment::locate_time(env::Disk& disk, Timestamp at, Offset from,
                                                             const LogConfig& config) {
  B_CO_TRY(const auto loaded, co_await indexes(disk, config.index_interval_bytes));
  const Offset start = std::max(from, loaded->times.offset_for(at));
  const auto hint = loaded->offsets.hint_for(start);
  BatchScanner scanner(file_, hint ? hint->position : 0, size_, ScanDepth::headers, kMaxChunk);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more) co_return std::optional<BatchPlace>();
    const record::BatchHeader& header = scanner.header();
    if (header.last_offset() >= from && header.max_timestamp >= at) {
      co_return std::optional<BatchPlace>(place_of(header, scanner.position()));
    }
  }
}

Task<Result<std::uint64_t>> Segment::boundary_before(env::Disk& disk, std::uint64_t from, std::uint64_t limit,
                                                     const LogConfig& config) {
  if (limit >= size_) co_return size_;
  if (!recent_.empty() && from >= recent_.front().position) {
    const auto above = std::upper_bound(recent_.begin(), recent_.end(), limit,
                                        [](std::uint64_t p, const BatchPlace& b) { return p < b.position; });
    co_return std::max(from, std::prev(above)->position);
  }
  B_CO_TRY(const auto loaded, co_await indexes(disk, config.index_interval_bytes));
  const std::size_t chunk = lookup_chunk(config);
  const std::uint64_t indexed = std::max(from, loaded->offsets.boundary_at_or_before(limit));
  auto boundary = co_await last_boundary(indexed, limit, chunk);
  if (boundary || boundary.error().code != Errc::corrupt || !closed_ || indexed == from) co_return boundary;
  // As in locate(): the index pointed wrong.
  B_CO_TRY_VOID(co_await rebuild_indexes(config.index_interval_bytes));
  const std::uint64_t sound = std::max(from, indexes_->offsets.boundary_at_or_before(limit));
  co_return co_await last_boundary(sound, limit, chunk);
}

Task<Result<std::uint64_t>> Segment::last_boundary(std::uint64_t begin, std::uint64_t limit, std::size_t chunk) {
  BatchScanner scanner(file_, begin, size_, ScanDepth::headers, chunk);
  while (true) {
    B_CO_TRY(const bool more, co_await scanner.next());
    if (!more || scanner.end_position() > limit) co_return begin;
    begin = scanner.end_position();
  }
}

Task<Result<void>> Segment::remove_files(env::Disk& disk) {
  for (const std::string_view suffix : kSuffixes) {
    const std::string victim = path(suffix);
    B_CO_TRY_VOID(co_await remove_if_present(disk, victim));
    if (suffix == kLogSuffix) B_CO_TRY_VOID(co_await disk.sync_directory(directory_));
  }
  co_return Result<void>{};
}

Task<Result<void>> Segment::retire_files(env::Disk& disk) {
  return rename_files(disk, "", kDeletedSuffix, LogGoes::first);
}

Task<Result<void>> Segment::rename_files(env::Disk& disk, std::string_view from, std::string_view to, LogGoes when) {
  std::vector<std::string_view> order(std::begin(kSuffixes), std::end(kSuffixes));
  if (when == LogGoes::last) std::ranges::reverse(order);
  const std::string before(from);
  const std::string after(to);
  for (const std::string_view suffix : order) {
    const std::string source = path(suffix) + before;
    const std::string target = path(suffix) + after;
    const auto renamed = co_await disk.rename(source, target);
    if (!renamed && renamed.error().code != Errc::not_found) co_return renamed;
    if (suffix == kLogSuffix && when == LogGoes::first) B_CO_TRY_VOID(co_await disk.sync_directory(directory_));
  }
  co_return Result<void>{};
}

Task<Result<void>> Segment::remove_retired_files(env::Disk& disk) {
  for (const std::string_view suffix : kSuffixes) {
    const std::string victim = path(suffix) + std::string(kDeletedSuffix);
    B_CO_TRY_VOID(co_await remove_if_present(disk, victim));
  }
  co_return Result<void>{};
}

}  // namespace barnabas::log
