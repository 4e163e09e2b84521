// UpdateMetadata (key 6), versions 0-8.
// Decides: who may say it. Does not decide: what counts (replication::ControllerFence) and what it means
// (metadata_cache.cpp).
// Versions: 1 listeners; 2 racks; 4 offline replicas; 5 broker epoch, partitions by topic; 6 flexible; 7 topic ids; 8
//   full and incremental requests, whether the controller is a KRaft one.
// Errors: CLUSTER_AUTHORIZATION_FAILED; STALE_CONTROLLER_EPOCH, STALE_BROKER_EPOCH.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<protocol::UpdateMetadataResponse> handle_update_metadata(RequestContext& context,
                                                              protocol::UpdateMetadataRequest request) {
  if (context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)) {
    co_return context.services.controlled.update_metadata(request, context.version());
  }
  co_return refused_cluster_request<protocol::UpdateMetadataResponse>();
}

}  // namespace barnabas::broker
