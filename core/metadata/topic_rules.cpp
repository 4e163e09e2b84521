#include "core/metadata/topic_rules.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace barnabas::metadata {

namespace {

std::unexpected<TopicError> refuse(TopicProblem problem, std::string message) {
  return std::unexpected(TopicError{problem, std::move(message)});
}

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

// '.' and '_' are the same in a metric's name.
std::string unified(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '.', '_');
  return text;
}

std::string list_of(const std::vector<BrokerId>& brokers) {
  std::string text;
  for (const BrokerId id : brokers) text += (text.empty() ? "" : ", ") + std::to_string(id.value());
  return text;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The brokers in the order in which first replicas go round, and the racks to be kept apart.
class Placement {
 public:
  Placement(std::span<const BrokerId> live_brokers, const Racks& racks)
      : brokers_(live_brokers.begin(), live_brokers.end()) {
    std::ranges::sort(brokers_);
    const auto has_rack = [&](BrokerId id) { return racks.contains(id); };
    if (racks.empty() || !std::ranges::all_of(brokers_, has_rack)) return;
    for (const BrokerId id : brokers_) rack_of_[id] = racks.at(id);
    alternate();
  }

  const std::vector<BrokerId>& brokers() const { return brokers_; }

  // Replicas of partition `p`, when the first replica of partition 0 is brokers()[start].
  std::vector<BrokerId> spread(std::size_t p, std::size_t start, std::size_t distance, std::size_t replicas) const {
    const std::size_t n = brokers_.size();
    const std::size_t first = (start + p) % n;
    std::vector<BrokerId> chosen{brokers_[first]};
    std::set<std::string> used;
    if (rack_count_ > 0) used.insert(rack_of_.at(chosen.front()));
    const std::size_t shift = rack_count_ > 0 ? distance * rack_count_ : distance;
    for (std::size_t j = 0; chosen.size() < replicas; ++j) {
      const BrokerId next = brokers_[(first + 1 + (shift + j) % (n - 1)) % n];
      if (std::ranges::find(chosen, next) != chosen.end()) continue;
      if (rack_count_ > 0) {
        const std::string& rack = rack_of_.at(next);
        if (used.contains(rack) && used.size() < rack_count_) continue;
        used.insert(rack);
      }
      chosen.push_back(next);
    }
    return chosen;
  }

 private:
  // One broker of each rack, then the next of each.
  void alternate() {
    std::map<std::string, std::vector<BrokerId>> by_rack;
    for (const BrokerId id : brokers_) by_rack[rack_of_.at(id)].push_back(id);
    rack_count_ = by_rack.size();
    const std::size_t count = std::exchange(brokers_, {}).size();
    for (std::size_t round = 0; brokers_.size() < count; ++round) {
      for (const auto& [rack, members] : by_rack) {
        if (round < members.size()) brokers_.push_back(members[round]);
      }
    }
  }

  std::vector<BrokerId> brokers_;
  std::map<BrokerId, std::string> rack_of_;
  std::size_t rack_count_ = 0;  // 0: racks play no part.
};

}  // namespace

std::expected<void, TopicError> validate_topic_name(std::string_view name) {
  const std::string quoted = "'" + std::string(name.substr(0, kMaxTopicNameLength * 2)) + "'";
  std::string why;
  if (name.empty()) {
    why = "the empty string is not allowed";
  } else if (name == "." || name == "..") {
    why = quoted + " is not allowed";
  } else if (name.size() > kMaxTopicNameLength) {
    why = "the length of " + quoted + " is longer than the max allowed length " + std::to_string(kMaxTopicNameLength);
  } else if (!std::ranges::all_of(name, is_legal)) {
    why = quoted + " contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
  } else {
    return {};
  }
  return refuse(TopicProblem::invalid_topic, "Topic name is invalid: " + why);
}

