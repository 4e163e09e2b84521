// SaslHandshake (key 17), versions 0-1.
//
// After v0 raw SASL tokens follow; after v1 SaslAuthenticate requests (KIP-152).
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct SaslHandshakeResponse;

struct SaslHandshakeRequest {
  using Response = SaslHandshakeResponse;
  static constexpr ApiKey kApiKey = ApiKey::sasl_handshake;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = kNeverFlexible;

  String mechanism;

  static constexpr auto fields(auto list) { return list(field("mechanism", &SaslHandshakeRequest::mechanism)); }
};

struct SaslHandshakeResponse {
  static constexpr ApiKey kApiKey = ApiKey::sasl_handshake;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = kNeverFlexible;

  ErrorCode error_code = ErrorCode::none;
  std::vector<String> mechanisms;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &SaslHandshakeResponse::error_code),
                field("mechanisms", &SaslHandshakeResponse::mechanisms));
  }
};

}  // namespace barnabas::protocol
