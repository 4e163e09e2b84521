// DeleteGroups (key 42), versions 0-2.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/admin_requests.cpp).
// Versions: 2 flexible.
// Errors: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, and the coordinator's others.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::DeleteGroupsResponse> handle_delete_groups(RequestContext& context,
                                                          protocol::DeleteGroupsRequest request) {
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.delete_groups(std::move(asker), request);
}

}  // namespace barnabas::broker
