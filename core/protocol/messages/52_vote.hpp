// Vote (key 52), versions 0-2.
//
// Raft among KRaft controllers (KIP-595). v1 directory ids (KIP-853); v2 pre-votes (KIP-996).
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

struct VoteResponse;

struct VoteRequest {
  using Response = VoteResponse;
  static constexpr ApiKey kApiKey = ApiKey::vote;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t replica_epoch = 0;
    std::int32_t replica_id = 0;
    Uuid replica_directory_id;
    Uuid voter_directory_id;
    std::int32_t last_offset_epoch = 0;
    std::int64_t last_offset = 0;
    bool pre_vote = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("replicaEpoch", &PartitionData::replica_epoch),
                  field("replicaId", &PartitionData::replica_id),
                  field("replicaDirectoryId", &PartitionData::replica_directory_id, since(1)),
                  field("voterDirectoryId", &PartitionData::voter_directory_id, since(1)),
                  field("lastOffsetEpoch", &PartitionData::last_offset_epoch),
                  field("lastOffset", &PartitionData::last_offset),
                  field("preVote", &PartitionData::pre_vote, since(2)));
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

  std::optional<String> cluster_id;
  std::int32_t voter_id = -1;
  std::vector<TopicData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &VoteRequest::cluster_id).nullable(),
                field("voterId", &VoteRequest::voter_id, since(1)),
                field("topics", &VoteRequest::topics));
  }
};

struct VoteResponse {
  static constexpr ApiKey kApiKey = ApiKey::vote;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    bool vote_granted = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("leaderId", &PartitionData::leader_id),
                  field("leaderEpoch", &PartitionData::leader_epoch),
                  field("voteGranted", &PartitionData::vote_granted));
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
    return list(field("errorCode", &VoteResponse::error_code),
                field("topics", &VoteResponse::topics),
                field("nodeEndpoints", &VoteResponse::node_endpoints, since(1)).tagged(0));
  }
};

}  // namespace barnabas::protocol
