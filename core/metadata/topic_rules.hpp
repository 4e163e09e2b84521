// What Kafka allows of a new topic: its name, its number of partitions, where the replicas go. Pure
// decisions; the messages are what clients see in CreateTopics answers.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/metadata/cluster_image.hpp"

namespace barnabas::metadata {

// The numbers are Kafka's error codes.
enum class TopicProblem : std::int16_t {
  invalid_topic = 17,
  already_exists = 36,
  invalid_partitions = 37,
  invalid_replication_factor = 38,
  invalid_replica_assignment = 39,
  invalid_config = 40,
};

struct TopicError {
  TopicProblem problem;
  std::string message;
};

// The replicas of each partition, by partition index; the first of each is the preferred leader.
using Assignment = std::vector<std::vector<BrokerId>>;

inline constexpr std::size_t kMaxTopicNameLength = 249;
inline constexpr std::int32_t kMaxPartitionsPerTopic = 10'000;

// invalid_topic unless it is 1 to 249 of [a-zA-Z0-9._-] and neither "." nor "..".
std::expected<void, TopicError> validate_topic_name(std::string_view name);

// invalid_topic when another topic's name differs only in '.' and '_' (their metric names would be one), and
// already_exists when the name itself is taken.
std::expected<void, TopicError> check_collision(const ClusterImage& image, std::string_view name);

// broker.rack of the brokers that have one.
using Racks = std::map<BrokerId, std::string>;

// Spreads replicas over the brokers as Kafka does: the first replica of partition p is broker (start + p) of the list,
// the others follow at a distance that grows by one each time round. start and shift: random, so that topics do not all
// begin at the same broker; any value is good. The list is sorted; where every broker has a rack it goes from rack to
// rack in turn, and no rack gets a second replica of a partition before every rack has one. (Where only some have a
// rack Kafka refuses; here it is then as if none had.) invalid_partitions, invalid_replication_factor.
std::expected<Assignment, TopicError> assign_replicas(std::span<const BrokerId> live_brokers, std::int32_t partitions,
                                                      std::int32_t replication_factor, std::uint32_t start,
                                                      std::uint32_t shift, const Racks& racks = {});

// Where the partitions go that make `present` one of `count` partitions: as assign_replicas() would go on from the
// first of them (Kafka's way), or as `manual` says, which then names one set of live brokers for each new partition.
// invalid_partitions unless it grows; invalid_replica_assignment.
std::expected<Assignment, TopicError> assign_more_partitions(std::span<const BrokerId> live_brokers,
                                                             const TopicInfo& present, std::int32_t count,
                                                             const std::optional<Assignment>& manual,
                                                             const Racks& racks = {});

// A manual assignment: partitions 0..n-1 each once (their indexes in `partition_ids`), each with the same
// number of distinct brokers, all live.
std::expected<Assignment, TopicError> check_manual_assignment(std::span<const BrokerId> live_brokers,
                                                              const std::vector<std::int32_t>& partition_ids,
                                                              const std::vector<std::vector<BrokerId>>& replicas);

}  // namespace barnabas::metadata
