// AlterPartition (KIP-497, 841, 903) as a pure step: what of a leader's proposals is to be written, and what is
// answered.
#pragma once

#include <vector>

#include "core/controller/decisions.hpp"
#include "core/protocol/messages/56_alter_partition.hpp"

namespace barnabas::controller {

struct AlterPlan {
  // Complete but for the proposals in `changes`, whose answers are at `places` and say none.
  protocol::AlterPartitionResponse response;
  std::vector<StateChange> changes;
  struct Place {
    std::size_t topic = 0;
    std::size_t partition = 0;
  };
  std::vector<Place> places;  // One for each change.
};

// Errors of a partition: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION,
// INVALID_REQUEST, INELIGIBLE_REPLICA, OPERATION_NOT_ATTEMPTED (for brokers that do not know that one). Of the whole:
// STALE_BROKER_EPOCH.
AlterPlan plan_alter_partition(const ControllerState& state, const protocol::AlterPartitionRequest& request,
                               std::int16_t version);

// The answer that tells a partition's state.
void answer_with(const PartitionEntry& partition, protocol::AlterPartitionResponse::PartitionData& answer);

}  // namespace barnabas::controller
