#include "core/coordinator/group/group.hpp"

#include "tests/coordinator/group_fixture.hpp"

namespace barnabas::coordinator::group {
namespace {

using Joiner = GroupDriver::Joiner;

TEST(GroupJoin, first_member_leads_generation_one) {
  GroupDriver d;
  const WaiterId wait = d.join({});
  ASSERT_TRUE(d.answered(wait));
  const JoinReply& reply = d.joined(wait);
  EXPECT_EQ(reply.error, ErrorCode::none);
  EXPECT_EQ(reply.generation, 1);
  EXPECT_EQ(reply.leader, reply.member_id);
  EXPECT_EQ(reply.protocol, "range");
  EXPECT_EQ(reply.protocol_type, "consumer");
  ASSERT_EQ(reply.members.size(), 1u);
  EXPECT_EQ(text(reply.members[0].metadata), "topics");
  EXPECT_EQ(d.group.state(), GroupState::completing_rebalance);
}

TEST(GroupJoin, generation_is_written_before_anybody_learns_it) {
  GroupDriver d;
  d.writes_succeed = false;
  const WaiterId wait = d.join({});
  EXPECT_FALSE(d.answered(wait));
  ASSERT_TRUE(d.written);
  EXPECT_EQ(d.written->generation, 1);
  EXPECT_TRUE(d.written->members.empty());
  EXPECT_EQ(d.group.generation(), 0);
  d.finish_write();
  EXPECT_EQ(d.joined(wait).generation, 1);
}

TEST(GroupJoin, failed_write_of_a_generation_changes_nothing_and_tells_the_waiting) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  const auto before = d.group.persistent();
  d.writes_succeed = false;
  const WaiterId wait = d.join({.member_id = ids[0]});
  d.fail_write(ErrorCode::not_coordinator);
  EXPECT_EQ(d.joined(wait).error, ErrorCode::not_coordinator);
  EXPECT_EQ(d.group.persistent(), before);
  EXPECT_EQ(d.group.state(), GroupState::preparing_rebalance);
  d.writes_succeed = true;
  EXPECT_EQ(d.joined(d.join({.member_id = ids[0]})).generation, 2);
}

TEST(GroupJoin, member_id_is_required_first_and_then_accepted) {
  GroupDriver d;
  const WaiterId first = d.join({.require_known_member = true});
  EXPECT_EQ(d.joined(first).error, ErrorCode::member_id_required);
  const std::string id = d.joined(first).member_id;
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(d.group.size(), 0u);
  const WaiterId second = d.join({.member_id = id, .require_known_member = true});
  EXPECT_EQ(d.joined(second).error, ErrorCode::none);
  EXPECT_EQ(d.joined(second).member_id, id);
}

TEST(GroupJoin, required_member_id_is_forgotten_after_the_session_timeout) {
  GroupDriver d;
  const std::string id = d.joined(d.join({.require_known_member = true})).member_id;
  d.pass(10s);
  EXPECT_EQ(d.joined(d.join({.member_id = id})).error, ErrorCode::unknown_member_id);
  EXPECT_TRUE(d.group.is_void());
}

TEST(GroupJoin, rebalance_waits_for_who_was_told_its_id) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  d.join({.require_known_member = true});
  const WaiterId wait = d.join({.member_id = ids[0]});
  EXPECT_FALSE(d.answered(wait));
  d.pass(10s);
  EXPECT_EQ(d.joined(wait).generation, 2);
}

TEST(GroupJoin, unknown_member_id_is_refused) {
  GroupDriver d;
  d.make_stable(1);
  const WaiterId wait = d.join({.member_id = "stranger"});
  EXPECT_EQ(d.joined(wait).error, ErrorCode::unknown_member_id);
  EXPECT_EQ(d.group.state(), GroupState::stable);
}

TEST(GroupJoin, newcomer_waits_until_all_have_rejoined) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const WaiterId newcomer = d.join({});
  EXPECT_EQ(d.heartbeat(ids[0], d.group.generation()), ErrorCode::rebalance_in_progress);
  const WaiterId first = d.join({.member_id = ids[0]});
  EXPECT_FALSE(d.answered(newcomer));
  const WaiterId second = d.join({.member_id = ids[1]});
  ASSERT_TRUE(d.answered(newcomer));
  const std::int32_t generation = d.group.generation();
  for (const WaiterId wait : {newcomer, first, second}) EXPECT_EQ(d.joined(wait).generation, generation);
  EXPECT_EQ(d.joined(first).members.size(), 3u);
  EXPECT_TRUE(d.joined(second).members.empty());
}

