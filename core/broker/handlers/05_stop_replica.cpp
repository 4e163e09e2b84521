// StopReplica (key 5), versions 0-4.
// Decides: who may say it. Does not decide: what counts and what follows (replication/replica_manager.cpp).
// Versions: 1 broker epoch, partitions by topic; 2 flexible; 3 leader epochs, deletion for each partition; 4 whether
//   the controller is a KRaft one.
// What it asks for is done when it is answered, and also when the connection breaks before.
// Errors: CLUSTER_AUTHORIZATION_FAILED; STALE_CONTROLLER_EPOCH, STALE_BROKER_EPOCH; for each partition
//   FENCED_LEADER_EPOCH, KAFKA_STORAGE_ERROR.
#include "core/broker/controlled_broker.hpp"
#include "core/broker/encode_answer.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<Result<ResponseFrame>> handle_stop_replica(RequestContext& context, Buffer body) {
  const std::int16_t version = context.version();
  B_CO_TRY(auto request, protocol::decode<protocol::StopReplicaRequest>(body.view(), version));
  protocol::StopReplicaResponse response;
  if (context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)) {
    response = co_await context.services.controlled.stop_replica(std::move(request), version, body);
  } else {
    response.error_code = protocol::ErrorCode::cluster_authorization_failed;
  }
  co_return encode_answer(context, response);
}

}  // namespace barnabas::broker
