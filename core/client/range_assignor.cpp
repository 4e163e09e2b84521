#include "core/client/range_assignor.hpp"

#include <algorithm>

namespace barnabas::client {
namespace {

// Static members come first, by instance id; then the others, by member id (KIP-345).
bool comes_before(const AssignorMember* a, const AssignorMember* b) {
  if (a->instance_id && b->instance_id) return *a->instance_id < *b->instance_id;
  if (a->instance_id || b->instance_id) return a->instance_id.has_value();
  return a->member_id < b->member_id;
}

}  // namespace

std::map<std::string, std::vector<TopicPartition>> assign_ranges(
    std::vector<AssignorMember> members, const std::map<std::string, std::int32_t>& partition_counts) {
  std::map<std::string, std::vector<TopicPartition>> result;
  std::map<std::string, std::vector<const AssignorMember*>> by_topic;
  for (const AssignorMember& member : members) {
    result[member.member_id];
    for (const std::string& topic : member.topics) by_topic[topic].push_back(&member);
  }
  for (auto& [topic, subscribed] : by_topic) {
    const auto count = partition_counts.find(topic);
    if (count == partition_counts.end()) continue;
    std::ranges::sort(subscribed, comes_before);
    // A member that names a topic twice still counts once.
    subscribed.erase(std::ranges::unique(subscribed).begin(), subscribed.end());
    const auto consumers = static_cast<std::int32_t>(subscribed.size());
    const std::int32_t each = count->second / consumers;
    const std::int32_t with_one_more = count->second % consumers;
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < consumers; ++i) {
      auto& mine = result[subscribed[static_cast<std::size_t>(i)]->member_id];
      const std::int32_t end = next + each + (i < with_one_more ? 1 : 0);
      for (; next < end; ++next) mine.push_back({topic, PartitionId(next)});
    }
  }
  return result;
}

}  // namespace barnabas::client