TEST(GroupJoin, late_member_is_dropped_after_the_rebalance_timeout) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const WaiterId wait = d.join({.member_id = ids[0], .session_timeout = 60s, .rebalance_timeout = 20s});
  // The second beats but does not join.
  for (int i = 0; i < 3; ++i) {
    d.pass(9s);
    d.heartbeat(ids[1], d.group.generation());
  }
  EXPECT_FALSE(d.answered(wait));  // Its own rebalance timeout of 30 s is the longest.
  d.pass(4s);
  ASSERT_TRUE(d.answered(wait));
  EXPECT_EQ(d.joined(wait).members.size(), 1u);
  EXPECT_EQ(d.heartbeat(ids[1], d.group.generation()), ErrorCode::unknown_member_id);
}

TEST(GroupJoin, leader_that_does_not_rejoin_is_replaced) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const std::string leader = *d.group.persistent()->leader;
  const std::string other = leader == ids[0] ? ids[1] : ids[0];
  const WaiterId newcomer = d.join({});
  d.join({.member_id = other});
  d.pass(31s);
  ASSERT_TRUE(d.answered(newcomer));
  EXPECT_EQ(d.joined(newcomer).leader, other);
}

TEST(GroupJoin, follower_with_the_same_subscription_gets_the_present_generation) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const std::string follower = *d.group.persistent()->leader == ids[0] ? ids[1] : ids[0];
  const std::int32_t generation = d.group.generation();
  EXPECT_EQ(d.joined(d.join({.member_id = follower})).generation, generation);
  EXPECT_EQ(d.group.state(), GroupState::stable);
}

TEST(GroupJoin, follower_with_another_subscription_starts_a_rebalance) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const std::string follower = *d.group.persistent()->leader == ids[0] ? ids[1] : ids[0];
  EXPECT_FALSE(d.answered(d.join({.member_id = follower, .protocols = {{"range", "more topics"}}})));
  EXPECT_EQ(d.group.state(), GroupState::preparing_rebalance);
}

TEST(GroupJoin, leader_that_joins_again_in_stable_starts_a_rebalance) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  EXPECT_FALSE(d.answered(d.join({.member_id = *d.group.persistent()->leader})));
  EXPECT_EQ(d.group.state(), GroupState::preparing_rebalance);
}

TEST(GroupJoin, lost_answer_is_given_again_while_completing) {
  GroupDriver d;
  const std::string id = d.joined(d.join({})).member_id;
  const WaiterId again = d.join({.member_id = id});
  EXPECT_EQ(d.joined(again).generation, 1);
  EXPECT_EQ(d.joined(again).members.size(), 1u);
  EXPECT_EQ(d.group.state(), GroupState::completing_rebalance);
}

TEST(GroupJoin, second_join_of_a_waiting_member_answers_the_first) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const WaiterId first = d.join({.member_id = ids[0], .protocols = {{"range", "x"}}});
  const WaiterId second = d.join({.member_id = ids[0], .protocols = {{"range", "x"}}});
  EXPECT_EQ(d.joined(first).error, ErrorCode::rebalance_in_progress);
  EXPECT_FALSE(d.answered(second));
}

