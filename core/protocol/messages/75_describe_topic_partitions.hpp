// DescribeTopicPartitions (key 75), version 0.
//
// Metadata in pages, with eligible leader replicas (KIP-966).
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

struct DescribeTopicPartitionsResponse;

struct DescribeTopicPartitionsRequest {
  using Response = DescribeTopicPartitionsResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_topic_partitions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct TopicRequest {
    String name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("name", &TopicRequest::name)); }
  };

  struct Cursor {
    String topic_name;
    std::int32_t partition_index = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &Cursor::topic_name), field("partitionIndex", &Cursor::partition_index));
    }
  };

  std::vector<TopicRequest> topics;
  std::int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topics", &DescribeTopicPartitionsRequest::topics),
                field("responsePartitionLimit", &DescribeTopicPartitionsRequest::response_partition_limit),
                field("cursor", &DescribeTopicPartitionsRequest::cursor).nullable());
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_topic_partitions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct DescribeTopicPartitionsResponsePartition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;  // -1: none.
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
    std::optional<std::vector<std::int32_t>> last_known_elr;
    std::vector<std::int32_t> offline_replicas;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DescribeTopicPartitionsResponsePartition::error_code),
                  field("partitionIndex", &DescribeTopicPartitionsResponsePartition::partition_index),
                  field("leaderId", &DescribeTopicPartitionsResponsePartition::leader_id),
                  field("leaderEpoch", &DescribeTopicPartitionsResponsePartition::leader_epoch),
                  field("replicaNodes", &DescribeTopicPartitionsResponsePartition::replica_nodes),
                  field("isrNodes", &DescribeTopicPartitionsResponsePartition::isr_nodes),
                  field("eligibleLeaderReplicas", &DescribeTopicPartitionsResponsePartition::eligible_leader_replicas)
                      .nullable(),
                  field("lastKnownElr", &DescribeTopicPartitionsResponsePartition::last_known_elr).nullable(),
                  field("offlineReplicas", &DescribeTopicPartitionsResponsePartition::offline_replicas));
    }
  };

  struct DescribeTopicPartitionsResponseTopic {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> name;
    Uuid topic_id;
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions;
    std::int32_t topic_authorized_operations = kAuthorizedOperationsOmitted;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(
          field("errorCode", &DescribeTopicPartitionsResponseTopic::error_code),
          field("name", &DescribeTopicPartitionsResponseTopic::name).nullable(),
          field("topicId", &DescribeTopicPartitionsResponseTopic::topic_id),
          field("isInternal", &DescribeTopicPartitionsResponseTopic::is_internal),
          field("partitions", &DescribeTopicPartitionsResponseTopic::partitions),
          field("topicAuthorizedOperations", &DescribeTopicPartitionsResponseTopic::topic_authorized_operations));
    }
  };

  struct Cursor {
    String topic_name;
    std::int32_t partition_index = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &Cursor::topic_name), field("partitionIndex", &Cursor::partition_index));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics;
  std::optional<Cursor> next_cursor;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DescribeTopicPartitionsResponse::throttle_time_ms),
                field("topics", &DescribeTopicPartitionsResponse::topics),
                field("nextCursor", &DescribeTopicPartitionsResponse::next_cursor).nullable());
  }
};

}  // namespace barnabas::protocol