std::expected<void, TopicError> check_collision(const ClusterImage& image, std::string_view name) {
  if (image.topic(name) != nullptr) {
    return refuse(TopicProblem::already_exists, "Topic '" + std::string(name) + "' already exists.");
  }
  if (name.find_first_of("._") == std::string_view::npos) return {};
  std::vector<std::string> others;
  const std::string wanted = unified(name);
  for (const auto& [other, topic] : image.topics()) {
    if (other.size() == wanted.size() && unified(other) == wanted) others.push_back(other);
  }
  if (others.empty()) return {};
  return refuse(TopicProblem::invalid_topic,
                "Topic '" + std::string(name) + "' collides with existing topics: " + list_of(others));
}

std::expected<Assignment, TopicError> assign_replicas(std::span<const BrokerId> live_brokers, std::int32_t partitions,
                                                      std::int32_t replication_factor, std::uint32_t start,
                                                      std::uint32_t shift, const Racks& racks) {
  if (partitions <= 0) {
    return refuse(TopicProblem::invalid_partitions, "Number of partitions must be larger than 0.");
  }
  if (partitions > kMaxPartitionsPerTopic) {
    return refuse(TopicProblem::invalid_partitions,
                  "Number of partitions must not be larger than " + std::to_string(kMaxPartitionsPerTopic) + ".");
  }
  if (replication_factor <= 0) {
    return refuse(TopicProblem::invalid_replication_factor, "Replication factor must be larger than 0.");
  }
  const Placement placement(live_brokers, racks);
  const std::size_t n = placement.brokers().size();
  const auto replicas = static_cast<std::size_t>(replication_factor);
  if (replicas > n) {
    return refuse(TopicProblem::invalid_replication_factor,
                  "Replication factor: " + std::to_string(replication_factor) +
                      " larger than available brokers: " + std::to_string(n) + ".");
  }
  Assignment assignment;
  std::size_t distance = shift % n;
  for (std::size_t p = 0; p < static_cast<std::size_t>(partitions); ++p) {
    if (p > 0 && p % n == 0) ++distance;
    assignment.push_back(placement.spread(p, start % n, distance, replicas));
  }
  return assignment;
}

namespace {

using Refusal = std::expected<void, TopicError>;

Refusal check_one(const std::vector<BrokerId>& replicas, std::size_t partition) {
  constexpr TopicProblem kProblem = TopicProblem::invalid_replica_assignment;
  const std::string suffix = "partition id " + std::to_string(partition) + ".";
  if (replicas.empty()) return refuse(kProblem, "Cannot have replication factor of 0 for " + suffix);
  const std::set<BrokerId> distinct(replicas.begin(), replicas.end());
  if (distinct.size() == replicas.size()) return {};
  return refuse(kProblem,
                "Duplicate brokers not allowed in replica assignment: " + list_of(replicas) + " for " + suffix);
}

Refusal check_added(std::span<const BrokerId> live_brokers, const TopicInfo& present, std::size_t increment,
                    const Assignment& added) {
  constexpr TopicProblem kProblem = TopicProblem::invalid_replica_assignment;
  std::vector<BrokerId> unknown;
  for (const std::vector<BrokerId>& replicas : added) {
    for (const BrokerId broker : replicas) {
      if (std::ranges::find(live_brokers, broker) == live_brokers.end()) unknown.push_back(broker);
    }
  }
  if (!unknown.empty()) return refuse(kProblem, "Unknown broker(s) in replica assignment: " + list_of(unknown) + ".");
  if (added.size() != increment) {
    return refuse(kProblem, "Increasing the number of partitions by " + std::to_string(increment) + " but " +
                                std::to_string(added.size()) + " assignments provided.");
  }
  const std::size_t factor = present.partitions.front().replicas.size();
  for (std::size_t i = 0; i < added.size(); ++i) {
    const std::size_t partition = present.partitions.size() + i;
    if (auto good = check_one(added[i], partition); !good) return good;
    if (added[i].size() == factor) continue;
    return refuse(kProblem, "Inconsistent replication factor between partitions, partition 0 has " +
                                std::to_string(factor) + " while partitions [" + std::to_string(partition) +
                                "] have replication factors [" + std::to_string(added[i].size()) + "], respectively.");
  }
  return {};
}

}  // namespace

