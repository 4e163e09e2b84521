#include "core/metadata/cluster_image.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace barnabas::metadata {

const BrokerEndpoint* BrokerInfo::endpoint(std::string_view listener) const {
  const auto found = std::ranges::find(endpoints, listener, &BrokerEndpoint::listener);
  return found == endpoints.end() ? nullptr : &*found;
}

const TopicInfo* ClusterImage::topic(std::string_view name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

const TopicInfo* ClusterImage::topic(const Uuid& id) const {
  const auto found = names_by_id_.find(id);
  return found == names_by_id_.end() ? nullptr : topic(found->second);
}

const PartitionInfo* ClusterImage::partition(std::string_view topic_name, PartitionId partition) const {
  const TopicInfo* info = topic(topic_name);
  if (info == nullptr || partition.value() < 0) return nullptr;
  const auto index = static_cast<std::size_t>(partition.value());
  if (index >= info->partitions.size() || info->partitions[index].replicas.empty()) return nullptr;
  return &info->partitions[index];
}

const BrokerInfo* ClusterImage::broker(BrokerId id) const {
  const auto found = brokers.find(id);
  return found == brokers.end() ? nullptr : &found->second;
}

std::vector<BrokerId> ClusterImage::live_brokers() const {
  std::vector<BrokerId> ids;
  for (const auto& [id, info] : brokers) ids.push_back(id);
  return ids;
}

void ClusterImage::put_topic(TopicInfo topic) {
  remove_topic(topic.name);
  if (!topic.id.is_zero()) names_by_id_[topic.id] = topic.name;
  std::string name = topic.name;
  topics_.emplace(std::move(name), std::move(topic));
}

bool ClusterImage::remove_topic(std::string_view name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) return false;
  names_by_id_.erase(found->second.id);
  topics_.erase(found);
  return true;
}

void ClusterImage::set_partition(std::string_view topic, PartitionId partition, PartitionInfo state) {
  const auto found = topics_.find(topic);
  B_CHECK(found != topics_.end());
  B_CHECK_OP(partition.value(), >=, 0);
  const auto index = static_cast<std::size_t>(partition.value());
  B_CHECK_OP(index, <, found->second.partitions.size());
  found->second.partitions[index] = std::move(state);
}

}  // namespace barnabas::metadata
