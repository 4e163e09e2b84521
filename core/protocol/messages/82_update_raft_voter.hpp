// UpdateRaftVoter (key 82), version 0.
//
// KIP-853.
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

struct UpdateRaftVoterResponse;

struct UpdateRaftVoterRequest {
  using Response = UpdateRaftVoterResponse;
  static constexpr ApiKey kApiKey = ApiKey::update_raft_voter;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct Listener {
    String name;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &Listener::name), field("host", &Listener::host), field("port", &Listener::port));
    }
  };

  struct KRaftVersionFeature {
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("minSupportedVersion", &KRaftVersionFeature::min_supported_version),
                  field("maxSupportedVersion", &KRaftVersionFeature::max_supported_version));
    }
  };

  std::optional<String> cluster_id;
  std::int32_t current_leader_epoch = 0;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id;
  std::vector<Listener> listeners;
  KRaftVersionFeature k_raft_version_feature;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("clusterId", &UpdateRaftVoterRequest::cluster_id).nullable(),
                field("currentLeaderEpoch", &UpdateRaftVoterRequest::current_leader_epoch),
                field("voterId", &UpdateRaftVoterRequest::voter_id),
                field("voterDirectoryId", &UpdateRaftVoterRequest::voter_directory_id),
                field("listeners", &UpdateRaftVoterRequest::listeners),
                field("kRaftVersionFeature", &UpdateRaftVoterRequest::k_raft_version_feature));
  }
};

struct UpdateRaftVoterResponse {
  static constexpr ApiKey kApiKey = ApiKey::update_raft_voter;
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct CurrentLeader {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    String host;
    std::int32_t port = 0;
    UnknownTags unknown_tags;

    bool operator==(const CurrentLeader&) const = default;
    static constexpr auto fields(auto list) {
      return list(field("leaderId", &CurrentLeader::leader_id),
                  field("leaderEpoch", &CurrentLeader::leader_epoch),
                  field("host", &CurrentLeader::host),
                  field("port", &CurrentLeader::port));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  CurrentLeader current_leader;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("throttleTimeMs", &UpdateRaftVoterResponse::throttle_time_ms),
                field("errorCode", &UpdateRaftVoterResponse::error_code),
                field("currentLeader", &UpdateRaftVoterResponse::current_leader).tagged(0));
  }
};

}  // namespace barnabas::protocol
