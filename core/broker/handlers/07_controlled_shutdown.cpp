// ControlledShutdown (key 7), versions 0-3.
// Decides: who may ask. Does not decide: which leaderships move (controller/controller.cpp).
// Versions: 0 a request header without a client id; 2 broker epoch; 3 flexible.
// Errors: CLUSTER_AUTHORIZATION_FAILED; NOT_CONTROLLER; STALE_BROKER_EPOCH; BROKER_NOT_AVAILABLE.
#include "core/broker/cluster_request.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {

Task<protocol::ControlledShutdownResponse> handle_controlled_shutdown(RequestContext& context,
                                                                      protocol::ControlledShutdownRequest request) {
  if (context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)) {
    co_return co_await context.services.controller.controlled_shutdown(std::move(request));
  }
  co_return refused_cluster_request<protocol::ControlledShutdownResponse>();
}

}  // namespace barnabas::broker
