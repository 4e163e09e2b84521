// AllocateProducerIds (key 67), version 0.
// Decides: who may ask. Does not decide: which block (controller/controller.cpp).
// Errors: CLUSTER_AUTHORIZATION_FAILED; NOT_CONTROLLER; STALE_BROKER_EPOCH; BROKER_ID_NOT_REGISTERED.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {

Task<protocol::AllocateProducerIdsResponse> handle_allocate_producer_ids(RequestContext& context,
                                                                         protocol::AllocateProducerIdsRequest request) {
  if (context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)) {
    co_return co_await context.services.controller.allocate_producer_ids(std::move(request));
  }
  co_return refused_cluster_request<protocol::AllocateProducerIdsResponse>();
}

}  // namespace barnabas::broker
