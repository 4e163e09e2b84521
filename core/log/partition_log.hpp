// One partition's log on one disk: segments, indexes, producer state, leader epochs. The fourth hop of a
// produced record. Its files are described in FORMAT.md.
//
// Order and ownership. One owner (replication::Partition) makes the offsets and calls write(), from a scope that
// outlives whoever waits for the outcome: a write, a truncation or a deletion that is destroyed half-way leaves
// the log failed, as a crash would. Such calls queue up here, in the order in which they were started. Syncs run
// in the log's own scope; whoever waits for one can be destroyed at any time. So the owner gets group commit by
//   co_await log.write(batches);             // one after the other: check producers, assign offsets, write
//   co_await log.make_durable(log_end);      // many at a time, while further writes go on
// and append() is both in one call, for those who do not pipeline.
//
// Reads go on beside all that and see only what was published: bytes first, log end last (KAFKA-2477).
//
// Failure. After an I/O error the log, and every log of its directory, takes no more appends: storage_failed
// (KAFKA-10778). A full disk is no such error when the partial write could be cut off again: no_space. So is the limit
// of open files, whatever the operation.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/base/uuid.hpp"
#include "core/env/env.hpp"
#include "core/log/directory_health.hpp"
#include "core/log/leader_epoch_cache.hpp"
#include "core/log/log_config.hpp"
#include "core/log/producer_state.hpp"
#include "core/log/segment.hpp"

namespace barnabas::log {

// Bytes of a segment, to be sent or read without a copy through memory. The file stays readable while this lives,
// though it be deleted.
struct LogSlice {
  std::shared_ptr<env::File> file;
  std::uint64_t position = 0;
  std::size_t size = 0;              // 0: nothing there below the bound, or the first batch is larger than allowed.
  Offset first_offset{0};            // Base offset of the first batch; at or below the offset asked for, but for gaps.
  std::size_t first_batch_size = 0;  // 0 when there is no batch at all, else known even when size is 0.
};

struct TimestampedOffset {
  Timestamp timestamp;
  Offset offset;
  LeaderEpoch leader_epoch;
};

// A segment, as ListOffsets of version 0 sees it.
struct SegmentTime {
  Offset base;        // Or the log's start, if that is above.
  Timestamp largest;  // Of its records; kNoTimestamp when it has none.
};

struct AppendInfo {
  Offset base_offset;
  Offset last_offset;
  Timestamp max_timestamp;
  Offset log_start_offset;
};

struct OpenOptions {
  Offset recovery_point{0};  // From the checkpoint; 0 when it is not known.
  Offset log_start{0};       // From the checkpoint, 0 when it is not known; the first segment may begin above it.
  Offset high_watermark{0};  // From the checkpoint.
  bool clean_shutdown = false;
  std::shared_ptr<DirectoryHealth> health;  // May be null.
};

class PartitionLog {
 public:
  // Recovers what is in the directory, which must exist; an empty one becomes an empty log. corrupt: what is
  // there is not a log of ours. io_error and the like: the log cannot be used.
  static Task<Result<std::unique_ptr<PartitionLog>>> open(env::Env env, std::string directory, TopicPartition id,
                                                          LogConfig config, OpenOptions options);
  // Destroying a log is the crash: nothing is written. Nobody may wait on it then.
  ~PartitionLog();

  const TopicPartition& id() const { return id_; }
  const std::string& directory() const { return directory_; }
  const LogConfig& config() const { return config_; }
  // Holds from the next append, roll or retention on.
  void set_config(LogConfig config) { config_ = config; }

  // The smallest offset that may be read.
  Offset log_start_offset() const { return log_start_; }
  // The offset after the last record: of the next one.
  Offset log_end_offset() const { return log_end_; }
  // Everything below was synced.
  Offset recovery_point() const { return recovery_point_; }
  // What the owner last told; at first the checkpoint's, at most the log end. Kept here for the checkpoint, and
  // because nothing at or above it may be deleted.
  Offset high_watermark() const { return high_watermark_; }
  void set_high_watermark(Offset offset);
  // What readers of committed records may see is below it: no transaction that is open, or whose marker lies at or
  // above the high watermark, begins below it. At most the high watermark (KIP-98).
  Offset last_stable_offset() const;
  std::int64_t size_in_bytes() const;
  std::size_t segment_count() const { return segments_.size(); }
  Offset first_segment_base() const { return segments_.begin()->first; }
  bool failed() const { return health_->failed || broken_; }

