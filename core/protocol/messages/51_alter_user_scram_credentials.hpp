// AlterUserScramCredentials (key 51), version 0.
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

struct AlterUserScramCredentialsResponse;

struct AlterUserScramCredentialsRequest {
  using Response = AlterUserScramCredentialsResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_user_scram_credentials;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct ScramCredentialDeletion {
    String name;
    std::int8_t mechanism = 0;  // 1: SCRAM-SHA-256; 2: SCRAM-SHA-512.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ScramCredentialDeletion::name),
                  field("mechanism", &ScramCredentialDeletion::mechanism));
    }
  };

  struct ScramCredentialUpsertion {
    String name;
    std::int8_t mechanism = 0;  // 1: SCRAM-SHA-256; 2: SCRAM-SHA-512.
    std::int32_t iterations = 0;
    Bytes salt;
    Bytes salted_password;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ScramCredentialUpsertion::name),
                  field("mechanism", &ScramCredentialUpsertion::mechanism),
                  field("iterations", &ScramCredentialUpsertion::iterations),
                  field("salt", &ScramCredentialUpsertion::salt),
                  field("saltedPassword", &ScramCredentialUpsertion::salted_password));
    }
  };

  std::vector<ScramCredentialDeletion> deletions;
  std::vector<ScramCredentialUpsertion> upsertions;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("deletions", &AlterUserScramCredentialsRequest::deletions),
                field("upsertions", &AlterUserScramCredentialsRequest::upsertions));
  }
};

struct AlterUserScramCredentialsResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_user_scram_credentials;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct AlterUserScramCredentialsResult {
    String user;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("user", &AlterUserScramCredentialsResult::user),
                  field("errorCode", &AlterUserScramCredentialsResult::error_code),
                  field("errorMessage", &AlterUserScramCredentialsResult::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AlterUserScramCredentialsResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterUserScramCredentialsResponse::throttle_time_ms),
                field("results", &AlterUserScramCredentialsResponse::results));
  }
};

}  // namespace barnabas::protocol
