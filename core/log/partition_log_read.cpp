// The reading half of PartitionLog.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"
#include "core/log/log_loader.hpp"
#include "core/log/partition_log.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::log {

namespace {

std::unexpected<Error> out_of_range(const TopicPartition& id, Offset asked, Offset start, Offset end) {
  return fail(Errc::offset_out_of_range, id.to_string() + ": offset " + std::to_string(asked.value()) + " is not in [" +
                                             std::to_string(start.value()) + ", " + std::to_string(end.value()) + "]");
}

}  // namespace

void PartitionLog::note_loaded(const std::shared_ptr<Segment>& segment) {
  if (segment == active() || !segment->indexes_loaded()) return;
  std::erase(loaded_, segment);
  loaded_.push_back(segment);
  if (loaded_.size() <= BARNABAS_MUTATE(fewer_indexes_kept, kLoadedSegments, std::size_t{0})) return;
  loaded_.front()->unload_indexes();
  loaded_.erase(loaded_.begin());
}

// The first batch that ends at or above `from`, in whatever segment.
Task<Result<std::optional<PartitionLog::Found>>> PartitionLog::find_batch(Offset from) {
  for (auto it = segment_at(from); it != segments_.end();) {
    const std::shared_ptr<Segment> segment = it->second;
    B_CO_TRY(const auto place, co_await segment->locate(env_.disk, from, config_));
    if (!segments_.empty()) note_loaded(segment);
    if (place) co_return std::optional<Found>(Found{segment, *place});
    it = segments_.upper_bound(segment->base());
  }
  co_return std::optional<Found>();
}

// Where the whole batches from `begin` end that begin below `bound` and are at most max_bytes.
Task<Result<std::uint64_t>> PartitionLog::slice_end(std::shared_ptr<Segment> segment, std::uint64_t begin,
                                                    std::size_t max_bytes, Offset bound) {
  const auto next = segments_.upper_bound(segment->base());
  std::uint64_t end = segment->size();
  if (bound < (next == segments_.end() ? log_end_ : next->first)) {
    B_CO_TRY(const auto place, co_await segment->locate(env_.disk, bound, config_));
    if (place) end = place->position;
  }
  const std::uint64_t limit = begin + std::min<std::uint64_t>(max_bytes, segment->size());
  if (limit >= end) co_return end;
  co_return co_await segment->boundary_before(env_.disk, begin, limit, config_);
}

Task<Result<LogSlice>> PartitionLog::read(Offset from, std::size_t max_bytes, Offset upper_bound,
                                          bool at_least_one_batch) {
  while (true) {
    if (from < log_start_ || from > log_end_) co_return out_of_range(id_, from, log_start_, log_end_);
    const std::uint64_t truncations = truncations_;
    const Offset bound = std::min(upper_bound, log_end_);
    if (from >= bound) co_return LogSlice{};
    const auto search = co_await find_batch(from);
    if (truncations != truncations_) continue;
    if (!search) co_return std::unexpected(search.error());
    const std::optional<Found>& found = *search;
    if (!found || found->place.base_offset >= bound) co_return LogSlice{};

    const BatchPlace& first = found->place;
    const auto end = co_await slice_end(found->segment, first.position, max_bytes, bound);
    if (truncations != truncations_) continue;
    if (!end) co_return std::unexpected(end.error());
    const std::uint64_t until = *end == first.position && at_least_one_batch ? first.end() : *end;
    LogSlice slice;
    slice.file = found->segment->file();
    slice.position = first.position;
    slice.size = static_cast<std::size_t>(until - std::min(until, first.position));
    slice.first_offset = first.base_offset;
    slice.first_batch_size = first.size;
    co_return slice;
  }
}

Task<Result<std::optional<TimestampedOffset>>> PartitionLog::first_record_at(std::shared_ptr<env::File> file,
                                                                             BatchPlace place, Timestamp at) {
  B_CO_TRY(const Buffer batch, co_await file->read_at(place.position, place.size));
  std::optional<TimestampedOffset> result;
  const auto walked = record::for_each_record(batch.view(), [&](const record::RecordView& record) {
    if (!result && record.timestamp >= at && record.offset >= log_start_) {
      result = TimestampedOffset{record.timestamp, record.offset, place.leader_epoch};
    }
  });
  if (!walked) co_return std::unexpected(walked.error());
  co_return result;
}

