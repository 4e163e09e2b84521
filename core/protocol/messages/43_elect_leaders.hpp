// ElectLeaders (key 43), versions 0-2.
//
// v0 elects preferred leaders; v1 election type (KIP-460), an error for the whole response; v2 flexible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ElectLeadersResponse;

struct ElectLeadersRequest {
  using Response = ElectLeadersResponse;
  static constexpr ApiKey kApiKey = ApiKey::elect_leaders;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct TopicPartitions {
    String topic;
    std::vector<std::int32_t> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &TopicPartitions::topic), field("partitions", &TopicPartitions::partitions));
    }
  };

  std::int8_t election_type = 0;                                 // 0: preferred; 1: unclean.
  std::optional<std::vector<TopicPartitions>> topic_partitions;  // Null: all.
  std::int32_t timeout_ms = 60000;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("electionType", &ElectLeadersRequest::election_type, since(1)),
                field("topicPartitions", &ElectLeadersRequest::topic_partitions).nullable(),
                field("timeoutMs", &ElectLeadersRequest::timeout_ms));
  }
};

struct ElectLeadersResponse {
  static constexpr ApiKey kApiKey = ApiKey::elect_leaders;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 2, kFlexibleSince = 2;

  struct PartitionResult {
    std::int32_t partition_id = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionId", &PartitionResult::partition_id),
                  field("errorCode", &PartitionResult::error_code),
                  field("errorMessage", &PartitionResult::error_message).nullable());
    }
  };

  struct ReplicaElectionResult {
    String topic;
    std::vector<PartitionResult> partition_result;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topic", &ReplicaElectionResult::topic),
                  field("partitionResult", &ReplicaElectionResult::partition_result));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<ReplicaElectionResult> replica_election_results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &ElectLeadersResponse::throttle_time_ms),
                field("errorCode", &ElectLeadersResponse::error_code, since(1)),
                field("replicaElectionResults", &ElectLeadersResponse::replica_election_results));
  }
};

}  // namespace barnabas::protocol
