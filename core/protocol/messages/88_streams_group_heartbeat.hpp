// StreamsGroupHeartbeat (key 88), versions 0-1.
//
// Streams groups (KIP-1071). v1 recovery lag, topology descriptions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct StreamsGroupHeartbeatResponse;

struct StreamsGroupHeartbeatRequest {
  using Response = StreamsGroupHeartbeatResponse;
  static constexpr ApiKey kApiKey = ApiKey::streams_group_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct KeyValue {
    String key;
    String value;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("key", &KeyValue::key), field("value", &KeyValue::value));
    }
  };

  struct TopicInfo {
    String name;
    std::int32_t partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<KeyValue> topic_configs;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopicInfo::name),
                  field("partitions", &TopicInfo::partitions),
                  field("replicationFactor", &TopicInfo::replication_factor),
                  field("topicConfigs", &TopicInfo::topic_configs));
    }
  };

  struct CopartitionGroup {
    std::vector<std::int16_t> source_topics;
    std::vector<std::int16_t> source_topic_regex;
    std::vector<std::int16_t> repartition_source_topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("sourceTopics", &CopartitionGroup::source_topics),
                  field("sourceTopicRegex", &CopartitionGroup::source_topic_regex),
                  field("repartitionSourceTopics", &CopartitionGroup::repartition_source_topics));
    }
  };

  struct Subtopology {
    String subtopology_id;
    std::vector<String> source_topics;
    std::vector<String> source_topic_regex;
    std::vector<TopicInfo> state_changelog_topics;
    std::vector<String> repartition_sink_topics;
    std::vector<TopicInfo> repartition_source_topics;
    std::vector<CopartitionGroup> copartition_groups;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &Subtopology::subtopology_id),
                  field("sourceTopics", &Subtopology::source_topics),
                  field("sourceTopicRegex", &Subtopology::source_topic_regex),
                  field("stateChangelogTopics", &Subtopology::state_changelog_topics),
                  field("repartitionSinkTopics", &Subtopology::repartition_sink_topics),
                  field("repartitionSourceTopics", &Subtopology::repartition_source_topics),
                  field("copartitionGroups", &Subtopology::copartition_groups));
    }
  };

  struct Topology {
    std::int32_t epoch = 0;
    std::vector<Subtopology> subtopologies;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("epoch", &Topology::epoch), field("subtopologies", &Topology::subtopologies));
    }
  };

  struct TaskIds {
    String subtopology_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &TaskIds::subtopology_id), field("partitions", &TaskIds::partitions));
    }
  };

  struct Endpoint {
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("host", &Endpoint::host), field("port", &Endpoint::port));
    }
  };

  struct TaskOffset {
    String subtopology_id;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &TaskOffset::subtopology_id),
                  field("partition", &TaskOffset::partition),
                  field("offset", &TaskOffset::offset));
    }
  };

  String group_id;
  String member_id;
  std::int32_t member_epoch = 0;
  std::int32_t endpoint_information_epoch = 0;
  std::optional<String> instance_id;
  std::optional<String> rack_id;
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<Topology> topology;
  std::optional<std::vector<TaskIds>> active_tasks;
  std::optional<std::vector<TaskIds>> standby_tasks;
  std::optional<std::vector<TaskIds>> warmup_tasks;
  std::optional<String> process_id;
  std::optional<Endpoint> user_endpoint;
  std::optional<std::vector<KeyValue>> client_tags;
  std::optional<std::vector<TaskOffset>> task_offsets;
  std::optional<std::vector<TaskOffset>> task_end_offsets;
  bool shutdown_application = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &StreamsGroupHeartbeatRequest::group_id),
                field("memberId", &StreamsGroupHeartbeatRequest::member_id),
                field("memberEpoch", &StreamsGroupHeartbeatRequest::member_epoch),
                field("endpointInformationEpoch", &StreamsGroupHeartbeatRequest::endpoint_information_epoch),
                field("instanceId", &StreamsGroupHeartbeatRequest::instance_id).nullable(),
                field("rackId", &StreamsGroupHeartbeatRequest::rack_id).nullable(),
                field("rebalanceTimeoutMs", &StreamsGroupHeartbeatRequest::rebalance_timeout_ms),
                field("topology", &StreamsGroupHeartbeatRequest::topology).nullable(),
                field("activeTasks", &StreamsGroupHeartbeatRequest::active_tasks).nullable(),
                field("standbyTasks", &StreamsGroupHeartbeatRequest::standby_tasks).nullable(),
                field("warmupTasks", &StreamsGroupHeartbeatRequest::warmup_tasks).nullable(),
                field("processId", &StreamsGroupHeartbeatRequest::process_id).nullable(),
                field("userEndpoint", &StreamsGroupHeartbeatRequest::user_endpoint).nullable(),
                field("clientTags", &StreamsGroupHeartbeatRequest::client_tags).nullable(),
                field("taskOffsets", &StreamsGroupHeartbeatRequest::task_offsets).nullable(),
                field("taskEndOffsets", &StreamsGroupHeartbeatRequest::task_end_offsets).nullable(),
                field("shutdownApplication", &StreamsGroupHeartbeatRequest::shutdown_application));
  }
};

