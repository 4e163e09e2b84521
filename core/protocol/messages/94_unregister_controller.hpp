// UnregisterController (key 94), version 0.
//
// KRaft controllers leave.
#pragma once

#include <cstdint>
#include <optional>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct UnregisterControllerResponse;

struct UnregisterControllerRequest {
  using Response = UnregisterControllerResponse;
  static constexpr ApiKey kApiKey = ApiKey::unregister_controller;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t controller_id = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("controllerId", &UnregisterControllerRequest::controller_id));
  }
};

struct UnregisterControllerResponse {
  static constexpr ApiKey kApiKey = ApiKey::unregister_controller;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &UnregisterControllerResponse::throttle_time_ms),
                field("errorCode", &UnregisterControllerResponse::error_code),
                field("errorMessage", &UnregisterControllerResponse::error_message).nullable());
  }
};

}  // namespace barnabas::protocol
