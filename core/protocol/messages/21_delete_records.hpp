// DeleteRecords (key 21), versions 0-2.
//
// v2 flexible.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DeleteRecordsResponse;

struct DeleteRecordsRequest {
  using Response = DeleteRecordsResponse;
  static constexpr ApiKey kApiKey = ApiKey::delete_records;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct DeleteRecordsPartition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;  // The first to keep; -1: the high watermark.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &DeleteRecordsPartition::partition_index),
                  field("offset", &DeleteRecordsPartition::offset));
    }
  };

  struct DeleteRecordsTopic {
    String name;
    std::vector<DeleteRecordsPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DeleteRecordsTopic::name), field("partitions", &DeleteRecordsTopic::partitions));
    }
  };

  std::vector<DeleteRecordsTopic> topics;
  std::int32_t timeout_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topics", &DeleteRecordsRequest::topics), field("timeoutMs", &DeleteRecordsRequest::timeout_ms));
  }
};

struct DeleteRecordsResponse {
  static constexpr ApiKey kApiKey = ApiKey::delete_records;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct DeleteRecordsPartitionResult {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &DeleteRecordsPartitionResult::partition_index),
                  field("lowWatermark", &DeleteRecordsPartitionResult::low_watermark),
                  field("errorCode", &DeleteRecordsPartitionResult::error_code));
    }
  };

  struct DeleteRecordsTopicResult {
    String name;
    std::vector<DeleteRecordsPartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DeleteRecordsTopicResult::name),
                  field("partitions", &DeleteRecordsTopicResult::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DeleteRecordsResponse::throttle_time_ms),
                field("topics", &DeleteRecordsResponse::topics));
  }
};

}  // namespace barnabas::protocol
