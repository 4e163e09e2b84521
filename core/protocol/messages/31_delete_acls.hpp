// DeleteAcls (key 31), versions 0-3.
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

struct DeleteAclsResponse;

struct DeleteAclsRequest {
  using Response = DeleteAclsResponse;
  static constexpr ApiKey kApiKey = ApiKey::delete_acls;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct DeleteAclsFilter {
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
      return list(field("resourceTypeFilter", &DeleteAclsFilter::resource_type_filter),
                  field("resourceNameFilter", &DeleteAclsFilter::resource_name_filter).nullable(),
                  field("patternTypeFilter", &DeleteAclsFilter::pattern_type_filter, since(1)),
                  field("principalFilter", &DeleteAclsFilter::principal_filter).nullable(),
                  field("hostFilter", &DeleteAclsFilter::host_filter).nullable(),
                  field("operation", &DeleteAclsFilter::operation),
                  field("permissionType", &DeleteAclsFilter::permission_type));
    }
  };

  std::vector<DeleteAclsFilter> filters;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("filters", &DeleteAclsRequest::filters)); }
};

struct DeleteAclsResponse {
  static constexpr ApiKey kApiKey = ApiKey::delete_acls;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct DeleteAclsMatchingAcl {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::int8_t resource_type = 0;  // 2: topic; 3: group; 4: cluster; 5: transactional id; 6: token; 7: user; 1: any.
    String resource_name;
    std::int8_t pattern_type = 3;  // 3: literal; 4: prefixed; in filters 1: any; 2: match.
    String principal;
    String host;
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;  // 2: deny; 3: allow; in filters 1: any.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DeleteAclsMatchingAcl::error_code),
                  field("errorMessage", &DeleteAclsMatchingAcl::error_message).nullable(),
                  field("resourceType", &DeleteAclsMatchingAcl::resource_type),
                  field("resourceName", &DeleteAclsMatchingAcl::resource_name),
                  field("patternType", &DeleteAclsMatchingAcl::pattern_type, since(1)),
                  field("principal", &DeleteAclsMatchingAcl::principal),
                  field("host", &DeleteAclsMatchingAcl::host),
                  field("operation", &DeleteAclsMatchingAcl::operation),
                  field("permissionType", &DeleteAclsMatchingAcl::permission_type));
    }
  };

  struct DeleteAclsFilterResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::vector<DeleteAclsMatchingAcl> matching_acls;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DeleteAclsFilterResult::error_code),
                  field("errorMessage", &DeleteAclsFilterResult::error_message).nullable(),
                  field("matchingAcls", &DeleteAclsFilterResult::matching_acls));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeleteAclsFilterResult> filter_results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DeleteAclsResponse::throttle_time_ms),
                field("filterResults", &DeleteAclsResponse::filter_results));
  }
};

}  // namespace barnabas::protocol
