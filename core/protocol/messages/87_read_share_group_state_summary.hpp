// ReadShareGroupStateSummary (key 87), versions 0-1.
//
// State of share groups, between brokers (KIP-932). v0 as Kafka 4.0 settled it; the v0 of 3.9, never stable, had
// no leader epoch in the response. v1 count of completed deliveries.
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

struct ReadShareGroupStateSummaryResponse;

struct ReadShareGroupStateSummaryRequest {
  using Response = ReadShareGroupStateSummaryResponse;
  static constexpr ApiKey kApiKey = ApiKey::read_share_group_state_summary;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition = 0;
    std::int32_t leader_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionData::partition), field("leaderEpoch", &PartitionData::leader_epoch));
    }
  };

  struct ReadStateSummaryData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ReadStateSummaryData::topic_id),
                  field("partitions", &ReadStateSummaryData::partitions));
    }
  };

  String group_id;
  std::vector<ReadStateSummaryData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &ReadShareGroupStateSummaryRequest::group_id),
                field("topics", &ReadShareGroupStateSummaryRequest::topics));
  }
};

struct ReadShareGroupStateSummaryResponse {
  static constexpr ApiKey kApiKey = ApiKey::read_share_group_state_summary;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct PartitionResult {
    std::int32_t partition = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::int32_t state_epoch = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t start_offset = 0;
    std::int32_t delivery_complete_count = -1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionResult::partition),
                  field("errorCode", &PartitionResult::error_code),
                  field("errorMessage", &PartitionResult::error_message).nullable(),
                  field("stateEpoch", &PartitionResult::state_epoch),
                  field("leaderEpoch", &PartitionResult::leader_epoch),
                  field("startOffset", &PartitionResult::start_offset),
                  field("deliveryCompleteCount", &PartitionResult::delivery_complete_count, since(1)));
    }
  };

  struct ReadStateSummaryResult {
    Uuid topic_id;
    std::vector<PartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &ReadStateSummaryResult::topic_id),
                  field("partitions", &ReadStateSummaryResult::partitions));
    }
  };

  std::vector<ReadStateSummaryResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("results", &ReadShareGroupStateSummaryResponse::results));
  }
};

}  // namespace barnabas::protocol
