// UnregisterBroker (key 64), version 0.
//
// KIP-631.
#pragma once

#include <cstdint>
#include <optional>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct UnregisterBrokerResponse;

struct UnregisterBrokerRequest {
  using Response = UnregisterBrokerResponse;
  static constexpr ApiKey kApiKey = ApiKey::unregister_broker;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t broker_id = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("brokerId", &UnregisterBrokerRequest::broker_id)); }
};

struct UnregisterBrokerResponse {
  static constexpr ApiKey kApiKey = ApiKey::unregister_broker;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &UnregisterBrokerResponse::throttle_time_ms),
                field("errorCode", &UnregisterBrokerResponse::error_code),
                field("errorMessage", &UnregisterBrokerResponse::error_message).nullable());
  }
};

}  // namespace barnabas::protocol
