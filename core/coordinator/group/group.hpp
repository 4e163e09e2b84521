// One consumer group of the classic protocol, as a pure machine: no I/O, no clock, no waiting.
//
// States, as in Kafka: Empty -> PreparingRebalance (members join) -> CompletingRebalance (the leader assigns)
// -> Stable, and back to PreparingRebalance whenever membership or subscriptions change.
//
// What is persistent is exactly the last GroupMetadata replayed: generation, members and their assignments.
// Everything else (who waits, deadlines, what members offered in the rebalance under way) dies with the
// coordinator and is rebuilt by resume(). Four events are written: a generation begins (with no members: should
// the coordinator fail over now, they all join again, but the number is never given out twice; Kafka keeps it in
// memory here, simulation.md W5), its leader hands in the assignment, the last member is gone, and a static member
// comes back under a new member id (KAFKA-10284).
//
// Rules: KIP-62 (rebalance timeout), KIP-134 (initial delay), KIP-345 (static members), KIP-389 (size limit),
// KIP-394 (member id required), KIP-559 (protocol checked at sync), KIP-814 (skip assignment), KAFKA-7610 (new members
// time out), KAFKA-12890 (sync timeout).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/coordinator/group/config.hpp"
#include "core/coordinator/group/messages.hpp"
#include "core/coordinator/group/state_record.hpp"

namespace barnabas::coordinator::group {

enum class GroupState : std::uint8_t { empty, preparing_rebalance, completing_rebalance, stable };
// "PreparingRebalance", as Kafka prints it. A group that does not exist is "Dead" there.
std::string_view name_of(GroupState state);

class Group {
 public:
  // The config outlives the group.
  Group(std::string id, const GroupConfig& config) : id_(std::move(id)), config_(config) {}

  // The persistent state.
  //
  // Replaces it with the record's value; a tombstone (no value) makes the group as new.
  void replay(std::optional<GroupMetadata> value);
  const std::optional<GroupMetadata>& persistent() const { return persistent_; }
  // Begins to serve what was replayed: Stable with fresh sessions, or Empty. Called once, after loading.
  void resume(Instant now);

  // Requests. Those that return Effects require !writing().
  //
  // JoinGroup. Answered at once or when the rebalance is complete. Errors: unknown_member_id, fenced_instance_id,
  // member_id_required, inconsistent_group_protocol, group_max_size_reached.
  Effects join(JoinInput input, Moment at);
  // SyncGroup. Errors: unknown_member_id, fenced_instance_id, illegal_generation, inconsistent_group_protocol,
  // rebalance_in_progress.
  Effects sync(SyncInput input, Moment at);
  // LeaveGroup. errors receives one per leaver: none, unknown_member_id, fenced_instance_id.
  Effects leave(std::span<const MemberIdentity> leavers, Moment at, std::vector<ErrorCode>& errors);
  // Heartbeat; also while writing(). Errors: unknown_member_id, fenced_instance_id, illegal_generation,
  // rebalance_in_progress.
  ErrorCode heartbeat(const MemberIdentity& member, std::int32_t generation, Instant now);
  // Whether an OffsetCommit is accepted now. A negative generation without an identity comes from a client that
  // does not use the group's membership, and is accepted only while the group is empty.
  ErrorCode commit(const MemberIdentity& member, std::int32_t generation, Instant now);
  // DeleteGroups: none, or non_empty_group.
  ErrorCode check_delete() const;
  // OffsetDelete: none; group_subscribed_to_topic while members consume it; non_empty_group when what members do is
  // not known, because they are no consumers.
  ErrorCode check_forget(std::string_view topic) const;
  // Since when an offset of the topic, committed then, has been of no use to anybody (KIP-211): since the last member
  // left, or since the commit while the members consume other topics. Nothing while it may be in use.
  std::optional<Timestamp> unused_since(std::string_view topic, Timestamp committed) const;

  // Time has come to look at deadlines: ended sessions, rebalances and syncs.
  Effects timer(Moment at);
  // When timer() is due next; nothing while writing().
  std::optional<Instant> next_deadline() const;

  // The record of the last Effects was appended and replayed, or was not.
  Effects written(Moment at);
  Effects write_failed(ErrorCode error, Moment at);
  bool writing() const { return writing_ != Writing::nothing; }

  // The coordinator is going away: answers whoever waits with the error.
  std::vector<Reply> abandon(ErrorCode error);

