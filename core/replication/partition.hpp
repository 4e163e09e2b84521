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
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;  // Of the record before `from`; kNoLeaderEpoch: no check.
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
  std::vector<BrokerId> replicas;  // Of a leader.
  bool isr_change_pending = false;
};

class Partition {
 public:
  // Told when the leader has a proposal for the controller, from inside of a call of this class: it may not call back.
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
  const Uuid& topic_id() const { return topic_id_; }  // Zero until it is known.
  Role role() const { return role_; }
  bool leads() const { return role_ == Role::leader; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  std::int32_t partition_epoch() const { return leading_ ? leading_->partition_epoch() : partition_epoch_; }
  BrokerId leader() const { return leader_; }  // As this broker was told; kNoBroker: none.
  Offset log_start_offset() const { return log_.log_start_offset(); }
  Offset log_end_offset() const { return log_.log_end_offset(); }
  // Every record below it is in the log of every replica in sync, and visible. On a follower: as far as it was told.
  Offset high_watermark() const { return log_.high_watermark(); }
  // No transaction that is still open begins below it. At most the high watermark.
  Offset last_stable_offset() const { return log_.last_stable_offset(); }
  PartitionView view() const;
  // What it knows as leader; null when it is none.
  const LeaderState* leading() const { return leading_ ? &*leading_ : nullptr; }

  // ----- Roles. One change at a time (the caller sees to that). -----

  // Leads from now on in this epoch, or, in the epoch it leads already, takes over a newer partition epoch. Who leads
  // already keeps those who wait. Durable: the epoch's start is in the leader-epoch checkpoint. self_epoch: this
  // broker's. Errors: fenced_leader_epoch (older than what is known: nothing changes), storage_failed and the log's.
  Task<Result<void>> lead(Leadership leadership, std::int64_t self_epoch, LeaderLimits limits);
  // Follows `leader` (kNoBroker: nobody yet); in the epoch in which it follows already, another leader or none. Same
  // errors.
  Task<Result<void>> follow(BrokerId leader, LeaderEpoch epoch, std::int32_t partition_epoch);
  // min.insync.replicas or replica.lag.time.max.ms have changed.
  void set_limits(LeaderLimits limits);
  // The topic's id, where none was known (logs from before there were any).
  Task<Result<void>> adopt_topic_id(Uuid id);

  // ----- As leader. not_leader otherwise. -----

  // Requires at least one record. Takes its place in the order of appends at once, when called; the task only waits
  // for the outcome. A duplicate of a remembered batch succeeds with the offsets of the first time, once these are as
  // good as acks asks. The caller bounds the time it waits (destroying the task cancels nothing). Errors:
  // not_enough_replicas (acks=all, the ISR is below min.insync.replicas: nothing appended),
  // not_enough_replicas_after_append, not_leader (the role was lost; what was written may survive or not),
  // out_of_order_sequence, invalid_producer_epoch, duplicate_sequence, record_list_too_large, no_space, storage_failed
  // (and from then on for every append), closed (the partition is being removed).
  Task<Result<Appended>> append_as_leader(record::ValidatedRecords records, Acks acks);

  // Notes a follower's fetch: all below request.from is in its log, unless the epochs in the request say that its log
  // is not a prefix of this one (what read() then answers). Call it once for each fetch, before reading for it. False:
  // it is no replica of this partition, or of a former life of its broker, or this is not the leader.
  bool follower_fetched(BrokerId replica, std::int64_t broker_epoch, const ReadRequest& request);
  // The live registration of a broker; nothing: it is gone.
  void broker_registered(BrokerId broker, std::optional<std::int64_t> broker_epoch);
  // Once in a while, at most replica.lag.time.max.ms / 2 apart: who has fallen behind?
  void look_for_laggards();
  // To be sent to the controller, until it is answered; null: none.
  const IsrProposal* proposal() const;
  void proposal_accepted(std::int32_t partition_epoch);
  void proposal_refused();

  // ----- As follower of `epoch`. fenced_leader_epoch when the role or the epoch is another by now. One call at a time,
  // in a frame that is not destroyed half-way (but by a crash). -----

  // Whole batches as the leader sent them, which begin at the log end (or above it, where the leader's compacted log
  // has a gap). Bytes are not changed; their CRCs are checked here. Then the leader's bounds are taken over. Durable as
  // the flush policy promises when it returns, so a fetch from the new end tells the leader the truth.
  Task<Result<void>> append_as_follower(LeaderEpoch epoch, Buffer batches, Offset leader_high_watermark,
                                        Offset leader_log_start);
  // The leader's log parts from this one (KIP-101, KIP-279, KIP-595): cuts this one where both still agree. After this
  // and the next the caller writes the checkpoints (PartitionTable::checkpoint) before it appends: what they say of the
  // old end would be taken for the new one's after a power cut.
  Task<Result<void>> truncate_as_follower(LeaderEpoch epoch, log::EpochEnd leader_end);
  // The follower's log lies wholly outside the leader's: end above the leader's end (cut to it), or below the leader's
  // start (emptied, goes on at it). KAFKA-2143.
  Task<Result<void>> reset_as_follower(LeaderEpoch epoch, Offset leader_start, Offset leader_end);
  // The leader epoch of the last record, for the next fetch; kNoLeaderEpoch: not known.
  LeaderEpoch last_fetched_epoch() const;

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
  // Rings when the log end or the log start has moved, the role has changed, or the partition is being removed: for
  // replicas, which would be woken for nothing by each move of the high watermark.
  void watch_log_end(Watcher& watcher) { end_watchers_.push_back(watcher); }
  // DeleteRecords, as leader: nothing below `before` is readable any more, which is at most the high watermark. The new
  // log start; durable when the checkpoints are written (PartitionTable::checkpoint). Errors: not_leader, closed, and
  // those of PartitionLog::advance_log_start.
  Task<Result<Offset>> delete_records(Offset before);
  // For whoever has moved the log's start.
  void tell_log_start_moved();

  bool closing() const { return closing_; }
  // Refuses new work, fails what waits with `closed`, and returns when nothing uses the log any more.
  Task<void> close();

  log::PartitionLog& log() { return log_; }
  const log::PartitionLog& log() const { return log_; }

 private:
  struct Pending;
  class Use;

  Result<void> check_reader(const ReadRequest& request) const;
  Result<void> check_newer(LeaderEpoch epoch) const;
  Result<void> check_follows(LeaderEpoch epoch) const;

  static Task<Result<Appended>> wait_for(std::shared_ptr<Pending> pending);
  Task<void> run_appends();
  Task<void> run_commits();
  Task<Result<Appended>> append_one(Pending& pending);
  void commit(std::deque<std::shared_ptr<Pending>> done);
  // For acks=all: until the high watermark has passed it.
  void park(std::shared_ptr<Pending> pending);
  void finish_replicated();
  void finish(Pending& pending);
  void fail_waiting(Errc code);
  void apply(const LeaderChanges& changes);
  void ring_all();

  Task<Result<void>> leave_role();
  Task<void> pause_appends();
  void resume_appends();
  Task<void> wait_until_unused(bool readers_too);
  void tell_if_unused();

  struct Piece {
    std::size_t from = 0;
    std::size_t size = 0;
  };
  Result<std::vector<Piece>> pieces_of(ByteView batches, LeaderEpoch epoch) const;
  Task<Result<void>> begin_before(ByteView batches);
  Task<Result<void>> take_bounds(LeaderEpoch epoch, Offset leader_high_watermark, Offset leader_log_start);

  Task<Result<std::optional<log::TimestampedOffset>>> visible_only(
      Task<Result<std::optional<log::TimestampedOffset>>> search, Isolation isolation);

  env::Env env_;
  TopicPartition id_;
  Uuid topic_id_;
  BrokerId self_;
  log::PartitionLog& log_;
  Listener* listener_;
  Role role_ = Role::none;
  LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
  std::int32_t partition_epoch_ = -1;
  BrokerId leader_ = kNoBroker;
  std::optional<LeaderState> leading_;  // Set exactly while role_ is leader.
  Offset durable_end_{0};               // Of a leader: the log's end as far as it is as durable as promised.
  bool closing_ = false;
  bool paused_ = false;        // Appends wait for a new leader epoch to begin.
  bool appending_ = false;     // run_appends is running.
  bool committing_ = false;    // run_commits is running.
  std::size_t reads_ = 0;      // Under way.
  std::size_t following_ = 0;  // Calls as follower under way.
  Notification unused_;
  IntrusiveList<Watcher> watchers_;
  IntrusiveList<Watcher> end_watchers_;
  std::deque<std::shared_ptr<Pending>> queue_;         // Not yet written.
  std::deque<std::shared_ptr<Pending>> written_;       // Not yet durable.
  std::deque<std::shared_ptr<Pending>> unreplicated_;  // acks=all, not yet below the high watermark; by last offset.
  Scope scope_;                                        // Last: destroyed first.
};

}  // namespace barnabas::replication
