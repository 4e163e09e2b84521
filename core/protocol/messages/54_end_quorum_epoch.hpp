// EndQuorumEpoch (key 54), versions 0-1.
//
// Raft among KRaft controllers (KIP-595). v1 flexible, directory ids (KIP-853).
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

struct EndQuorumEpochResponse;

struct EndQuorumEpochRequest {
  using Response = EndQuorumEpochResponse;
  static constexpr ApiKey kApiKey = ApiKey::end_quorum_epoch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  struct ReplicaInfo {
    std::int32_t candidate_id = 0;
    Uuid candidate_directory_id;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("candidateId", &ReplicaInfo::candidate_id),
                  field("candidateDirectoryId", &ReplicaInfo::candidate_directory_id));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> preferred_successors;
    std::vector<ReplicaInfo> preferred_candidates;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("leaderId", &PartitionData::leader_id),
                  field("leaderEpoch", &PartitionData::leader_epoch),
                  field("preferredSuccessors", &PartitionData::preferred_successors, until(0)),
                  field("preferredCandidates", &PartitionData::preferred_candidates, since(1)));
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

  struct LeaderEndpoint {
    String name;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &LeaderEndpoint::name),
                  field("host", &LeaderEndpoint::host),
                  field("port", &LeaderEndpoint::port));
    }
  };

  std::optional<String> cluster_id;
  std::vector<TopicData> topics;
  std::vector<LeaderEndpoint> leader_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &EndQuorumEpochRequest::cluster_id).nullable(),
                field("topics", &EndQuorumEpochRequest::topics),
                field("leaderEndpoints", &EndQuorumEpochRequest::leader_endpoints, since(1)));
  }
};

struct EndQuorumEpochResponse {
  static constexpr ApiKey kApiKey = ApiKey::end_quorum_epoch;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 1;

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("leaderId", &PartitionData::leader_id),
                  field("leaderEpoch", &PartitionData::leader_epoch));
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

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("nodeId", &NodeEndpoint::node_id),
                  field("host", &NodeEndpoint::host),
                  field("port", &NodeEndpoint::port));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicData> topics;
  std::vector<NodeEndpoint> node_endpoints;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &EndQuorumEpochResponse::error_code),
                field("topics", &EndQuorumEpochResponse::topics),
                field("nodeEndpoints", &EndQuorumEpochResponse::node_endpoints, since(1)).tagged(0));
  }
};

}  // namespace barnabas::protocol
