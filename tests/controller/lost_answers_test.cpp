// Answers of ZooKeeper get lost at every kind of write; what was written is found out, never guessed.
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

class LostAnswers : public ControllerTest, public testing::WithParamInterface<std::uint64_t> {
 protected:
  LostAnswers() : ControllerTest(GetParam()) {}
  const TopicPartition id_ = at("orders", 0);
};

TEST_P(LostAnswers, an_election_is_known_to_who_won_it) {
  lose_answer();
  start(3);
  ASSERT_NE(leader().id(), kNoBroker);
  create("orders", {{1, 2, 3}});
  ASSERT_TRUE(until([&] { return all_know(id_); }));
}

TEST_P(LostAnswers, topics_and_their_states_are_written_once) {
  start(3);
  lose_answer();
  create("orders", {{2, 3, 1}, {3, 1, 2}});
  lose_answer();
  create("more", {{2, 3, 1}});
  ASSERT_TRUE(until([&] { return all_know(id_) && all_know(at("orders", 1)) && all_know(at("more", 0)); }));
  EXPECT_EQ(version_of(id_), 0);
}

TEST_P(LostAnswers, an_isr_change_is_known_to_be_done) {
  start(3);
  create("orders", {{2, 3, 1}});
  for (std::int32_t i = 0; i < 4; ++i) {
    lose_answer();
    const std::vector<std::int32_t> wanted = i % 2 == 0 ? std::vector{2, 3} : std::vector{2, 3, 1};
    const auto answer = propose_isr(id_, wanted);
    ASSERT_EQ(answer.error_code, ErrorCode::none);
    EXPECT_EQ(answer.isr, wanted);
    EXPECT_EQ(version_of(id_), i + 1);
    EXPECT_EQ(answer.partition_epoch, i + 1);
  }
}

TEST_P(LostAnswers, fail_over_goes_on) {
  start(3);
  create("orders", {{2, 3, 1}});
  lose_answer();
  broker(2).kill();
  ASSERT_TRUE(until([&] { return state(id_)->leader == BrokerId(3) && all_know(id_); }));
  lose_answer();
  broker(1).kill();
  ASSERT_TRUE(until([&] { return controller_id() == 3 && all_know(id_); }));
  EXPECT_EQ(propose_isr(id_, {3}).error_code, ErrorCode::none);
}

TEST_P(LostAnswers, a_topic_is_deleted) {
  start(3);
  create("orders", {{2, 3, 1}});
  lose_answer();
  FakeBroker& to = leader();
  ASSERT_TRUE(run(to, to.controller()->delete_topic("orders")).has_value());
  lose_answer();
  ASSERT_TRUE(until([&] { return !exists("/brokers/topics/orders") && !exists("/admin/delete_topics/orders"); }));
  lose_answer();
  create("orders", {{1}});
  ASSERT_TRUE(until([&] { return all_know(id_); }));
}

TEST_P(LostAnswers, a_reassignment_ends) {
  start(3);
  create("orders", {{2, 1}});
  lose_answer();
  ASSERT_EQ(reassign(id_, std::vector<std::int32_t>{3, 1}), ErrorCode::none);
  ASSERT_TRUE(until([&] { return all_know(id_); }));
  lose_answer();
  EXPECT_EQ(propose_isr(id_, {2, 1, 3}).error_code, ErrorCode::none);
  ASSERT_TRUE(until([&] { return topic("orders")->partitions[0].replicas.size() == 2 && all_know(id_); }));
  EXPECT_EQ(state(id_)->leader, BrokerId(3));
}

INSTANTIATE_TEST_SUITE_P(Seeds, LostAnswers, testing::Range<std::uint64_t>(1, 6));

}  // namespace
}  // namespace barnabas::controller
