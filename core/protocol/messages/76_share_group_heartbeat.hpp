// ShareGroupHeartbeat (key 76), versions 0-1.
//
// Share groups (KIP-932). v0 was never stable.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ShareGroupHeartbeatResponse;

struct ShareGroupHeartbeatRequest {
  using Response = ShareGroupHeartbeatResponse;
  static constexpr ApiKey kApiKey = ApiKey::share_group_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  String group_id;
  String member_id;
  std::int32_t member_epoch = 0;
  std::optional<String> rack_id;
  std::optional<std::vector<String>> subscribed_topic_names;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ShareGroupHeartbeatRequest::group_id),
                field("memberId", &ShareGroupHeartbeatRequest::member_id),
                field("memberEpoch", &ShareGroupHeartbeatRequest::member_epoch),
                field("rackId", &ShareGroupHeartbeatRequest::rack_id).nullable(),
                field("subscribedTopicNames", &ShareGroupHeartbeatRequest::subscribed_topic_names).nullable());
  }
};

struct ShareGroupHeartbeatResponse {
  static constexpr ApiKey kApiKey = ApiKey::share_group_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicPartitions::topic_id), field("partitions", &TopicPartitions::partitions));
    }
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("topicPartitions", &Assignment::topic_partitions)); }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::optional<String> member_id;
  std::int32_t member_epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ShareGroupHeartbeatResponse::throttle_time_ms),
                field("errorCode", &ShareGroupHeartbeatResponse::error_code),
                field("errorMessage", &ShareGroupHeartbeatResponse::error_message).nullable(),
                field("memberId", &ShareGroupHeartbeatResponse::member_id).nullable(),
                field("memberEpoch", &ShareGroupHeartbeatResponse::member_epoch),
                field("heartbeatIntervalMs", &ShareGroupHeartbeatResponse::heartbeat_interval_ms),
                field("assignment", &ShareGroupHeartbeatResponse::assignment).nullable());
  }
};

}  // namespace barnabas::protocol
