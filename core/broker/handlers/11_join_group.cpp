// JoinGroup (key 11), versions 0-9.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/group_coordinator.cpp).
// Versions: 1 rebalance timeout; 4 MEMBER_ID_REQUIRED (KIP-394); 5 static members; 6 flexible; 7 protocol type in
//   the answer; 8 the reason for joining; 9 the leader may be told to skip the assignment.
// Errors: GROUP_AUTHORIZATION_FAILED; those of the coordinator.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::JoinGroupResponse> handle_join_group(RequestContext& context, protocol::JoinGroupRequest request) {
  if (!context.allowed(Operation::read, Resource::group, request.group_id)) {
    protocol::JoinGroupResponse response;
    response.error_code = protocol::ErrorCode::group_authorization_failed;
    co_return response;
  }
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.join_group(std::move(asker), request);
}

}  // namespace barnabas::broker
