// LeaderAndIsr (key 4), versions 0-7.
//
// The controller tells a broker which replicas it leads and follows. v2 broker epoch, partitions by topic; v3
// reassignments; v4 flexible; v5 topic ids, full and incremental requests; v6 recovery state of leaders; v7
// whether the controller is a KRaft one.
//
// Tag 100 is ours: a controller of ours tells the broker epoch under which each member of the ISR was let in. Apache
// Kafka's brokers skip it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct LeaderAndIsrResponse;

struct LeaderAndIsrRequest {
  using Response = LeaderAndIsrResponse;
  static constexpr ApiKey kApiKey = ApiKey::leader_and_isr;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 7, kFlexibleSince = 4;

  struct LeaderAndIsrPartitionState {
    String topic_name;
    std::int32_t partition_index = 0;
    std::int32_t controller_epoch = 0;
    std::int32_t leader = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr;
    std::int32_t partition_epoch = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> adding_replicas;
    std::vector<std::int32_t> removing_replicas;
    bool is_new = false;
    std::int8_t leader_recovery_state = 0;  // 0: recovered; 1: recovering from an unclean election.
    std::vector<std::int64_t> isr_broker_epochs;  // Of each in isr, in its order; empty: not told.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &LeaderAndIsrPartitionState::topic_name, until(1)),
                  field("partitionIndex", &LeaderAndIsrPartitionState::partition_index),
                  field("controllerEpoch", &LeaderAndIsrPartitionState::controller_epoch),
                  field("leader", &LeaderAndIsrPartitionState::leader),
                  field("leaderEpoch", &LeaderAndIsrPartitionState::leader_epoch),
                  field("isr", &LeaderAndIsrPartitionState::isr),
                  field("partitionEpoch", &LeaderAndIsrPartitionState::partition_epoch),
                  field("replicas", &LeaderAndIsrPartitionState::replicas),
                  field("addingReplicas", &LeaderAndIsrPartitionState::adding_replicas, since(3)),
                  field("removingReplicas", &LeaderAndIsrPartitionState::removing_replicas, since(3)),
                  field("isNew", &LeaderAndIsrPartitionState::is_new, since(1)),
                  field("leaderRecoveryState", &LeaderAndIsrPartitionState::leader_recovery_state, since(6)),
                  field("isrBrokerEpochs", &LeaderAndIsrPartitionState::isr_broker_epochs, since(4)).tagged(100));
    }
  };

  struct LeaderAndIsrTopicState {
    String topic_name;
    Uuid topic_id;
    std::vector<LeaderAndIsrPartitionState> partition_states;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &LeaderAndIsrTopicState::topic_name),
                  field("topicId", &LeaderAndIsrTopicState::topic_id, since(5)),
                  field("partitionStates", &LeaderAndIsrTopicState::partition_states));
    }
  };

  struct LeaderAndIsrLiveLeader {
    std::int32_t broker_id = 0;
    String host_name;
    std::int32_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("brokerId", &LeaderAndIsrLiveLeader::broker_id),
                  field("hostName", &LeaderAndIsrLiveLeader::host_name),
                  field("port", &LeaderAndIsrLiveLeader::port));
    }
  };

  std::int32_t controller_id = 0;
  bool is_kraft_controller = false;
  std::int32_t controller_epoch = 0;
  std::int64_t broker_epoch = -1;
  std::int8_t type = 0;  // 0: unknown; 1: incremental; 2: full.
  std::vector<LeaderAndIsrPartitionState> ungrouped_partition_states;
  std::vector<LeaderAndIsrTopicState> topic_states;
  std::vector<LeaderAndIsrLiveLeader> live_leaders;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("controllerId", &LeaderAndIsrRequest::controller_id),
                field("isKRaftController", &LeaderAndIsrRequest::is_kraft_controller, since(7)),
                field("controllerEpoch", &LeaderAndIsrRequest::controller_epoch),
                field("brokerEpoch", &LeaderAndIsrRequest::broker_epoch, since(2)),
                field("type", &LeaderAndIsrRequest::type, since(5)),
                field("ungroupedPartitionStates", &LeaderAndIsrRequest::ungrouped_partition_states, until(1)),
                field("topicStates", &LeaderAndIsrRequest::topic_states, since(2)),
                field("liveLeaders", &LeaderAndIsrRequest::live_leaders));
  }
};

struct LeaderAndIsrResponse {
  static constexpr ApiKey kApiKey = ApiKey::leader_and_isr;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 7, kFlexibleSince = 4;

  struct LeaderAndIsrPartitionError {
    String topic_name;
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &LeaderAndIsrPartitionError::topic_name, until(4)),
                  field("partitionIndex", &LeaderAndIsrPartitionError::partition_index),
                  field("errorCode", &LeaderAndIsrPartitionError::error_code));
    }
  };

  struct LeaderAndIsrTopicError {
    Uuid topic_id;
    std::vector<LeaderAndIsrPartitionError> partition_errors;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &LeaderAndIsrTopicError::topic_id),
                  field("partitionErrors", &LeaderAndIsrTopicError::partition_errors));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<LeaderAndIsrPartitionError> partition_errors;
  std::vector<LeaderAndIsrTopicError> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &LeaderAndIsrResponse::error_code),
                field("partitionErrors", &LeaderAndIsrResponse::partition_errors, until(4)),
                field("topics", &LeaderAndIsrResponse::topics, since(5)));
  }
};

}  // namespace barnabas::protocol
