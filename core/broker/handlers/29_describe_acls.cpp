// DescribeAcls (key 29), versions 0-3.
// Decides: nothing: there is no authorizer, and Kafka without one answers the same.
// Versions: 1 pattern types; 2 flexible; 3 user resources.
// Errors: CLUSTER_AUTHORIZATION_FAILED; SECURITY_DISABLED.
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<protocol::DescribeAclsResponse> handle_describe_acls(RequestContext& context, protocol::DescribeAclsRequest) {
  protocol::DescribeAclsResponse response;
  const bool allowed = context.allowed(Operation::describe, Resource::cluster, kClusterResource);
  response.error_code =
      allowed ? protocol::ErrorCode::security_disabled : protocol::ErrorCode::cluster_authorization_failed;
  if (allowed) response.error_message = protocol::String("No Authorizer is configured on the broker");
  co_return response;
}

}  // namespace barnabas::broker
