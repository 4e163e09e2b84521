#include "core/coordinator/group/group.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/versioned.hpp"

namespace barnabas::coordinator::group {
namespace {

std::int32_t to_ms(Duration duration) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

std::string_view name_of(GroupState state) {
  switch (state) {
    case GroupState::empty: return "Empty";
    case GroupState::preparing_rebalance: return "PreparingRebalance";
    case GroupState::completing_rebalance: return "CompletingRebalance";
    case GroupState::stable: return "Stable";
  }
  return "?";
}

Buffer Group::Member::metadata_for(std::string_view protocol) const {
  for (const Protocol& offered : protocols) {
    if (offered.name == protocol) return offered.metadata;
  }
  return {};
}

void Group::replay(std::optional<GroupMetadata> value) {
  persistent_ = std::move(value);
  if (persistent_) return;
  protocol_type_.clear();
  protocol_.reset();
}

void Group::resume(Instant now) {
  B_CHECK(members_.empty() && state_ == GroupState::empty);
  if (!persistent_) return;
  protocol_type_ = persistent_->protocol_type;
  for (const MemberMetadata& kept : persistent_->members) {
    Member& member = members_[kept.member_id];
    member.id = kept.member_id;
    member.instance_id = kept.instance_id;
    member.client_id = kept.client_id;
    member.client_host = kept.client_host;
    member.session_timeout = std::chrono::milliseconds(std::max(kept.session_timeout_ms, 0));
    member.rebalance_timeout = std::chrono::milliseconds(std::max(kept.rebalance_timeout_ms, 0));
    member.protocols = {Protocol{persistent_->protocol.value_or(""), kept.subscription}};
    member.order = ++joins_;
    member.synced = true;
    touch(member, now);
    if (member.instance_id) static_members_[*member.instance_id] = member.id;
  }
  if (members_.empty()) return;
  state_ = GroupState::stable;
  protocol_ = persistent_->protocol.value_or("");
  leader_ = persistent_->leader;
  if (!leader_ || !members_.contains(*leader_)) leader_ = members_.begin()->first;
}

Group::Member* Group::find(std::string_view member_id) {
  const auto found = members_.find(member_id);
  return found == members_.end() ? nullptr : &found->second;
}

ErrorCode Group::validate(const MemberIdentity& member) const {
  if (member.instance_id) {
    const auto known = static_members_.find(*member.instance_id);
    if (known == static_members_.end()) return ErrorCode::unknown_member_id;
    if (known->second != member.member_id) return ErrorCode::fenced_instance_id;
  }
  return members_.contains(member.member_id) ? ErrorCode::none : ErrorCode::unknown_member_id;
}

ErrorCode Group::heartbeat(const MemberIdentity& identity, std::int32_t generation, Instant now) {
  if (const ErrorCode error = validate(identity); error != ErrorCode::none) return error;
  if (generation != this->generation()) return ErrorCode::illegal_generation;
  touch(*find(identity.member_id), now);
  return state_ == GroupState::preparing_rebalance ? ErrorCode::rebalance_in_progress : ErrorCode::none;
}

ErrorCode Group::commit(const MemberIdentity& identity, std::int32_t generation, Instant now) {
  const bool anonymous = generation < 0 && identity.member_id.empty() && !identity.instance_id;
  if (generation < 0 && state_ == GroupState::empty) return ErrorCode::none;
  if (anonymous) return ErrorCode::unknown_member_id;
  const bool former = validate(identity) != ErrorCode::none || generation != this->generation();
  if (former && BARNABAS_MUTANT(former_members_may_commit)) return ErrorCode::none;
  if (const ErrorCode error = validate(identity); error != ErrorCode::none) return error;
  if (generation != this->generation()) return ErrorCode::illegal_generation;
  // The member knows of the generation, so it must first learn its assignment.
  if (state_ == GroupState::completing_rebalance) return ErrorCode::rebalance_in_progress;
  touch(*find(identity.member_id), now);
  return ErrorCode::none;
}

ErrorCode Group::check_delete() const {
  return state_ == GroupState::empty ? ErrorCode::none : ErrorCode::non_empty_group;
}

namespace {

// Whether a member with this metadata consumes the topic. Metadata that cannot be read may say anything.
bool is_subscribed(ByteView metadata, std::string_view topic) {
  constexpr auto kNewer = protocol::NewerVersions::read_as_newest;
  const auto subscription = protocol::decode_versioned<protocol::ConsumerProtocolSubscription>(metadata, kNewer);
  if (!subscription) return true;
  return std::ranges::any_of(subscription->topics, [topic](const auto& name) { return name.view() == topic; });
}

}  // namespace

ErrorCode Group::check_forget(std::string_view topic) const {
  if (state_ == GroupState::empty) return ErrorCode::none;
  if (protocol_type_ != "consumer") return ErrorCode::non_empty_group;
  for (const auto& [id, member] : members_) {
    for (const Protocol& each : member.protocols) {
      if (is_subscribed(each.metadata.view(), topic)) return ErrorCode::group_subscribed_to_topic;
    }
  }
  return ErrorCode::none;
}

std::optional<Timestamp> Group::unused_since(std::string_view topic, Timestamp committed) const {
  if (state_ == GroupState::stable && check_forget(topic) == ErrorCode::none) return committed;
  if (state_ != GroupState::empty) return std::nullopt;
  // Kafka goes by the state's time alone, and so forgets at once what is committed from outside long after.
  return persistent_ ? std::max(persistent_->state_timestamp, committed) : committed;
}

std::optional<Instant> Group::next_deadline() const {
  std::optional<Instant> next;
  if (writing()) return next;
  const auto consider = [&next](Instant deadline) { next = next ? std::min(*next, deadline) : deadline; };
  for (const auto& [id, member] : members_) {
    if (!member.excused()) consider(member.deadline);
  }
  for (const auto& [id, deadline] : pending_) consider(deadline);
  if (rebalance_deadline_) consider(*rebalance_deadline_);
  if (sync_deadline_ && !BARNABAS_MUTANT(no_sync_timeout)) consider(*sync_deadline_);
  return next;
}

Effects Group::written(Moment at) {
  Effects effects;
  switch (std::exchange(writing_, Writing::nothing)) {
    case Writing::nothing: B_CHECK(false);
    case Writing::generation: finish_generation(at, effects); break;
    case Writing::assignment:
      state_ = GroupState::stable;
      answer_syncs(ErrorCode::none, at.now, effects);
      break;
    case Writing::static_rejoin: finish_static_rejoin(at, effects); break;
  }
  return effects;
}

Effects Group::write_failed(ErrorCode error, Moment at) {
  Effects effects;
  switch (std::exchange(writing_, Writing::nothing)) {
    case Writing::nothing: B_CHECK(false);
    case Writing::generation:
      for (auto& [id, member] : members_) {
        touch(member, at.now);
        member.is_new = false;
        if (const auto waiter = std::exchange(member.join_waiter, {})) {
          effects.replies.push_back(JoinReply{.waiter = *waiter, .error = error, .member_id = id});
        }
      }
      initial_delay_left_.reset();
      rebalance_deadline_ = at.now + std::max(rebalance_timeout(), config_.min_session_timeout);
      if (members_.empty()) {  // The number it had stays; the next generation is written anyway.
        rebalance_deadline_.reset();
        state_ = GroupState::empty;
      }
      break;
    case Writing::assignment:
      answer_syncs(error, at.now, effects);
      rebalance(at, effects);
      break;
    case Writing::static_rejoin: {
      const JoinInput input = *std::exchange(static_rejoin_, {});
      effects.replies.push_back(JoinReply{.waiter = input.waiter, .error = error});
      break;
    }
  }
  settle(at, effects);
  return effects;
}

std::vector<Reply> Group::abandon(ErrorCode error) {
  std::vector<Reply> replies;
  if (const auto input = std::exchange(static_rejoin_, {})) {
    replies.push_back(JoinReply{.waiter = input->waiter, .error = error});
  }
  for (auto& [id, member] : members_) {
    if (const auto waiter = std::exchange(member.join_waiter, {})) {
      replies.push_back(JoinReply{.waiter = *waiter, .error = error, .member_id = id});
    }
    if (const auto waiter = std::exchange(member.sync_waiter, {})) {
      replies.push_back(SyncReply{.waiter = *waiter, .error = error});
    }
  }
  return replies;
}

Duration Group::rebalance_timeout() const {
  Duration longest{};
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

MemberMetadata Group::metadata_of(const Member& member) const {
  return {.member_id = member.id,
          .instance_id = member.instance_id,
          .client_id = member.client_id,
          .client_host = member.client_host,
          .rebalance_timeout_ms = to_ms(member.rebalance_timeout),
          .session_timeout_ms = to_ms(member.session_timeout),
          .subscription = member.metadata_for(protocol_.value_or("")),
          .assignment = {}};
}

GroupDescription Group::describe() const {
  GroupDescription result;
  result.state = name_of(state_);
  result.protocol_type = protocol_type_;
  if (state_ == GroupState::stable) {
    result.protocol = protocol_.value_or("");
    result.members = persistent_->members;
    return result;
  }
  for (const auto& [id, member] : members_) {
    result.members.push_back(metadata_of(member));
    result.members.back().subscription = Buffer();
  }
  return result;
}

}  // namespace barnabas::coordinator::group
