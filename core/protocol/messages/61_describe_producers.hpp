// DescribeProducers (key 61), version 0.
//
// KIP-664.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct DescribeProducersResponse;

struct DescribeProducersRequest {
  using Response = DescribeProducersResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_producers;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct TopicRequest {
    String name;
    std::vector<std::int32_t> partition_indexes;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicRequest::name), field("partitionIndexes", &TopicRequest::partition_indexes));
    }
  };

  std::vector<TopicRequest> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("topics", &DescribeProducersRequest::topics)); }
};

struct DescribeProducersResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_producers;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct ProducerState {
    std::int64_t producer_id = 0;
    std::int32_t producer_epoch = 0;
    std::int32_t last_sequence = -1;
    std::int64_t last_timestamp = -1;
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_start_offset = -1;  // -1: no transaction is open.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("producerId", &ProducerState::producer_id),
                  field("producerEpoch", &ProducerState::producer_epoch),
                  field("lastSequence", &ProducerState::last_sequence),
                  field("lastTimestamp", &ProducerState::last_timestamp),
                  field("coordinatorEpoch", &ProducerState::coordinator_epoch),
                  field("currentTxnStartOffset", &ProducerState::current_txn_start_offset));
    }
  };

  struct PartitionResponse {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::vector<ProducerState> active_producers;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionResponse::partition_index),
                  field("errorCode", &PartitionResponse::error_code),
                  field("errorMessage", &PartitionResponse::error_message).nullable(),
                  field("activeProducers", &PartitionResponse::active_producers));
    }
  };

  struct TopicResponse {
    String name;
    std::vector<PartitionResponse> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicResponse::name), field("partitions", &TopicResponse::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TopicResponse> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeProducersResponse::throttle_time_ms),
                field("topics", &DescribeProducersResponse::topics));
  }
};

}  // namespace barnabas::protocol
