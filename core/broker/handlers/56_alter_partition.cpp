// AlterPartition (key 56), versions 0-3.
// Decides: who may ask. Does not decide: whether the in-sync set becomes what the leader proposes
// (controller/partition_rules.cpp).
// Versions: 1 recovery state of leaders; 2 topic ids; 3 broker epochs of the in-sync replicas.
// Errors: CLUSTER_AUTHORIZATION_FAILED; NOT_CONTROLLER; STALE_BROKER_EPOCH; for each partition those of the controller.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {

Task<protocol::AlterPartitionResponse> handle_alter_partition(RequestContext& context,
                                                              protocol::AlterPartitionRequest request) {
  if (context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)) {
    co_return co_await context.services.controller.alter_partition(std::move(request), context.version());
  }
  co_return refused_cluster_request<protocol::AlterPartitionResponse>();
}

}  // namespace barnabas::broker
