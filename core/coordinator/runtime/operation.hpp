// What is asked of one group, in the order in which it came, and the answers.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/coordinator/group/messages.hpp"

namespace barnabas::coordinator {

using group::ErrorCode;
using group::WaiterId;

struct LeaveOperation {
  WaiterId waiter;
  std::vector<group::MemberIdentity> leavers;
};
struct CommitOperation {
  WaiterId waiter;
  group::MemberIdentity member;
  std::int32_t generation = -1;
  std::vector<group::OffsetRecord> records;
};
struct DeleteOperation {
  WaiterId waiter;
};
// OffsetDelete: forget these offsets, whose group is that of the operation.
struct ForgetOperation {
  WaiterId waiter;
  std::vector<group::OffsetKey> keys;
};
// Forget what is of no use any more: offsets whose retention is over, those of a topic that is deleted, and the group
// when neither members nor offsets are left. Nobody waits for it.
struct CleanOperation {
  std::string deleted_topic = {};  // Empty: none.
};
// The group's next deadline has passed.
struct TimerOperation {};

using Operation = std::variant<group::JoinInput, group::SyncInput, LeaveOperation, CommitOperation, DeleteOperation,
                               ForgetOperation, CleanOperation, TimerOperation>;

struct LeaveReply {
  WaiterId waiter{};
  ErrorCode error = ErrorCode::none;
  std::vector<ErrorCode> errors = {};  // One per leaver, unless error is set.
};
struct CommitReply {
  WaiterId waiter{};
  ErrorCode error = ErrorCode::none;
};
struct DeleteReply {
  WaiterId waiter{};
  ErrorCode error = ErrorCode::none;
};

struct ForgetReply {
  WaiterId waiter{};
  ErrorCode error = ErrorCode::none;
  std::vector<ErrorCode> errors = {};  // One per key, unless error is set.
};

using Answer = std::variant<group::JoinReply, group::SyncReply, LeaveReply, CommitReply, DeleteReply, ForgetReply>;

// The answer that refuses the operation. None for what nobody waits for.
std::optional<Answer> refusal(const Operation& operation, ErrorCode error);

}  // namespace barnabas::coordinator
