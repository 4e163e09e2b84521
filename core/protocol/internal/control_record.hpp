// Values of the control records of a KRaft log.
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct LeaderChangeMessage {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 1, kFlexibleSince = 0;

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("voterId", &Voter::voter_id), field("voterDirectoryId", &Voter::voter_directory_id, since(1)));
    }
  };

  std::int16_t version = 0;
  std::int32_t leader_id = 0;
  std::vector<Voter> voters;
  std::vector<Voter> granting_voters;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("version", &LeaderChangeMessage::version),
                field("leaderId", &LeaderChangeMessage::leader_id),
                field("voters", &LeaderChangeMessage::voters),
                field("grantingVoters", &LeaderChangeMessage::granting_voters));
  }
};

struct SnapshotHeaderRecord {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int16_t version = 0;
  std::int64_t last_contained_log_timestamp = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("version", &SnapshotHeaderRecord::version),
                field("lastContainedLogTimestamp", &SnapshotHeaderRecord::last_contained_log_timestamp));
  }
};

struct SnapshotFooterRecord {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int16_t version = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) { return list(field("version", &SnapshotFooterRecord::version)); }
};

struct KRaftVersionRecord {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  std::int16_t version = 0;
  std::int16_t kraft_version = 0;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("version", &KRaftVersionRecord::version),
                field("kRaftVersion", &KRaftVersionRecord::kraft_version));
  }
};

struct VotersRecord {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 0, kFlexibleSince = 0;

  struct Endpoint {
    String name;
    String host;
    std::uint16_t port = 0;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("name", &Endpoint::name), field("host", &Endpoint::host), field("port", &Endpoint::port));
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

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Endpoint> endpoints;
    KRaftVersionFeature kraft_version_feature;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("voterId", &Voter::voter_id),
                  field("voterDirectoryId", &Voter::voter_directory_id),
                  field("endpoints", &Voter::endpoints),
                  field("kRaftVersionFeature", &Voter::kraft_version_feature));
    }
  };

  std::int16_t version = 0;
  std::vector<Voter> voters;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("version", &VotersRecord::version), field("voters", &VotersRecord::voters));
  }
};

}  // namespace barnabas::protocol
