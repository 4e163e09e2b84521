// LeaderAndIsr (key 4), versions 0-7.
// Decides: who may say it. Does not decide: what counts and what follows (controlled_broker.cpp,
// replication/replica_manager.cpp).
// Versions: 2 broker epoch, partitions by topic; 3 reassignments; 4 flexible; 5 topic ids; 6 recovery state of leaders;
//   7 whether the controller is a KRaft one.
// What it asks for is done when it is answered, and also when the connection breaks before.
// Errors: CLUSTER_AUTHORIZATION_FAILED; STALE_CONTROLLER_EPOCH, STALE_BROKER_EPOCH; for each partition those of
//   replication/replica_manager.hpp.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<Result<ResponseFrame>> handle_leader_and_isr(RequestContext& context, Buffer body) {
  return follow_order<protocol::LeaderAndIsrRequest, protocol::LeaderAndIsrResponse>(context, std::move(body),
                                                                   &ControlledBroker::leader_and_isr);
}

}  // namespace barnabas::broker