  // Zero until it is known.
  const Uuid& topic_id() const { return topic_id_; }
  Task<Result<void>> set_topic_id(Uuid id);

  // Appends whole batches of magic 2 whose offsets are assigned: the first begins at log_end_offset() or, on a
  // follower, above. One vectored write; then indexes, producer state and leader epochs are brought up to date,
  // and the log end is published last. The CRCs were checked by the caller. Errors: corrupt, truncated (not whole
  // batches), offset_out_of_range (begins below the log end), record_list_too_large (larger than a segment),
  // no_space (nothing was appended), storage_failed, closed.
  Task<Result<AppendInfo>> write(Buffer batches);
  // Returns when the flush policy is satisfied for all below `end`: at once if fewer than flush.messages are
  // unsynced, else after a sync that covers it, shared with all who wait. Errors: storage_failed, closed.
  Task<Result<void>> make_durable(Offset end);
  // write(), then make_durable().
  Task<Result<AppendInfo>> append(Buffer batches);

  // Syncs all that was written when it is called, and lets the recovery point follow.
  Task<Result<void>> flush();
  // flush() if flush.ms have passed since the last one and something is unsynced: for a background task.
  Task<Result<void>> flush_if_due();

  // Whole batches of one segment, from the one that holds `from` (or the next that is there), none of which begins at
  // or above upper_bound, and at most max_bytes of them; with at_least_one_batch, one if it is larger. Empty when
  // `from` is the upper bound or above. Errors: offset_out_of_range (below the log start or above the log end),
  // io_error.
  Task<Result<LogSlice>> read(Offset from, std::size_t max_bytes, Offset upper_bound, bool at_least_one_batch);
  // The first record whose timestamp is at least `at`. Nothing: there is none.
  Task<Result<std::optional<TimestampedOffset>>> find_timestamp(Timestamp at);
  // The record with the largest timestamp, the first of its like (KIP-734). Nothing: the log is empty.
  Task<Result<std::optional<TimestampedOffset>>> find_max_timestamp();
  // Of every segment, oldest first.
  Task<Result<std::vector<SegmentTime>>> segment_times();
  // The aborted transactions that may have records in [from, upper), each with its marker; upper: the end of a slice,
  // or the last stable offset. May hold more than those. Errors: io_error.
  Task<Result<std::vector<AbortedTransaction>>> aborted_transactions(Offset from, Offset upper);
  // Those of a slice that read() gave for this upper bound.
  Task<Result<std::vector<AbortedTransaction>>> aborted_transactions(LogSlice slice, Offset upper_bound);

  ProducerState& producers() { return producers_; }
  const ProducerState& producers() const { return producers_; }
  void expire_producers();

  const LeaderEpochCache& leader_epochs() const { return epochs_; }
  // This broker leads from the log end on in this epoch; durable when it returns.
  Task<Result<void>> assign_leader_epoch(LeaderEpoch epoch);

  // Cuts off everything at and above `offset` (a batch that holds it goes as a whole).
  Task<Result<void>> truncate_to(Offset offset);
  // Removes every record, and goes on at this offset, below or above: the log of a follower that has nothing in common
  // with its leader's. What was known of producers and leader epochs goes as well.
  Task<Result<void>> begin_at(Offset offset);
  // DeleteRecords: nothing below `offset` is readable any more; segments wholly below it are deleted. At most up to the
  // high watermark: offset_out_of_range. Durable when LogManager::checkpoint() has run. The files of segments that are
  // deleted, here and by retention, get the suffix .deleted and stay for file.delete.delay.ms.
  Task<Result<void>> advance_log_start(Offset offset);
  // Retention: deletes old segments below the high watermark by size and by the age of their newest record. The
  // number of segments deleted.
  Task<Result<int>> delete_old_segments(Timestamp now);

