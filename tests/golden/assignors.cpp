// What the members of a group send and are sent, and what the client's range assignor decides.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/client/range_assignor.hpp"
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "tests/golden/checks.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using protocol::ConsumerProtocolAssignment;
using protocol::ConsumerProtocolSubscription;
using Pairs = std::vector<std::pair<std::string, std::int32_t>>;

Pairs pairs_of(const auto& topics) {
  Pairs pairs;
  for (const auto& topic : topics) {
    for (const std::int32_t partition : topic.partitions) pairs.emplace_back(topic.topic.str(), partition);
  }
  std::ranges::sort(pairs);
  return pairs;
}

Pairs pairs_of_json(const Json& list) {
  auto pairs = list.get<Pairs>();
  std::ranges::sort(pairs);
  return pairs;
}

std::string hex_of(const std::optional<protocol::Bytes>& bytes) { return bytes ? to_hex(bytes->view()) : "null"; }
std::string text_of(const Json& text) { return text.is_null() ? "null" : text.get<std::string>(); }

void check_subscription(Line& line, const Json& member) {
  const Buffer bytes = from_hex(member.at("subscriptionV3Hex").get<std::string>());
  const auto found = protocol::decode_versioned<ConsumerProtocolSubscription>(bytes.view());
  if (!found) return line.fail("subscription: " + found.error().to_string());
  std::vector<std::string> topics;
  for (const protocol::String& topic : found->topics) topics.push_back(topic.str());
  auto expected = member.at("topics").get<std::vector<std::string>>();
  std::ranges::sort(topics);
  std::ranges::sort(expected);
  line.equal(topics, expected, "topics");
  line.equal(pairs_of(found->owned_partitions), pairs_of_json(member.at("ownedPartitions")), "owned partitions");
  line.equal(found->generation_id, member.at("generationId").get<std::int32_t>(), "generation");
  line.equal(found->rack_id ? found->rack_id->str() : "null", text_of(member.at("rackId")), "rack");
  line.equal(hex_of(found->user_data), text_of(member.at("userDataHex")), "user data");
  line.equal(to_hex(protocol::encode_versioned(*found, 3).view()), to_hex(bytes.view()), "subscription again");
}

void check_assignment(Line& line, const Json& expected) {
  const Buffer bytes = from_hex(expected.at("assignmentHex").get<std::string>());
  const auto found = protocol::decode_versioned<ConsumerProtocolAssignment>(bytes.view());
  if (!found) return line.fail("assignment: " + found.error().to_string());
  line.equal(pairs_of(found->assigned_partitions), pairs_of_json(expected.at("partitions")), "assigned partitions");
  line.equal(to_hex(protocol::encode_versioned(*found, 3).view()), to_hex(bytes.view()), "assignment again");
}

void check_ranges(Line& line) {
  const Json& input = line["in"];
  std::map<std::string, std::int32_t> counts;
  for (const Json& topic : input.at("topics")) counts[topic.at("topic")] = topic.at("partitions");
  std::vector<client::AssignorMember> members;
  for (const Json& member : input.at("members")) {
    if (!member.at("rackId").is_null()) {
      return line.not_compared("the decision where members have racks: the client's range assignor knows none");
    }
    auto& one = members.emplace_back();
    one.member_id = member.at("memberId");
    one.topics = member.at("topics").get<std::vector<std::string>>();
    if (!member.at("groupInstanceId").is_null()) one.instance_id = member.at("groupInstanceId");
  }
  const auto assigned = client::assign_ranges(members, counts);
  for (const auto& [member, expected] : line["out"].items()) {
    if (!line.expect(assigned.contains(member), "no assignment for " + member)) continue;
    Pairs pairs;
    for (const TopicPartition& one : assigned.at(member)) pairs.emplace_back(one.topic, one.partition.value());
    std::ranges::sort(pairs);
    line.equal(pairs, pairs_of_json(expected.at("partitions")), "partitions of " + member);
  }
}

}  // namespace

void check_assignor(Line& line) {
  for (const Json& member : line["in"].at("members")) check_subscription(line, member);
  for (const Json& expected : line["out"]) check_assignment(line, expected);
  if (line["assignor"] == "range") return check_ranges(line);
  line.not_compared("the decision: the client has the range assignor alone, and a broker never assigns");
}

}  // namespace barnabas::golden
