// CreatePartitions (key 37), versions 0-3.
//
// v2 flexible; v3 quota errors.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct CreatePartitionsResponse;

struct CreatePartitionsRequest {
  using Response = CreatePartitionsResponse;
  static constexpr ApiKey kApiKey = ApiKey::create_partitions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct CreatePartitionsAssignment {
    std::vector<std::int32_t> broker_ids;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("brokerIds", &CreatePartitionsAssignment::broker_ids));
    }
  };

  struct CreatePartitionsTopic {
    String name;
    std::int32_t count = 0;  // The new number of partitions.
    std::optional<std::vector<CreatePartitionsAssignment>> assignments;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &CreatePartitionsTopic::name),
                  field("count", &CreatePartitionsTopic::count),
                  field("assignments", &CreatePartitionsTopic::assignments).nullable());
    }
  };

  std::vector<CreatePartitionsTopic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topics", &CreatePartitionsRequest::topics),
                field("timeoutMs", &CreatePartitionsRequest::timeout_ms),
                field("validateOnly", &CreatePartitionsRequest::validate_only));
  }
};

struct CreatePartitionsResponse {
  static constexpr ApiKey kApiKey = ApiKey::create_partitions;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 2;

  struct CreatePartitionsTopicResult {
    String name;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &CreatePartitionsTopicResult::name),
                  field("errorCode", &CreatePartitionsTopicResult::error_code),
                  field("errorMessage", &CreatePartitionsTopicResult::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &CreatePartitionsResponse::throttle_time_ms),
                field("results", &CreatePartitionsResponse::results));
  }
};

}  // namespace barnabas::protocol
