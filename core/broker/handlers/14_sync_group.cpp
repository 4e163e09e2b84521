// SyncGroup (key 14), versions 0-5.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/group_coordinator.cpp).
// Versions: 3 static members; 4 flexible; 5 protocol type and name, which must match.
// Errors: GROUP_AUTHORIZATION_FAILED; those of the coordinator.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::SyncGroupResponse> handle_sync_group(RequestContext& context, protocol::SyncGroupRequest request) {
  if (!context.allowed(Operation::read, Resource::group, request.group_id)) {
    protocol::SyncGroupResponse response;
    response.error_code = protocol::ErrorCode::group_authorization_failed;
    co_return response;
  }
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.sync_group(std::move(asker), request);
}

}  // namespace barnabas::broker
