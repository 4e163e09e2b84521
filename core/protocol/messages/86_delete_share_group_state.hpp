// DeleteShareGroupState (key 86), version 0.
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

struct DeleteShareGroupStateResponse;

struct DeleteShareGroupStateRequest {
  using Response = DeleteShareGroupStateResponse;
  static constexpr ApiKey kApiKey = ApiKey::delete_share_group_state;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) { return list(field("partition", &PartitionData::partition)); }
  };

  struct DeleteStateData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &DeleteStateData::topic_id), field("partitions", &DeleteStateData::partitions));
    }
  };

  String group_id;
  std::vector<DeleteStateData> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &DeleteShareGroupStateRequest::group_id),
                field("topics", &DeleteShareGroupStateRequest::topics));
  }
};

struct DeleteShareGroupStateResponse {
  static constexpr ApiKey kApiKey = ApiKey::delete_share_group_state;
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

  struct DeleteStateResult {
    Uuid topic_id;
    std::vector<PartitionResult> partitions;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicId", &DeleteStateResult::topic_id), field("partitions", &DeleteStateResult::partitions));
    }
  };

  std::vector<DeleteStateResult> results;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("results", &DeleteShareGroupStateResponse::results)); }
};

}  // namespace barnabas::protocol
