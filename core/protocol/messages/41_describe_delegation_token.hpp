// DescribeDelegationToken (key 41), versions 0-3.
//
// v2 flexible; v3 who asked for the token (KIP-373).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeDelegationTokenResponse;

struct DescribeDelegationTokenRequest {
  using Response = DescribeDelegationTokenResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_delegation_token;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct DescribeDelegationTokenOwner {
    String principal_type;
    String principal_name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("principalType", &DescribeDelegationTokenOwner::principal_type),
                  field("principalName", &DescribeDelegationTokenOwner::principal_name));
    }
  };

  std::optional<std::vector<DescribeDelegationTokenOwner>> owners;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("owners", &DescribeDelegationTokenRequest::owners).nullable());
  }
};

struct DescribeDelegationTokenResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_delegation_token;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct DescribedDelegationTokenRenewer {
    String principal_type;
    String principal_name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("principalType", &DescribedDelegationTokenRenewer::principal_type),
                  field("principalName", &DescribedDelegationTokenRenewer::principal_name));
    }
  };

  struct DescribedDelegationToken {
    String principal_type;
    String principal_name;
    String token_requester_principal_type;
    String token_requester_principal_name;
    std::int64_t issue_timestamp = 0;
    std::int64_t expiry_timestamp = 0;
    std::int64_t max_timestamp = 0;
    String token_id;
    Bytes hmac;
    std::vector<DescribedDelegationTokenRenewer> renewers;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(
          field("principalType", &DescribedDelegationToken::principal_type),
          field("principalName", &DescribedDelegationToken::principal_name),
          field("tokenRequesterPrincipalType", &DescribedDelegationToken::token_requester_principal_type, since(3)),
          field("tokenRequesterPrincipalName", &DescribedDelegationToken::token_requester_principal_name, since(3)),
          field("issueTimestamp", &DescribedDelegationToken::issue_timestamp),
          field("expiryTimestamp", &DescribedDelegationToken::expiry_timestamp),
          field("maxTimestamp", &DescribedDelegationToken::max_timestamp),
          field("tokenId", &DescribedDelegationToken::token_id),
          field("hmac", &DescribedDelegationToken::hmac),
          field("renewers", &DescribedDelegationToken::renewers));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<DescribedDelegationToken> tokens;
  std::int32_t throttle_time_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &DescribeDelegationTokenResponse::error_code),
                field("tokens", &DescribeDelegationTokenResponse::tokens),
                field("throttleTimeMs", &DescribeDelegationTokenResponse::throttle_time_ms));
  }
};

}  // namespace barnabas::protocol
