// ControlledShutdown (key 7), versions 0-3.
//
// A broker that is stopping asks the controller to move its leaderships. v0 requests have header v0, without a
// client id; v2 broker epoch; v3 flexible.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct ControlledShutdownResponse;

struct ControlledShutdownRequest {
  using Response = ControlledShutdownResponse;
  static constexpr ApiKey kApiKey = ApiKey::controlled_shutdown;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 3;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("brokerId", &ControlledShutdownRequest::broker_id),
                field("brokerEpoch", &ControlledShutdownRequest::broker_epoch, since(2)));
  }
};

struct ControlledShutdownResponse {
  static constexpr ApiKey kApiKey = ApiKey::controlled_shutdown;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 3, kFlexibleSince = 3;

  struct RemainingPartition {
    String topic_name;
    std::int32_t partition_index = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &RemainingPartition::topic_name),
                  field("partitionIndex", &RemainingPartition::partition_index));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<RemainingPartition> remaining_partitions;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("errorCode", &ControlledShutdownResponse::error_code),
                field("remainingPartitions", &ControlledShutdownResponse::remaining_partitions));
  }
};

}  // namespace barnabas::protocol
