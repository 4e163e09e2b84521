// KIP-211: what is committed is forgotten when nobody has used it for offsets.retention.minutes.
#include "core/protocol/messages/47_offset_delete.hpp"
#include "tests/coordinator/coordinator_fixture.hpp"

namespace barnabas::coordinator {
namespace {

class OffsetExpiry : public CoordinatorFixture {
 protected:
  OffsetExpiry() {
    config.offset_retention = 1h;
    config.offset_check_interval = 1min;
    start();
  }
  std::string state(const std::string& group) { return run(describe(group)).groups.at(0).group_state.str(); }
  // Lets time pass in which the member keeps up its session.
  void live(const std::string& group, const std::string& member, Duration time) {
    for (Duration passed{}; passed < time; passed += 9s) {
      world.run_for(9s);
      ASSERT_EQ(run(heartbeat(group, member, 1)), ErrorCode::none);
    }
  }
  ErrorCode leave_now(const std::string& group, const std::string& member) {
    return run(leave(group, member, 3)).members.at(0).error_code;
  }
};

TEST_F(OffsetExpiry, commits_from_outside_of_a_group_are_kept_for_the_retention) {
  ASSERT_EQ(run(commit("g", 5)), ErrorCode::none);
  world.run_for(58min);
  EXPECT_EQ(fetch("g"), 5);
  world.run_for(4min);
  EXPECT_EQ(fetch("g"), -1);
  EXPECT_EQ(state("g"), "Dead");
  start();
  EXPECT_EQ(fetch("g"), -1) << "it was forgotten in memory only";
}

TEST_F(OffsetExpiry, a_later_commit_begins_the_time_anew) {
  ASSERT_EQ(run(commit("g", 5)), ErrorCode::none);
  world.run_for(50min);
  ASSERT_EQ(run(commit("g", 6)), ErrorCode::none);
  world.run_for(50min);
  EXPECT_EQ(fetch("g"), 6);
}

TEST_F(OffsetExpiry, what_members_may_use_is_kept_until_the_last_one_has_left) {
  const std::string member = make_stable("g");
  ASSERT_EQ(run(commit("g", 5, 0, member, 1)), ErrorCode::none);
  live("g", member, 2h);
  EXPECT_EQ(fetch("g"), 5);
  ASSERT_EQ(leave_now("g", member), ErrorCode::none);
  world.run_for(58min);
  EXPECT_EQ(fetch("g"), 5);
  world.run_for(4min);
  EXPECT_EQ(fetch("g"), -1);
  start();
  EXPECT_EQ(state("g"), "Dead") << "the group's own record was left behind";
}

TEST_F(OffsetExpiry, a_group_that_never_committed_is_forgotten_when_it_is_empty) {
  const std::string member = make_stable("g");
  world.run_for(30s);
  ASSERT_EQ(state("g"), "Empty") << "the session was to end";
  world.run_for(2min);
  EXPECT_EQ(state("g"), "Dead");
}

TEST_F(OffsetExpiry, a_failed_write_is_tried_again_at_the_next_round) {
  ASSERT_EQ(run(commit("g", 5)), ErrorCode::none);
  log_of("g").failures.push_back({Errc::not_leader});
  world.run_for(61min);
  EXPECT_EQ(fetch("g"), 5);
  world.run_for(2min);
  EXPECT_EQ(fetch("g"), -1);
}

TEST_F(OffsetExpiry, a_deleted_topic_takes_its_offsets_along_and_no_others) {
  ASSERT_EQ(run(commit("g", 5)), ErrorCode::none);
  coordinator->topic_deleted("another");
  world.run_for(1s);
  EXPECT_EQ(fetch("g"), 5);
  coordinator->topic_deleted("t");
  world.run_for(1s);
  EXPECT_EQ(fetch("g"), -1);
  EXPECT_EQ(state("g"), "Dead");
}

TEST_F(OffsetExpiry, a_commit_under_way_for_a_topic_that_is_deleted_goes_too) {
  log_of("g").append_takes = 10ms;
  const auto committed = begin(commit("g", 5));
  coordinator->topic_deleted("t");
  world.run_for(1s);
  ASSERT_TRUE(committed->has_value());
  EXPECT_EQ(fetch("g"), -1);
}

TEST_F(OffsetExpiry, an_empty_group_is_gone_with_its_last_offset) {
  const std::string member = make_stable("g");
  ASSERT_EQ(run(commit("g", 5, 0, member, 1)), ErrorCode::none);
  ASSERT_EQ(leave_now("g", member), ErrorCode::none);
  protocol::OffsetDeleteRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.partitions.emplace_back().partition_index = 0;
  const RequestContext context{"client", "/10.0.0.1", 0};
  EXPECT_EQ(run(coordinator->offset_delete(context, request)).error_code, ErrorCode::none);
  world.run_for(1s);
  EXPECT_EQ(state("g"), "Dead");
}

}  // namespace
}  // namespace barnabas::coordinator
