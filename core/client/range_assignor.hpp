// Kafka's range assignor without racks: topic by topic, members in order of their instance id or member id get
// contiguous ranges, the first ones one partition more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"

namespace barnabas::client {

struct AssignorMember {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::vector<std::string> topics;
};

// Member id to partitions, sorted. A topic without a known number of partitions is left out. Every member has
// an entry. Pure.
std::map<std::string, std::vector<TopicPartition>> assign_ranges(
    std::vector<AssignorMember> members, const std::map<std::string, std::int32_t>& partition_counts);

}  // namespace barnabas::client
