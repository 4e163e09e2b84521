// What is asked of one group, in the order in which it came, and the answers.
#pragma once

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
// The group's next deadline has passed.
struct TimerOperation {};

using Operation =
    std::variant<group::JoinInput, group::SyncInput, LeaveOperation, CommitOperation, DeleteOperation, TimerOperation>;

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

using Answer = std::variant<group::JoinReply, group::SyncReply, LeaveReply, CommitReply, DeleteReply>;

// The answer that refuses the operation. Not for TimerOperation, which nobody waits for.
std::optional<Answer> refusal(const Operation& operation, ErrorCode error);

}  // namespace barnabas::coordinator
