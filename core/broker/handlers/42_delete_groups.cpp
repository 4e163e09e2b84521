// DeleteGroups (key 42), versions 0-2.
// Decides: who may delete which groups. Does not decide: anything of the group
// (coordinator/runtime/admin_requests.cpp). Versions: 2 flexible. Errors: GROUP_AUTHORIZATION_FAILED; NON_EMPTY_GROUP,
// GROUP_ID_NOT_FOUND, and the coordinator's others.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::DeleteGroupsResponse> handle_delete_groups(RequestContext& context,
                                                          protocol::DeleteGroupsRequest request) {
  protocol::DeleteGroupsResponse denied;
  std::erase_if(request.groups_names, [&](const protocol::String& group) {
    if (context.allowed(Operation::remove, Resource::group, group)) return false;
    auto& answer = denied.results.emplace_back();
    answer.group_id = group.to_owned();
    answer.error_code = protocol::ErrorCode::group_authorization_failed;
    return true;
  });
  coordinator::RequestContext asker = group_context(context);
  protocol::DeleteGroupsResponse response = co_await context.services.groups.delete_groups(std::move(asker), request);
  for (auto& result : denied.results) response.results.push_back(std::move(result));
  co_return response;
}

}  // namespace barnabas::broker
