// FindCoordinator (key 10): the answer's two shapes, one key (v0-v3) and many (v4+, KIP-699).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::protocol {
struct FindCoordinatorRequest;
struct FindCoordinatorResponse;
}  // namespace barnabas::protocol

namespace barnabas::coordinator {

enum class CoordinatorType : std::int8_t { group = 0, transaction = 1, share = 2 };

// Where the coordinator of one key is, or why that is not known (COORDINATOR_NOT_AVAILABLE while the internal
// topic has no leader).
struct CoordinatorLocation {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::string error_message = {};  // Empty: null on the wire.
  BrokerId node = kNoBroker;
  std::string host = {};
  std::int32_t port = -1;
};

using LocateCoordinator = std::function<CoordinatorLocation(CoordinatorType type, std::string_view key)>;

// Asks locate once for each key. A type that Kafka does not have, or share before v6: INVALID_REQUEST.
protocol::FindCoordinatorResponse find_coordinator(std::int16_t api_version,
                                                   const protocol::FindCoordinatorRequest& request,
                                                   const LocateCoordinator& locate);

}  // namespace barnabas::coordinator
