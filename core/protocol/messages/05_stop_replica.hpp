// StopReplica (key 5), versions 0-4.
//
// The controller tells a broker to stop following partitions, and maybe to delete them. v1 broker epoch,
// partitions by topic; v2 flexible; v3 leader epochs and deletion for each partition; v4 whether the controller
// is a KRaft one.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct StopReplicaResponse;

struct StopReplicaRequest {
  using Response = StopReplicaResponse;
  static constexpr ApiKey kApiKey = ApiKey::stop_replica;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 2;

  struct StopReplicaPartitionV0 {
    String topic_name;
    std::int32_t partition_index = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &StopReplicaPartitionV0::topic_name),
                  field("partitionIndex", &StopReplicaPartitionV0::partition_index));
    }
  };

  struct StopReplicaTopicV1 {
    String name;
    std::vector<std::int32_t> partition_indexes;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &StopReplicaTopicV1::name),
                  field("partitionIndexes", &StopReplicaTopicV1::partition_indexes));
    }
  };

  struct StopReplicaPartitionState {
    std::int32_t partition_index = 0;
    std::int32_t leader_epoch = -1;
    bool delete_partition = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &StopReplicaPartitionState::partition_index),
                  field("leaderEpoch", &StopReplicaPartitionState::leader_epoch),
                  field("deletePartition", &StopReplicaPartitionState::delete_partition));
    }
  };

  struct StopReplicaTopicState {
    String topic_name;
    std::vector<StopReplicaPartitionState> partition_states;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &StopReplicaTopicState::topic_name),
                  field("partitionStates", &StopReplicaTopicState::partition_states));
    }
  };

  std::int32_t controller_id = 0;
  bool is_kraft_controller = false;
  std::int32_t controller_epoch = 0;
  std::int64_t broker_epoch = -1;
  bool delete_partitions = false;
  std::vector<StopReplicaPartitionV0> ungrouped_partitions;
  std::vector<StopReplicaTopicV1> topics;
  std::vector<StopReplicaTopicState> topic_states;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("controllerId", &StopReplicaRequest::controller_id),
                field("isKRaftController", &StopReplicaRequest::is_kraft_controller, since(4)),
                field("controllerEpoch", &StopReplicaRequest::controller_epoch),
                field("brokerEpoch", &StopReplicaRequest::broker_epoch, since(1)),
                field("deletePartitions", &StopReplicaRequest::delete_partitions, until(2)),
                field("ungroupedPartitions", &StopReplicaRequest::ungrouped_partitions, until(0)),
                field("topics", &StopReplicaRequest::topics, between(1, 2)),
                field("topicStates", &StopReplicaRequest::topic_states, since(3)));
  }
};

struct StopReplicaResponse {
  static constexpr ApiKey kApiKey = ApiKey::stop_replica;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 2;

  struct StopReplicaPartitionError {
    String topic_name;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &StopReplicaPartitionError::topic_name),
                  field("partitionIndex", &StopReplicaPartitionError::partition_index),
                  field("errorCode", &StopReplicaPartitionError::error_code));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<StopReplicaPartitionError> partition_errors;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &StopReplicaResponse::error_code),
                field("partitionErrors", &StopReplicaResponse::partition_errors));
  }
};

}  // namespace barnabas::protocol
