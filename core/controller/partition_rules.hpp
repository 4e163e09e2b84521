// Who leads a partition, and who counts as in sync: the controller's decisions as pure functions over what ZooKeeper
// holds. No I/O; the caller writes the result, conditional on the versions it has read.
//
// Kafka's rules, with three holes of its ZooKeeper mode closed (W1, W2, W4 in the scenarios):
//
// A replica is remembered with the *incarnation* of its log: a number that a broker changes when it starts on a log
// that may have lost its tail (after a power cut, or with an empty disk), and keeps when only its process died. An
// entry is *valid* as long as its broker did not come back with another incarnation.
//
//   Every valid member of ISR and `eligible` holds all records that were ever below the high watermark.
//
// * `isr`: as in Kafka.
// * `eligible`: left the ISR when it was too small for the high watermark to move (below min.insync.replicas), so they
//   miss nothing (the idea of KIP-966, for ZooKeeper mode). Emptied when the ISR is large enough again.
// * A leader is elected from the valid members only. If none of them can be, although none can ever come back either
//   (each has another incarnation by now), the last copies were lost together, and the best of what is left leads.
// * A leader whose incarnation changed does not stay leader under its old epoch, whoever is controller by then.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.hpp"

namespace barnabas::controller {

using Incarnation = std::uint64_t;

// A live broker, as its registration has it.
struct LiveBroker {
  std::int64_t epoch = -1;  // czxid of the registration.
  Incarnation incarnation = 0;
  bool shutting_down = false;
};
using LiveBrokers = std::map<BrokerId, LiveBroker>;

struct Member {
  BrokerId id;
  Incarnation incarnation = 0;
  auto operator<=>(const Member&) const = default;
};

// What the state znode of a partition holds; its version is the partition epoch.
struct PartitionRecord {
  BrokerId leader = kNoBroker;
  LeaderEpoch leader_epoch{0};
  std::vector<Member> isr;
  std::vector<Member> eligible;  // None of them is in the ISR.
  bool operator==(const PartitionRecord&) const = default;

  bool in_isr(BrokerId id) const;
  std::vector<BrokerId> isr_ids() const;
};

struct PartitionPolicy {
  std::size_t min_insync_replicas = 1;  // min.insync.replicas
  bool unclean_election = false;        // unclean.leader.election.enable
};

enum class ElectionKind : std::uint8_t {
  offline,              // The leader is gone, or its log is another one: any replica that may.
  preferred,            // Only the first of the replicas.
  controlled_shutdown,  // The leader leaves and says so: any but those that shut down.
};

// False once the broker came back with another log.
bool is_valid(const Member& member, const LiveBrokers& live);

// The next record, with a new leader epoch, or nothing: nobody can be elected (or the preferred one leads already).
// An offline election without a candidate is not nothing when the record still names a leader that is gone: then leader
// becomes kNoBroker, and the ISR stays as it is, since its members are the ones to wait for. `clean` tells whether the
// new leader holds all that was ever visible.
struct Election {
  PartitionRecord record;
  bool clean = true;
};
std::optional<Election> elect(const PartitionRecord& record, std::span<const BrokerId> replicas,
                              const LiveBrokers& live, ElectionKind kind, const PartitionPolicy& policy);

// Takes brokers that are gone or came back with another log out of the ISR, under a new leader epoch; the leader stays.
// Nothing: the record needs no change, or it needs an election instead.
std::optional<PartitionRecord> drop_lost(const PartitionRecord& record, std::span<const BrokerId> replicas,
                                         const LiveBrokers& live, const PartitionPolicy& policy);

// AlterPartition (KIP-497): the leader proposes an ISR, each member with the broker epoch the leader knows it by.
struct IsrRequest {
  BrokerId leader;
  std::int64_t leader_broker_epoch = -1;
  LeaderEpoch leader_epoch;
  std::int32_t partition_epoch = 0;
  struct Proposed {
    BrokerId id;
    std::int64_t broker_epoch = -1;  // -1: not said (brokers that do not know this rule).
  };
  std::vector<Proposed> isr;
};

enum class IsrRefusal : std::uint8_t {
  stale_broker_epoch,      // STALE_BROKER_EPOCH: of a former life of the leader.
  fenced_leader_epoch,     // FENCED_LEADER_EPOCH
  invalid_update_version,  // INVALID_UPDATE_VERSION: the state changed since.
  invalid_request,         // INVALID_REQUEST: the leader is not in it, or somebody who is no replica is.
  ineligible_replica,      // INELIGIBLE_REPLICA: not live, shutting down, or registered anew (KIP-841, KIP-903).
};
std::expected<PartitionRecord, IsrRefusal> alter_isr(const PartitionRecord& record, std::int32_t partition_epoch,
                                                     std::span<const BrokerId> replicas, const LiveBrokers& live,
                                                     const PartitionPolicy& policy, const IsrRequest& request);

}  // namespace barnabas::controller
