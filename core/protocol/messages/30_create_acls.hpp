// CreateAcls (key 30), versions 0-3.
//
// v1 pattern types (KIP-290); v2 flexible; v3 user resources (KIP-373).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct CreateAclsResponse;

struct CreateAclsRequest {
  using Response = CreateAclsResponse;
  static constexpr ApiKey kApiKey = ApiKey::create_acls;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct AclCreation {
    std::int8_t resource_type = 0;  // 2: topic; 3: group; 4: cluster; 5: transactional id; 6: token; 7: user; 1: any.
    String resource_name;
    std::int8_t resource_pattern_type = 3;  // 3: literal; 4: prefixed; in filters 1: any; 2: match.
    String principal;
    String host;
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;  // 2: deny; 3: allow; in filters 1: any.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("resourceType", &AclCreation::resource_type),
                  field("resourceName", &AclCreation::resource_name),
                  field("resourcePatternType", &AclCreation::resource_pattern_type, since(1)),
                  field("principal", &AclCreation::principal),
                  field("host", &AclCreation::host),
                  field("operation", &AclCreation::operation),
                  field("permissionType", &AclCreation::permission_type));
    }
  };

  std::vector<AclCreation> creations;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("creations", &CreateAclsRequest::creations)); }
};

struct CreateAclsResponse {
  static constexpr ApiKey kApiKey = ApiKey::create_acls;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct AclCreationResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &AclCreationResult::error_code),
                  field("errorMessage", &AclCreationResult::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AclCreationResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &CreateAclsResponse::throttle_time_ms),
                field("results", &CreateAclsResponse::results));
  }
};

}  // namespace barnabas::protocol
