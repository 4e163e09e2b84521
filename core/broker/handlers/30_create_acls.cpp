// CreateAcls (key 30), versions 0-3.
// Decides: nothing: there is no authorizer, and Kafka without one answers the same.
// Versions: 1 pattern types; 2 flexible; 3 user resources.
// Errors: CLUSTER_AUTHORIZATION_FAILED; SECURITY_DISABLED, for each of the creations.
#include "core/broker/handlers/handlers.hpp"

namespace barnabas::broker {

Task<protocol::CreateAclsResponse> handle_create_acls(RequestContext& context, protocol::CreateAclsRequest request) {
  protocol::CreateAclsResponse response;
  const bool allowed = context.allowed(Operation::alter, Resource::cluster, kClusterResource);
  for (std::size_t i = 0; i < request.creations.size(); ++i) {
    auto& result = response.results.emplace_back();
    result.error_code =
        allowed ? protocol::ErrorCode::security_disabled : protocol::ErrorCode::cluster_authorization_failed;
    if (allowed) result.error_message = protocol::String("No Authorizer is configured.");
  }
  co_return response;
}

}  // namespace barnabas::broker