Task<Result<std::optional<TimestampedOffset>>> PartitionLog::find_timestamp(Timestamp at) {
  for (auto it = segment_at(log_start_); it != segments_.end();) {
    const std::shared_ptr<Segment> segment = it->second;
    B_CO_TRY(const Timestamp largest, co_await segment->largest_timestamp(env_.disk, config_.index_interval_bytes));
    Offset from = log_start_;
    while (largest >= at) {
      B_CO_TRY(const auto place, co_await segment->locate_time(env_.disk, at, from, config_));
      note_loaded(segment);
      if (!place) break;
      B_CO_TRY(const auto record, co_await first_record_at(segment->file(), *place, at));
      if (record) co_return record;
      from = place->last_offset + 1;  // The records that are young enough lie below the log start.
    }
    it = segments_.upper_bound(segment->base());
  }
  co_return std::optional<TimestampedOffset>();
}

Task<Result<std::shared_ptr<TransactionIndex>>> PartitionLog::aborted_in(std::shared_ptr<Segment> segment) {
  auto index = co_await segment->aborted(env_.disk);
  if (index || index.error().code != Errc::corrupt) co_return index;
  report(env::LogLevel::warn, segment->path(kTransactionIndexSuffix) + " is rebuilt: " + index.error().message);
  B_CO_TRY_VOID(co_await LogLoader::rebuild_aborted(*this, segment));
  co_return co_await segment->aborted(env_.disk);
}

Task<Result<std::vector<AbortedTransaction>>> PartitionLog::aborted_transactions(Offset from, Offset upper) {
  std::vector<AbortedTransaction> found;
  for (auto it = segment_at(from); it != segments_.end();) {
    const std::shared_ptr<Segment> segment = it->second;
    const std::uint64_t truncations = truncations_;
    const auto index = co_await aborted_in(segment);
    if (truncations != truncations_) {
      found.clear();
      it = segment_at(from);
      continue;
    }
    if (!index) co_return std::unexpected(index.error());
    if ((*index)->collect(from, upper, found)) break;
    it = segments_.upper_bound(segment->base());
  }
  co_return found;
}

Task<Result<std::optional<TimestampedOffset>>> PartitionLog::find_max_timestamp() {
  Timestamp largest = kNoTimestamp;
  for (auto it = segment_at(log_start_); it != segments_.end();) {
    const std::shared_ptr<Segment> segment = it->second;
    B_CO_TRY(const Timestamp of_this, co_await segment->largest_timestamp(env_.disk, config_.index_interval_bytes));
    largest = std::max(largest, of_this);
    it = segments_.upper_bound(segment->base());
  }
  if (largest == kNoTimestamp) co_return std::optional<TimestampedOffset>();
  co_return co_await find_timestamp(largest);
}

Task<Result<std::vector<AbortedTransaction>>> PartitionLog::aborted_transactions(LogSlice slice, Offset upper_bound) {
  if (slice.size == 0) co_return std::vector<AbortedTransaction>();
  Offset upper = std::min(upper_bound, log_end_);
  // The batch behind the slice, if one follows in its segment.
  const std::uint64_t end = slice.position + slice.size;
  if (slice.file->size() >= end + record::kBatchHeaderSize) {
    B_CO_TRY(const Buffer next, co_await slice.file->read_at(end, record::kBatchHeaderSize));
    const auto header = record::parse_batch_header_prefix(next.view());
    if (header && header->base_offset > slice.first_offset) upper = std::min(upper, header->base_offset);
  }
  co_return co_await aborted_transactions(slice.first_offset, upper);
}

Task<Result<std::vector<SegmentTime>>> PartitionLog::segment_times() {
  std::vector<SegmentTime> times;
  for (auto it = segments_.begin(); it != segments_.end();) {
    const std::shared_ptr<Segment> segment = it->second;
    B_CO_TRY(const Timestamp largest, co_await segment->largest_timestamp(env_.disk, config_.index_interval_bytes));
    times.push_back({std::max(segment->base(), log_start_), largest});
    it = segments_.upper_bound(segment->base());
  }
  co_return times;
}

}  // namespace barnabas::log
