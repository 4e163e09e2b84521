// CreateTopics (key 19), versions 0-7.
//
// v1 validate only, error messages; v4 defaults for partitions and replication (-1); v5 flexible, what was
// created; v7 topic ids.
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

struct CreateTopicsResponse;

struct CreateTopicsRequest {
  using Response = CreateTopicsResponse;
  static constexpr ApiKey kApiKey = ApiKey::create_topics;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 7, kFlexibleSince = 5;

  struct CreatableReplicaAssignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &CreatableReplicaAssignment::partition_index),
                  field("brokerIds", &CreatableReplicaAssignment::broker_ids));
    }
  };

  struct CreatableTopicConfig {
    String name;
    std::optional<String> value;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &CreatableTopicConfig::name), field("value", &CreatableTopicConfig::value).nullable());
    }
  };

  struct CreatableTopic {
    String name;
    std::int32_t num_partitions = 0;  // -1: the broker's default, or assignments are given.
    std::int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments;
    std::vector<CreatableTopicConfig> configs;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &CreatableTopic::name),
                  field("numPartitions", &CreatableTopic::num_partitions),
                  field("replicationFactor", &CreatableTopic::replication_factor),
                  field("assignments", &CreatableTopic::assignments),
                  field("configs", &CreatableTopic::configs));
    }
  };

  std::vector<CreatableTopic> topics;
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topics", &CreateTopicsRequest::topics),
                field("timeoutMs", &CreateTopicsRequest::timeout_ms),
                field("validateOnly", &CreateTopicsRequest::validate_only, since(1)));
  }
};

struct CreateTopicsResponse {
  static constexpr ApiKey kApiKey = ApiKey::create_topics;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 7, kFlexibleSince = 5;

  struct CreatableTopicConfigs {
    String name;
    std::optional<String> value;
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &CreatableTopicConfigs::name),
                  field("value", &CreatableTopicConfigs::value).nullable(),
                  field("readOnly", &CreatableTopicConfigs::read_only),
                  field("configSource", &CreatableTopicConfigs::config_source),
                  field("isSensitive", &CreatableTopicConfigs::is_sensitive));
    }
  };

  struct CreatableTopicResult {
    String name;
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    ErrorCode topic_config_error_code = ErrorCode::none;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &CreatableTopicResult::name),
                  field("topicId", &CreatableTopicResult::topic_id, since(7)),
                  field("errorCode", &CreatableTopicResult::error_code),
                  field("errorMessage", &CreatableTopicResult::error_message, since(1)).nullable(),
                  field("topicConfigErrorCode", &CreatableTopicResult::topic_config_error_code, since(5)).tagged(0),
                  field("numPartitions", &CreatableTopicResult::num_partitions, since(5)),
                  field("replicationFactor", &CreatableTopicResult::replication_factor, since(5)),
                  field("configs", &CreatableTopicResult::configs, since(5)).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &CreateTopicsResponse::throttle_time_ms, since(2)),
                field("topics", &CreateTopicsResponse::topics));
  }
};

}  // namespace barnabas::protocol
