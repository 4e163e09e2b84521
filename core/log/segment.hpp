// One segment of a log: a file of batches, its sparse indexes, and what is known of its timestamps.
//
// Bytes are in the segment for readers as soon as note_batch() has counted them, not when they are in the file.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/env/disk.hpp"
#include "core/log/batch_scanner.hpp"
#include "core/log/log_config.hpp"
#include "core/log/segment_index.hpp"
#include "core/log/transaction_index.hpp"
#include "core/record/batch.hpp"

namespace barnabas::log {

struct SegmentIndexes {
  explicit SegmentIndexes(Offset base) : offsets(base), times(base) {}
  OffsetIndex offsets;
  TimeIndex times;
};

// A batch and where it lies.
struct BatchPlace {
  Offset base_offset;
  Offset last_offset;
  std::uint64_t position;
  std::size_t size;
  Timestamp max_timestamp;
  LeaderEpoch leader_epoch;

  std::uint64_t end() const { return position + size; }
};

class Segment {
 public:
  // created: for the age of a segment whose records have no timestamps. roll_jitter_ms: drawn from segment.jitter.ms.
  Segment(std::string directory, Offset base, std::shared_ptr<env::File> file, Timestamp created,
          std::int64_t roll_jitter_ms);

  Offset base() const { return base_; }
  const std::shared_ptr<env::File>& file() const { return file_; }
  std::uint64_t size() const { return size_; }
  std::string path(std::string_view suffix) const;

  // Would a set of batches of this size, largest timestamp and last offset have to go to a new segment?
  bool must_roll_for(const LogConfig& config, std::size_t bytes, Timestamp max_timestamp, Offset last_offset,
                     Timestamp now) const;

  // Counts a batch that was written at the end of the segment. Requires that the indexes are loaded.
  void note_batch(const record::BatchHeader& header, std::int64_t index_interval_bytes);
  // Why a batch that was read from the file cannot be the next one to note; null when it can.
  const char* fault_of(const record::BatchHeader& header) const;
  // Notes a batch that was read from the file. corrupt, and nothing is noted: see fault_of().
  Result<void> take_batch(const record::BatchHeader& header, std::int64_t index_interval_bytes);
  // Notes that its last batch is the marker that aborted this transaction. Requires an active segment.
  void note_aborted(const AbortedTransaction& transaction) { aborted_->append(transaction); }
  // For a segment that was closed before: its file holds this many bytes of batches.
  void adopt_closed(std::uint64_t size);
  // For the last segment after a clean stop: takes the index files' word for what comes before the last batch they
  // know, and begins again there. False, and at 0, when they cannot be used. The batches that follow are to be noted.
  Task<Result<bool>> begin_at_last_index_entry(env::Disk& disk);
  void set_first_timestamp(Timestamp timestamp) { first_timestamp_ = timestamp; }
  // When it was made or opened.
  Timestamp created() const { return created_; }
  void set_created(Timestamp created) { created_ = created; }
  // Forgets everything; the batches are to be noted from position 0 on, and the aborted transactions.
  void begin_anew();
  // No more batches will be noted.
  void close_to_appends();
  // Cuts off what a file made in its full size has behind the last batch; it is among unsynced() then.
  Task<Result<void>> trim_file();

  // The indexes, from memory or from the files; rebuilt in memory when those are missing or not sane.
  Task<Result<std::shared_ptr<SegmentIndexes>>> indexes(env::Disk& disk, std::int64_t index_interval_bytes);
  bool indexes_loaded() const { return indexes_ != nullptr; }
  // Has the offset index, which must be loaded, an entry for this offset or a later one?
  bool indexed_from(Offset offset) const;
  void unload_indexes();
  // Writes the index files; they are among unsynced() then. The last time index entry is added first. Without aborted
  // transactions there is no file of them.
  // extra_suffix: what comes after the names' usual end.
  Task<Result<void>> write_indexes(env::Disk& disk, std::string_view extra_suffix = "");

