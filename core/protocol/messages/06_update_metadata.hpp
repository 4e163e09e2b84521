// UpdateMetadata (key 6), versions 0-8.
//
// The controller tells every broker what Metadata responses are made of. v1 listeners; v2 racks; v4 offline
// replicas; v5 broker epoch, partitions by topic; v6 flexible; v7 topic ids; v8 full and incremental requests,
// whether the controller is a KRaft one.
//
// Tag 100 is ours: a controller of ours tells the epoch of each live broker. Apache Kafka's brokers skip it.
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

struct UpdateMetadataResponse;

struct UpdateMetadataRequest {
  using Response = UpdateMetadataResponse;
  static constexpr ApiKey kApiKey = ApiKey::update_metadata;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 8, kFlexibleSince = 6;

  struct UpdateMetadataPartitionState {
    String topic_name;
    std::int32_t partition_index = 0;
    std::int32_t controller_epoch = 0;
    std::int32_t leader = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr;
    std::int32_t zk_version = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> offline_replicas;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &UpdateMetadataPartitionState::topic_name, until(4)),
                  field("partitionIndex", &UpdateMetadataPartitionState::partition_index),
                  field("controllerEpoch", &UpdateMetadataPartitionState::controller_epoch),
                  field("leader", &UpdateMetadataPartitionState::leader),
                  field("leaderEpoch", &UpdateMetadataPartitionState::leader_epoch),
                  field("isr", &UpdateMetadataPartitionState::isr),
                  field("zkVersion", &UpdateMetadataPartitionState::zk_version),
                  field("replicas", &UpdateMetadataPartitionState::replicas),
                  field("offlineReplicas", &UpdateMetadataPartitionState::offline_replicas, since(4)));
    }
  };

  struct UpdateMetadataTopicState {
    String topic_name;
    Uuid topic_id;
    std::vector<UpdateMetadataPartitionState> partition_states;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &UpdateMetadataTopicState::topic_name),
                  field("topicId", &UpdateMetadataTopicState::topic_id, since(7)),
                  field("partitionStates", &UpdateMetadataTopicState::partition_states));
    }
  };

  struct UpdateMetadataEndpoint {
    std::int32_t port = 0;
    String host;
    String listener;
    std::int16_t security_protocol = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("port", &UpdateMetadataEndpoint::port),
                  field("host", &UpdateMetadataEndpoint::host),
                  field("listener", &UpdateMetadataEndpoint::listener, since(3)),
                  field("securityProtocol", &UpdateMetadataEndpoint::security_protocol));
    }
  };

  struct UpdateMetadataBroker {
    std::int32_t id = 0;
    String v0_host;
    std::int32_t v0_port = 0;
    std::vector<UpdateMetadataEndpoint> endpoints;
    std::optional<String> rack;
    std::int64_t epoch = -1;  // Of its registration; -1: not told.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("id", &UpdateMetadataBroker::id),
                  field("v0Host", &UpdateMetadataBroker::v0_host, until(0)),
                  field("v0Port", &UpdateMetadataBroker::v0_port, until(0)),
                  field("endpoints", &UpdateMetadataBroker::endpoints, since(1)),
                  field("rack", &UpdateMetadataBroker::rack, since(2)).nullable(),
                  field("epoch", &UpdateMetadataBroker::epoch, since(6)).tagged(100));
    }
  };

  std::int32_t controller_id = 0;
  bool is_kraft_controller = false;
  std::int8_t type = 0;  // 0: unknown; 1: incremental; 2: full.
  std::int32_t controller_epoch = 0;
  std::int64_t broker_epoch = -1;
  std::vector<UpdateMetadataPartitionState> ungrouped_partition_states;
  std::vector<UpdateMetadataTopicState> topic_states;
  std::vector<UpdateMetadataBroker> live_brokers;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("controllerId", &UpdateMetadataRequest::controller_id),
                field("isKRaftController", &UpdateMetadataRequest::is_kraft_controller, since(8)),
                field("type", &UpdateMetadataRequest::type, since(8)).tagged(0),
                field("controllerEpoch", &UpdateMetadataRequest::controller_epoch),
                field("brokerEpoch", &UpdateMetadataRequest::broker_epoch, since(5)),
                field("ungroupedPartitionStates", &UpdateMetadataRequest::ungrouped_partition_states, until(4)),
                field("topicStates", &UpdateMetadataRequest::topic_states, since(5)),
                field("liveBrokers", &UpdateMetadataRequest::live_brokers));
  }
};

struct UpdateMetadataResponse {
  static constexpr ApiKey kApiKey = ApiKey::update_metadata;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 8, kFlexibleSince = 6;

  ErrorCode error_code = ErrorCode::none;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("errorCode", &UpdateMetadataResponse::error_code)); }
};

}  // namespace barnabas::protocol
