// AlterPartitionReassignments (key 45), versions 0-1.
//
// KIP-455. v1 may refuse a change of the replication factor (KIP-860).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct AlterPartitionReassignmentsResponse;

struct AlterPartitionReassignmentsRequest {
  using Response = AlterPartitionReassignmentsResponse;
  static constexpr ApiKey kApiKey = ApiKey::alter_partition_reassignments;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct ReassignablePartition {
    std::int32_t partition_index = 0;
    std::optional<std::vector<std::int32_t>> replicas;  // Null: cancel.
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &ReassignablePartition::partition_index),
                  field("replicas", &ReassignablePartition::replicas).nullable());
    }
  };

  struct ReassignableTopic {
    String name;
    std::vector<ReassignablePartition> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ReassignableTopic::name), field("partitions", &ReassignableTopic::partitions));
    }
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<ReassignableTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("timeoutMs", &AlterPartitionReassignmentsRequest::timeout_ms),
                field("allowReplicationFactorChange",
                      &AlterPartitionReassignmentsRequest::allow_replication_factor_change,
                      since(1)),
                field("topics", &AlterPartitionReassignmentsRequest::topics));
  }
};

struct AlterPartitionReassignmentsResponse {
  static constexpr ApiKey kApiKey = ApiKey::alter_partition_reassignments;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct ReassignablePartitionResponse {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &ReassignablePartitionResponse::partition_index),
                  field("errorCode", &ReassignablePartitionResponse::error_code),
                  field("errorMessage", &ReassignablePartitionResponse::error_message).nullable());
    }
  };

  struct ReassignableTopicResponse {
    String name;
    std::vector<ReassignablePartitionResponse> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &ReassignableTopicResponse::name),
                  field("partitions", &ReassignableTopicResponse::partitions));
    }
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<ReassignableTopicResponse> responses;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AlterPartitionReassignmentsResponse::throttle_time_ms),
                field("allowReplicationFactorChange",
                      &AlterPartitionReassignmentsResponse::allow_replication_factor_change,
                      since(1)),
                field("errorCode", &AlterPartitionReassignmentsResponse::error_code),
                field("errorMessage", &AlterPartitionReassignmentsResponse::error_message).nullable(),
                field("responses", &AlterPartitionReassignmentsResponse::responses));
  }
};

}  // namespace barnabas::protocol