  // The right to compact the log; at most one at a time. While it lives, abandon() and close() wait for it, and
  // is_wanted_back() says so.
  class CleaningTurn {
   public:
    explicit CleaningTurn(PartitionLog& log) : log_(&log) {}
    CleaningTurn(CleaningTurn&& other) noexcept : log_(std::exchange(other.log_, nullptr)) {}
    CleaningTurn& operator=(CleaningTurn&&) = delete;
    ~CleaningTurn() {
      if (log_ != nullptr) log_->end_cleaning();
    }
    PartitionLog& log() const { return *log_; }
    bool is_wanted_back() const { return log_->cleaning_refused_; }

   private:
    PartitionLog* log_;
  };
  // Nothing: the log is being compacted, takes no more writes, or is about to be closed.
  std::optional<CleaningTurn> begin_cleaning();
  // The segments but the active one, oldest first.
  std::vector<std::shared_ptr<Segment>> closed_segments() const;
  Offset active_base() const { return active()->base(); }
  // What was known of producers below this offset, a segment's base. io_error.
  Task<Result<ProducerState>> producers_at(Offset base);
  // The producers whose transactions a snapshot of an offset in [from, until) tells as open. io_error.
  Task<Result<std::vector<ProducerId>>> open_in_snapshots(Offset from, Offset until);
  // An empty segment whose file has the suffix .cleaned. Under a turn, as what follows.
  Task<Result<std::shared_ptr<Segment>>> create_cleaned_segment(Offset base, Timestamp created);
  // Puts a compacted segment, whose files are written and synced under the suffix .cleaned, in the place of those it
  // was made of, which follow each other and end where it ends. A crash at any moment leaves either; destroying the
  // waiter changes nothing. False, and nothing happens: they are not all there any more, or the log was truncated.
  // no_space: nothing happened; the error of a failing disk: the directory has failed.
  Task<Result<bool>> replace_segments(std::vector<std::shared_ptr<Segment>> old, std::shared_ptr<Segment> cleaned);
  // Removes what passes that did not end have left.
  Task<Result<void>> remove_cleaned_files();

  // Appends fail with `closed` from now on; returns when nothing of this log is under way on the disk. For a log that
  // is to be deleted.
  Task<void> abandon();

  // The clean end: syncs everything, writes indexes and the producer snapshot. Appends fail with `closed` from
  // now on; reads still work.
  Task<Result<void>> close();

 private:
  friend class LogLoader;
  // Between its construction and done() files and memory may disagree. A crash's recovery copes with that; a
  // process that goes on does not.
  class Mutation {
   public:
    explicit Mutation(PartitionLog& log) : log_(log) {}
    ~Mutation() { log_.broken_ = log_.broken_ || !done_; }
    Mutation(const Mutation&) = delete;
    Mutation& operator=(const Mutation&) = delete;
    void done() { done_ = true; }

   private:
    PartitionLog& log_;
    bool done_ = false;
  };
  // While it lives, no sync moves the recovery point to the log end.
  class Rolling {
   public:
    explicit Rolling(PartitionLog& log) : log_(log) { log_.rolling_ = true; }
    ~Rolling() { log_.rolling_ = false; }
    Rolling(const Rolling&) = delete;
    Rolling& operator=(const Rolling&) = delete;

   private:
    PartitionLog& log_;
  };
  struct Batch {
    record::BatchHeader header;
    ByteView bytes;
  };
  struct Found {
    std::shared_ptr<Segment> segment;
    BatchPlace place;
  };

  PartitionLog(env::Env env, std::string directory, TopicPartition id, LogConfig config,
               std::shared_ptr<DirectoryHealth> health);

  void report(env::LogLevel level, const std::string& line);
  // Marks the directory as failed. The error for whoever asked.
  std::unexpected<Error> fail_directory(const std::string& what, const Error& cause);
  // What could not be done now and may be tried again: no_space, and a warning. For what left files and memory in
  // agreement; anything but want of room fails the directory.
  std::unexpected<Error> refuse_or_fail(const std::string& what, const Error& cause);
  // Why no write can be taken, if so.
  std::optional<Error> refusal() const;

  const std::shared_ptr<Segment>& active() const;
  // The segment that holds the offset, or would: the last whose base is not above it; else the first.
  std::map<Offset, std::shared_ptr<Segment>>::const_iterator segment_at(Offset offset) const;
  Task<Result<std::shared_ptr<Segment>>> create_segment(Offset base);
  std::shared_ptr<Segment> make_segment(Offset base, std::shared_ptr<env::File> file);

