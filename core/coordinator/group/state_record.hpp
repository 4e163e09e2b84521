// What a partition of __consumer_offsets says, decoded: the whole persistent state of groups and offsets.
//
// Replaying these, in the order of the log, is the only thing that changes it (law 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace barnabas::coordinator::group {

struct MemberMetadata {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  std::int32_t rebalance_timeout_ms = 0;
  std::int32_t session_timeout_ms = 0;
  Buffer subscription;  // Opaque: the member's metadata for the group's protocol.
  Buffer assignment;    // Opaque: what the leader assigned to it.

  friend bool operator==(const MemberMetadata& a, const MemberMetadata& b) {
    return a.member_id == b.member_id && a.instance_id == b.instance_id && a.client_id == b.client_id &&
           a.client_host == b.client_host && a.rebalance_timeout_ms == b.rebalance_timeout_ms &&
           a.session_timeout_ms == b.session_timeout_ms &&
           as_text(a.subscription.view()) == as_text(b.subscription.view()) &&
           as_text(a.assignment.view()) == as_text(b.assignment.view());
  }
};

// A group as of one generation. No members: nobody is in it, or the generation has begun and its leader has not
// handed in the assignment yet (group.hpp says why that is written).
struct GroupMetadata {
  std::string protocol_type;
  std::int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  Timestamp state_timestamp = kNoTimestamp;
  std::vector<MemberMetadata> members;

  bool operator==(const GroupMetadata&) const = default;
};

struct OffsetKey {
  std::string group;
  std::string topic;
  PartitionId partition;

  auto operator<=>(const OffsetKey&) const = default;
};

struct CommittedOffset {
  Offset offset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::string metadata;
  Timestamp commit_time = kNoTimestamp;
  Timestamp expire_time = kNoTimestamp;  // Only when the client asked for a retention (OffsetCommit v2-v4).

  bool operator==(const CommittedOffset&) const = default;
};

// No value: a tombstone.
struct GroupRecord {
  std::string group;
  std::optional<GroupMetadata> value;

  bool operator==(const GroupRecord&) const = default;
};
struct OffsetRecord {
  OffsetKey key;
  std::optional<CommittedOffset> value;

  bool operator==(const OffsetRecord&) const = default;
};
using StateRecord = std::variant<GroupRecord, OffsetRecord>;

}  // namespace barnabas::coordinator::group
