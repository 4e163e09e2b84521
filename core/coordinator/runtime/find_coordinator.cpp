#include "core/coordinator/runtime/find_coordinator.hpp"

#include "core/protocol/messages/10_find_coordinator.hpp"

namespace barnabas::coordinator {
namespace {

using protocol::ErrorCode;

CoordinatorLocation look_up(std::int16_t version, std::int8_t type, std::string_view key,
                            const LocateCoordinator& locate) {
  const bool known = type >= 0 && type <= (version >= 6 ? 2 : 1);
  if (!known) return {.error = ErrorCode::invalid_request, .error_message = "no such key type"};
  CoordinatorLocation found = locate(static_cast<CoordinatorType>(type), key);
  if (found.error != ErrorCode::none) return {.error = found.error, .error_message = found.error_message};
  return found;
}

std::optional<protocol::String> message_of(const CoordinatorLocation& location) {
  if (location.error_message.empty()) return std::nullopt;
  return protocol::String(location.error_message);
}

}  // namespace

protocol::FindCoordinatorResponse find_coordinator(std::int16_t api_version,
                                                   const protocol::FindCoordinatorRequest& request,
                                                   const LocateCoordinator& locate) {
  protocol::FindCoordinatorResponse response;
  if (api_version < 4) {
    const CoordinatorLocation found = look_up(api_version, request.key_type, request.key, locate);
    response.error_code = found.error;
    response.error_message = message_of(found);
    response.node_id = found.node.value();
    response.host = protocol::String(found.host);
    response.port = found.port;
    return response;
  }
  for (const protocol::String& key : request.coordinator_keys) {
    const CoordinatorLocation found = look_up(api_version, request.key_type, key, locate);
    auto& entry = response.coordinators.emplace_back();
    entry.key = key.to_owned();
    entry.error_code = found.error;
    entry.error_message = message_of(found);
    entry.node_id = found.node.value();
    entry.host = protocol::String(found.host);
    entry.port = found.port;
  }
  return response;
}

}  // namespace barnabas::coordinator
