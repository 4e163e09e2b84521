// OffsetForLeaderEpoch (key 23), versions 0-4.
//
// v1 leader epoch in the response; v2 current leader epoch; v3 replica id; v4 flexible.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct OffsetForLeaderEpochResponse;

struct OffsetForLeaderEpochRequest {
  using Response = OffsetForLeaderEpochResponse;
  static constexpr ApiKey kApiKey = ApiKey::offset_for_leader_epoch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  struct OffsetForLeaderPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &OffsetForLeaderPartition::partition),
                  field("currentLeaderEpoch", &OffsetForLeaderPartition::current_leader_epoch, since(2)),
                  field("leaderEpoch", &OffsetForLeaderPartition::leader_epoch));
    }
  };

  struct OffsetForLeaderTopic {
    String topic;
    std::vector<OffsetForLeaderPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &OffsetForLeaderTopic::topic), field("partitions", &OffsetForLeaderTopic::partitions));
    }
  };

  std::int32_t replica_id = -2;  // -1: a consumer; -2: a debugging consumer.
  std::vector<OffsetForLeaderTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("replicaId", &OffsetForLeaderEpochRequest::replica_id, since(3)),
                field("topics", &OffsetForLeaderEpochRequest::topics));
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr ApiKey kApiKey = ApiKey::offset_for_leader_epoch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  struct EpochEndOffset {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &EpochEndOffset::error_code),
                  field("partition", &EpochEndOffset::partition),
                  field("leaderEpoch", &EpochEndOffset::leader_epoch, since(1)),
                  field("endOffset", &EpochEndOffset::end_offset));
    }
  };

  struct OffsetForLeaderTopicResult {
    String topic;
    std::vector<EpochEndOffset> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &OffsetForLeaderTopicResult::topic),
                  field("partitions", &OffsetForLeaderTopicResult::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &OffsetForLeaderEpochResponse::throttle_time_ms, since(2)),
                field("topics", &OffsetForLeaderEpochResponse::topics));
  }
};

}  // namespace barnabas::protocol
