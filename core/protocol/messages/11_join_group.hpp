// JoinGroup (key 11), versions 0-9.
//
// v1 rebalance timeout; v4 a new member is first told its id (KIP-394); v5 static members; v6 flexible; v7
// protocol type in the response; v8 reason; v9 skipped assignment.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct JoinGroupResponse;

struct JoinGroupRequest {
  using Response = JoinGroupResponse;
  static constexpr ApiKey kApiKey = ApiKey::join_group;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 9, kFlexibleSince = 6;

  struct JoinGroupRequestProtocol {
    String name;
    Bytes metadata;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &JoinGroupRequestProtocol::name),
                  field("metadata", &JoinGroupRequestProtocol::metadata));
    }
  };

  String group_id;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = -1;
  String member_id;
  std::optional<String> group_instance_id;
  String protocol_type;
  std::vector<JoinGroupRequestProtocol> protocols;
  std::optional<String> reason;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &JoinGroupRequest::group_id),
                field("sessionTimeoutMs", &JoinGroupRequest::session_timeout_ms),
                field("rebalanceTimeoutMs", &JoinGroupRequest::rebalance_timeout_ms, since(1)),
                field("memberId", &JoinGroupRequest::member_id),
                field("groupInstanceId", &JoinGroupRequest::group_instance_id, since(5)).nullable(),
                field("protocolType", &JoinGroupRequest::protocol_type),
                field("protocols", &JoinGroupRequest::protocols),
                field("reason", &JoinGroupRequest::reason, since(8)).nullable());
  }
};

struct JoinGroupResponse {
  static constexpr ApiKey kApiKey = ApiKey::join_group;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 9, kFlexibleSince = 6;

  struct JoinGroupResponseMember {
    String member_id;
    std::optional<String> group_instance_id;
    Bytes metadata;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &JoinGroupResponseMember::member_id),
                  field("groupInstanceId", &JoinGroupResponseMember::group_instance_id, since(5)).nullable(),
                  field("metadata", &JoinGroupResponseMember::metadata));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t generation_id = -1;
  std::optional<String> protocol_type;
  std::optional<String> protocol_name;
  String leader;
  bool skip_assignment = false;
  String member_id;
  std::vector<JoinGroupResponseMember> members;  // For the leader only.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &JoinGroupResponse::throttle_time_ms, since(2)),
                field("errorCode", &JoinGroupResponse::error_code),
                field("generationId", &JoinGroupResponse::generation_id),
                field("protocolType", &JoinGroupResponse::protocol_type, since(7)).nullable(),
                field("protocolName", &JoinGroupResponse::protocol_name).nullable(since(7)),
                field("leader", &JoinGroupResponse::leader),
                field("skipAssignment", &JoinGroupResponse::skip_assignment, since(9)),
                field("memberId", &JoinGroupResponse::member_id),
                field("members", &JoinGroupResponse::members));
  }
};

}  // namespace barnabas::protocol
