// How a controller speaks to a broker: over the network to the others, by a call to the one in its own process.
#pragma once

#include "core/async/task.hpp"
#include "core/protocol/messages/04_leader_and_isr.hpp"
#include "core/protocol/messages/05_stop_replica.hpp"
#include "core/protocol/messages/06_update_metadata.hpp"

namespace barnabas::controller {

// The broker in the controller's own process. Requests are of the newest versions and own what they refer to; they run
// to their end although the waiter is destroyed.
class LocalBroker {
 public:
  virtual ~LocalBroker() = default;
  virtual Task<protocol::LeaderAndIsrResponse> leader_and_isr(protocol::LeaderAndIsrRequest request) = 0;
  virtual Task<protocol::StopReplicaResponse> stop_replica(protocol::StopReplicaRequest request) = 0;
  virtual Task<protocol::UpdateMetadataResponse> update_metadata(protocol::UpdateMetadataRequest request) = 0;
};

}  // namespace barnabas::controller
