// FindCoordinator (key 10), versions 0-6.
//
// v1 key type; v3 flexible; v4 several keys at once; v6 share groups as a key type.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct FindCoordinatorResponse;

struct FindCoordinatorRequest {
  using Response = FindCoordinatorResponse;
  static constexpr ApiKey kApiKey = ApiKey::find_coordinator;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 3;

  String key;
  std::int8_t key_type = 0;  // 0: group; 1: transaction.
  std::vector<String> coordinator_keys;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("key", &FindCoordinatorRequest::key, until(3)),
                field("keyType", &FindCoordinatorRequest::key_type, since(1)),
                field("coordinatorKeys", &FindCoordinatorRequest::coordinator_keys, since(4)));
  }
};

struct FindCoordinatorResponse {
  static constexpr ApiKey kApiKey = ApiKey::find_coordinator;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 3;

  struct Coordinator {
    String key;
    std::int32_t node_id = 0;
    String host;
    std::int32_t port = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("key", &Coordinator::key),
                  field("nodeId", &Coordinator::node_id),
                  field("host", &Coordinator::host),
                  field("port", &Coordinator::port),
                  field("errorCode", &Coordinator::error_code),
                  field("errorMessage", &Coordinator::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::int32_t node_id = 0;
  String host;
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &FindCoordinatorResponse::throttle_time_ms, since(1)),
                field("errorCode", &FindCoordinatorResponse::error_code, until(3)),
                field("errorMessage", &FindCoordinatorResponse::error_message, between(1, 3)).nullable(),
                field("nodeId", &FindCoordinatorResponse::node_id, until(3)),
                field("host", &FindCoordinatorResponse::host, until(3)),
                field("port", &FindCoordinatorResponse::port, until(3)),
                field("coordinators", &FindCoordinatorResponse::coordinators, since(4)));
  }
};

}  // namespace barnabas::protocol
