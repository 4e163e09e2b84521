// One partition whose leader is this broker: the third and the fifth hop of a produced record.
//
// Decides: which append comes first, which batch is a duplicate, which offsets a batch gets, and when the high
// watermark moves. The replica set is this broker alone for now, so the high watermark follows the log end as
// soon as an append is done (with flush.messages=1: synced); a partition with one replica always leads.
//
// Appends take effect in the order in which append_as_leader() was called (law of idempotence: a producer's
// sequences may be in flight together), and run in the partition's own scope: a waiter that is destroyed
// half-way cancels nothing.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "core/env/env.hpp"
#include "core/log/partition_log.hpp"
#include "core/record/validate.hpp"

namespace barnabas::replication {

// Which records a reader may see: up to the high watermark, or up to the last stable offset.
enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

struct Appended {
  Offset base_offset;  // Of the first record; the original one for a duplicate.
  Offset last_offset;
  Timestamp log_append_time;  // kNoTimestamp when the topic keeps the producers' time.
  Offset log_start_offset;
  bool duplicate = false;  // Appended before; nothing was written now.
};

struct ReadResult {
  log::LogSlice slice;  // size 0 when there is nothing below the bound.
  Offset high_watermark;
  Offset last_stable_offset;
  Offset log_start_offset;
  std::vector<log::AbortedTransaction> aborted;  // Those of the slice, for readers of committed records.
};

// Waits for news of several partitions at once: a delayed fetch links one into each of its partitions, all with
// the same bell, before it reads them. Unlinks itself; rings once.
struct Watcher : ListHook {
  explicit Watcher(Event& rung) : bell(rung) {}
  Event& bell;
};

class Partition {
 public:
  // The log outlives the partition; nobody else appends to it. What it holds must be as durable as its flush policy
  // promises: all of it becomes visible.
  Partition(env::Env env, TopicPartition id, Uuid topic_id, LeaderEpoch epoch, log::PartitionLog& log);
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  const TopicPartition& id() const { return id_; }
  const Uuid& topic_id() const { return topic_id_; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  Offset log_start_offset() const { return log_.log_start_offset(); }
  Offset log_end_offset() const { return log_.log_end_offset(); }
  // Every record below it survives what the flush policy promises, and is visible.
  Offset high_watermark() const { return high_watermark_; }
  // No transaction that is still open begins below it. At most the high watermark.
  Offset last_stable_offset() const;

  // Requires at least one record. Takes its place in the order of appends at once, when called; the task only waits
  // for the outcome, which for one replica is the same for every acks. A duplicate of a remembered batch succeeds
  // with the offsets of the first time, once these are durable. Errors: out_of_order_sequence, invalid_producer_epoch,
  // duplicate_sequence, record_list_too_large, no_space, storage_failed (and from then on for every append),
  // closed (the partition is being removed).
  Task<Result<Appended>> append_as_leader(record::ValidatedRecords records);

  // Whole batches from the one that holds `from`, up to max_bytes and never beyond the bound of the isolation
  // level; at_least_one_batch gives the first one even when it is larger. Errors: offset_out_of_range (below the
  // log start or above the log end), closed (being removed), io_error.
  Task<Result<ReadResult>> read(Offset from, std::size_t max_bytes, Isolation isolation, bool at_least_one_batch);

  // The first visible record whose timestamp is at least `at`; nothing: there is none.
  Task<Result<std::optional<log::TimestampedOffset>>> find_timestamp(Timestamp at, Isolation isolation);
  // The visible record with the largest timestamp.
  Task<Result<std::optional<log::TimestampedOffset>>> find_max_timestamp(Isolation isolation);
  // The offset after the last record that a reader of this level may see.
  Offset visible_end(Isolation isolation) const;

  // Rings when the high watermark or the log start has moved, or the partition is being removed.
  void watch(Watcher& watcher) { watchers_.push_back(watcher); }
  // For whoever has moved the log's start.
  void tell_log_start_moved() { ring(); }

  bool closing() const { return closing_; }
  // Refuses new work, fails what is queued with `closed`, and returns when nothing uses the log any more.
  Task<void> close();

  log::PartitionLog& log() { return log_; }
  const log::PartitionLog& log() const { return log_; }

 private:
  struct Pending;
  class Use;

  static Task<Result<Appended>> wait_for(std::shared_ptr<Pending> pending);
  Task<void> run_appends();
  Task<void> run_commits();
  Task<Result<Appended>> append_one(Pending& pending);
  Task<Result<std::optional<log::TimestampedOffset>>> visible_only(
      Task<Result<std::optional<log::TimestampedOffset>>> search, Isolation isolation);
  void commit(std::deque<std::shared_ptr<Pending>> done);
  void move_high_watermark(Offset to);
  void ring();
  void tell_if_unused();

  env::Env env_;
  TopicPartition id_;
  Uuid topic_id_;
  LeaderEpoch leader_epoch_;
  log::PartitionLog& log_;
  Offset high_watermark_;
  bool closing_ = false;
  bool appending_ = false;   // run_appends is running.
  bool committing_ = false;  // run_commits is running.
  std::size_t reads_ = 0;    // Under way.
  Notification unused_;
  IntrusiveList<Watcher> watchers_;
  std::deque<std::shared_ptr<Pending>> queue_;    // Not yet written.
  std::deque<std::shared_ptr<Pending>> written_;  // Not yet durable.
  Scope scope_;                                   // Last: destroyed first.
};

}  // namespace barnabas::replication