TEST(GroupJoin, protocol_that_not_all_support_is_refused) {
  GroupDriver d;
  d.make_stable(1);
  EXPECT_EQ(d.joined(d.join({.protocols = {{"sticky", ""}}})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(d.joined(d.join({.protocol_type = "connect"})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(d.joined(GroupDriver().join({})).error, ErrorCode::none);
}

TEST(GroupJoin, member_without_protocols_is_refused) {
  GroupDriver d;
  EXPECT_EQ(d.joined(d.join({.protocols = {}})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(d.joined(d.join({.protocol_type = ""})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_TRUE(d.group.is_void());
}

TEST(GroupJoin, protocol_with_most_votes_among_the_common_ones_wins) {
  GroupDriver d;
  const std::string id = d.joined(d.join({.protocols = {{"a", "1"}, {"b", "1"}, {"c", "1"}}})).member_id;
  const WaiterId second = d.join({.protocols = {{"c", "2"}, {"b", "2"}}});
  const WaiterId third = d.join({.protocols = {{"x", "3"}, {"c", "3"}, {"b", "3"}}});
  const WaiterId first = d.join({.member_id = id, .protocols = {{"a", "1"}, {"b", "1"}, {"c", "1"}}});
  EXPECT_EQ(d.joined(first).protocol, "c");
  EXPECT_TRUE(d.answered(second) && d.answered(third));
  for (const JoinedMember& member : d.joined(first).members) EXPECT_FALSE(member.metadata.empty());
}

TEST(GroupJoin, size_limit_refuses_the_one_too_many) {
  GroupDriver d({.max_group_size = 2});
  const auto ids = d.make_stable(2);
  EXPECT_EQ(d.joined(d.join({})).error, ErrorCode::group_max_size_reached);
  EXPECT_EQ(d.group.state(), GroupState::stable);
  const std::string leader = *d.group.persistent()->leader;
  d.join({.member_id = leader});  // A rebalance: still both are let in again.
  const WaiterId last = d.join({.member_id = leader == ids[0] ? ids[1] : ids[0]});
  EXPECT_EQ(d.joined(last).error, ErrorCode::none);
}

TEST(GroupJoin, new_member_whose_client_vanished_is_dropped_in_the_end) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  const WaiterId ghost = d.join({});
  for (int i = 0; i < 4; ++i) d.pass(7s), d.heartbeat(ids[0], d.group.generation());
  d.join({.member_id = ids[0], .rebalance_timeout = 600s});
  ASSERT_TRUE(d.answered(ghost));  // All had joined.
  // In the next rebalance it is a member like others, and its session ends.
  d.pass(11s);
  EXPECT_LE(d.group.size(), 1u);
}

TEST(GroupInitialDelay, first_generation_waits_and_is_extended_by_newcomers) {
  GroupDriver d({.initial_rebalance_delay = 3s});
  const WaiterId first = d.join({});
  d.pass(2s);
  EXPECT_FALSE(d.answered(first));
  const WaiterId second = d.join({});
  d.pass(2s);
  EXPECT_FALSE(d.answered(first));
  d.pass(2s);
  ASSERT_TRUE(d.answered(first));
  EXPECT_EQ(d.joined(first).generation, 1);
  EXPECT_EQ(d.joined(first).members.size(), 2u);
  EXPECT_EQ(d.joined(second).generation, 1);
}

TEST(GroupSync, assignment_reaches_everybody_after_it_is_written) {
  GroupDriver d;
  const std::string a = d.joined(d.join({})).member_id;
  const WaiterId b_wait = d.join({});
  d.join({.member_id = a});
  const std::string b = d.joined(b_wait).member_id;
  const std::int32_t generation = d.group.generation();
  const WaiterId follower = d.sync(b, generation);
  EXPECT_FALSE(d.answered(follower));
  d.writes_succeed = false;
  const WaiterId leader = d.sync(a, generation, {{a, "one"}, {b, "two"}});
  EXPECT_FALSE(d.answered(leader));
  d.finish_write();
  EXPECT_EQ(text(d.synced(leader).assignment), "one");
  EXPECT_EQ(text(d.synced(follower).assignment), "two");
  EXPECT_EQ(d.group.state(), GroupState::stable);
  EXPECT_EQ(text(d.synced(d.sync(b, generation)).assignment), "two");
}

TEST(GroupSync, wrong_generation_member_or_protocol_is_refused) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  EXPECT_EQ(d.synced(d.sync(ids[0], 7)).error, ErrorCode::illegal_generation);
  EXPECT_EQ(d.synced(d.sync("stranger", 1)).error, ErrorCode::unknown_member_id);
  SyncInput input{.waiter = d.next_waiter(),
                  .member_id = ids[0],
                  .instance_id = {},
                  .generation = 1,
                  .protocol_type = "consumer",
                  .protocol = "sticky",
                  .assignments = {}};
  const WaiterId waiter = input.waiter;
  d.absorb(d.group.sync(std::move(input), d.at));
  EXPECT_EQ(d.synced(waiter).error, ErrorCode::inconsistent_group_protocol);
}

TEST(GroupSync, former_generation_cannot_assign) {
  GroupDriver d;
  const std::string a = d.joined(d.join({})).member_id;
  const WaiterId newcomer = d.join({});
  EXPECT_EQ(d.synced(d.sync(a, 1, {{a, "stale"}})).error, ErrorCode::rebalance_in_progress);
  d.join({.member_id = a});
  ASSERT_TRUE(d.answered(newcomer));
  EXPECT_EQ(d.synced(d.sync(a, 1, {{a, "stale"}})).error, ErrorCode::illegal_generation);
  EXPECT_EQ(d.group.state(), GroupState::completing_rebalance);
}

TEST(GroupSync, failed_write_sends_everybody_back_to_join) {
  GroupDriver d;
  const std::string a = d.joined(d.join({})).member_id;
  d.writes_succeed = false;
  const WaiterId wait = d.sync(a, 1, {{a, "x"}});
  d.fail_write(ErrorCode::not_coordinator);
  EXPECT_EQ(d.synced(wait).error, ErrorCode::not_coordinator);
  EXPECT_EQ(d.group.state(), GroupState::preparing_rebalance);
  EXPECT_TRUE(d.group.persistent()->members.empty());
}

TEST(GroupSync, new_rebalance_answers_those_who_wait_to_sync) {
  GroupDriver d;
  const std::string a = d.joined(d.join({})).member_id;
  const WaiterId b_wait = d.join({});
  d.join({.member_id = a});
  const std::string b = d.joined(b_wait).member_id;
  const WaiterId follower = d.sync(b, d.group.generation());
  d.join({});
  EXPECT_EQ(d.synced(follower).error, ErrorCode::rebalance_in_progress);
}

TEST(GroupSync, leader_that_never_syncs_is_dropped) {
  GroupDriver d;
  const std::string a = d.joined(d.join({})).member_id;
  const WaiterId b_wait = d.join({});
  d.join({.member_id = a});
  const std::string b = d.joined(b_wait).member_id;
  const WaiterId follower = d.sync(b, d.group.generation());
  for (int i = 0; i < 4; ++i) {
    d.pass(8s);
    d.heartbeat(a, d.group.generation());
  }
  EXPECT_EQ(d.synced(follower).error, ErrorCode::rebalance_in_progress);
  const WaiterId again = d.join({.member_id = b});
  EXPECT_EQ(d.joined(again).leader, b);
  EXPECT_EQ(d.group.size(), 1u);
}

TEST(GroupHeartbeat, keeps_the_session_and_its_absence_ends_it) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  for (int i = 0; i < 5; ++i) {
    d.pass(9s);
    ASSERT_EQ(d.heartbeat(ids[0], 1), ErrorCode::none);
  }
  d.pass(10s);
  EXPECT_EQ(d.heartbeat(ids[0], 1), ErrorCode::unknown_member_id);
  EXPECT_EQ(d.group.state(), GroupState::empty);
  EXPECT_EQ(d.group.generation(), 2);
}

TEST(GroupHeartbeat, wrong_generation_is_fenced_and_does_not_extend_the_session) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  d.pass(9s);
  EXPECT_EQ(d.heartbeat(ids[0], 0), ErrorCode::illegal_generation);
  d.pass(1s);
  EXPECT_EQ(d.group.size(), 0u);
}

TEST(GroupLeave, last_member_leaves_an_empty_group_with_a_new_generation) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  EXPECT_EQ(d.leave(ids[0]), ErrorCode::none);
  EXPECT_EQ(d.group.state(), GroupState::empty);
  EXPECT_EQ(d.group.generation(), 2);
  EXPECT_TRUE(d.log.back().members.empty());
  EXPECT_EQ(d.log.back().protocol_type, "consumer");
  EXPECT_EQ(d.leave(ids[0]), ErrorCode::unknown_member_id);
}

TEST(GroupLeave, batch_answers_each_and_rebalances_once) {
  GroupDriver d;
  const auto ids = d.make_stable(3);
  const auto errors = d.leave({{ids[0], {}}, {"stranger", {}}, {ids[1], {}}, {"", "no-such-instance"}});
  EXPECT_EQ(errors, (std::vector<ErrorCode>{ErrorCode::none, ErrorCode::unknown_member_id, ErrorCode::none,
                                            ErrorCode::unknown_member_id}));
  EXPECT_EQ(d.group.state(), GroupState::preparing_rebalance);
  EXPECT_EQ(d.joined(d.join({.member_id = ids[2]})).leader, ids[2]);
}

TEST(GroupLeave, waiting_join_of_the_leaver_is_answered) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  const WaiterId wait = d.join({.member_id = ids[0], .protocols = {{"range", "x"}}});
  d.leave(ids[0]);
  EXPECT_EQ(d.joined(wait).error, ErrorCode::unknown_member_id);
}

TEST(GroupCommit, only_the_present_generation_of_a_member_may_commit) {
  GroupDriver d;
  EXPECT_EQ(d.commit("", -1), ErrorCode::none);  // Nobody is in it.
  const auto ids = d.make_stable(2);
  const std::int32_t generation = d.group.generation();
  EXPECT_EQ(d.commit(ids[0], generation), ErrorCode::none);
  EXPECT_EQ(d.commit(ids[0], generation - 1), ErrorCode::illegal_generation);
  EXPECT_EQ(d.commit("stranger", generation), ErrorCode::unknown_member_id);
  EXPECT_EQ(d.commit("", -1), ErrorCode::unknown_member_id);
}

TEST(GroupCommit, allowed_while_preparing_and_refused_while_completing) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  const WaiterId newcomer = d.join({});
  EXPECT_EQ(d.commit(ids[0], 1), ErrorCode::none);
  d.join({.member_id = ids[0]});
  ASSERT_TRUE(d.answered(newcomer));
  EXPECT_EQ(d.commit(ids[0], 1), ErrorCode::illegal_generation);
  EXPECT_EQ(d.commit(ids[0], 2), ErrorCode::rebalance_in_progress);
}

TEST(GroupDelete, only_an_empty_group) {
  GroupDriver d;
  EXPECT_EQ(d.group.check_delete(), ErrorCode::none);
  const auto ids = d.make_stable(1);
  EXPECT_EQ(d.group.check_delete(), ErrorCode::non_empty_group);
  d.leave(ids[0]);
  EXPECT_EQ(d.group.check_delete(), ErrorCode::none);
  d.group.replay(std::nullopt);
  EXPECT_TRUE(d.group.is_void());
}

TEST(GroupStatic, rejoin_in_stable_takes_the_old_place_without_a_rebalance) {
  GroupDriver d;
  const std::string old_id = d.joined(d.join({.instance_id = "i"})).member_id;
  d.sync(old_id, 1, {{old_id, "mine"}});
  d.writes_succeed = false;
  const WaiterId wait = d.join({.instance_id = "i", .can_skip_assignment = true});
  ASSERT_TRUE(d.written);  // The new id is persistent before it is told (KAFKA-10284).
  EXPECT_EQ(d.written->members.at(0).member_id, "m2");
  d.finish_write();
  const JoinReply& reply = d.joined(wait);
  EXPECT_EQ(reply.generation, 1);
  EXPECT_TRUE(reply.skip_assignment);
  EXPECT_EQ(reply.leader, reply.member_id);
  EXPECT_EQ(text(d.synced(d.sync(reply.member_id, 1)).assignment), "mine");
  EXPECT_EQ(d.heartbeat(old_id, 1), ErrorCode::unknown_member_id);
  EXPECT_EQ(d.group.heartbeat({old_id, "i"}, 1, d.at.now), ErrorCode::fenced_instance_id);
}

TEST(GroupStatic, leader_before_v9_is_told_the_former_id) {
  GroupDriver d;
  const std::string old_id = d.joined(d.join({.instance_id = "i"})).member_id;
  d.sync(old_id, 1, {{old_id, "mine"}});
  const JoinReply& reply = d.joined(d.join({.instance_id = "i"}));
  EXPECT_EQ(reply.leader, old_id);
  EXPECT_FALSE(reply.skip_assignment);
  EXPECT_TRUE(reply.members.empty());
}

TEST(GroupStatic, failed_write_leaves_the_former_member_in_place) {
  GroupDriver d;
  const std::string old_id = d.joined(d.join({.instance_id = "i"})).member_id;
  d.sync(old_id, 1, {{old_id, "mine"}});
  d.writes_succeed = false;
  const WaiterId wait = d.join({.instance_id = "i"});
  d.fail_write(ErrorCode::coordinator_not_available);
  EXPECT_EQ(d.joined(wait).error, ErrorCode::coordinator_not_available);
  EXPECT_EQ(d.heartbeat(old_id, 1), ErrorCode::none);
}

TEST(GroupStatic, duplicate_instance_fences_the_waiting_one_in_a_rebalance) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  const WaiterId first = d.join({.instance_id = "i"});
  const WaiterId second = d.join({.instance_id = "i"});
  EXPECT_EQ(d.joined(first).error, ErrorCode::fenced_instance_id);
  d.join({.member_id = ids[0]});
  EXPECT_EQ(d.joined(second).error, ErrorCode::none);
  EXPECT_EQ(d.group.size(), 2u);
}

