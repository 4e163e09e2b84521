#include "core/metadata/topic_rules.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace barnabas::metadata {
namespace {

std::vector<BrokerId> brokers(std::initializer_list<int> ids) {
  std::vector<BrokerId> list;
  for (const int id : ids) list.emplace_back(id);
  return list;
}

TEST(TopicName, kafkas_rules_and_words) {
  for (const char* good : {"a", "orders", "A.b_c-9", "__consumer_offsets", "...", "-"}) {
    EXPECT_TRUE(validate_topic_name(good).has_value()) << good;
  }
  EXPECT_TRUE(validate_topic_name(std::string(249, 'x')).has_value());
  const auto message = [](std::string_view name) { return validate_topic_name(name).error().message; };
  EXPECT_EQ(message(""), "Topic name is invalid: the empty string is not allowed");
  EXPECT_EQ(message("."), "Topic name is invalid: '.' is not allowed");
  EXPECT_EQ(message(".."), "Topic name is invalid: '..' is not allowed");
  EXPECT_EQ(message("a b"),
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' "
            "and '-'");
  EXPECT_EQ(message(std::string(250, 'x')), "Topic name is invalid: the length of '" + std::string(250, 'x') +
                                                "' is longer than the max allowed length 249");
  EXPECT_FALSE(validate_topic_name("caf\u00e9").has_value());
  EXPECT_FALSE(validate_topic_name("a/b").has_value());
  EXPECT_EQ(validate_topic_name("a/b").error().problem, TopicProblem::invalid_topic);
}

TEST(TopicName, dots_and_underscores_collide) {
  ClusterImage image;
  image.put_topic({"a.b", Uuid{}, {}, {}});
  EXPECT_EQ(check_collision(image, "a_b").error().message, "Topic 'a_b' collides with existing topics: a.b");
  EXPECT_EQ(check_collision(image, "a.b").error().problem, TopicProblem::already_exists);
  EXPECT_TRUE(check_collision(image, "a-b").has_value());
  EXPECT_TRUE(check_collision(image, "a.c").has_value());
}

TEST(AssignReplicas, refuses_what_cannot_be_in_kafkas_words) {
  const auto one = brokers({1});
  EXPECT_EQ(assign_replicas(one, 0, 1, 0, 0).error().message, "Number of partitions must be larger than 0.");
  EXPECT_EQ(assign_replicas(one, 1, 0, 0, 0).error().message, "Replication factor must be larger than 0.");
  EXPECT_EQ(assign_replicas(one, 1, 3, 0, 0).error().message,
            "Replication factor: 3 larger than available brokers: 1.");
  EXPECT_EQ(assign_replicas(one, 1, 3, 0, 0).error().problem, TopicProblem::invalid_replication_factor);
  EXPECT_FALSE(assign_replicas({}, 1, 1, 0, 0).has_value());
  EXPECT_EQ(assign_replicas(one, kMaxPartitionsPerTopic + 1, 1, 0, 0).error().problem,
            TopicProblem::invalid_partitions);
}

// The example of Kafka's own documentation of the scheme: five brokers, ten partitions, three replicas.
TEST(AssignReplicas, spreads_as_kafka_does) {
  const auto assignment = assign_replicas(brokers({0, 1, 2, 3, 4}), 10, 3, 0, 0).value();
  const Assignment expected = {brokers({0, 1, 2}), brokers({1, 2, 3}), brokers({2, 3, 4}), brokers({3, 4, 0}),
                               brokers({4, 0, 1}), brokers({0, 2, 3}), brokers({1, 3, 4}), brokers({2, 4, 0}),
                               brokers({3, 0, 1}), brokers({4, 1, 2})};
  EXPECT_EQ(assignment, expected);
}

RC_GTEST_PROP(AssignReplicasProperty, replicas_are_distinct_live_and_leaders_even, ()) {
  const int n = *rc::gen::inRange(1, 12);
  std::vector<BrokerId> live;
  for (int i = 0; i < n; ++i) live.emplace_back(i * 3);
  const int partitions = *rc::gen::inRange(1, 100);
  const int factor = *rc::gen::inRange(1, n + 1);
  const auto assignment = assign_replicas(live, partitions, factor, *rc::gen::arbitrary<std::uint32_t>(),
                                          *rc::gen::arbitrary<std::uint32_t>());
  RC_ASSERT(assignment.has_value());
  RC_ASSERT(assignment->size() == static_cast<std::size_t>(partitions));
  std::map<BrokerId, int> leaders;
  for (const auto& replicas : *assignment) {
    RC_ASSERT(replicas.size() == static_cast<std::size_t>(factor));
    RC_ASSERT(std::set<BrokerId>(replicas.begin(), replicas.end()).size() == replicas.size());
    for (const BrokerId id : replicas) RC_ASSERT(std::ranges::find(live, id) != live.end());
    ++leaders[replicas.front()];
  }
  for (const auto& [id, count] : leaders) RC_ASSERT(count == partitions / n || count == partitions / n + 1);
}

TEST(ManualAssignment, must_name_every_partition_once_with_distinct_live_brokers) {
  const auto live = brokers({1, 2});
  const auto check = [&](std::vector<std::int32_t> ids, std::vector<std::vector<BrokerId>> replicas) {
    return check_manual_assignment(live, ids, replicas);
  };
  EXPECT_EQ(check({1, 0}, {brokers({1, 2}), brokers({2, 1})}).value(), (Assignment{brokers({2, 1}), brokers({1, 2})}));
  EXPECT_FALSE(check({}, {}).has_value());
  EXPECT_FALSE(check({0, 2}, {brokers({1}), brokers({2})}).has_value());
  EXPECT_FALSE(check({0, 0}, {brokers({1}), brokers({2})}).has_value());
  EXPECT_FALSE(check({-1}, {brokers({1})}).has_value());
  EXPECT_FALSE(check({0}, {{}}).has_value());
  EXPECT_FALSE(check({0}, {brokers({1, 1})}).has_value());
  EXPECT_FALSE(check({0}, {brokers({3})}).has_value());
  EXPECT_FALSE(check({0, 1}, {brokers({1, 2}), brokers({1})}).has_value());
}

TEST(AssignReplicas, no_rack_gets_a_second_replica_before_every_rack_has_one) {
  std::vector<BrokerId> brokers;
  Racks racks;
  for (std::int32_t id = 0; id < 6; ++id) {
    brokers.emplace_back(id);
    racks[BrokerId(id)] = id < 2 ? "a" : id < 4 ? "b" : "c";
  }
  for (std::uint32_t start = 0; start < 6; ++start) {
    for (std::uint32_t shift = 0; shift < 6; ++shift) {
      const auto assignment = assign_replicas(brokers, 12, 3, start, shift, racks);
      ASSERT_TRUE(assignment.has_value());
      std::map<BrokerId, int> first;
      for (const auto& replicas : *assignment) {
        std::set<std::string> used;
        for (const BrokerId id : replicas) used.insert(racks[id]);
        EXPECT_EQ(used.size(), 3U);
        EXPECT_EQ(std::set<BrokerId>(replicas.begin(), replicas.end()).size(), 3U);
        ++first[replicas.front()];
      }
      for (const auto& [id, count] : first) EXPECT_EQ(count, 2);
    }
  }
}

TEST(AssignReplicas, more_replicas_than_racks_go_to_distinct_brokers) {
  const std::vector<BrokerId> brokers{BrokerId(1), BrokerId(2), BrokerId(3), BrokerId(4)};
  const Racks racks{{BrokerId(1), "a"}, {BrokerId(2), "a"}, {BrokerId(3), "a"}, {BrokerId(4), "b"}};
  for (std::uint32_t start = 0; start < 4; ++start) {
    const auto assignment = assign_replicas(brokers, 8, 4, start, 1, racks);
    ASSERT_TRUE(assignment.has_value());
    for (const auto& replicas : *assignment) {
      EXPECT_EQ(std::set<BrokerId>(replicas.begin(), replicas.end()).size(), 4U);
      EXPECT_NE(racks.at(replicas[0]), racks.at(replicas[1]));
    }
  }
}

TEST(AssignReplicas, racks_that_not_every_broker_has_play_no_part) {
  const std::vector<BrokerId> brokers{BrokerId(1), BrokerId(2), BrokerId(3)};
  const Racks some{{BrokerId(1), "a"}, {BrokerId(2), "a"}};
  EXPECT_EQ(*assign_replicas(brokers, 6, 2, 1, 1, some), *assign_replicas(brokers, 6, 2, 1, 1));
}

}  // namespace
}  // namespace barnabas::metadata