  Result<std::vector<Batch>> split_batches(ByteView batches) const;
  Task<Result<void>> prepare(const std::vector<Batch>& batches, std::size_t bytes);
  Task<Result<void>> roll();
  Task<Result<void>> sync_side_files(std::shared_ptr<Segment> segment);
  Task<std::unexpected<Error>> undo_write(std::shared_ptr<Segment> segment, Error error);
  void note_producers(const std::vector<Batch>& batches);
  AppendInfo publish(const std::vector<Batch>& batches);

  Task<Result<std::shared_ptr<env::File>>> write_snapshot();
  Task<Result<void>> remove_snapshots(Offset below, Offset above);
  // no_space: to be done before the next append.
  Task<Result<void>> save_epochs();
  // Of batches that were not appended after all.
  void forget_epochs_above_end();
  // For after a removal, which a full disk must not end: what is still to be saved then, the next append does.
  Task<Result<void>> save_epochs_if_room();

  Task<Result<void>> sync_to(Offset end);
  Task<void> run_sync();
  static Task<void> sync_in_background(PartitionLog& log, Offset end);

  Task<Result<std::optional<Found>>> find_batch(Offset from);
  Task<Result<std::uint64_t>> slice_end(std::shared_ptr<Segment> segment, std::uint64_t begin, std::size_t max_bytes,
                                        Offset bound);
  Task<Result<std::optional<TimestampedOffset>>> first_record_at(std::shared_ptr<env::File> file, BatchPlace place,
                                                                 Timestamp at);
  // Keeps the indexes of few closed segments in memory.
  void note_loaded(const std::shared_ptr<Segment>& segment);

  void end_cleaning();
  Task<void> wait_for_cleaning_to_end();
  struct Replacement;
  static Task<void> run_replacement(PartitionLog& log, std::shared_ptr<Replacement> what);
  Task<Result<bool>> replace(const Replacement& what);
  Task<Result<void>> put_in_place(const Replacement& what);

  Task<Result<void>> cut_active(Offset offset);
  // One empty segment in the place of all.
  Task<Result<void>> replace_all_segments(Offset base);
  // Deletes the first segments, up to the one that begins at `until`, which becomes the first.
  Task<Result<void>> delete_segments_below(Offset until);
  // Removes files that were renamed for deletion, each file.delete.delay.ms after that.
  void remove_later(std::shared_ptr<Segment> segment);
  Task<void> remove_retired();
  Task<Result<std::shared_ptr<TransactionIndex>>> aborted_in(std::shared_ptr<Segment> segment);
  Task<Result<Offset>> retention_point(Timestamp now);

  struct Retired {
    Instant due;
    std::shared_ptr<Segment> segment;
  };
  static constexpr std::size_t kLoadedSegments = 2;

  env::Env env_;
  std::string directory_;
  TopicPartition id_;
  LogConfig config_;
  std::shared_ptr<DirectoryHealth> health_;
  Uuid topic_id_;
  std::map<Offset, std::shared_ptr<Segment>> segments_;  // By base offset; never empty once open.
  std::set<Offset> snapshots_;
  ProducerState producers_;
  LeaderEpochCache epochs_;
  bool epochs_unsaved_ = false;
  Offset log_start_{0};
  Offset log_end_{0};
  Offset recovery_point_{0};
  Offset high_watermark_{0};
  bool broken_ = false;  // A mutation was destroyed half-way.
  bool closed_ = false;
  bool syncing_ = false;
  bool rolling_ = false;
  std::uint64_t truncations_ = 0;  // Readers look again when it changed while they waited.
  Instant last_flush_;
  std::vector<std::shared_ptr<Segment>> loaded_;
  std::deque<Retired> retired_;
  bool removing_ = false;  // remove_retired() is running.
  bool cleaning_ = false;   // Somebody has the turn.
  bool replacing_ = false;  // A replacement is under way; its turn may have ended.
  bool cleaning_refused_ = false;
  std::uint64_t cleaning_truncations_ = 0;  // truncations_ when it began.
  Notification cleaning_ended_;
  Semaphore mutations_;
  Notification synced_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::log
