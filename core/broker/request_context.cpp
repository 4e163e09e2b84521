#include "core/broker/request_context.hpp"

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

bool RequestContext::allowed(Operation operation, Resource type, std::string_view name) const {
  return services.authorizer.allows(principal, client_host, operation, type, name);
}

coordinator::RequestContext group_context(const RequestContext& context) {
  return {std::string(context.client_id()), "/" + context.client_host, context.version()};
}

}  // namespace barnabas::broker
