// Metadata (key 3), versions 0-13.
//
// v0: an empty list means all topics; v1 on: null means all, empty means none. v4 whether to create topics; v5
// offline replicas; v7 leader epochs; v8 authorized operations; v9 flexible; v10 topic ids; v12 by id; v13 an
// error for the whole response (KIP-1102).
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

struct MetadataResponse;

struct MetadataRequest {
  using Response = MetadataResponse;
  static constexpr ApiKey kApiKey = ApiKey::metadata;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 13, kFlexibleSince = 9;

  struct MetadataRequestTopic {
    Uuid topic_id;
    std::optional<String> name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &MetadataRequestTopic::topic_id, since(10)),
                  field("name", &MetadataRequestTopic::name).nullable(since(10)));
    }
  };

  std::optional<std::vector<MetadataRequestTopic>> topics;
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("topics", &MetadataRequest::topics).nullable(since(1)),
        field("allowAutoTopicCreation", &MetadataRequest::allow_auto_topic_creation, since(4)),
        field("includeClusterAuthorizedOperations",
              &MetadataRequest::include_cluster_authorized_operations,
              between(8, 10)),
        field("includeTopicAuthorizedOperations", &MetadataRequest::include_topic_authorized_operations, since(8)));
  }
};

struct MetadataResponse {
  static constexpr ApiKey kApiKey = ApiKey::metadata;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 13, kFlexibleSince = 9;

  struct MetadataResponseBroker {
    std::int32_t node_id = 0;
    String host;
    std::int32_t port = 0;
    std::optional<String> rack;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("nodeId", &MetadataResponseBroker::node_id),
                  field("host", &MetadataResponseBroker::host),
                  field("port", &MetadataResponseBroker::port),
                  field("rack", &MetadataResponseBroker::rack, since(1)).nullable());
    }
  };

  struct MetadataResponsePartition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;  // -1: none.
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::vector<std::int32_t> offline_replicas;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &MetadataResponsePartition::error_code),
                  field("partitionIndex", &MetadataResponsePartition::partition_index),
                  field("leaderId", &MetadataResponsePartition::leader_id),
                  field("leaderEpoch", &MetadataResponsePartition::leader_epoch, since(7)),
                  field("replicaNodes", &MetadataResponsePartition::replica_nodes),
                  field("isrNodes", &MetadataResponsePartition::isr_nodes),
                  field("offlineReplicas", &MetadataResponsePartition::offline_replicas, since(5)));
    }
  };

  struct MetadataResponseTopic {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> name;
    Uuid topic_id;
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions;
    std::int32_t topic_authorized_operations = kAuthorizedOperationsOmitted;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &MetadataResponseTopic::error_code),
                  field("name", &MetadataResponseTopic::name).nullable(since(12)),
                  field("topicId", &MetadataResponseTopic::topic_id, since(10)),
                  field("isInternal", &MetadataResponseTopic::is_internal, since(1)),
                  field("partitions", &MetadataResponseTopic::partitions),
                  field("topicAuthorizedOperations", &MetadataResponseTopic::topic_authorized_operations, since(8)));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers;
  std::optional<String> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics;
  std::int32_t cluster_authorized_operations = kAuthorizedOperationsOmitted;
  ErrorCode error_code = ErrorCode::none;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &MetadataResponse::throttle_time_ms, since(3)),
                field("brokers", &MetadataResponse::brokers),
                field("clusterId", &MetadataResponse::cluster_id, since(2)).nullable(),
                field("controllerId", &MetadataResponse::controller_id, since(1)),
                field("topics", &MetadataResponse::topics),
                field("clusterAuthorizedOperations", &MetadataResponse::cluster_authorized_operations, between(8, 10)),
                field("errorCode", &MetadataResponse::error_code, since(13)));
  }
};

}  // namespace barnabas::protocol
