// CreateDelegationToken (key 38), versions 0-3.
//
// v2 flexible; v3 a token for somebody else (KIP-373).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct CreateDelegationTokenResponse;

struct CreateDelegationTokenRequest {
  using Response = CreateDelegationTokenResponse;
  static constexpr ApiKey kApiKey = ApiKey::create_delegation_token;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct CreatableRenewers {
    String principal_type;
    String principal_name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("principalType", &CreatableRenewers::principal_type),
                  field("principalName", &CreatableRenewers::principal_name));
    }
  };

  std::optional<String> owner_principal_type;
  std::optional<String> owner_principal_name;
  std::vector<CreatableRenewers> renewers;
  std::int64_t max_lifetime_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("ownerPrincipalType", &CreateDelegationTokenRequest::owner_principal_type, since(3)).nullable(),
                field("ownerPrincipalName", &CreateDelegationTokenRequest::owner_principal_name, since(3)).nullable(),
                field("renewers", &CreateDelegationTokenRequest::renewers),
                field("maxLifetimeMs", &CreateDelegationTokenRequest::max_lifetime_ms));
  }
};

struct CreateDelegationTokenResponse {
  static constexpr ApiKey kApiKey = ApiKey::create_delegation_token;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  ErrorCode error_code = ErrorCode::none;
  String principal_type;
  String principal_name;
  String token_requester_principal_type;
  String token_requester_principal_name;
  std::int64_t issue_timestamp_ms = 0;
  std::int64_t expiry_timestamp_ms = 0;
  std::int64_t max_timestamp_ms = 0;
  String token_id;
  Bytes hmac;
  std::int32_t throttle_time_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("errorCode", &CreateDelegationTokenResponse::error_code),
        field("principalType", &CreateDelegationTokenResponse::principal_type),
        field("principalName", &CreateDelegationTokenResponse::principal_name),
        field("tokenRequesterPrincipalType", &CreateDelegationTokenResponse::token_requester_principal_type, since(3)),
        field("tokenRequesterPrincipalName", &CreateDelegationTokenResponse::token_requester_principal_name, since(3)),
        field("issueTimestampMs", &CreateDelegationTokenResponse::issue_timestamp_ms),
        field("expiryTimestampMs", &CreateDelegationTokenResponse::expiry_timestamp_ms),
        field("maxTimestampMs", &CreateDelegationTokenResponse::max_timestamp_ms),
        field("tokenId", &CreateDelegationTokenResponse::token_id),
        field("hmac", &CreateDelegationTokenResponse::hmac),
        field("throttleTimeMs", &CreateDelegationTokenResponse::throttle_time_ms));
  }
};

}  // namespace barnabas::protocol
