// Fetch (key 1), versions 0-18.
//
// v0-1 return magic 0, v2-3 magic 1, v4 on magic 2. v3 max bytes and a first batch that is always whole; v4
// isolation; v5 log start offset; v7 sessions (KIP-227); v9 leader epochs; v11 rack (KIP-392); v12 flexible,
// divergence; v13 topic ids (KIP-516); v15 replica state; v16 leader hints; v17 replica directory; v18 the
// follower's high watermark (KIP-1166).
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

struct FetchResponse;

struct FetchRequest {
  using Response = FetchResponse;
  static constexpr ApiKey kApiKey = ApiKey::fetch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 18, kFlexibleSince = 12;

  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;
    UnknownTags unknown_tags;

    bool operator==(const ReplicaState&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("replicaId", &ReplicaState::replica_id), field("replicaEpoch", &ReplicaState::replica_epoch));
    }
  };

  struct FetchPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;  // Of a follower.
    std::int32_t partition_max_bytes = 0;
    Uuid replica_directory_id;
    std::int64_t high_watermark = 0x7fffffffffffffff;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &FetchPartition::partition),
                  field("currentLeaderEpoch", &FetchPartition::current_leader_epoch, since(9)),
                  field("fetchOffset", &FetchPartition::fetch_offset),
                  field("lastFetchedEpoch", &FetchPartition::last_fetched_epoch, since(12)),
                  field("logStartOffset", &FetchPartition::log_start_offset, since(5)),
                  field("partitionMaxBytes", &FetchPartition::partition_max_bytes),
                  field("replicaDirectoryId", &FetchPartition::replica_directory_id, since(17)).tagged(0),
                  field("highWatermark", &FetchPartition::high_watermark, since(18)).tagged(1));
    }
  };

  struct FetchTopic {
    String topic;
    Uuid topic_id;
    std::vector<FetchPartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &FetchTopic::topic, until(12)),
                  field("topicId", &FetchTopic::topic_id, since(13)),
                  field("partitions", &FetchTopic::partitions));
    }
  };

  struct ForgottenTopic {
    String topic;
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &ForgottenTopic::topic, until(12)),
                  field("topicId", &ForgottenTopic::topic_id, since(13)),
                  field("partitions", &ForgottenTopic::partitions));
    }
  };

  std::optional<String> cluster_id;
  std::int32_t replica_id = -1;  // A consumer is -1.
  ReplicaState replica_state;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0x7fffffff;
  std::int8_t isolation_level = 0;  // 0: read_uncommitted; 1: read_committed.
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<FetchTopic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  String rack_id;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &FetchRequest::cluster_id, since(12)).nullable().tagged(0),
                field("replicaId", &FetchRequest::replica_id, until(14)),
                field("replicaState", &FetchRequest::replica_state, since(15)).tagged(1),
                field("maxWaitMs", &FetchRequest::max_wait_ms),
                field("minBytes", &FetchRequest::min_bytes),
                field("maxBytes", &FetchRequest::max_bytes, since(3)),
                field("isolationLevel", &FetchRequest::isolation_level, since(4)),
                field("sessionId", &FetchRequest::session_id, since(7)),
                field("sessionEpoch", &FetchRequest::session_epoch, since(7)),
                field("topics", &FetchRequest::topics),
                field("forgottenTopicsData", &FetchRequest::forgotten_topics_data, since(7)),
                field("rackId", &FetchRequest::rack_id, since(11)));
  }
};

struct FetchResponse {
  static constexpr ApiKey kApiKey = ApiKey::fetch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 18, kFlexibleSince = 12;

  struct EpochEndOffset {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;
    UnknownTags unknown_tags;

    bool operator==(const EpochEndOffset&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("epoch", &EpochEndOffset::epoch), field("endOffset", &EpochEndOffset::end_offset));
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

  struct SnapshotId {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;
    UnknownTags unknown_tags;

    bool operator==(const SnapshotId&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("endOffset", &SnapshotId::end_offset), field("epoch", &SnapshotId::epoch));
    }
  };

  struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("producerId", &AbortedTransaction::producer_id),
                  field("firstOffset", &AbortedTransaction::first_offset));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions;
    std::int32_t preferred_read_replica = -1;
    std::optional<Records> records;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("highWatermark", &PartitionData::high_watermark),
                  field("lastStableOffset", &PartitionData::last_stable_offset, since(4)),
                  field("logStartOffset", &PartitionData::log_start_offset, since(5)),
                  field("divergingEpoch", &PartitionData::diverging_epoch, since(12)).tagged(0),
                  field("currentLeader", &PartitionData::current_leader, since(12)).tagged(1),
                  field("snapshotId", &PartitionData::snapshot_id, since(12)).tagged(2),
                  field("abortedTransactions", &PartitionData::aborted_transactions, since(4)).nullable(),
                  field("preferredReadReplica", &PartitionData::preferred_read_replica, since(11)),
                  field("records", &PartitionData::records).nullable());
    }
  };

  struct FetchableTopicResponse {
    String topic;
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &FetchableTopicResponse::topic, until(12)),
                  field("topicId", &FetchableTopicResponse::topic_id, since(13)),
                  field("partitions", &FetchableTopicResponse::partitions));
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

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t session_id = 0;
  std::vector<FetchableTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &FetchResponse::throttle_time_ms, since(1)),
                field("errorCode", &FetchResponse::error_code, since(7)),
                field("sessionId", &FetchResponse::session_id, since(7)),
                field("responses", &FetchResponse::responses),
                field("nodeEndpoints", &FetchResponse::node_endpoints, since(16)).tagged(0));
  }
};

}  // namespace barnabas::protocol
