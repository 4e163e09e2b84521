// InitializeShareGroupState (key 83), version 0.
//
// State of share groups, between brokers (KIP-932).
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

struct InitializeShareGroupStateResponse;

struct InitializeShareGroupStateRequest {
  using Response = InitializeShareGroupStateResponse;
  static constexpr ApiKey kApiKey = ApiKey::initialize_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition = 0;
    std::int32_t state_epoch = 0;
    std::int64_t start_offset = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionData::partition),
                  field("stateEpoch", &PartitionData::state_epoch),
                  field("startOffset", &PartitionData::start_offset));
    }
  };

  struct InitializeStateData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &InitializeStateData::topic_id),
                  field("partitions", &InitializeStateData::partitions));
    }
  };

  String group_id;
  std::vector<InitializeStateData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &InitializeShareGroupStateRequest::group_id),
                field("topics", &InitializeShareGroupStateRequest::topics));
  }
};

struct InitializeShareGroupStateResponse {
  static constexpr ApiKey kApiKey = ApiKey::initialize_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionResult {
    std::int32_t partition = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("partition", &PartitionResult::partition),
                  field("errorCode", &PartitionResult::error_code),
                  field("errorMessage", &PartitionResult::error_message).nullable());
    }
  };

  struct InitializeStateResult {
    Uuid topic_id;
    std::vector<PartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &InitializeStateResult::topic_id),
                  field("partitions", &InitializeStateResult::partitions));
    }
  };

  std::vector<InitializeStateResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("results", &InitializeShareGroupStateResponse::results));
  }
};

}  // namespace barnabas::protocol
