#include "core/coordinator/group/offset_store.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace barnabas::coordinator::group {

void OffsetStore::replay(const OffsetRecord& record, Offset at) {
  const OffsetKey& key = record.key;
  if (BARNABAS_MUTANT(first_offset_wins) && written_at_.contains(key)) return;
  if (record.value) {
    groups_[key.group][key.topic][key.partition.value()] = *record.value;
    written_at_[key] = at;
    return;
  }
  written_at_.erase(key);
  const auto group = groups_.find(key.group);
  if (group == groups_.end()) return;
  const auto topic = group->second.find(key.topic);
  if (topic == group->second.end()) return;
  topic->second.erase(key.partition.value());
  if (topic->second.empty()) group->second.erase(topic);
  if (group->second.empty()) groups_.erase(group);
}

void OffsetStore::replay_transactional(ProducerId producer, OffsetRecord record, Offset at) {
  pending_[producer].push_back({std::move(record), at});
}

void OffsetStore::end_transaction(ProducerId producer, bool commit) {
  const auto node = pending_.extract(producer);
  if (node.empty() || !commit) return;
  for (const Pending& each : node.mapped()) {
    const auto present = written_at_.find(each.record.key);
    if (present == written_at_.end() || present->second < each.at) replay(each.record, each.at);
  }
}

const OffsetStore::Topics* OffsetStore::find(std::string_view group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

const CommittedOffset* OffsetStore::find(std::string_view group, std::string_view topic, std::int32_t partition) const {
  const Topics* topics = find(group);
  if (topics == nullptr) return nullptr;
  const auto partitions = topics->find(topic);
  if (partitions == topics->end()) return nullptr;
  const auto found = partitions->second.find(partition);
  return found == partitions->second.end() ? nullptr : &found->second;
}

bool OffsetStore::has_pending(std::string_view group) const {
  return std::ranges::any_of(pending_, [group](const auto& transaction) {
    return std::ranges::any_of(transaction.second,
                               [group](const Pending& each) { return each.record.key.group == group; });
  });
}

std::vector<OffsetRecord> OffsetStore::tombstones(std::string_view group) const {
  std::vector<OffsetRecord> records;
  const Topics* topics = find(group);
  if (topics == nullptr) return records;
  for (const auto& [topic, partitions] : *topics) {
    for (const auto& [partition, value] : partitions) {
      records.push_back(
          {.key = {.group = std::string(group), .topic = topic, .partition = PartitionId(partition)}, .value = {}});
    }
  }
  return records;
}

std::vector<std::string> OffsetStore::groups() const {
  std::vector<std::string> names;
  for (const auto& [name, topics] : groups_) names.push_back(name);
  return names;
}

}  // namespace barnabas::coordinator::group
