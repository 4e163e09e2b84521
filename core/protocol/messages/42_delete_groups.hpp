// DeleteGroups (key 42), versions 0-3.
//
// v2 flexible; v3 error messages.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DeleteGroupsResponse;

struct DeleteGroupsRequest {
  using Response = DeleteGroupsResponse;
  static constexpr ApiKey kApiKey = ApiKey::delete_groups;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  std::vector<String> groups_names;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("groupsNames", &DeleteGroupsRequest::groups_names)); }
};

struct DeleteGroupsResponse {
  static constexpr ApiKey kApiKey = ApiKey::delete_groups;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct DeletableGroupResult {
    String group_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("groupId", &DeletableGroupResult::group_id),
                  field("errorCode", &DeletableGroupResult::error_code),
                  field("errorMessage", &DeletableGroupResult::error_message, since(3)).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableGroupResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DeleteGroupsResponse::throttle_time_ms),
                field("results", &DeleteGroupsResponse::results));
  }
};

}  // namespace barnabas::protocol
