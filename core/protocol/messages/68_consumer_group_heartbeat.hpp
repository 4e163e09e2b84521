// ConsumerGroupHeartbeat (key 68), versions 0-1.
//
// The group protocol of KIP-848. v1 subscriptions by regular expression, member ids by the client.
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

struct ConsumerGroupHeartbeatResponse;

struct ConsumerGroupHeartbeatRequest {
  using Response = ConsumerGroupHeartbeatResponse;
  static constexpr ApiKey kApiKey = ApiKey::consumer_group_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &TopicPartitions::topic_id), field("partitions", &TopicPartitions::partitions));
    }
  };

  String group_id;
  String member_id;
  std::int32_t member_epoch = 0;
  std::optional<String> instance_id;
  std::optional<String> rack_id;
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<String>> subscribed_topic_names;
  std::optional<String> subscribed_topic_regex;
  std::optional<String> server_assignor;
  std::optional<std::vector<TopicPartitions>> topic_partitions;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("groupId", &ConsumerGroupHeartbeatRequest::group_id),
        field("memberId", &ConsumerGroupHeartbeatRequest::member_id),
        field("memberEpoch", &ConsumerGroupHeartbeatRequest::member_epoch),
        field("instanceId", &ConsumerGroupHeartbeatRequest::instance_id).nullable(),
        field("rackId", &ConsumerGroupHeartbeatRequest::rack_id).nullable(),
        field("rebalanceTimeoutMs", &ConsumerGroupHeartbeatRequest::rebalance_timeout_ms),
        field("subscribedTopicNames", &ConsumerGroupHeartbeatRequest::subscribed_topic_names).nullable(),
        field("subscribedTopicRegex", &ConsumerGroupHeartbeatRequest::subscribed_topic_regex, since(1)).nullable(),
        field("serverAssignor", &ConsumerGroupHeartbeatRequest::server_assignor).nullable(),
        field("topicPartitions", &ConsumerGroupHeartbeatRequest::topic_partitions).nullable());
  }
};

struct ConsumerGroupHeartbeatResponse {
  static constexpr ApiKey kApiKey = ApiKey::consumer_group_heartbeat;
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
    return list(field("throttleTimeMs", &ConsumerGroupHeartbeatResponse::throttle_time_ms),
                field("errorCode", &ConsumerGroupHeartbeatResponse::error_code),
                field("errorMessage", &ConsumerGroupHeartbeatResponse::error_message).nullable(),
                field("memberId", &ConsumerGroupHeartbeatResponse::member_id).nullable(),
                field("memberEpoch", &ConsumerGroupHeartbeatResponse::member_epoch),
                field("heartbeatIntervalMs", &ConsumerGroupHeartbeatResponse::heartbeat_interval_ms),
                field("assignment", &ConsumerGroupHeartbeatResponse::assignment).nullable());
  }
};

}  // namespace barnabas::protocol
