// ListPartitionReassignments (key 46), version 0.
//
// KIP-455.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ListPartitionReassignmentsResponse;

struct ListPartitionReassignmentsRequest {
  using Response = ListPartitionReassignmentsResponse;
  static constexpr ApiKey kApiKey = ApiKey::list_partition_reassignments;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct ListPartitionReassignmentsTopics {
    String name;
    std::vector<std::int32_t> partition_indexes;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ListPartitionReassignmentsTopics::name),
                  field("partitionIndexes", &ListPartitionReassignmentsTopics::partition_indexes));
    }
  };

  std::int32_t timeout_ms = 60000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;  // Null: all.
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("timeoutMs", &ListPartitionReassignmentsRequest::timeout_ms),
                field("topics", &ListPartitionReassignmentsRequest::topics).nullable());
  }
};

struct ListPartitionReassignmentsResponse {
  static constexpr ApiKey kApiKey = ApiKey::list_partition_reassignments;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct OngoingPartitionReassignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> adding_replicas;
    std::vector<std::int32_t> removing_replicas;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &OngoingPartitionReassignment::partition_index),
                  field("replicas", &OngoingPartitionReassignment::replicas),
                  field("addingReplicas", &OngoingPartitionReassignment::adding_replicas),
                  field("removingReplicas", &OngoingPartitionReassignment::removing_replicas));
    }
  };

  struct OngoingTopicReassignment {
    String name;
    std::vector<OngoingPartitionReassignment> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &OngoingTopicReassignment::name),
                  field("partitions", &OngoingTopicReassignment::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<OngoingTopicReassignment> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ListPartitionReassignmentsResponse::throttle_time_ms),
                field("errorCode", &ListPartitionReassignmentsResponse::error_code),
                field("errorMessage", &ListPartitionReassignmentsResponse::error_message).nullable(),
                field("topics", &ListPartitionReassignmentsResponse::topics));
  }
};

}  // namespace barnabas::protocol
