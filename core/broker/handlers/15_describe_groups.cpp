// DescribeGroups (key 15), versions 0-5.
// Decides: who may see which groups. Does not decide: anything of the group (coordinator/runtime/admin_requests.cpp).
// Versions: 3 authorized operations; 4 static members; 5 flexible.
// Errors: GROUP_AUTHORIZATION_FAILED; those of the coordinator. A group that does not exist is described as Dead,
//   without an error.
#include <set>
#include <string_view>

#include "core/async/pace.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

// What everybody may do with a group while there is no authorizer: read, delete, describe.
constexpr std::int32_t kAllGroupOperations = 0b1'0100'1000;

}  // namespace

Task<protocol::DescribeGroupsResponse> handle_describe_groups(RequestContext& context,
                                                              protocol::DescribeGroupsRequest request) {
  // Once each, however often it is asked for: an id of a few bytes is answered with all members.
  std::set<std::string_view> seen;
  std::vector<protocol::String> allowed;
  protocol::DescribeGroupsResponse denied;
  Pace pace(context.services.env.executor);
  for (const protocol::String& group : request.groups) {
    co_await pace.step();
    if (!seen.insert(group.view()).second) continue;
    if (context.allowed(Operation::describe, Resource::group, group)) {
      allowed.push_back(group);
      continue;
    }
    auto& answer = denied.groups.emplace_back();
    answer.group_id = group.to_owned();
    answer.error_code = protocol::ErrorCode::group_authorization_failed;
  }
  request.groups.swap(allowed);
  coordinator::RequestContext asker = group_context(context);
  protocol::DescribeGroupsResponse response =
      co_await context.services.groups.describe_groups(std::move(asker), request);
  if (request.include_authorized_operations) {
    for (auto& group : response.groups) {
      if (group.error_code == protocol::ErrorCode::none) group.authorized_operations = kAllGroupOperations;
    }
  }
  for (auto& group : denied.groups) response.groups.push_back(std::move(group));
  co_return response;
}

}  // namespace barnabas::broker