  // Its aborted transactions, from memory or from the file. corrupt: the file is not sane, see set_aborted().
  Task<Result<std::shared_ptr<TransactionIndex>>> aborted(env::Disk& disk);
  // What they are, after they were found out from the batches and the producers' state before them.
  void set_aborted(TransactionIndex index) { aborted_ = std::make_shared<TransactionIndex>(std::move(index)); }

  // The largest timestamp; kNoTimestamp when no record has one.
  Task<Result<Timestamp>> largest_timestamp(env::Disk& disk, std::int64_t index_interval_bytes);

  // The first batch whose last offset is at least `offset`. Nothing: the segment ends before it.
  Task<Result<std::optional<BatchPlace>>> locate(env::Disk& disk, Offset offset, const LogConfig& config);
  // The first batch with a record at or after `at` whose last offset is at least `from`.
  Task<Result<std::optional<BatchPlace>>> locate_time(env::Disk& disk, Timestamp at, Offset from,
                                                      const LogConfig& config);
  // The largest batch boundary at or below `limit`, which lies between `from`, a boundary, and the end.
  Task<Result<std::uint64_t>> boundary_before(env::Disk& disk, std::uint64_t from, std::uint64_t limit,
                                              const LogConfig& config);

  // Files that belong to the segment and were written, but not synced: the recovery point must not leave the segment
  // behind before they are.
  std::vector<std::shared_ptr<env::File>>& unsynced() { return unsynced_; }

  // The log first, and durably, before its indexes: a segment whose index of aborted transactions alone has gone looks
  // like one in which none was aborted. The removal of the indexes is not synced; without their log they are nobody's.
  Task<Result<void>> remove_files(env::Disk& disk);
  // Removal in two steps, the second one later: renamed with the suffix .deleted, in the same order; then removed.
  Task<Result<void>> retire_files(env::Disk& disk);
  Task<Result<void>> remove_retired_files(env::Disk& disk);

  // Moves its files from names with one more suffix to names with another, of which one may be empty; the log as the
  // last of them, or as the first of them and durably before the others. Those that are not there are passed over.
  // Otherwise nothing is synced.
  enum class LogGoes : std::uint8_t { first, last };
  Task<Result<void>> rename_files(env::Disk& disk, std::string_view from, std::string_view to, LogGoes when);

 private:
  static constexpr std::size_t kRecent = 256;  // Batches whose places the active segment remembers.

  // Nothing when they are missing or not sane.
  Task<Result<std::shared_ptr<SegmentIndexes>>> read_indexes(env::Disk& disk);
  Task<Result<void>> rebuild_indexes(std::int64_t index_interval_bytes);
  const BatchPlace* find_recent(Offset offset) const;
  Task<Result<std::uint64_t>> last_boundary(std::uint64_t begin, std::uint64_t limit, std::size_t chunk);
  Task<Result<std::optional<BatchPlace>>> scan_for(std::uint64_t begin, std::optional<Offset> first_ends_at,
                                                   Offset offset, std::size_t chunk);
  Task<Result<void>> write_side_file(env::Disk& disk, std::string_view suffix, std::vector<std::byte> content);

  std::string directory_;
  Offset base_;
  std::shared_ptr<env::File> file_;
  Timestamp created_;
  std::int64_t roll_jitter_ms_;
  bool closed_ = false;
  std::uint64_t size_ = 0;
  std::shared_ptr<SegmentIndexes> indexes_;
  std::shared_ptr<TransactionIndex> aborted_;  // Null when it must be read.
  std::uint64_t last_indexed_ = 0;             // Position of the batch that got the last index entry.
  Timestamp max_timestamp_ = kNoTimestamp;
  Offset max_timestamp_offset_{0};
  std::optional<Timestamp> largest_;  // Of a closed segment, once it was looked up.
  Timestamp first_timestamp_ = kNoTimestamp;
  std::deque<BatchPlace> recent_;  // The last batches, up to the end of the segment.
  std::vector<std::shared_ptr<env::File>> unsynced_;
};

}  // namespace barnabas::log
