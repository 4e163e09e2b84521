// What the leader of a partition knows of its followers, and what follows from it: when the high watermark moves,
// who is to join or leave the in-sync replicas (ISR). A pure machine: no log, no clock, no I/O.
//
// The rules are those of Kafka 3.9's Partition, with two holes closed:
// * A follower's progress counts only under the broker epoch it was reported with. A broker that registered again may
//   have lost what it had fetched before (KIP-903), so a new epoch starts from nothing, and an old one is ignored. A
//   member of the ISR that registered again has *lapsed*: the high watermark waits until the controller has taken it
//   out, or has accepted it in its new life.
// * The high watermark stands still while the committed ISR is below min.insync.replicas (KAFKA-15583), so whoever
//   left the ISR last still holds everything that was ever visible (see controller/partition_rules.hpp).
//
// The committed ISR is what ZooKeeper holds as far as the leader knows. A change is proposed to the controller, one at
// a time; until its fate is known both sides count: the maximal ISR is the union of the two.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace barnabas::replication {

// A broker in one of its lives.
struct IsrMember {
  BrokerId id;
  std::int64_t broker_epoch = -1;  // -1: not told (an Apache Kafka controller does not tell).
  bool operator==(const IsrMember&) const = default;
};

// What the controller said of the partition.
struct Leadership {
  LeaderEpoch epoch;
  std::int32_t partition_epoch = 0;  // Version of the state znode.
  std::vector<BrokerId> replicas;
  std::vector<IsrMember> isr;  // Of the replicas, the leader among them.
};

struct LeaderLimits {
  Duration max_lag = std::chrono::seconds(30);  // replica.lag.time.max.ms
  std::size_t min_insync_replicas = 1;          // min.insync.replicas
};

// A follower's fetch: all below `offset` is in its log.
struct FollowerFetch {
  BrokerId replica;
  std::int64_t broker_epoch = -1;  // Of its registration.
  Offset offset;
  Instant at;
};

// To be sent to the controller (AlterPartition, KIP-497), again and again until its fate is known.
struct IsrProposal {
  LeaderEpoch leader_epoch;
  std::int32_t partition_epoch = 0;  // The one it is based on.
  std::vector<IsrMember> isr;
};

// What an input led to.
struct LeaderChanges {
  bool high_watermark_moved = false;
  bool isr_changed = false;
  bool proposed = false;  // proposal() is new.
  bool ignored = false;   // The fetch: of no replica, or of a former life of its broker.
};

class LeaderState {
 public:
  // `log_end`: the leader's own log, as far as it is as durable as the flush policy promises. high_watermark: what this
  // replica knew of it before. Members of the ISR get a full max_lag to show up. Requires that self is in the ISR.
  LeaderState(BrokerId self, std::int64_t self_epoch, Leadership leadership, Offset log_end, Offset high_watermark,
              Instant now, LeaderLimits limits);

  LeaderChanges log_grew(Offset log_end);
  // Fetches of brokers that are no replica, or under an older broker epoch than known, change nothing.
  LeaderChanges fetched(const FollowerFetch& fetch);
  // The live registration of a broker, from the metadata; nothing: it is gone. A gone one may not join the ISR.
  LeaderChanges registered(BrokerId broker, std::optional<std::int64_t> broker_epoch, Instant now);
  // Once in a while, at most max_lag / 2 apart: who has fallen behind?
  LeaderChanges tick(Instant now);

  // The controller's answers to proposal(); ignored when there is none. Accepted, with the partition epoch: a new one,
  // or the present one when nothing had to be written, because only a member's life is another.
  LeaderChanges proposal_accepted(std::int32_t partition_epoch);
  // INELIGIBLE_REPLICA and the like: it was not done and will not be.
  LeaderChanges proposal_refused();
  // The limits are others from now on.
  LeaderChanges limits_changed(LeaderLimits limits);
  // The controller's own word under this leader epoch (LeaderAndIsr). Replaces everything that was proposed; ignored
  // unless its partition epoch is newer.
  LeaderChanges updated(const Leadership& leadership);

  LeaderEpoch epoch() const { return leadership_.epoch; }
  std::int32_t partition_epoch() const { return leadership_.partition_epoch; }
  // Where the log ended when this leadership began; what follows is of this epoch.
  Offset epoch_start() const { return epoch_start_; }
  Offset high_watermark() const { return high_watermark_; }
  const std::vector<BrokerId>& replicas() const { return leadership_.replicas; }
  const std::vector<IsrMember>& isr() const { return leadership_.isr; }
  const std::optional<IsrProposal>& proposal() const { return proposal_; }
  // How far a follower's log reaches, as it said last; nothing: not heard of in its present life (KIP-392 asks).
  std::optional<Offset> end_of(BrokerId follower) const;
  // acks=all is accepted, and the high watermark moves, only then.
  bool enough_insync() const { return leadership_.isr.size() >= least_insync(); }
  // One less would not be enough.
  bool just_enough_insync() const { return leadership_.isr.size() == least_insync(); }

 private:
  std::size_t least_insync() const;
  struct Follower {
    std::int64_t broker_epoch = -1;  // That its progress was reported with; -1: not heard of under this leadership.
    std::optional<std::int64_t> registered;
    bool heard = false;  // end is known.
    Offset end{0};
    Instant caught_up{};         // When it had last all that the leader had.
    bool was_caught_up = false;  // caught_up is set.
    Offset end_at_fetch{0};      // The leader's log end at its last fetch,
    Instant last_fetch{};        // and when that was.
  };

  const IsrMember* find_in_isr(BrokerId id) const;
  bool in_isr(BrokerId id) const { return find_in_isr(id) != nullptr; }
  bool in_maximal_isr(BrokerId id) const;
  bool has_lapsed(BrokerId id, const Follower& follower) const;
  bool may_join(BrokerId id, const Follower& follower) const;
  bool lags(const Follower& follower, Instant now) const;
  bool move_high_watermark(Instant now);
  bool propose_join(BrokerId id);
  void propose(std::vector<IsrMember> isr);

  BrokerId self_;
  std::int64_t self_epoch_;
  Leadership leadership_;
  LeaderLimits limits_;
  Offset log_end_;
  Offset epoch_start_;
  Offset high_watermark_;
  Instant now_;  // Of the last input that had a time.
  std::map<BrokerId, Follower> followers_;
  std::optional<IsrProposal> proposal_;
};

}  // namespace barnabas::replication
