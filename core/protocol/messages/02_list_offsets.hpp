// ListOffsets (key 2), versions 0-11.
//
// v0 returns several offsets by segment time, v1 on the one offset of a timestamp. v2 isolation; v4 leader
// epochs; v6 flexible; v7 max timestamp (-3); v8 earliest local (-4); v9 last tiered (-5); v10 timeout
// (KIP-1075); v11 earliest pending upload (-6).
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ListOffsetsResponse;

struct ListOffsetsRequest {
  using Response = ListOffsetsResponse;
  static constexpr ApiKey kApiKey = ApiKey::list_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 11, kFlexibleSince = 6;

  struct ListOffsetsPartition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;  // -1: latest; -2: earliest.
    std::int32_t max_num_offsets = 1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &ListOffsetsPartition::partition_index),
                  field("currentLeaderEpoch", &ListOffsetsPartition::current_leader_epoch, since(4)),
                  field("timestamp", &ListOffsetsPartition::timestamp),
                  field("maxNumOffsets", &ListOffsetsPartition::max_num_offsets, until(0)));
    }
  };

  struct ListOffsetsTopic {
    String name;
    std::vector<ListOffsetsPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ListOffsetsTopic::name), field("partitions", &ListOffsetsTopic::partitions));
    }
  };

  std::int32_t replica_id = -1;
  std::int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics;
  std::int32_t timeout_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("replicaId", &ListOffsetsRequest::replica_id),
                field("isolationLevel", &ListOffsetsRequest::isolation_level, since(2)),
                field("topics", &ListOffsetsRequest::topics),
                field("timeoutMs", &ListOffsetsRequest::timeout_ms, since(10)));
  }
};

struct ListOffsetsResponse {
  static constexpr ApiKey kApiKey = ApiKey::list_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 11, kFlexibleSince = 6;

  struct ListOffsetsPartitionResponse {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<std::int64_t> old_style_offsets;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &ListOffsetsPartitionResponse::partition_index),
                  field("errorCode", &ListOffsetsPartitionResponse::error_code),
                  field("oldStyleOffsets", &ListOffsetsPartitionResponse::old_style_offsets, until(0)),
                  field("timestamp", &ListOffsetsPartitionResponse::timestamp, since(1)),
                  field("offset", &ListOffsetsPartitionResponse::offset, since(1)),
                  field("leaderEpoch", &ListOffsetsPartitionResponse::leader_epoch, since(4)));
    }
  };

  struct ListOffsetsTopicResponse {
    String name;
    std::vector<ListOffsetsPartitionResponse> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ListOffsetsTopicResponse::name),
                  field("partitions", &ListOffsetsTopicResponse::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ListOffsetsResponse::throttle_time_ms, since(2)),
                field("topics", &ListOffsetsResponse::topics));
  }
};

}  // namespace barnabas::protocol
