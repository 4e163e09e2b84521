// One partition on this broker, as leader or as follower: the third and the fifth hop of a produced record.
//
// Decides: which append comes first, which batch is a duplicate, which offsets a batch gets. When the high watermark
// moves and who is in sync decides LeaderState; where two logs part, divergence.hpp.
//
// A partition begins without a role. lead() and follow() give it one, under a leader epoch that never falls; a change
// of role waits for what is under way in the log, and what waits for the former role fails with not_leader.
//
// Appends take effect in the order in which append_as_leader() was called (law of idempotence: a producer's
// sequences may be in flight together), and run in the partition's own scope: a waiter that is destroyed
// half-way cancels nothing.
#pragma once

#include <cstdint>
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
#include "core/replication/leader_state.hpp"

namespace barnabas::replication {

// Which records a reader may see: up to the high watermark, up to the last stable offset, or (replicas) all.
enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1, log_end = 2 };

enum class Role : std::uint8_t { none, leader, follower };

// When an append is answered: acks of Produce. `none` and `leader`: when it is in the leader's log, as durable as the
// flush policy promises. `all`: when it is below the high watermark.
enum class Acks : std::int8_t { all = -1, none = 0, leader = 1 };

struct Appended {
  Offset base_offset;  // Of the first record; the original one for a duplicate.
  Offset last_offset;
  Timestamp log_append_time;  // kNoTimestamp when the topic keeps the producers' time.
  Offset log_start_offset;
  bool duplicate = false;  // Appended before; nothing was written now.
};

struct ReadRequest {
  Offset from;
  std::size_t max_bytes = 0;
  Isolation isolation = Isolation::read_uncommitted;
  bool at_least_one_batch = false;  // The first batch even when it is larger than max_bytes.
  LeaderEpoch current_epoch = kNoLeaderEpoch;       // That the reader believes in; kNoLeaderEpoch: it does not say.
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;  // Of the record before `from`, for replicas and checks of truncation.
  bool from_follower = false;  // May be answered by a follower too (KIP-392), up to its high watermark.
};

struct ReadResult {
  log::LogSlice slice;  // size 0 when there is nothing below the bound.
  Offset high_watermark;
  Offset last_stable_offset;
  Offset log_start_offset;
  std::vector<log::AbortedTransaction> aborted;  // Those of the slice, for readers of committed records.
  // Set: the reader's log is not a prefix of this one; nothing was read. It cuts its log and asks again.
  std::optional<log::EpochEnd> diverging;
};

// Waits for news of several partitions at once: a delayed fetch links one into each of its partitions, all with
// the same bell, before it reads them. Unlinks itself; rings once.
struct Watcher : ListHook {
  explicit Watcher(Event& rung) : bell(rung) {}
  Event& bell;
};

// What the outside may know of a partition at a moment: for metrics, DescribeLogDirs and the simulator's checkers.
struct PartitionView {
  Role role = Role::none;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::int32_t partition_epoch = -1;
  BrokerId leader = kNoBroker;
  Offset log_start;
  Offset log_end;
  Offset high_watermark;
  std::vector<IsrMember> isr;  // Of a leader: the committed ISR.
  bool isr_change_pending = false;
};

