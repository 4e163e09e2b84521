// Produce (key 0), versions 0-13.
//
// v0-1 carry message sets of magic 0, v2 of magic 1, v3 on exactly one batch of magic 2 a partition. v1 throttle
// time; v2 append time; v3 transactional id; v5 log start offset; v7 zstd; v8 errors of single records; v9
// flexible; v10 leader hints; v12 adds partitions to the transaction by itself (KIP-890); v13 topic ids.
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

struct ProduceResponse;

struct ProduceRequest {
  using Response = ProduceResponse;
  static constexpr ApiKey kApiKey = ApiKey::produce;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 13, kFlexibleSince = 9;

  struct PartitionData {
    std::int32_t index = 0;
    std::optional<Records> records;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("index", &PartitionData::index), field("records", &PartitionData::records).nullable());
    }
  };

  struct TopicData {
    String name;
    Uuid topic_id;
    std::vector<PartitionData> partition_data;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicData::name, until(12)),
                  field("topicId", &TopicData::topic_id, since(13)),
                  field("partitionData", &TopicData::partition_data));
    }
  };

  std::optional<String> transactional_id;
  std::int16_t acks = 0;  // -1: all in-sync replicas; 0: no response is sent at all; 1: the leader.
  std::int32_t timeout_ms = 0;
  std::vector<TopicData> topic_data;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("transactionalId", &ProduceRequest::transactional_id, since(3)).nullable(),
                field("acks", &ProduceRequest::acks),
                field("timeoutMs", &ProduceRequest::timeout_ms),
                field("topicData", &ProduceRequest::topic_data));
  }
};

struct ProduceResponse {
  static constexpr ApiKey kApiKey = ApiKey::produce;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 13, kFlexibleSince = 9;

  struct BatchIndexAndErrorMessage {
    std::int32_t batch_index = 0;
    std::optional<String> batch_index_error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("batchIndex", &BatchIndexAndErrorMessage::batch_index),
                  field("batchIndexErrorMessage", &BatchIndexAndErrorMessage::batch_index_error_message).nullable());
    }
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    UnknownTags unknown_tags;

    bool operator==(const LeaderIdAndEpoch&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("leaderId", &LeaderIdAndEpoch::leader_id),
                  field("leaderEpoch", &LeaderIdAndEpoch::leader_epoch));
    }
  };

  struct PartitionProduceResponse {
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;  // -1 unless the topic stamps records itself.
    std::int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors;
    std::optional<String> error_message;
    LeaderIdAndEpoch current_leader;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("index", &PartitionProduceResponse::index),
                  field("errorCode", &PartitionProduceResponse::error_code),
                  field("baseOffset", &PartitionProduceResponse::base_offset),
                  field("logAppendTimeMs", &PartitionProduceResponse::log_append_time_ms, since(2)),
                  field("logStartOffset", &PartitionProduceResponse::log_start_offset, since(5)),
                  field("recordErrors", &PartitionProduceResponse::record_errors, since(8)),
                  field("errorMessage", &PartitionProduceResponse::error_message, since(8)).nullable(),
                  field("currentLeader", &PartitionProduceResponse::current_leader, since(10)).tagged(0));
    }
  };

  struct TopicProduceResponse {
    String name;
    Uuid topic_id;
    std::vector<PartitionProduceResponse> partition_responses;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicProduceResponse::name, until(12)),
                  field("topicId", &TopicProduceResponse::topic_id, since(13)),
                  field("partitionResponses", &TopicProduceResponse::partition_responses));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    String host;
    std::int32_t port = 0;
    std::optional<String> rack;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("nodeId", &NodeEndpoint::node_id),
                  field("host", &NodeEndpoint::host),
                  field("port", &NodeEndpoint::port),
                  field("rack", &NodeEndpoint::rack).nullable());
    }
  };

  std::vector<TopicProduceResponse> responses;
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("responses", &ProduceResponse::responses),
                field("throttleTimeMs", &ProduceResponse::throttle_time_ms, since(1)),
                field("nodeEndpoints", &ProduceResponse::node_endpoints, since(10)).tagged(0));
  }
};

}  // namespace barnabas::protocol
