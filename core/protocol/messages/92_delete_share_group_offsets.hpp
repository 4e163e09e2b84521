// DeleteShareGroupOffsets (key 92), version 0.
//
// Offsets of share groups (KIP-932).
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

struct DeleteShareGroupOffsetsResponse;

struct DeleteShareGroupOffsetsRequest {
  using Response = DeleteShareGroupOffsetsResponse;
  static constexpr ApiKey kApiKey = ApiKey::delete_share_group_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct DeleteShareGroupOffsetsRequestTopic {
    String topic_name;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &DeleteShareGroupOffsetsRequestTopic::topic_name));
    }
  };

  String group_id;
  std::vector<DeleteShareGroupOffsetsRequestTopic> topics;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("groupId", &DeleteShareGroupOffsetsRequest::group_id),
                field("topics", &DeleteShareGroupOffsetsRequest::topics));
  }
};

struct DeleteShareGroupOffsetsResponse {
  static constexpr ApiKey kApiKey = ApiKey::delete_share_group_offsets;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct DeleteShareGroupOffsetsResponseTopic {
    String topic_name;
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("topicName", &DeleteShareGroupOffsetsResponseTopic::topic_name),
                  field("topicId", &DeleteShareGroupOffsetsResponseTopic::topic_id),
                  field("errorCode", &DeleteShareGroupOffsetsResponseTopic::error_code),
                  field("errorMessage", &DeleteShareGroupOffsetsResponseTopic::error_message).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  std::vector<DeleteShareGroupOffsetsResponseTopic> responses;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DeleteShareGroupOffsetsResponse::throttle_time_ms),
                field("errorCode", &DeleteShareGroupOffsetsResponse::error_code),
                field("errorMessage", &DeleteShareGroupOffsetsResponse::error_message).nullable(),
                field("responses", &DeleteShareGroupOffsetsResponse::responses));
  }
};

}  // namespace barnabas::protocol
