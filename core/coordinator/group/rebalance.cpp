// From one generation to the next: gathering the members, choosing leader and protocol.
#include <algorithm>
#include <limits>

#include "core/coordinator/group/group.hpp"

namespace barnabas::coordinator::group {

// Starts gathering, unless that is under way.
void Group::rebalance(Moment at, Effects& effects) {
  if (state_ == GroupState::preparing_rebalance) return;
  if (state_ == GroupState::completing_rebalance) {
    answer_syncs(ErrorCode::rebalance_in_progress, at.now, effects);
  }
  sync_deadline_.reset();
  if (state_ == GroupState::empty) {
    const Duration delay = config_.initial_rebalance_delay;
    initial_delay_left_ = std::max(rebalance_timeout() - delay, Duration::zero());
    new_member_added_ = false;
    rebalance_deadline_ = at.now + delay;
  } else {
    rebalance_deadline_ = at.now + rebalance_timeout();
  }
  state_ = GroupState::preparing_rebalance;
}

// Every input ends here: begins the next generation when everybody has joined or the time is over.
void Group::settle(Moment at, Effects& effects) {
  if (state_ != GroupState::preparing_rebalance || writing()) return;
  if (initial_delay_left_) {
    if (!initial_delay_passed(at.now)) return;
  } else if (!all_joined() && at.now < *rebalance_deadline_) {
    return;
  }
  begin_generation(at, effects);
}

// The initial delay is extended while members keep coming, up to the rebalance timeout (KIP-134).
bool Group::initial_delay_passed(Instant now) {
  if (now < *rebalance_deadline_) return false;
  if (!new_member_added_ || *initial_delay_left_ == Duration::zero()) return true;
  const Duration more = std::min(config_.initial_rebalance_delay, *initial_delay_left_);
  new_member_added_ = false;
  *initial_delay_left_ -= more;
  rebalance_deadline_ = now + more;
  return more == Duration::zero();
}

bool Group::all_joined() const {
  return pending_.empty() &&
         std::ranges::all_of(members_, [](const auto& entry) { return entry.second.join_waiter.has_value(); });
}

void Group::begin_generation(Moment at, Effects& effects) {
  // Who has not joined in time is out; static members stay until their session ends.
  std::vector<std::string> late;
  for (const auto& [id, member] : members_) {
    if (!member.join_waiter && !member.instance_id) late.push_back(id);
  }
  for (const std::string& id : late) remove(id, effects);
  if (!members_.empty() && !elect_joined_leader()) {
    // Only absent static members: wait until they come back or their sessions end.
    initial_delay_left_.reset();
    rebalance_deadline_ = at.now + std::max(rebalance_timeout(), config_.min_session_timeout);
    return;
  }
  const std::int32_t last = generation();
  effects.record =
      GroupMetadata{.protocol_type = protocol_type_,
                    .generation = last == std::numeric_limits<std::int32_t>::max() ? 1 : std::max(last, 0) + 1,
                    .protocol = {},
                    .leader = {},
                    .state_timestamp = at.wall,
                    .members = {}};
  writing_ = Writing::generation;
}

void Group::finish_generation(Moment at, Effects& effects) {
  initial_delay_left_.reset();
  rebalance_deadline_.reset();
  if (members_.empty()) {
    protocol_.reset();
    state_ = GroupState::empty;
    return;
  }
  protocol_ = select_protocol();
  state_ = GroupState::completing_rebalance;
  sync_deadline_ = at.now + rebalance_timeout();
  for (auto& [id, member] : members_) {
    member.is_new = false;
    member.synced = false;
    touch(member, at.now);
    if (const auto waiter = std::exchange(member.join_waiter, {})) {
      effects.replies.push_back(current_generation(member, *waiter));
    }
  }
}

// Keeps the leader if it has joined, else takes the eldest that has. False when nobody has.
bool Group::elect_joined_leader() {
  if (const Member* leader = leader_ ? find(*leader_) : nullptr; leader != nullptr && leader->join_waiter) return true;
  const Member* eldest = nullptr;
  for (const auto& [id, member] : members_) {
    if (member.join_waiter && (eldest == nullptr || member.order < eldest->order)) eldest = &member;
  }
  if (eldest == nullptr) return false;
  leader_ = eldest->id;
  return true;
}

// Each member votes for the first of its protocols that all members offer; most votes win, then the alphabet.
std::string Group::select_protocol() const {
  std::map<std::string_view, std::size_t> offers;
  for (const auto& [id, member] : members_) {
    for (const Protocol& offered : member.protocols) ++offers[offered.name];
  }
  std::map<std::string_view, std::size_t> votes;
  for (const auto& [id, member] : members_) {
    const auto common = [&](const Protocol& offered) { return offers[offered.name] >= members_.size(); };
    const auto choice = std::ranges::find_if(member.protocols, common);
    if (choice != member.protocols.end()) ++votes[choice->name];
  }
  const auto winner = std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
  return winner == votes.end() ? std::string() : std::string(winner->first);
}

// Answers every SyncGroup that waits: with the assignment just written, or with the error.
void Group::answer_syncs(ErrorCode error, Instant now, Effects& effects) {
  for (auto& [id, member] : members_) {
    const auto waiter = std::exchange(member.sync_waiter, {});
    if (!waiter) continue;
    touch(member, now);
    if (error == ErrorCode::none) {
      effects.replies.push_back(assignment_for(member, *waiter));
    } else {
      effects.replies.push_back(SyncReply{.waiter = *waiter, .error = error});
    }
  }
}

}  // namespace barnabas::coordinator::group
