// The client's range assignor against Kafka's.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/client/range_assignor.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using Json = nlohmann::json;

// Kafka's assignor prefers replicas in the member's rack; ours knows no racks.
bool is_rack_aware(const Json& input) {
  for (const Json& member : input.at("members")) {
    if (!member.at("rackId").is_null()) return true;
  }
  return false;
}

TEST(GoldenAssignor, range_agrees_with_kafka_where_no_racks_are_given) {
  std::size_t with_racks = 0;
  const std::size_t lines = for_each_vector("assignors/range", [&](const Json& vector) {
    const Json& input = vector.at("in");
    if (is_rack_aware(input)) {
      ++with_racks;
      return;
    }
    std::map<std::string, std::int32_t> counts;
    for (const Json& topic : input.at("topics")) counts[topic.at("topic")] = topic.at("partitions");
    std::vector<client::AssignorMember> members;
    for (const Json& member : input.at("members")) {
      auto& one = members.emplace_back();
      one.member_id = member.at("memberId");
      one.topics = member.at("topics").get<std::vector<std::string>>();
      if (!member.at("groupInstanceId").is_null()) one.instance_id = member.at("groupInstanceId");
    }
    const auto assigned = client::assign_ranges(members, counts);
    for (const auto& [member, expected] : vector.at("out").items()) {
      std::vector<TopicPartition> partitions;
      for (const Json& pair : expected.at("partitions")) {
        partitions.push_back({pair.at(0), PartitionId(pair.at(1).get<std::int32_t>())});
      }
      std::ranges::sort(partitions);
      ASSERT_TRUE(assigned.contains(member));
      EXPECT_EQ(assigned.at(member), partitions) << vector.dump();
    }
  });
  std::printf("[   NOTE   ] assignors/range: %zu of %zu lines not applicable, their members have racks\n", with_racks,
              lines);
}

}  // namespace
}  // namespace barnabas::golden
