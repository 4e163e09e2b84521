// AlterPartition (key 56), versions 0-3.
//
// A leader proposes a changed in-sync set to the controller (KIP-497). v1 recovery state of leaders; v2 topic
// ids; v3 broker epochs of the in-sync replicas (KIP-903).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AlterPartitionResponse;

struct AlterPartitionRequest {
  using Response = AlterPartitionResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_partition;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 0;

  struct BrokerState {
    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("brokerId", &BrokerState::broker_id), field("brokerEpoch", &BrokerState::broker_epoch));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> new_isr;
    std::vector<BrokerState> new_isr_with_epochs;
    std::int8_t leader_recovery_state = 0;  // 0: recovered; 1: recovering from an unclean election.
    std::int32_t partition_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("leaderEpoch", &PartitionData::leader_epoch),
                  field("newIsr", &PartitionData::new_isr, until(2)),
                  field("newIsrWithEpochs", &PartitionData::new_isr_with_epochs, since(3)),
                  field("leaderRecoveryState", &PartitionData::leader_recovery_state, since(1)),
                  field("partitionEpoch", &PartitionData::partition_epoch));
    }
  };

  struct TopicData {
    String topic_name;
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &TopicData::topic_name, until(1)),
                  field("topicId", &TopicData::topic_id, since(2)),
                  field("partitions", &TopicData::partitions));
    }
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<TopicData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("brokerId", &AlterPartitionRequest::broker_id),
                field("brokerEpoch", &AlterPartitionRequest::broker_epoch),
                field("topics", &AlterPartitionRequest::topics));
  }
};

struct AlterPartitionResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_partition;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr;
    std::int8_t leader_recovery_state = 0;  // 0: recovered; 1: recovering from an unclean election.
    std::int32_t partition_epoch = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &PartitionData::partition_index),
                  field("errorCode", &PartitionData::error_code),
                  field("leaderId", &PartitionData::leader_id),
                  field("leaderEpoch", &PartitionData::leader_epoch),
                  field("isr", &PartitionData::isr),
                  field("leaderRecoveryState", &PartitionData::leader_recovery_state, since(1)),
                  field("partitionEpoch", &PartitionData::partition_epoch));
    }
  };

  struct TopicData {
    String topic_name;
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &TopicData::topic_name, until(1)),
                  field("topicId", &TopicData::topic_id, since(2)),
                  field("partitions", &TopicData::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TopicData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterPartitionResponse::throttle_time_ms),
                field("errorCode", &AlterPartitionResponse::error_code),
                field("topics", &AlterPartitionResponse::topics));
  }
};

}  // namespace barnabas::protocol
