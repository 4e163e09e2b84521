// RemoveRaftVoter (key 81), version 0.
//
// KIP-853.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/uuid.hpp"
#include "core/protocol/api_key.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct RemoveRaftVoterResponse;

struct RemoveRaftVoterRequest {
  using Response = RemoveRaftVoterResponse;
  static constexpr ApiKey kApiKey = ApiKey::remove_raft_voter;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::optional<String> cluster_id;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &RemoveRaftVoterRequest::cluster_id).nullable(),
                field("voterId", &RemoveRaftVoterRequest::voter_id),
                field("voterDirectoryId", &RemoveRaftVoterRequest::voter_directory_id));
  }
};

struct RemoveRaftVoterResponse {
  static constexpr ApiKey kApiKey = ApiKey::remove_raft_voter;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &RemoveRaftVoterResponse::throttle_time_ms),
                field("errorCode", &RemoveRaftVoterResponse::error_code),
                field("errorMessage", &RemoveRaftVoterResponse::error_message).nullable());
  }
};

}  // namespace barnabas::protocol
