// RenewDelegationToken (key 39), versions 0-2.
//
// v2 flexible.
#pragma once

#include <cstdint>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct RenewDelegationTokenResponse;

struct RenewDelegationTokenRequest {
  using Response = RenewDelegationTokenResponse;
  static constexpr ApiKey kApiKey = ApiKey::renew_delegation_token;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  Bytes hmac;
  std::int64_t renew_period_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("hmac", &RenewDelegationTokenRequest::hmac),
                field("renewPeriodMs", &RenewDelegationTokenRequest::renew_period_ms));
  }
};

struct RenewDelegationTokenResponse {
  static constexpr ApiKey kApiKey = ApiKey::renew_delegation_token;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  ErrorCode error_code = ErrorCode::none;
  std::int64_t expiry_timestamp_ms = 0;
  std::int32_t throttle_time_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &RenewDelegationTokenResponse::error_code),
                field("expiryTimestampMs", &RenewDelegationTokenResponse::expiry_timestamp_ms),
                field("throttleTimeMs", &RenewDelegationTokenResponse::throttle_time_ms));
  }
};

}  // namespace barnabas::protocol
