// StreamsGroupTopologyDescriptionUpdate (key 93), version 0.
//
// Streams groups (KIP-1071).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct StreamsGroupTopologyDescriptionUpdateResponse;

struct StreamsGroupTopologyDescriptionUpdateRequest {
  using Response = StreamsGroupTopologyDescriptionUpdateResponse;
  static constexpr ApiKey kApiKey = ApiKey::streams_group_topology_description_update;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

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

  String group_id;
  String member_id;
  std::int32_t topology_epoch = 0;
  TopologyDescription topology_description;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &StreamsGroupTopologyDescriptionUpdateRequest::group_id),
                field("memberId", &StreamsGroupTopologyDescriptionUpdateRequest::member_id),
                field("topologyEpoch", &StreamsGroupTopologyDescriptionUpdateRequest::topology_epoch),
                field("topologyDescription", &StreamsGroupTopologyDescriptionUpdateRequest::topology_description));
  }
};

struct StreamsGroupTopologyDescriptionUpdateResponse {
  static constexpr ApiKey kApiKey = ApiKey::streams_group_topology_description_update;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &StreamsGroupTopologyDescriptionUpdateResponse::throttle_time_ms),
                field("errorCode", &StreamsGroupTopologyDescriptionUpdateResponse::error_code),
                field("errorMessage", &StreamsGroupTopologyDescriptionUpdateResponse::error_message).nullable());
  }
};

}  // namespace barnabas::protocol
