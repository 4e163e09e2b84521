// ListGroups (key 16), versions 0-5.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/admin_requests.cpp).
// Versions: 3 flexible; 4 states, and a filter by them; 5 types, and a filter by them.
// Errors: COORDINATOR_LOAD_IN_PROGRESS while some groups are not loaded.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::ListGroupsResponse> handle_list_groups(RequestContext& context, protocol::ListGroupsRequest request) {
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.list_groups(std::move(asker), request);
}

}  // namespace barnabas::broker
