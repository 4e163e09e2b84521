// StopReplica (key 5), versions 0-4.
// Decides: who may say it. Does not decide: what counts and what follows (replication/replica_manager.cpp).
// Versions: 1 broker epoch, partitions by topic; 2 flexible; 3 leader epochs, deletion for each partition; 4 whether
//   the controller is a KRaft one.
// What it asks for is done when it is answered, and also when the connection breaks before.
// Errors: CLUSTER_AUTHORIZATION_FAILED; STALE_CONTROLLER_EPOCH, STALE_BROKER_EPOCH; for each partition
//   FENCED_LEADER_EPOCH, KAFKA_STORAGE_ERROR.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<Result<ResponseFrame>> handle_stop_replica(RequestContext& context, Buffer body) {
  return follow_order<protocol::StopReplicaRequest, protocol::StopReplicaResponse>(context, std::move(body),
                                                                   &ControlledBroker::stop_replica);
}

}  // namespace barnabas::broker