class Partition {
 public:
  // Told (not from inside a call of this class) when the leader has a proposal for the controller.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void isr_proposed(const TopicPartition& partition) = 0;
  };

  // The log outlives the partition; nobody else appends to it. listener: may be null.
  Partition(env::Env env, TopicPartition id, Uuid topic_id, BrokerId self, log::PartitionLog& log, Listener* listener);
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  const TopicPartition& id() const { return id_; }
  const Uuid& topic_id() const { return topic_id_; }
  Role role() const { return role_; }
  bool leads() const { return role_ == Role::leader; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  std::int32_t partition_epoch() const;
  BrokerId leader() const { return leader_; }  // As this broker was told; kNoBroker: none.
  Offset log_start_offset() const { return log_.log_start_offset(); }
  Offset log_end_offset() const { return log_.log_end_offset(); }
  // Every record below it is in the log of every replica in sync, and visible. On a follower: as far as it was told.
  Offset high_watermark() const;
  // No transaction that is still open begins below it. At most the high watermark.
  Offset last_stable_offset() const;
  PartitionView view() const;

  // ----- Roles. One change at a time (the caller sees to that). -----

  // Leads from now on in this epoch, or, in the epoch it leads already, takes over a newer partition epoch. Durable:
  // the epoch's start is in the leader-epoch checkpoint. self_epoch: this broker's. Errors: fenced_leader_epoch (older
  // than what is known: nothing changes), storage_failed and the log's.
  Task<Result<void>> lead(Leadership leadership, std::int64_t self_epoch, LeaderLimits limits);
  // Follows `leader` (kNoBroker: nobody yet). Same errors.
  Task<Result<void>> follow(BrokerId leader, LeaderEpoch epoch, std::int32_t partition_epoch);
  // min.insync.replicas or replica.lag.time.max.ms have changed.
  void set_limits(LeaderLimits limits);

  // ----- As leader. not_leader otherwise. -----

  // Requires at least one record. Takes its place in the order of appends at once, when called; the task only waits
  // for the outcome. A duplicate of a remembered batch succeeds with the offsets of the first time, once these are as
  // good as acks asks. The caller bounds the time it waits (destroying the task cancels nothing). Errors:
  // not_enough_replicas (acks=all, the ISR is below min.insync.replicas: nothing appended),
  // not_enough_replicas_after_append, not_leader (the role was lost; what was written may survive or not),
  // out_of_order_sequence, invalid_producer_epoch, duplicate_sequence, record_list_too_large, no_space, storage_failed
  // (and from then on for every append), closed (the partition is being removed).
  Task<Result<Appended>> append_as_leader(record::ValidatedRecords records, Acks acks);

  // Notes a follower's fetch: all below its offset is in its log. Call it before reading for it. False: it is no
  // replica of this partition, or of a former life of its broker.
  bool follower_fetched(const FollowerFetch& fetch);
  // The live registration of a broker; nothing: it is gone.
  void broker_registered(BrokerId broker, std::optional<std::int64_t> broker_epoch);
  // Once in a while, at most replica.lag.time.max.ms / 2 apart: who has fallen behind?
  void look_for_laggards();
  // To be sent to the controller, until it is answered; null: none.
  const IsrProposal* proposal() const;
  void proposal_accepted(std::int32_t partition_epoch);
  void proposal_refused();

  // ----- As follower of `epoch`. fenced_leader_epoch when the role or the epoch is another by now. -----

  // Whole batches as the leader sent them, which begin at the log end (or above it, where the leader's compacted log
  // has a gap). Bytes are not changed; their CRCs are checked here. Then the leader's bounds are taken over. Durable as
  // the flush policy promises when it returns, so a fetch from the new end tells the leader the truth.
  Task<Result<void>> append_as_follower(LeaderEpoch epoch, Buffer batches, Offset leader_high_watermark,
                                        Offset leader_log_start);
  // The leader's log parts from this one (KIP-101, KIP-279, KIP-595): cuts this one where both still agree.
  Task<Result<void>> truncate_as_follower(LeaderEpoch epoch, log::EpochEnd leader_end);
  // The follower's log lies wholly outside the leader's: end above the leader's end (cut to it), or below the leader's
  // start (emptied, goes on at it). KAFKA-2143.
  Task<Result<void>> reset_as_follower(LeaderEpoch epoch, Offset leader_start, Offset leader_end);

  // ----- Reading. -----

  // Whole batches from the one that holds `from`. Errors: not_leader (unless a follower may answer),
  // fenced_leader_epoch, unknown_leader_epoch, offset_out_of_range (below the log start, or above what may be known),
  // closed (being removed), io_error.
  Task<Result<ReadResult>> read(ReadRequest request);
  // A leader's answer to OffsetForLeaderEpoch; nothing: no such epoch is known.
  std::optional<log::EpochEnd> end_of_epoch(LeaderEpoch asked) const;
  // The first visible record whose timestamp is at least `at`; nothing: there is none.
  Task<Result<std::optional<log::TimestampedOffset>>> find_timestamp(Timestamp at, Isolation isolation);
  // The visible record with the largest timestamp.
  Task<Result<std::optional<log::TimestampedOffset>>> find_max_timestamp(Isolation isolation);
  // The offset after the last record that a reader of this level may see.
  Offset visible_end(Isolation isolation) const;
  // False right after an election, while what the former leader had shown may still lie above this leader's high
  // watermark: ListOffsets then answers OFFSET_NOT_AVAILABLE (KIP-207).
  bool knows_visible_end() const;

  // Rings when the high watermark or the log start has moved, the role has changed, or the partition is being removed.
  void watch(Watcher& watcher) { watchers_.push_back(watcher); }
  // Rings for all that, and when the log end has moved: for replicas.
  void watch_log_end(Watcher& watcher) { end_watchers_.push_back(watcher); }
  // For whoever has moved the log's start.
  void tell_log_start_moved();

  bool closing() const { return closing_; }
  // Refuses new work, fails what waits with `closed`, and returns when nothing uses the log any more.
  Task<void> close();

  log::PartitionLog& log() { return log_; }
  const log::PartitionLog& log() const { return log_; }

 private:
  // Lane R fills this in.
  env::Env env_;
  TopicPartition id_;
  Uuid topic_id_;
  BrokerId self_;
  log::PartitionLog& log_;
  Listener* listener_;
  Role role_ = Role::none;
  LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
  BrokerId leader_ = kNoBroker;
  bool closing_ = false;
  IntrusiveList<Watcher> watchers_;
  IntrusiveList<Watcher> end_watchers_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::replication
