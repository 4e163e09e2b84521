// SyncGroup (key 14), versions 0-5.
//
// v3 static members; v4 flexible; v5 protocol type and name.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct SyncGroupResponse;

struct SyncGroupRequest {
  using Response = SyncGroupResponse;
  static constexpr ApiKey kApiKey = ApiKey::sync_group;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 4;

  struct SyncGroupRequestAssignment {
    String member_id;
    Bytes assignment;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &SyncGroupRequestAssignment::member_id),
                  field("assignment", &SyncGroupRequestAssignment::assignment));
    }
  };

  String group_id;
  std::int32_t generation_id = 0;
  String member_id;
  std::optional<String> group_instance_id;
  std::optional<String> protocol_type;
  std::optional<String> protocol_name;
  std::vector<SyncGroupRequestAssignment> assignments;  // From the leader only.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &SyncGroupRequest::group_id),
                field("generationId", &SyncGroupRequest::generation_id),
                field("memberId", &SyncGroupRequest::member_id),
                field("groupInstanceId", &SyncGroupRequest::group_instance_id, since(3)).nullable(),
                field("protocolType", &SyncGroupRequest::protocol_type, since(5)).nullable(),
                field("protocolName", &SyncGroupRequest::protocol_name, since(5)).nullable(),
                field("assignments", &SyncGroupRequest::assignments));
  }
};

struct SyncGroupResponse {
  static constexpr ApiKey kApiKey = ApiKey::sync_group;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 5, kFlexibleSince = 4;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> protocol_type;
  std::optional<String> protocol_name;
  Bytes assignment;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &SyncGroupResponse::throttle_time_ms, since(1)),
                field("errorCode", &SyncGroupResponse::error_code),
                field("protocolType", &SyncGroupResponse::protocol_type, since(5)).nullable(),
                field("protocolName", &SyncGroupResponse::protocol_name, since(5)).nullable(),
                field("assignment", &SyncGroupResponse::assignment));
  }
};

}  // namespace barnabas::protocol
