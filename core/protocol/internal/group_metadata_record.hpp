// Records of __consumer_offsets: one group of the classic protocol. A null value deletes it.
//
// Their bytes begin with the int16 version: see versioned.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/protocol/schema.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol {

struct GroupMetadataKey {
  static constexpr std::int16_t kMinVersion = 2, kMaxVersion = 2, kFlexibleSince = kNeverFlexible;

  String group;

  static constexpr auto fields(auto list) { return list(field("group", &GroupMetadataKey::group)); }
};

struct GroupMetadataValue {
  static constexpr std::int16_t kMinVersion = 0, kMaxVersion = 4, kFlexibleSince = 4;

  struct MemberMetadata {
    String member_id;
    std::optional<String> group_instance_id;
    String client_id;
    String client_host;
    std::int32_t rebalance_timeout = 0;
    std::int32_t session_timeout = 0;
    Bytes subscription;
    Bytes assignment;
    UnknownTags unknown_tags;

    static constexpr auto fields(auto list) {
      return list(field("memberId", &MemberMetadata::member_id),
                  field("groupInstanceId", &MemberMetadata::group_instance_id, since(3)).nullable(),
                  field("clientId", &MemberMetadata::client_id),
                  field("clientHost", &MemberMetadata::client_host),
                  field("rebalanceTimeout", &MemberMetadata::rebalance_timeout, since(1)),
                  field("sessionTimeout", &MemberMetadata::session_timeout),
                  field("subscription", &MemberMetadata::subscription),
                  field("assignment", &MemberMetadata::assignment));
    }
  };

  String protocol_type;
  std::int32_t generation = 0;
  std::optional<String> protocol;
  std::optional<String> leader;
  std::int64_t current_state_timestamp = -1;
  std::vector<MemberMetadata> members;
  UnknownTags unknown_tags;

  static constexpr auto fields(auto list) {
    return list(field("protocolType", &GroupMetadataValue::protocol_type),
                field("generation", &GroupMetadataValue::generation),
                field("protocol", &GroupMetadataValue::protocol).nullable(),
                field("leader", &GroupMetadataValue::leader).nullable(),
                field("currentStateTimestamp", &GroupMetadataValue::current_state_timestamp, since(2)),
                field("members", &GroupMetadataValue::members));
  }
};

}  // namespace barnabas::protocol
