// DescribeGroups (key 15), versions 0-5.
// Decides: nothing. Does not decide: anything of the group (coordinator/runtime/admin_requests.cpp).
// Versions: 3 authorized operations; 4 static members; 5 flexible.
// Errors: those of the coordinator. A group that does not exist is described as Dead, without an error.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

Task<protocol::DescribeGroupsResponse> handle_describe_groups(RequestContext& context,
                                                              protocol::DescribeGroupsRequest request) {
  coordinator::RequestContext asker = group_context(context);
  co_return co_await context.services.groups.describe_groups(std::move(asker), request);
}

}  // namespace barnabas::broker
