// OffsetDelete (key 47), version 0.
//
// KIP-496. Never flexible.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct OffsetDeleteResponse;

struct OffsetDeleteRequest {
  using Response = OffsetDeleteResponse;
  static constexpr ApiKey kApiKey = ApiKey::offset_delete;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = kNeverFlexible;

  struct OffsetDeleteRequestPartition {
    std::int32_t partition_index = 0;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &OffsetDeleteRequestPartition::partition_index));
    }
  };

  struct OffsetDeleteRequestTopic {
    String name;
    std::vector<OffsetDeleteRequestPartition> partitions;

    static constexpr auto fields(auto list) {
      return list(field("name", &OffsetDeleteRequestTopic::name),
                  field("partitions", &OffsetDeleteRequestTopic::partitions));
    }
  };

  String group_id;
  std::vector<OffsetDeleteRequestTopic> topics;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &OffsetDeleteRequest::group_id), field("topics", &OffsetDeleteRequest::topics));
  }
};

struct OffsetDeleteResponse {
  static constexpr ApiKey kApiKey = ApiKey::offset_delete;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = kNeverFlexible;

  struct OffsetDeleteResponsePartition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields(auto list) {
      return list(field("partitionIndex", &OffsetDeleteResponsePartition::partition_index),
                  field("errorCode", &OffsetDeleteResponsePartition::error_code));
    }
  };

  struct OffsetDeleteResponseTopic {
    String name;
    std::vector<OffsetDeleteResponsePartition> partitions;

    static constexpr auto fields(auto list) {
      return list(field("name", &OffsetDeleteResponseTopic::name),
                  field("partitions", &OffsetDeleteResponseTopic::partitions));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetDeleteResponseTopic> topics;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &OffsetDeleteResponse::error_code),
                field("throttleTimeMs", &OffsetDeleteResponse::throttle_time_ms),
                field("topics", &OffsetDeleteResponse::topics));
  }
};

}  // namespace barnabas::protocol
