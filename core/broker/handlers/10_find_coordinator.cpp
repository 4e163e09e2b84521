// FindCoordinator (key 10), versions 0-6.
// Decides: that __consumer_offsets comes into being when it is first asked for. Does not decide: which partition is a
// group's, and who leads it (group_topic.cpp); the answer's shapes (coordinator/runtime/find_coordinator.cpp).
// Versions: 1 the kind of coordinator; 3 flexible; 4 many keys at once.
// Errors: COORDINATOR_NOT_AVAILABLE while __consumer_offsets cannot be made, or the group's partition has no leader;
//   INVALID_REQUEST for an unknown kind;
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

CoordinatorLocation locate(const RequestContext& context, CoordinatorType type, std::string_view key,
                           const std::string& obstacle) {
  if (type == CoordinatorType::transaction) {
    return refused(ErrorCode::transactional_id_authorization_failed, "transactions are not served yet");
  }
  if (type != CoordinatorType::group) return refused(ErrorCode::invalid_request, "not a kind of coordinator here");
  if (!obstacle.empty()) return refused(ErrorCode::coordinator_not_available, obstacle);
  const metadata::BrokerInfo* broker = context.services.group_topic.coordinator_of(key);
  const metadata::BrokerEndpoint* endpoint = broker == nullptr ? nullptr : broker->endpoint(context.listener.name);
  if (endpoint == nullptr) return refused(ErrorCode::coordinator_not_available, "nobody leads the group's partition");
  CoordinatorLocation location;
  location.node = broker->id;
  location.host = endpoint->host;
  location.port = endpoint->port;
  return location;
}

}  // namespace

Task<protocol::FindCoordinatorResponse> handle_find_coordinator(RequestContext& context,
                                                                protocol::FindCoordinatorRequest request) {
  std::string obstacle;
  if (request.key_type == static_cast<std::int8_t>(CoordinatorType::group)) {
    const Result<void> ready = co_await context.services.group_topic.ensure(context.services.topics);
    if (!ready) obstacle = ready.error().message;
  }
  const auto locate_one = [&](CoordinatorType type, std::string_view key) {
    return locate(context, type, key, obstacle);
  };
  co_return coordinator::find_coordinator(context.version(), request, locate_one);
}

}  // namespace barnabas::broker
