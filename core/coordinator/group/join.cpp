// JoinGroup: who is let in, and what that does to the group.
#include <algorithm>

#include "core/coordinator/group/group.hpp"

namespace barnabas::coordinator::group {
namespace {

JoinReply refusal(const JoinInput& input, std::string member_id, ErrorCode error) {
  return {.waiter = input.waiter, .error = error, .member_id = std::move(member_id)};
}

}  // namespace

Effects Group::join(JoinInput input, Moment at) {
  B_CHECK(!writing());
  Effects effects;
  if (!accepts(input.member_id)) {
    effects.replies.push_back(refusal(input, "", ErrorCode::group_max_size_reached));
    if (find(input.member_id) != nullptr) {
      remove(input.member_id, effects);
      after_removal(at, effects);
    }
  } else if (!supports(input)) {
    std::string member_id = input.member_id;
    effects.replies.push_back(refusal(input, std::move(member_id), ErrorCode::inconsistent_group_protocol));
  } else if (input.member_id.empty()) {
    join_new(std::move(input), at, effects);
  } else {
    join_known(std::move(input), at, effects);
  }
  settle(at, effects);
  return effects;
}

// The size is judged by those who wait, not by those who are in, while a rebalance gathers the members: so a
// limit that was lowered drops the last to rejoin (KIP-389).
bool Group::accepts(std::string_view member_id) const {
  const auto found = members_.find(member_id);
  switch (state_) {
    case GroupState::empty: return true;
    case GroupState::preparing_rebalance: {
      if (found != members_.end() && found->second.join_waiter) return true;
      const auto waits = [](const auto& entry) { return entry.second.join_waiter.has_value(); };
      return static_cast<std::size_t>(std::ranges::count_if(members_, waits)) < config_.max_group_size;
    }
    case GroupState::completing_rebalance:
    case GroupState::stable: return found != members_.end() || members_.size() < config_.max_group_size;
  }
  return false;
}

// A member must offer at least one protocol that all others offer too.
bool Group::supports(const JoinInput& input) const {
  if (members_.empty()) return !input.protocol_type.empty() && !input.protocols.empty();
  if (input.protocol_type != protocol_type_) return false;
  return std::ranges::any_of(input.protocols, [this](const Protocol& offered) {
    return std::ranges::all_of(members_, [&offered](const auto& entry) {
      return std::ranges::find(entry.second.protocols, offered.name, &Protocol::name) != entry.second.protocols.end();
    });
  });
}

void Group::join_new(JoinInput input, Moment at, Effects& effects) {
  if (input.instance_id) {
    const auto known = static_members_.find(*input.instance_id);
    if (known != static_members_.end()) {
      join_static(std::move(input), known->second, at, effects);
      return;
    }
  } else if (input.require_known_member) {
    if (pending_.size() >= kMaxPendingMembers) {
      effects.replies.push_back(refusal(input, "", ErrorCode::group_max_size_reached));
      return;
    }
    pending_[input.fresh_member_id] = at.now + input.session_timeout;
    effects.replies.push_back(refusal(input, input.fresh_member_id, ErrorCode::member_id_required));
    return;
  }
  std::string member_id = input.fresh_member_id;
  add_member(std::move(input), std::move(member_id), at, effects);
}

void Group::join_known(JoinInput input, Moment at, Effects& effects) {
  if (pending_.contains(input.member_id) && !input.instance_id) {
    std::string member_id = input.member_id;
    add_member(std::move(input), std::move(member_id), at, effects);
    return;
  }
  const ErrorCode error = validate({.member_id = input.member_id, .instance_id = input.instance_id});
  if (error != ErrorCode::none) {
    std::string member_id = input.member_id;
    effects.replies.push_back(refusal(input, std::move(member_id), error));
    return;
  }
  Member& member = *find(input.member_id);
  rejoin(member, std::move(input), at, effects);
}

void Group::add_member(JoinInput input, std::string member_id, Moment at, Effects& effects) {
  pending_.erase(member_id);
  if (members_.empty()) protocol_type_ = input.protocol_type;
  if (initial_delay_left_ && generation() == 0) new_member_added_ = true;
  Member& member = members_[member_id];
  member.id = member_id;
  member.instance_id = input.instance_id;
  member.client_id = input.client_id;
  member.client_host = input.client_host;
  member.order = ++joins_;
  member.is_new = true;
  update(member, input);
  await_join(member, input.waiter, effects);
  member.deadline = at.now + kNewMemberJoinTimeout;
  if (member.instance_id) static_members_[*member.instance_id] = member_id;
  if (!leader_) leader_ = member_id;
  rebalance(at, effects);
}

void Group::rejoin(Member& member, JoinInput input, Moment at, Effects& effects) {
  const bool same = std::ranges::equal(member.protocols, input.protocols, [](const Protocol& a, const Protocol& b) {
    return a.name == b.name && as_text(a.metadata.view()) == as_text(b.metadata.view());
  });
  // With the same subscription the answer to an earlier JoinGroup was lost, or a follower asks for nothing new.
  // A leader that joins again in Stable wants a rebalance, because topics changed.
  const bool unchanged =
      same && (state_ == GroupState::completing_rebalance || (state_ == GroupState::stable && leader_ != member.id));
  member.deadline = at.now + (member.is_new ? kNewMemberJoinTimeout : member.session_timeout);
  if (unchanged) {
    effects.replies.push_back(current_generation(member, input.waiter));
    return;
  }
  update(member, input);
  await_join(member, input.waiter, effects);
  rebalance(at, effects);
}

void Group::update(Member& member, JoinInput& input) {
  member.session_timeout = input.session_timeout;
  member.rebalance_timeout = input.rebalance_timeout;
  member.protocols = std::move(input.protocols);
}

// An earlier JoinGroup of the same member that still waits is from a connection it has given up.
void Group::await_join(Member& member, WaiterId waiter, Effects& effects) {
  if (member.join_waiter) {
    effects.replies.push_back(
        JoinReply{.waiter = *member.join_waiter, .error = ErrorCode::rebalance_in_progress, .member_id = member.id});
  }
  member.join_waiter = waiter;
}

JoinReply Group::current_generation(const Member& member, WaiterId waiter) const {
  JoinReply reply{.waiter = waiter,
                  .generation = generation(),
                  .protocol_type = protocol_type_,
                  .protocol = protocol_,
                  .leader = leader_.value_or(""),
                  .member_id = member.id};
  if (leader_ != member.id) return reply;
  for (const auto& [id, each] : members_) {
    reply.members.push_back({id, each.instance_id, each.metadata_for(protocol_.value_or(""))});
  }
  return reply;
}

}  // namespace barnabas::coordinator::group
