// StreamsGroupDescribe (key 89), versions 0-1.
//
// Streams groups (KIP-1071). v1 topology descriptions, assignors.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct StreamsGroupDescribeResponse;

struct StreamsGroupDescribeRequest {
  using Response = StreamsGroupDescribeResponse;
  static constexpr ApiKey kApiKey = ApiKey::streams_group_describe;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  std::vector<String> group_ids;
  bool include_authorized_operations = false;
  bool include_topology_description = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(
        field("groupIds", &StreamsGroupDescribeRequest::group_ids),
        field("includeAuthorizedOperations", &StreamsGroupDescribeRequest::include_authorized_operations),
        field("includeTopologyDescription", &StreamsGroupDescribeRequest::include_topology_description, since(1)));
  }
};

struct StreamsGroupDescribeResponse {
  static constexpr ApiKey kApiKey = ApiKey::streams_group_describe;
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

  struct Subtopology {
    String subtopology_id;
    std::vector<String> source_topics;
    std::vector<String> repartition_sink_topics;
    std::vector<TopicInfo> state_changelog_topics;
    std::vector<TopicInfo> repartition_source_topics;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &Subtopology::subtopology_id),
                  field("sourceTopics", &Subtopology::source_topics),
                  field("repartitionSinkTopics", &Subtopology::repartition_sink_topics),
                  field("stateChangelogTopics", &Subtopology::state_changelog_topics),
                  field("repartitionSourceTopics", &Subtopology::repartition_source_topics));
    }
  };

  struct Topology {
    std::int32_t epoch = 0;
    std::optional<std::vector<Subtopology>> subtopologies;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("epoch", &Topology::epoch), field("subtopologies", &Topology::subtopologies).nullable());
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

  struct TaskIds {
    String subtopology_id;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &TaskIds::subtopology_id), field("partitions", &TaskIds::partitions));
    }
  };

  struct Assignment {
    std::vector<TaskIds> active_tasks;
    std::vector<TaskIds> standby_tasks;
    std::vector<TaskIds> warmup_tasks;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("activeTasks", &Assignment::active_tasks),
                  field("standbyTasks", &Assignment::standby_tasks),
                  field("warmupTasks", &Assignment::warmup_tasks));
    }
  };

  struct Member {
    String member_id;
    std::int32_t member_epoch = 0;
    std::optional<String> instance_id;
    std::optional<String> rack_id;
    String client_id;
    String client_host;
    std::int32_t topology_epoch = 0;
    String process_id;
    std::optional<Endpoint> user_endpoint;
    std::vector<KeyValue> client_tags;
    std::vector<TaskOffset> task_offsets;
    std::vector<TaskOffset> task_end_offsets;
    Assignment assignment;
    Assignment target_assignment;
    bool is_classic = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &Member::member_id),
                  field("memberEpoch", &Member::member_epoch),
                  field("instanceId", &Member::instance_id).nullable(),
                  field("rackId", &Member::rack_id).nullable(),
                  field("clientId", &Member::client_id),
                  field("clientHost", &Member::client_host),
                  field("topologyEpoch", &Member::topology_epoch),
                  field("processId", &Member::process_id),
                  field("userEndpoint", &Member::user_endpoint).nullable(),
                  field("clientTags", &Member::client_tags),
                  field("taskOffsets", &Member::task_offsets),
                  field("taskEndOffsets", &Member::task_end_offsets),
                  field("assignment", &Member::assignment),
                  field("targetAssignment", &Member::target_assignment),
                  field("isClassic", &Member::is_classic));
    }
  };

  struct TopologyDescriptionNode {
    String name;
    std::int8_t node_type = 0;
    std::vector<String> source_topics;
    std::optional<String> sink_topic;
    std::vector<String> stores;
    std::vector<String> successors;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &TopologyDescriptionNode::name),
                  field("nodeType", &TopologyDescriptionNode::node_type),
                  field("sourceTopics", &TopologyDescriptionNode::source_topics),
                  field("sinkTopic", &TopologyDescriptionNode::sink_topic).nullable(),
                  field("stores", &TopologyDescriptionNode::stores),
                  field("successors", &TopologyDescriptionNode::successors));
    }
  };

  struct TopologyDescriptionSubtopology {
    String subtopology_id;
    std::vector<TopologyDescriptionNode> nodes;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologyId", &TopologyDescriptionSubtopology::subtopology_id),
                  field("nodes", &TopologyDescriptionSubtopology::nodes));
    }
  };

  struct TopologyDescriptionGlobalStore {
    TopologyDescriptionNode source;
    TopologyDescriptionNode processor;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("source", &TopologyDescriptionGlobalStore::source),
                  field("processor", &TopologyDescriptionGlobalStore::processor));
    }
  };

  struct TopologyDescription {
    std::vector<TopologyDescriptionSubtopology> subtopologies;
    std::vector<TopologyDescriptionGlobalStore> global_stores;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("subtopologies", &TopologyDescription::subtopologies),
                  field("globalStores", &TopologyDescription::global_stores));
    }
  };

  struct DescribedGroup {
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    String group_id;
    String group_state;
    std::int32_t group_epoch = 0;
    std::int32_t assignment_epoch = 0;
    std::optional<Topology> topology;
    std::vector<Member> members;
    std::int32_t authorized_operations = kAuthorizedOperationsOmitted;
    std::optional<TopologyDescription> topology_description;
    std::int8_t topology_description_status = 0;
    std::optional<String> assignor_name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("errorCode", &DescribedGroup::error_code),
                  field("errorMessage", &DescribedGroup::error_message).nullable(),
                  field("groupId", &DescribedGroup::group_id),
                  field("groupState", &DescribedGroup::group_state),
                  field("groupEpoch", &DescribedGroup::group_epoch),
                  field("assignmentEpoch", &DescribedGroup::assignment_epoch),
                  field("topology", &DescribedGroup::topology).nullable(),
                  field("members", &DescribedGroup::members),
                  field("authorizedOperations", &DescribedGroup::authorized_operations),
                  field("topologyDescription", &DescribedGroup::topology_description, since(1)).nullable(),
                  field("topologyDescriptionStatus", &DescribedGroup::topology_description_status, since(1)),
                  field("assignorName", &DescribedGroup::assignor_name, since(1)).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &StreamsGroupDescribeResponse::throttle_time_ms),
                field("groups", &StreamsGroupDescribeResponse::groups));
  }
};

}  // namespace barnabas::protocol
