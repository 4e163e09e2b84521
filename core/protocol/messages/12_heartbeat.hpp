// Heartbeat (key 12), versions 0-4.
//
// v3 static members; v4 flexible.
#pragma once

#include <cstdint>
#include <optional>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct HeartbeatResponse;

struct HeartbeatRequest {
  using Response = HeartbeatResponse;
  static constexpr ApiKey kApiKey = ApiKey::heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  String group_id;
  std::int32_t generation_id = 0;
  String member_id;
  std::optional<String> group_instance_id;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &HeartbeatRequest::group_id),
                field("generationId", &HeartbeatRequest::generation_id),
                field("memberId", &HeartbeatRequest::member_id),
                field("groupInstanceId", &HeartbeatRequest::group_instance_id, since(3)).nullable());
  }
};

struct HeartbeatResponse {
  static constexpr ApiKey kApiKey = ApiKey::heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &HeartbeatResponse::throttle_time_ms, since(1)),
                field("errorCode", &HeartbeatResponse::error_code));
  }
};

}  // namespace barnabas::protocol
