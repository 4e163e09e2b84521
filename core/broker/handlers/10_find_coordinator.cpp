// FindCoordinator (key 10), versions 0-6.
// Decides: that __consumer_offsets comes into being when it is first asked for. Does not decide: the answer's
// shapes (coordinator/runtime/find_coordinator.cpp).
// Versions: 1 the kind of coordinator; 3 flexible; 4 many keys at once.
// Errors: COORDINATOR_NOT_AVAILABLE while __consumer_offsets cannot be made; INVALID_REQUEST for an unknown kind;
//   TRANSACTIONAL_ID_AUTHORIZATION_FAILED for transactions, which are not served yet: clients take it as final.
#include "core/broker/group_topic.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/coordinator/runtime/find_coordinator.hpp"

namespace barnabas::broker {
namespace {

using coordinator::CoordinatorLocation;
using coordinator::CoordinatorType;
using protocol::ErrorCode;

CoordinatorLocation refused(ErrorCode code, std::string message) {
  CoordinatorLocation location;
  location.error = code;
  location.error_message = std::move(message);
  return location;
}

// This broker is alone: it coordinates every group, once the topic of their state is there.
CoordinatorLocation locate(const RequestContext& context, CoordinatorType type, const std::string& obstacle) {
  if (type == CoordinatorType::transaction) {
    return refused(ErrorCode::transactional_id_authorization_failed, "transactions are not served yet");
  }
  if (type != CoordinatorType::group) return refused(ErrorCode::invalid_request, "not a kind of coordinator here");
  if (!obstacle.empty()) return refused(ErrorCode::coordinator_not_available, obstacle);
  const metadata::BrokerInfo* broker = context.services.topics.image().broker(context.services.self);
  const metadata::BrokerEndpoint* endpoint = broker == nullptr ? nullptr : broker->endpoint(context.listener.name);
  if (endpoint == nullptr) return refused(ErrorCode::coordinator_not_available, "no such listener");
  CoordinatorLocation location;
  location.node = context.services.self;
  location.host = endpoint->host;
  location.port = endpoint->port;
  return location;
}

}  // namespace

Task<protocol::FindCoordinatorResponse> handle_find_coordinator(RequestContext& context,
                                                                protocol::FindCoordinatorRequest request) {
  std::string obstacle;
  if (request.key_type == static_cast<std::int8_t>(CoordinatorType::group)) {
    const Result<void> ready = co_await context.services.group_topic.ensure();
    if (!ready) obstacle = ready.error().message;
  }
  const auto locate_one = [&](CoordinatorType type, std::string_view) { return locate(context, type, obstacle); };
  co_return coordinator::find_coordinator(context.version(), request, locate_one);
}

}  // namespace barnabas::broker
