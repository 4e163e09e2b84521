// SyncGroup: the leader hands in the assignment, everybody gets their part.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/coordinator/group/group.hpp"

namespace barnabas::coordinator::group {

Effects Group::sync(SyncInput input, Moment at) {
  B_CHECK(!writing());
  Effects effects;
  const ErrorCode error = validate_sync(input);
  if (error == ErrorCode::none || error == ErrorCode::rebalance_in_progress) touch(*find(input.member_id), at.now);
  if (error != ErrorCode::none) {
    effects.replies.push_back(SyncReply{.waiter = input.waiter, .error = error});
    return effects;
  }
  Member& member = *find(input.member_id);
  member.synced = true;
  if (state_ == GroupState::stable) {
    effects.replies.push_back(assignment_for(member, input.waiter));
    return effects;
  }
  if (member.sync_waiter) {  // From a connection that the member has given up.
    effects.replies.push_back(SyncReply{.waiter = *member.sync_waiter, .error = ErrorCode::rebalance_in_progress});
  }
  member.sync_waiter = input.waiter;
  if (leader_ == member.id) {
    effects.record = assignment_record(input, at.wall);
    writing_ = Writing::assignment;
  }
  return effects;
}

ErrorCode Group::validate_sync(const SyncInput& input) const {
  const ErrorCode error = validate({.member_id = input.member_id, .instance_id = input.instance_id});
  if (error != ErrorCode::none) return error;
  if (input.generation != generation() && !BARNABAS_MUTANT(sync_of_any_generation)) {
    return ErrorCode::illegal_generation;
  }
  if (input.protocol_type && *input.protocol_type != protocol_type_) return ErrorCode::inconsistent_group_protocol;
  if (input.protocol && input.protocol != protocol_) return ErrorCode::inconsistent_group_protocol;
  if (state_ == GroupState::preparing_rebalance) return ErrorCode::rebalance_in_progress;
  return ErrorCode::none;
}

// A member that the leader forgot gets an empty assignment; an assignment for nobody in the group is dropped.
GroupMetadata Group::assignment_record(const SyncInput& input, Timestamp wall) const {
  GroupMetadata value{.protocol_type = protocol_type_,
                      .generation = generation(),
                      .protocol = protocol_,
                      .leader = leader_,
                      .state_timestamp = wall,
                      .members = {}};
  for (const auto& [id, member] : members_) {
    value.members.push_back(metadata_of(member));
    const auto given = std::ranges::find(input.assignments, id, [](const auto& entry) { return entry.first; });
    if (given != input.assignments.end()) value.members.back().assignment = given->second;
  }
  return value;
}

SyncReply Group::assignment_for(const Member& member, WaiterId waiter) const {
  SyncReply reply{.waiter = waiter, .protocol_type = protocol_type_, .protocol = protocol_, .assignment = {}};
  for (const MemberMetadata& kept : persistent_->members) {
    if (kept.member_id == member.id) reply.assignment = kept.assignment;
  }
  return reply;
}

}  // namespace barnabas::coordinator::group
