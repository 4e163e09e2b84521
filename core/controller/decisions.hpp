// What the controller decides when something happens: from what it holds to the states that are to be written. Pure;
// each decision goes through partition_rules.hpp.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "core/controller/state.hpp"

namespace barnabas::controller {

// A state that is to be written, if the partition still has the epoch that the decision was made on.
struct StateChange {
  TopicPartition id;
  PartitionRecord record;
  bool elected = false;  // There is another leader, or none any more.
  bool clean = true;
  std::vector<BrokerId> replicas{};  // With a reassignment's end: those of the partition from now on. Else none.
};

// Registrations that changed. A broker that bounced left and came back between two looks: the same id with another
// epoch (KIP-380).
struct BrokerChanges {
  std::vector<BrokerId> gone;
  std::vector<BrokerId> started;
  std::vector<BrokerId> bounced;
  std::vector<BrokerId> moved;  // The same life, other addresses or rack.

  bool any() const { return !gone.empty() || !started.empty() || !bounced.empty() || !moved.empty(); }
};
using Registrations = std::map<BrokerId, metadata::BrokerInfo>;
BrokerChanges compare(const Registrations& before, const Registrations& now);

// Suspicion alone never takes an ISR below min.insync.replicas: where `after` would, the suspects that `before` had in
// its ISR stay in it. That is as if they had not been suspected, so it is safe; who leads is not changed.
PartitionRecord keep_suspects(const PartitionRecord& before, PartitionRecord after, const std::set<BrokerId>& suspects,
                              std::span<const BrokerId> replicas, const PartitionPolicy& policy);

// The first record of a partition: the live replicas. Nothing: none is alive.
std::optional<PartitionRecord> first_record(const PartitionEntry& partition, const LiveBrokers& live);

// Who is live, computed once for a look at many partitions.
struct Liveness {
  explicit Liveness(const ControllerState& state) : live(state.live()), suspects(state.suspected()) {}
  LiveBrokers live;
  std::set<BrokerId> suspects;
};

// What a partition with a record needs now that brokers came or went: a leader, or an ISR without those that are lost.
// `policy`: the topic's, or one with an unclean election that somebody asked for.
std::optional<StateChange> settle(const TopicPartition& id, const PartitionEntry& partition, const Liveness& liveness,
                                  const PartitionPolicy& policy);
// For all partitions of all topics that are not being deleted.
std::vector<StateChange> settle_all(const ControllerState& state);

// Leadership to the first replica, where that is possible and not so.
std::optional<StateChange> prefer(const TopicPartition& id, const PartitionEntry& partition, const Liveness& liveness,
                                  const PartitionPolicy& policy);
// The partitions whose preferred leader has more than `percentage` of its leaderships elsewhere, and could take them.
std::vector<TopicPartition> imbalanced(const ControllerState& state, std::int32_t percentage);

// A broker wants to stop (KIP-291): its leaderships move, it leaves the ISR of what it follows. Requires that it is
// noted as shutting down.
struct ShutdownPlan {
  std::vector<StateChange> changes;
  std::vector<TopicPartition> followed;  // It is told to stop fetching these.
};
ShutdownPlan plan_shutdown(const ControllerState& state, BrokerId broker);
// What it still leads although there are other replicas.
std::vector<TopicPartition> still_led(const ControllerState& state, BrokerId broker);

bool is_offline(const PartitionEntry& partition, const LiveBrokers& live);

}  // namespace barnabas::controller
