// How members go: by LeaveGroup, by the end of a session, by not syncing.
#include "core/coordinator/group/group.hpp"

#include "core/base/mutant.hpp"

namespace barnabas::coordinator::group {

Effects Group::leave(std::span<const MemberIdentity> leavers, Moment at, std::vector<ErrorCode>& errors) {
  B_CHECK(!writing());
  Effects effects;
  bool removed = false;
  for (const MemberIdentity& leaver : leavers) errors.push_back(leave_one(leaver, effects, removed));
  if (removed) after_removal(at, effects);
  settle(at, effects);
  return effects;
}

ErrorCode Group::leave_one(const MemberIdentity& leaver, Effects& effects, bool& removed) {
  std::string member_id = leaver.member_id;
  if (member_id.empty()) {  // An operator removes a static member by its instance id alone.
    const auto known = leaver.instance_id ? static_members_.find(*leaver.instance_id) : static_members_.end();
    if (known == static_members_.end()) return ErrorCode::unknown_member_id;
    member_id = known->second;
  } else if (pending_.erase(member_id) > 0) {
    return ErrorCode::none;
  } else if (const ErrorCode error = validate(leaver); error != ErrorCode::none) {
    return error;
  }
  remove(member_id, effects);
  removed = true;
  return ErrorCode::none;
}

Effects Group::timer(Moment at) {
  B_CHECK(!writing());
  Effects effects;
  std::erase_if(pending_, [&at](const auto& entry) { return entry.second <= at.now; });
  std::vector<std::string> expired;
  for (const auto& [id, member] : members_) {
    if (!member.excused() && member.deadline <= at.now) expired.push_back(id);
  }
  for (const std::string& id : expired) remove(id, effects);
  if (!expired.empty()) after_removal(at, effects);
  const bool late = sync_deadline_ && *sync_deadline_ <= at.now;
  if (late && !BARNABAS_MUTANT(no_sync_timeout)) drop_unsynced(at, effects);
  settle(at, effects);
  return effects;
}

// A leader that beats but never syncs must not hold the group for ever (KAFKA-12890).
void Group::drop_unsynced(Moment at, Effects& effects) {
  sync_deadline_.reset();
  std::vector<std::string> silent;
  for (const auto& [id, member] : members_) {
    if (!member.synced) silent.push_back(id);
  }
  for (const std::string& id : silent) remove(id, effects);
  if (!silent.empty()) after_removal(at, effects);
}

// Takes the member out. Whoever waits in its name is told that it is not a member.
void Group::remove(const std::string& member_id, Effects& effects) {
  const auto found = members_.find(member_id);
  B_CHECK(found != members_.end());
  Member& member = found->second;
  if (member.join_waiter) {
    effects.replies.push_back(JoinReply{.waiter = *member.join_waiter, .error = ErrorCode::unknown_member_id});
  }
  if (member.sync_waiter) {
    effects.replies.push_back(SyncReply{.waiter = *member.sync_waiter, .error = ErrorCode::unknown_member_id});
  }
  if (member.instance_id) static_members_.erase(*member.instance_id);
  if (leader_ == member.id) leader_.reset();
  members_.erase(found);
  if (leader_) return;
  const Member* eldest = nullptr;
  for (const auto& [id, each] : members_) {
    if (eldest == nullptr || each.order < eldest->order) eldest = &each;
  }
  if (eldest != nullptr) leader_ = eldest->id;
}

void Group::after_removal(Moment at, Effects& effects) {
  if (state_ == GroupState::stable || state_ == GroupState::completing_rebalance) rebalance(at, effects);
}

}  // namespace barnabas::coordinator::group