TEST(GroupStatic, rejoin_with_another_protocol_rebalances) {
  GroupDriver d;
  const std::string old_id = d.joined(d.join({.instance_id = "i", .protocols = {{"a", ""}, {"b", ""}}})).member_id;
  d.sync(old_id, 1, {{old_id, "mine"}});
  const JoinReply& reply = d.joined(d.join({.instance_id = "i", .protocols = {{"b", ""}}}));
  EXPECT_EQ(reply.generation, 2);
  EXPECT_EQ(reply.protocol, "b");
}

TEST(GroupStatic, absent_static_member_survives_a_rebalance_until_its_session_ends) {
  GroupDriver d;
  d.join({.instance_id = "i", .session_timeout = 300s});
  const WaiterId other = d.join({});
  d.pass(31s);
  ASSERT_TRUE(d.answered(other));
  EXPECT_EQ(d.joined(other).members.size(), 2u);
  EXPECT_EQ(d.joined(other).leader, d.joined(other).member_id);
}

TEST(GroupStatic, removed_by_instance_id_alone) {
  GroupDriver d;
  const std::string id = d.joined(d.join({.instance_id = "i"})).member_id;
  EXPECT_EQ(d.leave({{"other", "i"}}).at(0), ErrorCode::fenced_instance_id);
  EXPECT_EQ(d.leave({{"", "i"}}).at(0), ErrorCode::none);
  EXPECT_EQ(d.group.state(), GroupState::empty);
}

