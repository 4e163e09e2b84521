// WriteShareGroupState (key 85), versions 0-1.
//
// State of share groups, between brokers (KIP-932). v1 count of completed deliveries.
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

struct WriteShareGroupStateResponse;

struct WriteShareGroupStateRequest {
  using Response = WriteShareGroupStateResponse;
  static constexpr ApiKey kApiKey = ApiKey::write_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

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

  struct PartitionData {
    std::int32_t partition = 0;
    std::int32_t state_epoch = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t start_offset = 0;
    std::int32_t delivery_complete_count = -1;
    std::vector<StateBatch> state_batches;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionData::partition),
                  field("stateEpoch", &PartitionData::state_epoch),
                  field("leaderEpoch", &PartitionData::leader_epoch),
                  field("startOffset", &PartitionData::start_offset),
                  field("deliveryCompleteCount", &PartitionData::delivery_complete_count, since(1)),
                  field("stateBatches", &PartitionData::state_batches));
    }
  };

  struct WriteStateData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &WriteStateData::topic_id), field("partitions", &WriteStateData::partitions));
    }
  };

  String group_id;
  std::vector<WriteStateData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &WriteShareGroupStateRequest::group_id),
                field("topics", &WriteShareGroupStateRequest::topics));
  }
};

struct WriteShareGroupStateResponse {
  static constexpr ApiKey kApiKey = ApiKey::write_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct PartitionResult {
    std::int32_t partition = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionResult::partition),
                  field("errorCode", &PartitionResult::error_code),
                  field("errorMessage", &PartitionResult::error_message).nullable());
    }
  };

  struct WriteStateResult {
    Uuid topic_id;
    std::vector<PartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &WriteStateResult::topic_id), field("partitions", &WriteStateResult::partitions));
    }
  };

  std::vector<WriteStateResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("results", &WriteShareGroupStateResponse::results)); }
};

}  // namespace barnabas::protocol
