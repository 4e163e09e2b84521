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
  Offset base_offset;           // Of the first record; the original one for a duplicate.
  Offset last_offset;
  Timestamp log_append_time;    // kNoTimestamp when the topic keeps the producers' time.
  Offset log_start_offset;
  bool duplicate = false;       // Appended before; nothing was written now.
};

struct ReadResult {
  log::LogSlice slice;  // size 0 when there is nothing below the bound.
  Offset high_watermark;
  Offset last_stable_offset;
  Offset log_start_offset;
};

// Waits for news of several partitions at once: a delayed fetch links one into each of its partitions, all with
// the same bell. Unlinks itself; rings once, then must be watched again.
struct Watcher : ListHook {
  explicit Watcher(Notification& rung) : bell(rung) {}
  Notification& bell;
};

class Partition {
 public:
  // The log outlives the partition; nobody else appends to it.
  Partition(env::Env env, TopicPartition id, Uuid topic_id, LeaderEpoch epoch, log::PartitionLog& log);
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  const TopicPartition& id() const { return id_; }
  const Uuid& topic_id() const { return topic_id_; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  Offset log_start_offset() const;
  Offset log_end_offset() const;
  // Every record below it survives what the flush policy promises, and is visible.
  Offset high_watermark() const { return high_watermark_; }
  // No transaction that is still open begins below it. Transactions are not served yet: the high watermark.
  Offset last_stable_offset() const { return high_watermark_; }

  // Takes its place in the order of appends at once, when called; the task only waits for the outcome, which
  // for one replica is the same for every acks. A duplicate of a remembered batch succeeds with the offsets of
  // the first time. Errors: out_of_order_sequence, invalid_producer_epoch, duplicate_sequence, no_space,
  // storage_failed (and from then on for every append), closed (the partition is being removed).
  Task<Result<Appended>> append_as_leader(record::ValidatedRecords records);

  // Batches from the one that holds `from`, up to max_bytes and never beyond the bound of the isolation level;
  // may end inside a batch unless at_least_one_batch makes the first one whole. Errors: offset_out_of_range
  // (below the log start or above the log end), not_leader (being removed), io_error.
  Task<Result<ReadResult>> read(Offset from, std::size_t max_bytes, Isolation isolation, bool at_least_one_batch);

  // The first offset whose timestamp is at least `at`, below the high watermark.
  Task<Result<std::optional<log::TimestampedOffset>>> find_timestamp(Timestamp at);

  // Rings when the high watermark has moved, or the partition is being removed.
  void watch(Watcher& watcher) { watchers_.push_back(watcher); }

  bool closing() const { return closing_; }
  // Refuses new work, fails what is queued with `closed`, and returns when nothing uses the log any more.
  Task<void> close();

  log::PartitionLog& log() { return log_; }

 private:
  struct Pending;
  class Use;

  Task<void> run_appends();
  Task<Result<Appended>> append_one(Pending& pending);
  void move_high_watermark(Offset to);
  void ring();

  env::Env env_;
  TopicPartition id_;
  Uuid topic_id_;
  LeaderEpoch leader_epoch_;
  log::PartitionLog& log_;
  Offset high_watermark_;
  bool closing_ = false;
  bool appending_ = false;
  std::optional<Error> broken_;
  std::size_t uses_ = 0;  // Reads and appends under way.
  Notification unused_;
  IntrusiveList<Watcher> watchers_;
  std::deque<std::shared_ptr<Pending>> queue_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::replication
