// DescribeShareGroupOffsets (key 90), versions 0-1.
//
// Offsets of share groups (KIP-932). v1 lag.
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

struct DescribeShareGroupOffsetsResponse;

struct DescribeShareGroupOffsetsRequest {
  using Response = DescribeShareGroupOffsetsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_share_group_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct DescribeShareGroupOffsetsRequestTopic {
    String topic_name;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &DescribeShareGroupOffsetsRequestTopic::topic_name),
                  field("partitions", &DescribeShareGroupOffsetsRequestTopic::partitions));
    }
  };

  struct DescribeShareGroupOffsetsRequestGroup {
    String group_id;
    std::optional<std::vector<DescribeShareGroupOffsetsRequestTopic>> topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("groupId", &DescribeShareGroupOffsetsRequestGroup::group_id),
                  field("topics", &DescribeShareGroupOffsetsRequestGroup::topics).nullable());
    }
  };

  std::vector<DescribeShareGroupOffsetsRequestGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("groups", &DescribeShareGroupOffsetsRequest::groups)); }
};

struct DescribeShareGroupOffsetsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_share_group_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct DescribeShareGroupOffsetsResponsePartition {
    std::int32_t partition_index = 0;
    std::int64_t start_offset = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t lag = -1;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &DescribeShareGroupOffsetsResponsePartition::partition_index),
                  field("startOffset", &DescribeShareGroupOffsetsResponsePartition::start_offset),
                  field("leaderEpoch", &DescribeShareGroupOffsetsResponsePartition::leader_epoch),
                  field("lag", &DescribeShareGroupOffsetsResponsePartition::lag, since(1)),
                  field("errorCode", &DescribeShareGroupOffsetsResponsePartition::error_code),
                  field("errorMessage", &DescribeShareGroupOffsetsResponsePartition::error_message).nullable());
    }
  };

  struct DescribeShareGroupOffsetsResponseTopic {
    String topic_name;
    Uuid topic_id;
    std::vector<DescribeShareGroupOffsetsResponsePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &DescribeShareGroupOffsetsResponseTopic::topic_name),
                  field("topicId", &DescribeShareGroupOffsetsResponseTopic::topic_id),
                  field("partitions", &DescribeShareGroupOffsetsResponseTopic::partitions));
    }
  };

  struct DescribeShareGroupOffsetsResponseGroup {
    String group_id;
    std::vector<DescribeShareGroupOffsetsResponseTopic> topics;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("groupId", &DescribeShareGroupOffsetsResponseGroup::group_id),
                  field("topics", &DescribeShareGroupOffsetsResponseGroup::topics),
                  field("errorCode", &DescribeShareGroupOffsetsResponseGroup::error_code),
                  field("errorMessage", &DescribeShareGroupOffsetsResponseGroup::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeShareGroupOffsetsResponseGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeShareGroupOffsetsResponse::throttle_time_ms),
                field("groups", &DescribeShareGroupOffsetsResponse::groups));
  }
};

}  // namespace barnabas::protocol
