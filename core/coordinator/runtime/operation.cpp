#include "core/coordinator/runtime/operation.hpp"

namespace barnabas::coordinator {
namespace {

Answer refuse(const group::JoinInput& input, ErrorCode error) {
  return group::JoinReply{.waiter = input.waiter, .error = error, .member_id = input.member_id};
}
Answer refuse(const group::SyncInput& input, ErrorCode error) {
  return group::SyncReply{.waiter = input.waiter, .error = error};
}
Answer refuse(const LeaveOperation& leave, ErrorCode error) {
  return LeaveReply{.waiter = leave.waiter, .error = error};
}
Answer refuse(const CommitOperation& commit, ErrorCode error) {
  return CommitReply{.waiter = commit.waiter, .error = error};
}
Answer refuse(const DeleteOperation& removal, ErrorCode error) {
  return DeleteReply{.waiter = removal.waiter, .error = error};
}
Answer refuse(const ForgetOperation& forget, ErrorCode error) {
  return ForgetReply{.waiter = forget.waiter, .error = error};
}
std::optional<Answer> refuse(const CleanOperation&, ErrorCode) { return std::nullopt; }
std::optional<Answer> refuse(const TimerOperation&, ErrorCode) { return std::nullopt; }

}  // namespace

std::optional<Answer> refusal(const Operation& operation, ErrorCode error) {
  return std::visit([error](const auto& each) -> std::optional<Answer> { return refuse(each, error); }, operation);
}

}  // namespace barnabas::coordinator
