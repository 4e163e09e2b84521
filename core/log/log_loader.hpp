// Opens a partition's directory: finishes what a crash interrupted, recovers the log, rebuilds what is derived.
#pragma once

#include <string>
#include <vector>

#include "core/log/partition_log.hpp"

namespace barnabas::log {

// How much is read at a time when a segment is read from end to end.
inline constexpr std::size_t kScanChunk = 1024 * 1024;

class LogLoader {
 public:
  LogLoader(PartitionLog& log, OpenOptions options) : log_(log), options_(options) {}

  // Fills the log from its directory.
  Task<Result<void>> run();

  // Sets the log's producer state to that of all below `end`: from the newest whole snapshot and the batches above it.
  static Task<Result<void>> load_producers(PartitionLog& log, Offset end);
  // The state of all below `end`, from there.
  static Task<Result<ProducerState>> producers_at(PartitionLog& log, Offset end);
  // Nothing: it is not whole.
  static Task<Result<std::optional<ProducerState>>> read_snapshot(PartitionLog& log, Offset offset);
  // Finds the segment's aborted transactions again, from its batches and the producers' state before them.
  static Task<Result<void>> rebuild_aborted(PartitionLog& log, std::shared_ptr<Segment> segment);

 private:
  static Task<Result<void>> replay_segment(PartitionLog& log, std::shared_ptr<Segment> segment, Offset from, Offset end,
                                           ProducerState& state);
  Task<Result<void>> read_small_files();
  Task<Result<void>> open_segments();
  Task<Result<void>> take_over();
  Task<Result<void>> recover();
  Task<Result<void>> write_side_files(std::shared_ptr<Segment> segment);
  // True when the whole segment is sound; else it was cut. Moves log_end_.
  Task<Result<bool>> scan_segment(std::shared_ptr<Segment> segment);
  void note_epoch(const record::BatchHeader& header);
  const char* fault_of_uncovered(const Segment& segment, const record::BatchHeader& header) const;
  Task<Result<void>> drop_segments_from(Offset base);
  Task<Result<void>> start_over_at(Offset offset);
  Task<Result<void>> settle();
  Task<Result<void>> write_again();
  bool begins_where_the_last_ended(const Segment& segment, bool first) const;

  PartitionLog& log_;
  OpenOptions options_;
  std::string stored_epochs_;  // The text of leader-epoch-checkpoint; of an empty cache when it is not there.
};

// Deals with files that an interrupted deletion or compaction left: see FORMAT.md. What it did is synced.
Task<Result<void>> clear_leftovers(env::Disk& disk, std::string directory);

}  // namespace barnabas::log
