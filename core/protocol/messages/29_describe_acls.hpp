// DescribeAcls (key 29), versions 0-3.
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

struct DescribeAclsResponse;

struct DescribeAclsRequest {
  using Response = DescribeAclsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_acls;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  std::int8_t resource_type_filter =
      0;  // 2: topic; 3: group; 4: cluster; 5: transactional id; 6: token; 7: user; 1: any.
  std::optional<String> resource_name_filter;
  std::int8_t pattern_type_filter = 3;  // 3: literal; 4: prefixed; in filters 1: any; 2: match.
  std::optional<String> principal_filter;
  std::optional<String> host_filter;
  std::int8_t operation = 0;
  std::int8_t permission_type = 0;  // 2: deny; 3: allow; in filters 1: any.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("resourceTypeFilter", &DescribeAclsRequest::resource_type_filter),
                field("resourceNameFilter", &DescribeAclsRequest::resource_name_filter).nullable(),
                field("patternTypeFilter", &DescribeAclsRequest::pattern_type_filter, since(1)),
                field("principalFilter", &DescribeAclsRequest::principal_filter).nullable(),
                field("hostFilter", &DescribeAclsRequest::host_filter).nullable(),
                field("operation", &DescribeAclsRequest::operation),
                field("permissionType", &DescribeAclsRequest::permission_type));
  }
};

struct DescribeAclsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_acls;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct AclDescription {
    String principal;
    String host;
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;  // 2: deny; 3: allow; in filters 1: any.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("principal", &AclDescription::principal),
                  field("host", &AclDescription::host),
                  field("operation", &AclDescription::operation),
                  field("permissionType", &AclDescription::permission_type));
    }
  };

  struct DescribeAclsResource {
    std::int8_t resource_type = 0;  // 2: topic; 3: group; 4: cluster; 5: transactional id; 6: token; 7: user; 1: any.
    String resource_name;
    std::int8_t pattern_type = 3;  // 3: literal; 4: prefixed; in filters 1: any; 2: match.
    std::vector<AclDescription> acls;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("resourceType", &DescribeAclsResource::resource_type),
                  field("resourceName", &DescribeAclsResource::resource_name),
                  field("patternType", &DescribeAclsResource::pattern_type, since(1)),
                  field("acls", &DescribeAclsResource::acls));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<DescribeAclsResource> resources;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeAclsResponse::throttle_time_ms),
                field("errorCode", &DescribeAclsResponse::error_code),
                field("errorMessage", &DescribeAclsResponse::error_message).nullable(),
                field("resources", &DescribeAclsResponse::resources));
  }
};

}  // namespace barnabas::protocol
