// What goes into a Group and what comes out: requests and answers without their wire format.
//
// Everything is owned: nothing borrows from a network buffer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/strong.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/group/state_record.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::coordinator::group {

using protocol::ErrorCode;

// The time at which something is decided: monotonic for deadlines, wall for what is written down.
struct Moment {
  Instant now;
  Timestamp wall;
};

// A request that waits for its answer; the shell knows whose it is.
using WaiterId = Strong<struct WaiterIdTag, std::uint64_t>;

// An assignment strategy that a member supports, with what it says to the leader if that one is chosen.
struct Protocol {
  std::string name;
  Buffer metadata;
};

struct JoinInput {
  WaiterId waiter;
  std::string member_id;  // Empty: the member is new.
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  // JoinGroup v4+ without an instance id: a new member is first told its id (KIP-394).
  bool require_known_member = false;
  // JoinGroup v9+: a static leader that returns can be told to leave the assignment as it is (KIP-814).
  bool can_skip_assignment = false;
  Duration session_timeout{};
  Duration rebalance_timeout{};
  std::string protocol_type;
  std::vector<Protocol> protocols;
  // An id that nobody has yet, for when the member is new: made by the shell, since entropy is not for here.
  std::string fresh_member_id;
};

struct JoinedMember {
  std::string member_id;
  std::optional<std::string> instance_id;
  Buffer metadata;
};

struct JoinReply {
  WaiterId waiter{};
  ErrorCode error = ErrorCode::none;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::string leader = {};
  bool skip_assignment = false;
  std::string member_id = {};
  std::vector<JoinedMember> members = {};  // For the leader only.
};

struct SyncInput {
  WaiterId waiter;
  std::string member_id;
  std::optional<std::string> instance_id;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  std::vector<std::pair<std::string, Buffer>> assignments;  // By member id; from the leader only.
};

struct SyncReply {
  WaiterId waiter{};
  ErrorCode error = ErrorCode::none;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  Buffer assignment = {};
};

// Who a member says it is, in Heartbeat, LeaveGroup and OffsetCommit.
struct MemberIdentity {
  std::string member_id;
  std::optional<std::string> instance_id;
};

using Reply = std::variant<JoinReply, SyncReply>;

// What is to be done after an input.
struct Effects {
  std::vector<Reply> replies;  // To send now, whatever becomes of the record.
  // To append to the log. The group takes no further join, sync, leave or timer until it was told the outcome:
  // replay() and written(), or write_failed().
  std::optional<GroupMetadata> record;
};

// For DescribeGroups and ListGroups.
struct GroupDescription {
  std::string_view state;  // Kafka's name of it.
  std::string protocol_type;
  std::string protocol;                 // Empty unless Stable.
  std::vector<MemberMetadata> members;  // Subscription and assignment are empty unless Stable.
};

}  // namespace barnabas::coordinator::group
