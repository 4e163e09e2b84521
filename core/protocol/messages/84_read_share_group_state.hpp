// ReadShareGroupState (key 84), version 0.
//
// State of share groups, between brokers (KIP-932).
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

struct ReadShareGroupStateResponse;

struct ReadShareGroupStateRequest {
  using Response = ReadShareGroupStateResponse;
  static constexpr ApiKey kApiKey = ApiKey::read_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition = 0;
    std::int32_t leader_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionData::partition), field("leaderEpoch", &PartitionData::leader_epoch));
    }
  };

  struct ReadStateData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ReadStateData::topic_id), field("partitions", &ReadStateData::partitions));
    }
  };

  String group_id;
  std::vector<ReadStateData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ReadShareGroupStateRequest::group_id),
                field("topics", &ReadShareGroupStateRequest::topics));
  }
};

struct ReadShareGroupStateResponse {
  static constexpr ApiKey kApiKey = ApiKey::read_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct StateBatch {
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    std::int8_t delivery_state = 0;
    std::int16_t delivery_count = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("firstOffset", &StateBatch::first_offset),
                  field("lastOffset", &StateBatch::last_offset),
                  field("deliveryState", &StateBatch::delivery_state),
                  field("deliveryCount", &StateBatch::delivery_count));
    }
  };

  struct PartitionResult {
    std::int32_t partition = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::int32_t state_epoch = 0;
    std::int64_t start_offset = 0;
    std::vector<StateBatch> state_batches;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionResult::partition),
                  field("errorCode", &PartitionResult::error_code),
                  field("errorMessage", &PartitionResult::error_message).nullable(),
                  field("stateEpoch", &PartitionResult::state_epoch),
                  field("startOffset", &PartitionResult::start_offset),
                  field("stateBatches", &PartitionResult::state_batches));
    }
  };

  struct ReadStateResult {
    Uuid topic_id;
    std::vector<PartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ReadStateResult::topic_id), field("partitions", &ReadStateResult::partitions));
    }
  };

  std::vector<ReadStateResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("results", &ReadShareGroupStateResponse::results)); }
};

}  // namespace barnabas::protocol
