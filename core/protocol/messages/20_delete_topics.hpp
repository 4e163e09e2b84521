// DeleteTopics (key 20), versions 0-6.
//
// v1 throttle time; v4 flexible; v5 error messages; v6 topics by id.
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

struct DeleteTopicsResponse;

struct DeleteTopicsRequest {
  using Response = DeleteTopicsResponse;
  static constexpr ApiKey kApiKey = ApiKey::delete_topics;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 4;

  struct DeleteTopicState {
    std::optional<String> name;
    Uuid topic_id;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DeleteTopicState::name).nullable(), field("topicId", &DeleteTopicState::topic_id));
    }
  };

  std::vector<DeleteTopicState> topics;
  std::vector<String> topic_names;
  std::int32_t timeout_ms = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("topics", &DeleteTopicsRequest::topics, since(6)),
                field("topicNames", &DeleteTopicsRequest::topic_names, until(5)),
                field("timeoutMs", &DeleteTopicsRequest::timeout_ms));
  }
};

struct DeleteTopicsResponse {
  static constexpr ApiKey kApiKey = ApiKey::delete_topics;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 6, kFlexibleSince = 4;

  struct DeletableTopicResult {
    std::optional<String> name;
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    std::optional<String> error_message;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &DeletableTopicResult::name).nullable(since(6)),
                  field("topicId", &DeletableTopicResult::topic_id, since(6)),
                  field("errorCode", &DeletableTopicResult::error_code),
                  field("errorMessage", &DeletableTopicResult::error_message, since(5)).nullable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &DeleteTopicsResponse::throttle_time_ms, since(1)),
                field("responses", &DeleteTopicsResponse::responses));
  }
};

}  // namespace barnabas::protocol
