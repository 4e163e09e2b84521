#include "core/replication/follower_session.hpp"

#include <gtest/gtest.h>

namespace barnabas::replication {
namespace {

const TopicPartition kOrders{"orders", PartitionId(0)};
const TopicPartition kPayments{"payments", PartitionId(4)};

FetchState state_of(std::uint8_t topic, std::int64_t offset) {
  FetchState state;
  state.topic_id.bytes[0] = topic;
  state.leader_epoch = LeaderEpoch(1);
  state.offset = Offset(offset);
  return state;
}

protocol::FetchRequest fill(FollowerSession& session, bool by_id = true) {
  protocol::FetchRequest request;
  session.fill(request, by_id);
  return request;
}

protocol::FetchResponse answer(std::int32_t session_id, protocol::ErrorCode error = protocol::ErrorCode::none) {
  protocol::FetchResponse response;
  response.session_id = session_id;
  response.error_code = error;
  return response;
}

TEST(FollowerSession, says_everything_once_and_then_what_changed) {
  FollowerSession session;
  session.put(kOrders, state_of(1, 0));
  session.put(kPayments, state_of(2, 5));
  auto request = fill(session);
  EXPECT_EQ(request.session_epoch, 0);
  EXPECT_EQ(request.topics.size(), 2u);
  EXPECT_TRUE(session.accept(answer(7)));

  request = fill(session);
  EXPECT_EQ(request.session_id, 7);
  EXPECT_EQ(request.session_epoch, 1);
  EXPECT_TRUE(request.topics.empty());
  EXPECT_TRUE(session.accept(answer(7)));

  session.put(kPayments, state_of(2, 6));
  session.put(kOrders, state_of(1, 0));
  request = fill(session);
  EXPECT_EQ(request.session_epoch, 2);
  ASSERT_EQ(request.topics.size(), 1u);
  EXPECT_EQ(request.topics[0].partitions.at(0).fetch_offset, 6);
  EXPECT_EQ(session.asked(kPayments)->offset, Offset(6));
}

TEST(FollowerSession, what_is_dropped_is_forgotten_once) {
  FollowerSession session;
  session.put(kOrders, state_of(1, 0));
  session.put(kPayments, state_of(2, 5));
  fill(session);
  session.accept(answer(7));
  session.drop(kPayments);
  auto request = fill(session);
  ASSERT_EQ(request.forgotten_topics_data.size(), 1u);
  EXPECT_EQ(request.forgotten_topics_data[0].partitions, std::vector<std::int32_t>{4});
  EXPECT_EQ(session.asked(kPayments), nullptr);
  session.accept(answer(7));
  EXPECT_TRUE(fill(session).forgotten_topics_data.empty());
}

TEST(FollowerSession, a_topic_of_the_same_name_with_another_id_takes_the_place_of_the_first) {
  FollowerSession session;
  session.put(kOrders, state_of(1, 9));
  fill(session);
  session.accept(answer(7));
  session.put(kOrders, state_of(3, 0));
  const auto request = fill(session);
  ASSERT_EQ(request.forgotten_topics_data.size(), 1u);
  EXPECT_EQ(request.forgotten_topics_data[0].topic_id, state_of(1, 0).topic_id);
  ASSERT_EQ(request.topics.size(), 1u);
  EXPECT_EQ(request.topics[0].topic_id, state_of(3, 0).topic_id);
}

TEST(FollowerSession, a_leader_that_forgot_the_session_is_told_everything_again) {
  FollowerSession session;
  session.put(kOrders, state_of(1, 0));
  fill(session);
  session.accept(answer(7));
  EXPECT_FALSE(session.accept(answer(0, protocol::ErrorCode::fetch_session_id_not_found)));
  const auto request = fill(session);
  EXPECT_EQ(request.session_id, 0);
  EXPECT_EQ(request.session_epoch, 0);
  EXPECT_EQ(request.topics.size(), 1u);
}

TEST(FollowerSession, a_leader_without_room_for_sessions_is_told_everything_each_time) {
  FollowerSession session;
  session.put(kOrders, state_of(1, 0));
  for (int i = 0; i < 3; ++i) {
    const auto request = fill(session);
    EXPECT_EQ(request.session_epoch, 0);
    EXPECT_EQ(request.topics.size(), 1u);
    EXPECT_TRUE(session.accept(answer(0)));
  }
}

TEST(FollowerSession, a_topic_without_id_ends_the_session_that_names_topics_by_id) {
  FollowerSession session;
  session.put(kOrders, state_of(1, 0));
  EXPECT_TRUE(session.has_ids());
  fill(session);
  session.accept(answer(7));
  session.put(kPayments, state_of(0, 0));
  EXPECT_FALSE(session.has_ids());
  const auto request = fill(session, false);
  EXPECT_EQ(request.session_id, 7);
  EXPECT_EQ(request.session_epoch, 0);
  EXPECT_EQ(request.topics.size(), 2u);
  session.drop(kPayments);
  EXPECT_TRUE(session.has_ids());
}

}  // namespace
}  // namespace barnabas::replication
