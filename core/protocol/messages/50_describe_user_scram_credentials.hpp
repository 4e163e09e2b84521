// DescribeUserScramCredentials (key 50), version 0.
//
// KIP-554.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeUserScramCredentialsResponse;

struct DescribeUserScramCredentialsRequest {
  using Response = DescribeUserScramCredentialsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_user_scram_credentials;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct UserName {
    String name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("name", &UserName::name)); }
  };

  std::optional<std::vector<UserName>> users;  // Null: all.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("users", &DescribeUserScramCredentialsRequest::users).nullable());
  }
};

struct DescribeUserScramCredentialsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_user_scram_credentials;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct CredentialInfo {
    std::int8_t mechanism = 0;  // 1: SCRAM-SHA-256; 2: SCRAM-SHA-512.
    std::int32_t iterations = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("mechanism", &CredentialInfo::mechanism), field("iterations", &CredentialInfo::iterations));
    }
  };

  struct DescribeUserScramCredentialsResult {
    String user;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::vector<CredentialInfo> credential_infos;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("user", &DescribeUserScramCredentialsResult::user),
                  field("errorCode", &DescribeUserScramCredentialsResult::error_code),
                  field("errorMessage", &DescribeUserScramCredentialsResult::error_message).nullable(),
                  field("credentialInfos", &DescribeUserScramCredentialsResult::credential_infos));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<DescribeUserScramCredentialsResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeUserScramCredentialsResponse::throttle_time_ms),
                field("errorCode", &DescribeUserScramCredentialsResponse::error_code),
                field("errorMessage", &DescribeUserScramCredentialsResponse::error_message).nullable(),
                field("results", &DescribeUserScramCredentialsResponse::results));
  }
};

}  // namespace barnabas::protocol
