// Heartbeat (key 12), versions 0-4.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/group_coordinator.cpp).
// Versions: 3 static members; 4 flexible.
// Errors: GROUP_AUTHORIZATION_FAILED; those of the coordinator (REBALANCE_IN_PROGRESS among them).
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::HeartbeatResponse> handle_heartbeat(RequestContext& context, protocol::HeartbeatRequest request) {
  if (!context.allowed(Operation::read, Resource::group, request.group_id)) {
    protocol::HeartbeatResponse response;
    response.error_code = protocol::ErrorCode::group_authorization_failed;
    co_return response;
  }
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.heartbeat(std::move(asker), request);
}

}  // namespace barnabas::broker
