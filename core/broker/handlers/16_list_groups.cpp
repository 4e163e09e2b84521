// ListGroups (key 16), versions 0-5.
// Decides: who may see which groups. Does not decide: anything of the group (coordinator/runtime/admin_requests.cpp).
// Versions: 3 flexible; 4 states, and a filter by them; 5 types, and a filter by them.
// Errors: COORDINATOR_LOAD_IN_PROGRESS while some groups are not loaded.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::ListGroupsResponse> handle_list_groups(RequestContext& context, protocol::ListGroupsRequest request) {
  coordinator::RequestContext asker = group_context(context);
  protocol::ListGroupsResponse response = co_await context.services.groups.list_groups(std::move(asker), request);
  // Whoever may see the cluster may see its groups.
  if (!context.allowed(Operation::describe, Resource::cluster, kClusterResource)) {
    std::erase_if(response.groups, [&](const auto& group) {
      return !context.allowed(Operation::describe, Resource::group, group.group_id);
    });
  }
  co_return response;
}

}  // namespace barnabas::broker
