// AlterShareGroupOffsets (key 91), version 0.
//
// Offsets of share groups (KIP-932).
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

struct AlterShareGroupOffsetsResponse;

struct AlterShareGroupOffsetsRequest {
  using Response = AlterShareGroupOffsetsResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_share_group_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct AlterShareGroupOffsetsRequestPartition {
    std::int32_t partition_index = 0;
    std::int64_t start_offset = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &AlterShareGroupOffsetsRequestPartition::partition_index),
                  field("startOffset", &AlterShareGroupOffsetsRequestPartition::start_offset));
    }
  };

  struct AlterShareGroupOffsetsRequestTopic {
    String topic_name;
    std::vector<AlterShareGroupOffsetsRequestPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &AlterShareGroupOffsetsRequestTopic::topic_name),
                  field("partitions", &AlterShareGroupOffsetsRequestTopic::partitions));
    }
  };

  String group_id;
  std::vector<AlterShareGroupOffsetsRequestTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &AlterShareGroupOffsetsRequest::group_id),
                field("topics", &AlterShareGroupOffsetsRequest::topics));
  }
};

struct AlterShareGroupOffsetsResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_share_group_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct AlterShareGroupOffsetsResponsePartition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &AlterShareGroupOffsetsResponsePartition::partition_index),
                  field("errorCode", &AlterShareGroupOffsetsResponsePartition::error_code),
                  field("errorMessage", &AlterShareGroupOffsetsResponsePartition::error_message).nullable());
    }
  };

  struct AlterShareGroupOffsetsResponseTopic {
    String topic_name;
    Uuid topic_id;
    std::vector<AlterShareGroupOffsetsResponsePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &AlterShareGroupOffsetsResponseTopic::topic_name),
                  field("topicId", &AlterShareGroupOffsetsResponseTopic::topic_id),
                  field("partitions", &AlterShareGroupOffsetsResponseTopic::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<AlterShareGroupOffsetsResponseTopic> responses;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterShareGroupOffsetsResponse::throttle_time_ms),
                field("errorCode", &AlterShareGroupOffsetsResponse::error_code),
                field("errorMessage", &AlterShareGroupOffsetsResponse::error_message).nullable(),
                field("responses", &AlterShareGroupOffsetsResponse::responses));
  }
};

}  // namespace barnabas::protocol
