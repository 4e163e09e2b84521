// ListGroups (key 16), versions 0-5.
//
// v3 flexible; v4 states; v5 types (KIP-848).
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ListGroupsResponse;

struct ListGroupsRequest {
  using Response = ListGroupsResponse;
  static constexpr ApiKey kApiKey = ApiKey::list_groups;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  std::vector<String> states_filter;  // Empty: all.
  std::vector<String> types_filter;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("statesFilter", &ListGroupsRequest::states_filter, since(4)),
                field("typesFilter", &ListGroupsRequest::types_filter, since(5)));
  }
};

struct ListGroupsResponse {
  static constexpr ApiKey kApiKey = ApiKey::list_groups;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 3;

  struct ListedGroup {
    String group_id;
    String protocol_type;
    String group_state;
    String group_type;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("groupId", &ListedGroup::group_id),
                  field("protocolType", &ListedGroup::protocol_type),
                  field("groupState", &ListedGroup::group_state, since(4)),
                  field("groupType", &ListedGroup::group_type, since(5)));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ListedGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ListGroupsResponse::throttle_time_ms, since(1)),
                field("errorCode", &ListGroupsResponse::error_code),
                field("groups", &ListGroupsResponse::groups));
  }
};

}  // namespace barnabas::protocol
