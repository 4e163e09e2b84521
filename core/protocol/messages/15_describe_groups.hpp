// DescribeGroups (key 15), versions 0-6.
//
// v3 authorized operations; v4 static members; v5 flexible; v6 error messages, GROUP_ID_NOT_FOUND (KIP-1043).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeGroupsResponse;

struct DescribeGroupsRequest {
  using Response = DescribeGroupsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_groups;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 5;

  std::vector<String> groups;
  bool include_authorized_operations = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groups", &DescribeGroupsRequest::groups),
                field("includeAuthorizedOperations", &DescribeGroupsRequest::include_authorized_operations, since(3)));
  }
};

struct DescribeGroupsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_groups;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 5;

  struct DescribedGroupMember {
    String member_id;
    std::optional<String> group_instance_id;
    String client_id;
    String client_host;
    Bytes member_metadata;
    Bytes member_assignment;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &DescribedGroupMember::member_id),
                  field("groupInstanceId", &DescribedGroupMember::group_instance_id, since(4)).nullable(),
                  field("clientId", &DescribedGroupMember::client_id),
                  field("clientHost", &DescribedGroupMember::client_host),
                  field("memberMetadata", &DescribedGroupMember::member_metadata),
                  field("memberAssignment", &DescribedGroupMember::member_assignment));
    }
  };

  struct DescribedGroup {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    String group_id;
    String group_state;  // Empty, PreparingRebalance, CompletingRebalance, Stable, or Dead.
    String protocol_type;
    String protocol_data;
    std::vector<DescribedGroupMember> members;
    std::int32_t authorized_operations = kAuthorizedOperationsOmitted;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DescribedGroup::error_code),
                  field("errorMessage", &DescribedGroup::error_message, since(6)).nullable(),
                  field("groupId", &DescribedGroup::group_id),
                  field("groupState", &DescribedGroup::group_state),
                  field("protocolType", &DescribedGroup::protocol_type),
                  field("protocolData", &DescribedGroup::protocol_data),
                  field("members", &DescribedGroup::members),
                  field("authorizedOperations", &DescribedGroup::authorized_operations, since(3)));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeGroupsResponse::throttle_time_ms, since(1)),
                field("groups", &DescribeGroupsResponse::groups));
  }
};

}  // namespace barnabas::protocol
