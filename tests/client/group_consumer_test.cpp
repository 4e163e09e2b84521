#include "core/client/group_consumer.hpp"

#include <gtest/gtest.h>

#include "core/client/admin.hpp"
#include "core/client/producer.hpp"
#include "core/client/range_assignor.hpp"
#include "tests/client/fixture.hpp"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using What = Step::What;

struct GroupWorld : ClientWorld {
  GroupWorld() : consumer(cluster, options()) {}
  static GroupOptions options() {
    GroupOptions options;
    options.group_id = "readers";
    options.topics = {"orders"};
    options.reset = OffsetReset::earliest;
    return options;
  }
  void produce(std::string value) {
    Producer producer(cluster, {});
    std::vector<ProducerRecord> records(1);
    records[0].value = std::move(value);
    const TopicPartition to{"orders", PartitionId(1)};
    EXPECT_EQ(run(producer.send(to, std::move(records))).outcome, Outcome::appended);
  }

  GroupConsumer consumer;
};

const TopicPartition kSecond{"orders", PartitionId(1)};

TEST(GroupConsumer, joins_reads_commits_and_goes_on_from_there) {
  GroupWorld w;
  w.produce("a");
  const auto polled = w.run(w.consumer.poll());
  ASSERT_TRUE(polled.has_value()) << polled.error().to_string();
  EXPECT_EQ(polled->records.at(0).value, "a");
  EXPECT_EQ(w.consumer.generation(), 1);
  EXPECT_EQ(w.consumer.assignment().size(), 3u);
  const auto answers = w.run(w.consumer.commit_positions());
  EXPECT_EQ(answers.value().at(kSecond), ErrorCode::none);
  EXPECT_EQ(w.broker.committed.at(kSecond), 1);
  EXPECT_TRUE(w.run(w.consumer.leave()).has_value());
  EXPECT_TRUE(w.broker.member.empty());

  w.produce("b");
  GroupConsumer next(w.cluster, GroupWorld::options());
  EXPECT_EQ(w.run(next.poll())->records.at(0).value, "b");
  EXPECT_EQ(w.run(next.committed({kSecond})).value().at(kSecond).offset, Offset(1));
}

TEST(GroupConsumer, a_heartbeat_that_tells_of_a_rebalance_leads_to_a_new_generation) {
  GroupWorld w;
  ASSERT_TRUE(w.run(w.consumer.join()).has_value());
  w.broker.script[ApiKey::heartbeat] = {{What::answer, ErrorCode::rebalance_in_progress}};
  w.world.run_for(std::chrono::seconds(4));
  EXPECT_TRUE(w.consumer.rejoin_needed());
  ASSERT_TRUE(w.run(w.consumer.poll()).has_value());
  EXPECT_EQ(w.consumer.generation(), 2);
}

TEST(GroupConsumer, a_member_that_was_thrown_out_joins_as_a_new_one) {
  GroupWorld w;
  ASSERT_TRUE(w.run(w.consumer.join()).has_value());
  const std::string before = w.consumer.member_id();
  w.broker.member = "somebody-else";
  w.world.run_for(std::chrono::seconds(4));
  EXPECT_EQ(w.consumer.generation(), -1);
  ASSERT_TRUE(w.run(w.consumer.poll()).has_value());
  EXPECT_NE(w.consumer.member_id(), before);
}

TEST(GroupConsumer, tries_again_until_the_coordinator_is_there) {
  GroupWorld w;
  w.broker.script[ApiKey::find_coordinator] = {{What::answer, ErrorCode::coordinator_not_available}, {What::drop, {}}};
  w.broker.script[ApiKey::join_group] = {{What::answer, ErrorCode::not_coordinator}};
  w.broker.script[ApiKey::sync_group] = {{What::answer, ErrorCode::rebalance_in_progress}};
  w.broker.script[ApiKey::offset_fetch] = {{What::answer, ErrorCode::coordinator_load_in_progress}};
  EXPECT_TRUE(w.run(w.consumer.join()).has_value());
  EXPECT_EQ(w.consumer.assignment().size(), 3u);
}

TEST(GroupConsumer, a_final_refusal_ends_the_attempts) {
  GroupWorld w;
  w.broker.script[ApiKey::join_group] = {{What::answer, ErrorCode::inconsistent_group_protocol}};
  const auto joined = w.run(w.consumer.join());
  ASSERT_FALSE(joined.has_value());
  EXPECT_NE(joined.error().message.find("INCONSISTENT_GROUP_PROTOCOL"), std::string::npos);
}

TEST(GroupConsumer, a_commit_in_an_old_generation_is_reported_as_refused) {
  GroupWorld w;
  ASSERT_TRUE(w.run(w.consumer.join()).has_value());
  w.broker.generation = 9;
  const auto answers = w.run(w.consumer.commit({{kSecond, Offset(1)}}));
  EXPECT_EQ(answers.value().at(kSecond), ErrorCode::illegal_generation);
  EXPECT_TRUE(w.consumer.rejoin_needed());
  EXPECT_TRUE(w.broker.committed.empty());
}

TEST(GroupConsumer, a_commit_without_an_answer_is_an_error) {
  GroupWorld w;
  ASSERT_TRUE(w.run(w.consumer.join()).has_value());
  w.broker.script[ApiKey::offset_commit] = {{What::do_then_drop, {}}};
  EXPECT_FALSE(w.run(w.consumer.commit({{kSecond, Offset(1)}})).has_value());
}

TEST(GroupConsumer, speaks_the_versions_of_old_brokers) {
  GroupWorld w;
  w.broker.max_versions = {{ApiKey::find_coordinator, 3},
                           {ApiKey::offset_fetch, 7},
                           {ApiKey::offset_commit, 2},
                           {ApiKey::join_group, 5},
                           {ApiKey::leave_group, 2}};
  w.produce("a");
  EXPECT_EQ(w.run(w.consumer.poll())->records.at(0).value, "a");
  EXPECT_EQ(w.run(w.consumer.commit_positions()).value().at(kSecond), ErrorCode::none);
  EXPECT_TRUE(w.run(w.consumer.leave()).has_value());
}

TEST(Admin, creates_and_deletes_and_passes_on_what_it_was_told) {
  ClientWorld w;
  Admin admin(w.cluster);
  NewTopic topic;
  topic.name = "fresh";
  topic.partitions = 2;
  EXPECT_EQ(w.run(admin.create_topic(topic)).value().error, ErrorCode::none);
  const auto again = w.run(admin.create_topic(topic)).value();
  EXPECT_EQ(again.error, ErrorCode::topic_already_exists);
  EXPECT_EQ(again.message, "it is there");
  ASSERT_TRUE(w.run(admin.describe_all()).has_value());
  EXPECT_EQ(w.cluster.topic("fresh")->partitions.size(), 2u);
  EXPECT_EQ(w.run(admin.delete_topic("fresh")).value().error, ErrorCode::none);
  EXPECT_EQ(w.run(admin.delete_topic("fresh")).value().error, ErrorCode::unknown_topic_or_partition);
}

TEST(RangeAssignor, first_members_get_the_partitions_that_are_left_over) {
  const auto result = assign_ranges({{"b", {}, {"t"}}, {"a", {}, {"t"}}, {"c", {}, {"other"}}}, {{"t", 3}});
  EXPECT_EQ(result.at("a").size(), 2u);
  EXPECT_EQ(result.at("b"), (std::vector<TopicPartition>{{"t", PartitionId(2)}}));
  EXPECT_TRUE(result.at("c").empty());
}

}  // namespace
}  // namespace barnabas::client