  GroupState state() const { return state_; }
  std::int32_t generation() const { return persistent_ ? persistent_->generation : 0; }
  const std::string& id() const { return id_; }
  std::string_view protocol_type() const { return protocol_type_; }
  std::size_t size() const { return members_.size(); }
  // Nothing is known of it but its id.
  bool is_void() const { return !persistent_ && members_.empty() && pending_.empty() && !writing(); }
  GroupDescription describe() const;

 private:
  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    Duration session_timeout{};
    Duration rebalance_timeout{};
    std::vector<Protocol> protocols;
    std::uint64_t order = 0;              // Of joining; the eldest becomes leader.
    bool is_new = false;                  // Its first JoinGroup is not answered yet.
    bool synced = false;                  // Has sent SyncGroup in this generation.
    std::optional<WaiterId> join_waiter;  // Set: it has joined the rebalance under way.
    std::optional<WaiterId> sync_waiter;
    Instant deadline{};  // Of its session.

    // Whoever waits for an answer need not send heartbeats; a new member, that cannot, has its own limit.
    bool excused() const { return !is_new && (join_waiter || sync_waiter); }
    Buffer metadata_for(std::string_view protocol) const;
  };
  enum class Writing : std::uint8_t { nothing, generation, assignment, static_rejoin };

  // group.cpp
  Member* find(std::string_view member_id);
  ErrorCode validate(const MemberIdentity& member) const;
  void touch(Member& member, Instant now) { member.deadline = now + member.session_timeout; }
  Duration rebalance_timeout() const;
  MemberMetadata metadata_of(const Member& member) const;

  // join.cpp
  bool accepts(std::string_view member_id) const;
  bool supports(const JoinInput& input) const;
  void join_new(JoinInput input, Moment at, Effects& effects);
  void join_known(JoinInput input, Moment at, Effects& effects);
  void add_member(JoinInput input, std::string member_id, Moment at, Effects& effects);
  void rejoin(Member& member, JoinInput input, Moment at, Effects& effects);
  void update(Member& member, JoinInput& input);
  void await_join(Member& member, WaiterId waiter, Effects& effects);
  JoinReply current_generation(const Member& member, WaiterId waiter) const;

  // static_member.cpp
  void join_static(JoinInput input, std::string old_member_id, Moment at, Effects& effects);
  bool keeps_protocol(Member& member, JoinInput& input) const;
  Member& replace_member(const std::string& old_id, const std::string& new_id, Effects& effects);
  GroupMetadata with_replaced_member(const std::string& old_id, const JoinInput& input) const;
  void finish_static_rejoin(Moment at, Effects& effects);

  // rebalance.cpp
  void rebalance(Moment at, Effects& effects);
  void settle(Moment at, Effects& effects);
  bool initial_delay_passed(Instant now);
  bool all_joined() const;
  void begin_generation(Moment at, Effects& effects);
  void finish_generation(Moment at, Effects& effects);
  bool elect_joined_leader();
  std::string select_protocol() const;
  void answer_syncs(ErrorCode error, Instant now, Effects& effects);

  // leave.cpp
  void remove(const std::string& member_id, Effects& effects);
  void after_removal(Moment at, Effects& effects);
  ErrorCode leave_one(const MemberIdentity& leaver, Effects& effects, bool& removed);
  void drop_unsynced(Moment at, Effects& effects);

  // sync.cpp
  ErrorCode validate_sync(const SyncInput& input) const;
  GroupMetadata assignment_record(const SyncInput& input, Timestamp wall) const;
  SyncReply assignment_for(const Member& member, WaiterId waiter) const;

  std::string id_;
  const GroupConfig& config_;
  std::optional<GroupMetadata> persistent_;

  GroupState state_ = GroupState::empty;
  std::string protocol_type_;            // Of the members, and of the last ones while it is empty.
  std::optional<std::string> protocol_;  // Chosen when the generation began.
  std::optional<std::string> leader_;
  std::map<std::string, Member, std::less<>> members_;
  std::map<std::string, std::string, std::less<>> static_members_;  // Instance id -> member id.
  std::map<std::string, Instant, std::less<>> pending_;  // Ids told with member_id_required -> forgotten when.
  std::uint64_t joins_ = 0;

  std::optional<Instant> rebalance_deadline_;   // Set: PreparingRebalance.
  std::optional<Duration> initial_delay_left_;  // Set: in the initial delay; how much more it may be extended.
  bool new_member_added_ = false;               // In it: somebody came, so it is extended.
  std::optional<Instant> sync_deadline_;        // Members that have not synced by then are dropped.

  Writing writing_ = Writing::nothing;
  // While writing static_rejoin: who comes back in whose place.
  std::optional<JoinInput> static_rejoin_;
  std::string replaced_member_;
};

}  // namespace barnabas::coordinator::group
