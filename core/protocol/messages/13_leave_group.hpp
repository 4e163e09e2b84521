// LeaveGroup (key 13), versions 0-5.
//
// v3 several members at once, static ones by instance id; v4 flexible; v5 reason.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct LeaveGroupResponse;

struct LeaveGroupRequest {
  using Response = LeaveGroupResponse;
  static constexpr ApiKey kApiKey = ApiKey::leave_group;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 4;

  struct MemberIdentity {
    String member_id;
    std::optional<String> group_instance_id;
    std::optional<String> reason;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &MemberIdentity::member_id),
                  field("groupInstanceId", &MemberIdentity::group_instance_id).nullable(),
                  field("reason", &MemberIdentity::reason, since(5)).nullable());
    }
  };

  String group_id;
  String member_id;
  std::vector<MemberIdentity> members;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &LeaveGroupRequest::group_id),
                field("memberId", &LeaveGroupRequest::member_id, until(2)),
                field("members", &LeaveGroupRequest::members, since(3)));
  }
};

struct LeaveGroupResponse {
  static constexpr ApiKey kApiKey = ApiKey::leave_group;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 4;

  struct MemberResponse {
    String member_id;
    std::optional<String> group_instance_id;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &MemberResponse::member_id),
                  field("groupInstanceId", &MemberResponse::group_instance_id).nullable(),
                  field("errorCode", &MemberResponse::error_code));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<MemberResponse> members;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &LeaveGroupResponse::throttle_time_ms, since(1)),
                field("errorCode", &LeaveGroupResponse::error_code),
                field("members", &LeaveGroupResponse::members, since(3)));
  }
};

}  // namespace barnabas::protocol
