// AddRaftVoter (key 80), versions 0-1.
//
// KIP-853. v1 may answer before the change is committed.
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

struct AddRaftVoterResponse;

struct AddRaftVoterRequest {
  using Response = AddRaftVoterResponse;
  static constexpr ApiKey kApiKey = ApiKey::add_raft_voter;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct Listener {
    String name;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &Listener::name), field("host", &Listener::host), field("port", &Listener::port));
    }
  };

  std::optional<String> cluster_id;
  std::int32_t timeout_ms = 0;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id;
  std::vector<Listener> listeners;
  bool ack_when_committed = true;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &AddRaftVoterRequest::cluster_id).nullable(),
                field("timeoutMs", &AddRaftVoterRequest::timeout_ms),
                field("voterId", &AddRaftVoterRequest::voter_id),
                field("voterDirectoryId", &AddRaftVoterRequest::voter_directory_id),
                field("listeners", &AddRaftVoterRequest::listeners),
                field("ackWhenCommitted", &AddRaftVoterRequest::ack_when_committed, since(1)));
  }
};

struct AddRaftVoterResponse {
  static constexpr ApiKey kApiKey = ApiKey::add_raft_voter;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<String> error_message;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &AddRaftVoterResponse::throttle_time_ms),
                field("errorCode", &AddRaftVoterResponse::error_code),
                field("errorMessage", &AddRaftVoterResponse::error_message).nullable());
  }
};

}  // namespace barnabas::protocol