TEST(GroupResume, stable_group_comes_back_with_fresh_sessions) {
  GroupDriver d;
  const auto ids = d.make_stable(2);
  GroupDriver after;
  for (const GroupMetadata& value : d.log) after.group.replay(value);
  after.at.now = Instant(5s);  // Another process, another clock.
  after.group.resume(after.at.now);
  EXPECT_EQ(after.group.state(), GroupState::stable);
  const std::int32_t generation = d.group.generation();
  EXPECT_EQ(text(after.synced(after.sync(ids[1], generation)).assignment), "part of " + ids[1]);
  after.pass(9s);
  EXPECT_EQ(after.heartbeat(ids[0], generation), ErrorCode::none);
  after.pass(2s);
  EXPECT_EQ(after.group.size(), 1u);
}

TEST(GroupResume, generation_begun_before_the_crash_is_not_given_out_again) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  d.join({.member_id = ids[0], .protocols = {{"range", "new"}}});  // Generation 2; nobody syncs.
  GroupDriver after;
  for (const GroupMetadata& value : d.log) after.group.replay(value);
  after.group.resume(after.at.now);
  EXPECT_EQ(after.synced(after.sync(ids[0], 2, {{ids[0], "late"}})).error, ErrorCode::unknown_member_id);
  EXPECT_EQ(after.joined(after.join({})).generation, 3);
}

TEST(GroupDescribe, members_with_metadata_only_when_stable) {
  GroupDriver d;
  const auto ids = d.make_stable(1);
  GroupDescription stable = d.group.describe();
  EXPECT_EQ(stable.state, "Stable");
  EXPECT_EQ(stable.protocol, "range");
  EXPECT_EQ(text(stable.members.at(0).subscription), "topics");
  EXPECT_EQ(text(stable.members.at(0).assignment), "part of " + ids[0]);
  d.join({});
  GroupDescription preparing = d.group.describe();
  EXPECT_EQ(preparing.state, "PreparingRebalance");
  EXPECT_EQ(preparing.protocol, "");
  EXPECT_EQ(preparing.members.size(), 2u);
  EXPECT_TRUE(preparing.members.at(0).subscription.empty());
}

}  // namespace
}  // namespace barnabas::coordinator::group