std::expected<Assignment, TopicError> assign_more_partitions(std::span<const BrokerId> live_brokers,
                                                             const TopicInfo& present, std::int32_t count,
                                                             const std::optional<Assignment>& manual,
                                                             const Racks& racks) {
  const std::size_t old_count = present.partitions.size();
  const auto now = static_cast<std::int32_t>(old_count);
  if (count < now) {
    return refuse(TopicProblem::invalid_partitions, "Topic currently has " + std::to_string(now) +
                                                        " partitions, which is higher than the requested " +
                                                        std::to_string(count) + ".");
  }
  if (count == now) {
    return refuse(TopicProblem::invalid_partitions, "Topic already has " + std::to_string(now) + " partitions.");
  }
  if (count > kMaxPartitionsPerTopic) {
    return refuse(TopicProblem::invalid_partitions,
                  "Number of partitions must not be larger than " + std::to_string(kMaxPartitionsPerTopic) + ".");
  }
  const auto increment = static_cast<std::size_t>(count - now);
  if (manual) {
    if (auto good = check_added(live_brokers, present, increment, *manual); !good) {
      return std::unexpected(good.error());
    }
    return *manual;
  }
  const Placement placement(live_brokers, racks);
  const std::vector<BrokerId>& brokers = placement.brokers();
  const std::vector<BrokerId>& first = present.partitions.front().replicas;
  if (first.size() > brokers.size()) {
    return refuse(TopicProblem::invalid_replication_factor,
                  "Replication factor: " + std::to_string(first.size()) +
                      " larger than available brokers: " + std::to_string(brokers.size()) + ".");
  }
  // Where the first replica of all is, or, if its broker is gone, the next one.
  auto found = std::ranges::find(brokers, first.front());
  if (found == brokers.end()) {
    found = std::ranges::find_if(brokers, [&](BrokerId id) { return id > first.front(); });
  }
  const auto start = found == brokers.end() ? std::size_t{0} : static_cast<std::size_t>(found - brokers.begin());
  Assignment assignment;
  std::size_t distance = start;
  for (std::size_t p = old_count; p < old_count + increment; ++p) {
    if (p % brokers.size() == 0) ++distance;
    assignment.push_back(placement.spread(p, start, distance, first.size()));
  }
  return assignment;
}

std::expected<Assignment, TopicError> check_manual_assignment(std::span<const BrokerId> live_brokers,
                                                              const std::vector<std::int32_t>& partition_ids,
                                                              const std::vector<std::vector<BrokerId>>& replicas) {
  constexpr TopicProblem kProblem = TopicProblem::invalid_replica_assignment;
  if (partition_ids.empty() || partition_ids.size() != replicas.size() ||
      partition_ids.size() > static_cast<std::size_t>(kMaxPartitionsPerTopic)) {
    return refuse(kProblem, "The manual assignment has no or too many partitions.");
  }
  Assignment assignment(partition_ids.size());
  for (std::size_t i = 0; i < partition_ids.size(); ++i) {
    const auto index = static_cast<std::size_t>(partition_ids[i]);
    if (partition_ids[i] < 0 || index >= assignment.size() || !assignment[index].empty()) {
      return refuse(kProblem, "partitions should be a consecutive 0-based integer sequence");
    }
    const std::set<BrokerId> distinct(replicas[i].begin(), replicas[i].end());
    if (replicas[i].empty() || distinct.size() != replicas[i].size()) {
      return refuse(kProblem, "The replicas of partition " + std::to_string(index) + " are empty or not distinct.");
    }
    if (replicas[i].size() != replicas[0].size()) {
      return refuse(kProblem, "All partitions should have the same number of replicas");
    }
    for (const BrokerId broker : replicas[i]) {
      if (std::ranges::find(live_brokers, broker) == live_brokers.end()) {
        return refuse(kProblem, "Broker " + std::to_string(broker.value()) + " of partition " + std::to_string(index) +
                                    " is unknown or not alive.");
      }
    }
    assignment[index] = replicas[i];
  }
  return assignment;
}

}  // namespace barnabas::metadata
