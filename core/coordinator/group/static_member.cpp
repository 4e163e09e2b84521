// A static member (KIP-345) that comes back: same group.instance.id, new member id.
//
// The former member id is fenced at once in every state, so that two processes with one instance id never both
// own partitions (KAFKA-8500).
#include "core/coordinator/group/group.hpp"

namespace barnabas::coordinator::group {

void Group::join_static(JoinInput input, std::string old_member_id, Moment at, Effects& effects) {
  Member& old_member = *find(old_member_id);
  if (state_ == GroupState::stable && keeps_protocol(old_member, input)) {
    // It takes its old place without a rebalance; what changes is persistent, so the record comes first.
    effects.record = with_replaced_member(old_member_id, input);
    effects.record->state_timestamp = at.wall;
    writing_ = Writing::static_rejoin;
    static_rejoin_ = std::move(input);
    replaced_member_ = std::move(old_member_id);
    return;
  }
  Member& member = replace_member(old_member_id, input.fresh_member_id, effects);
  update(member, input);
  touch(member, at.now);
  await_join(member, input.waiter, effects);
  rebalance(at, effects);
}

bool Group::keeps_protocol(Member& member, JoinInput& input) const {
  std::swap(member.protocols, input.protocols);
  const bool same = select_protocol() == protocol_;
  std::swap(member.protocols, input.protocols);
  return same;
}

Group::Member& Group::replace_member(const std::string& old_id, const std::string& new_id, Effects& effects) {
  auto node = members_.extract(old_id);
  B_CHECK(!node.empty());
  node.key() = new_id;
  Member& member = members_.insert(std::move(node)).position->second;
  member.id = new_id;
  static_members_[*member.instance_id] = new_id;
  if (leader_ == old_id) leader_ = new_id;
  if (const auto waiter = std::exchange(member.join_waiter, {})) {
    effects.replies.push_back(
        JoinReply{.waiter = *waiter, .error = ErrorCode::fenced_instance_id, .member_id = old_id});
  }
  if (const auto waiter = std::exchange(member.sync_waiter, {})) {
    effects.replies.push_back(SyncReply{.waiter = *waiter, .error = ErrorCode::fenced_instance_id});
  }
  return member;
}

GroupMetadata Group::with_replaced_member(const std::string& old_id, const JoinInput& input) const {
  GroupMetadata value = *persistent_;
  if (value.leader == old_id) value.leader = input.fresh_member_id;
  for (MemberMetadata& member : value.members) {
    if (member.member_id != old_id) continue;
    member.member_id = input.fresh_member_id;
    const auto ms = [](Duration d) { return static_cast<std::int32_t>(d / std::chrono::milliseconds(1)); };
    member.session_timeout_ms = ms(input.session_timeout);
    member.rebalance_timeout_ms = ms(input.rebalance_timeout);
    for (const Protocol& offered : input.protocols) {
      if (offered.name == protocol_) member.subscription = offered.metadata;
    }
  }
  return value;
}

void Group::finish_static_rejoin(Moment at, Effects& effects) {
  JoinInput input = *std::exchange(static_rejoin_, {});
  const std::string old_leader = leader_.value_or("");
  Member& member = replace_member(replaced_member_, input.fresh_member_id, effects);
  const WaiterId waiter = input.waiter;
  update(member, input);
  touch(member, at.now);
  JoinReply reply = current_generation(member, waiter);
  // Before v9 a leader that learns that it is one would compute an assignment which a stable group does not
  // take: it is told the former leader's id instead, and believes that it is a follower.
  if (input.can_skip_assignment) {
    reply.skip_assignment = leader_ == member.id;
  } else {
    reply.leader = old_leader;
    reply.members.clear();
  }
  effects.replies.push_back(std::move(reply));
}

}  // namespace barnabas::coordinator::group
