// SaslAuthenticate (key 36), versions 0-2.
//
// Follows SaslHandshake v1. v1 the session ends (KIP-368); v2 flexible.
#pragma once

#include <cstdint>
#include <optional>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct SaslAuthenticateResponse;

struct SaslAuthenticateRequest {
  using Response = SaslAuthenticateResponse;
  static constexpr ApiKey kApiKey = ApiKey::sasl_authenticate;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  Bytes auth_bytes;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("authBytes", &SaslAuthenticateRequest::auth_bytes)); }
};

struct SaslAuthenticateResponse {
  static constexpr ApiKey kApiKey = ApiKey::sasl_authenticate;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  Bytes auth_bytes;
  std::int64_t session_lifetime_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &SaslAuthenticateResponse::error_code),
                field("errorMessage", &SaslAuthenticateResponse::error_message).nullable(),
                field("authBytes", &SaslAuthenticateResponse::auth_bytes),
                field("sessionLifetimeMs", &SaslAuthenticateResponse::session_lifetime_ms, since(1)));
  }
};

}  // namespace barnabas::protocol
