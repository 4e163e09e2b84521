// DescribeQuorum (key 55), versions 0-2.
//
// v1 lag in time; v2 directory ids, nodes (KIP-853).
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

struct DescribeQuorumResponse;

struct DescribeQuorumRequest {
  using Response = DescribeQuorumResponse;
  static constexpr ApiKey kApiKey = ApiKey::describe_quorum;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("partitionIndex", &PartitionData::partition_index)); }
  };

  struct TopicData {
    String topic_name;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &TopicData::topic_name), field("partitions", &TopicData::partitions));
    }
  };

  std::vector<TopicData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("topics", &DescribeQuorumRequest::topics)); }
};

struct DescribeQuorumResponse {
  static constexpr ApiKey kApiKey = ApiKey::describe_quorum;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct ReplicaState {
    std::int32_t replica_id = 0;
    Uuid replica_directory_id;
    std::int64_t log_end_offset = 0;
    std::int64_t last_fetch_timestamp = -1;
    std::int64_t last_caught_up_timestamp = -1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("replicaId", &ReplicaState::replica_id),
                  field("replicaDirectoryId", &ReplicaState::replica_directory_id, since(2)),
                  field("logEndOffset", &ReplicaState::log_end_offset),
                  field("lastFetchTimestamp", &ReplicaState::last_fetch_timestamp, since(1)),
                  field("lastCaughtUpTimestamp", &ReplicaState::last_caught_up_timestamp, since(1)));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters;
    std::vector<ReplicaState> observers;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("errorMessage", &PartitionData::error_message, since(2)).nullable(),
                  field("leaderId", &PartitionData::leader_id),
                  field("leaderEpoch", &PartitionData::leader_epoch),
                  field("highWatermark", &PartitionData::high_watermark),
                  field("currentVoters", &PartitionData::current_voters),
                  field("observers", &PartitionData::observers));
    }
  };

  struct TopicData {
    String topic_name;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &TopicData::topic_name), field("partitions", &TopicData::partitions));
    }
  };

  struct Listener {
    String name;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &Listener::name), field("host", &Listener::host), field("port", &Listener::port));
    }
  };

  struct Node {
    std::int32_t node_id = 0;
    std::vector<Listener> listeners;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("nodeId", &Node::node_id), field("listeners", &Node::listeners));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<TopicData> topics;
  std::vector<Node> nodes;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &DescribeQuorumResponse::error_code),
                field("errorMessage", &DescribeQuorumResponse::error_message, since(2)).nullable(),
                field("topics", &DescribeQuorumResponse::topics),
                field("nodes", &DescribeQuorumResponse::nodes, since(2)));
  }
};

}  // namespace barnabas::protocol
