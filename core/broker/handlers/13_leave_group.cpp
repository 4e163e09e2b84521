// LeaveGroup (key 13), versions 0-5.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/group_coordinator.cpp).
// Versions: 3 many members at once, static ones too; 4 flexible; 5 the reason for leaving.
// Errors: GROUP_AUTHORIZATION_FAILED; those of the coordinator.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::LeaveGroupResponse> handle_leave_group(RequestContext& context, protocol::LeaveGroupRequest request) {
  if (!context.allowed(Operation::read, Resource::group, request.group_id)) {
    protocol::LeaveGroupResponse response;
    response.error_code = protocol::ErrorCode::group_authorization_failed;
    co_return response;
  }
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.leave_group(std::move(asker), request);
}

}  // namespace barnabas::broker
