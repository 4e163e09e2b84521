// Moving replicas (KIP-455) as pure steps.
//
//   begin     the topic's znode lists target and former replicas, with who is adding and who is removing; a new leader
//             epoch lets the replicas of now know each other.
//   move      once the whole target is in the ISR: leader and ISR are taken from the target alone, under a new leader
//             epoch. Those that leave are stopped and their logs removed.
//   finish    when each of those has answered or is gone: the topic's znode lists the target only.
//
// A controller that dies in between leaves enough for its successor to go on: each step can be taken again.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/controller/state.hpp"
#include "core/protocol/api_error.hpp"

namespace barnabas::controller {

struct Reassignment {
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> adding;
  std::vector<BrokerId> removing;
  std::vector<BrokerId> unneeded;  // Were being added for a former target.
  std::optional<PartitionRecord> record;
};

// What begins when the replicas are to be `target`; nothing in target: goes back to who was there before. record: the
// state that goes with it, if there is one already.
// UNKNOWN_TOPIC_OR_PARTITION, NO_REASSIGNMENT_IN_PROGRESS, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR.
protocol::ApiResult<Reassignment> begin_reassignment(const ControllerState& state, const TopicPartition& id,
                                                     const std::optional<std::vector<BrokerId>>& target,
                                                     bool may_change_factor);

// The whole target is in the ISR.
bool may_move(const PartitionEntry& partition);
// The record with leader and ISR from `replicas` only, under a new leader epoch. Nothing: none of those that are in
// sync could lead.
std::optional<PartitionRecord> confine(const PartitionRecord& record, std::span<const BrokerId> replicas,
                                       const LiveBrokers& live);

}  // namespace barnabas::controller