struct StreamsGroupHeartbeatResponse {
  static constexpr ApiKey kApiKey = ApiKey::streams_group_heartbeat;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct Status {
    std::int8_t status_code = 0;
    String status_detail;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("statusCode", &Status::status_code), field("statusDetail", &Status::status_detail));
    }
  };

  struct TaskIds {
    String subtopology_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &TaskIds::subtopology_id), field("partitions", &TaskIds::partitions));
    }
  };

  struct Endpoint {
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("host", &Endpoint::host), field("port", &Endpoint::port));
    }
  };

  struct TopicPartition {
    String topic;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &TopicPartition::topic), field("partitions", &TopicPartition::partitions));
    }
  };

  struct EndpointToPartitions {
    Endpoint user_endpoint;
    std::vector<TopicPartition> active_partitions;
    std::vector<TopicPartition> standby_partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("userEndpoint", &EndpointToPartitions::user_endpoint),
                  field("activePartitions", &EndpointToPartitions::active_partitions),
                  field("standbyPartitions", &EndpointToPartitions::standby_partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  String member_id;
  std::int32_t member_epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::int32_t acceptable_recovery_lag_legacy = 0;
  std::int32_t task_offset_interval_ms = 0;
  std::int64_t acceptable_recovery_lag = -1;
  std::optional<std::vector<Status>> status;
  std::optional<std::vector<TaskIds>> active_tasks;
  std::optional<std::vector<TaskIds>> standby_tasks;
  std::optional<std::vector<TaskIds>> warmup_tasks;
  bool topology_description_required = false;
  std::int32_t endpoint_information_epoch = 0;
  std::optional<std::vector<EndpointToPartitions>> partitions_by_user_endpoint;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("throttleTimeMs", &StreamsGroupHeartbeatResponse::throttle_time_ms),
        field("errorCode", &StreamsGroupHeartbeatResponse::error_code),
        field("errorMessage", &StreamsGroupHeartbeatResponse::error_message).nullable(),
        field("memberId", &StreamsGroupHeartbeatResponse::member_id),
        field("memberEpoch", &StreamsGroupHeartbeatResponse::member_epoch),
        field("heartbeatIntervalMs", &StreamsGroupHeartbeatResponse::heartbeat_interval_ms),
        field("acceptableRecoveryLagLegacy", &StreamsGroupHeartbeatResponse::acceptable_recovery_lag_legacy, until(0)),
        field("taskOffsetIntervalMs", &StreamsGroupHeartbeatResponse::task_offset_interval_ms),
        field("acceptableRecoveryLag", &StreamsGroupHeartbeatResponse::acceptable_recovery_lag, since(1)),
        field("status", &StreamsGroupHeartbeatResponse::status).nullable(),
        field("activeTasks", &StreamsGroupHeartbeatResponse::active_tasks).nullable(),
        field("standbyTasks", &StreamsGroupHeartbeatResponse::standby_tasks).nullable(),
        field("warmupTasks", &StreamsGroupHeartbeatResponse::warmup_tasks).nullable(),
        field("topologyDescriptionRequired", &StreamsGroupHeartbeatResponse::topology_description_required, since(1)),
        field("endpointInformationEpoch", &StreamsGroupHeartbeatResponse::endpoint_information_epoch),
        field("partitionsByUserEndpoint", &StreamsGroupHeartbeatResponse::partitions_by_user_endpoint).nullable());
  }
};

}  // namespace barnabas::protocol
