#include "core/controller/state.hpp"

#include <algorithm>

#include "core/metadata/config.hpp"
#include "core/metadata/topic_config.hpp"

namespace barnabas::controller {

namespace {

bool contains(const std::vector<BrokerId>& ids, BrokerId id) { return std::ranges::find(ids, id) != ids.end(); }

// The override when it is one that means something, as topic_config.hpp reads it.
std::optional<metadata::ConfigValue> override_of(const std::map<std::string, std::string>& overrides,
                                                 const std::string& name) {
  const auto found = overrides.find(name);
  const metadata::KeyInfo* key = metadata::find_topic_key(name);
  if (found == overrides.end() || key == nullptr) return std::nullopt;
  auto value = metadata::parse_value(*key, found->second);
  if (!value) return std::nullopt;
  return std::move(*value);
}

std::vector<Member> members(const std::vector<BrokerId>& ids, const std::vector<std::uint64_t>& incarnations) {
  std::vector<Member> result;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    result.push_back({ids[i], i < incarnations.size() ? incarnations[i] : 0});
  }
  return result;
}

}  // namespace

std::vector<BrokerId> PartitionEntry::target() const {
  if (completing) return replicas;
  std::vector<BrokerId> result;
  for (const BrokerId id : replicas) {
    if (!contains(removing, id)) result.push_back(id);
  }
  return result;
}

std::vector<BrokerId> PartitionEntry::listed() const {
  std::vector<BrokerId> result = replicas;
  if (completing) result.insert(result.end(), removing.begin(), removing.end());
  return result;
}

bool PartitionEntry::has_replica(BrokerId id) const { return contains(replicas, id); }

metadata::TopicInfo TopicEntry::to_info() const {
  metadata::TopicInfo info;
  info.name = name;
  info.id = id;
  info.config = config;
  for (const PartitionEntry& partition : partitions) {
    metadata::PartitionInfo& one = info.partitions.emplace_back();
    one.replicas = partition.listed();
    one.adding_replicas = partition.adding;
    one.removing_replicas = partition.removing;
    one.partition_epoch = partition.partition_epoch;
    one.controller_epoch = partition.controller_epoch;
    if (!partition.record) continue;
    one.leader = partition.record->leader;
    one.leader_epoch = partition.record->leader_epoch;
    one.isr = partition.record->isr_ids();
  }
  return info;
}

TopicEntry* ControllerState::topic(std::string_view name) {
  const auto found = topics.find(name);
  return found == topics.end() ? nullptr : &found->second;
}
const TopicEntry* ControllerState::topic(std::string_view name) const {
  const auto found = topics.find(name);
  return found == topics.end() ? nullptr : &found->second;
}

PartitionEntry* ControllerState::partition(const TopicPartition& id) {
  return const_cast<PartitionEntry*>(std::as_const(*this).partition(id));
}
const PartitionEntry* ControllerState::partition(const TopicPartition& id) const {
  const TopicEntry* found = topic(id.topic);
  const auto index = static_cast<std::size_t>(id.partition.value());
  if (found == nullptr || id.partition.value() < 0 || index >= found->partitions.size()) return nullptr;
  return &found->partitions[index];
}

void ControllerState::put_topic(TopicEntry topic) {
  if (const TopicEntry* present = std::as_const(*this).topic(topic.name)) names.erase(present->id);
  names[topic.id] = topic.name;
  std::string name = topic.name;
  topics.insert_or_assign(std::move(name), std::move(topic));
}

void ControllerState::drop_topic(const std::string& name) {
  const auto found = topics.find(name);
  if (found == topics.end()) return;
  removed[name] = found->second.id;
  names.erase(found->second.id);
  topics.erase(found);
}

namespace {

bool noted(const std::map<BrokerId, std::int64_t>& notes, const metadata::BrokerInfo& broker) {
  const auto found = notes.find(broker.id);
  return found != notes.end() && found->second == broker.epoch;
}

}  // namespace

bool ControllerState::is_suspect(BrokerId id) const {
  const auto broker = brokers.find(id);
  return broker != brokers.end() && noted(suspects, broker->second);
}
bool ControllerState::is_live(BrokerId id) const { return brokers.contains(id) && !is_suspect(id); }
bool ControllerState::is_shutting_down(BrokerId id) const {
  const auto broker = brokers.find(id);
  return broker != brokers.end() && noted(shutting_down, broker->second);
}

LiveBrokers ControllerState::registered() const {
  LiveBrokers result;
  for (const auto& [id, broker] : brokers) {
    result[id] = {broker.epoch, broker.incarnation, noted(shutting_down, broker)};
  }
  return result;
}

LiveBrokers ControllerState::live() const {
  LiveBrokers result = registered();
  std::erase_if(result, [this](const auto& entry) { return is_suspect(entry.first); });
  return result;
}

std::set<BrokerId> ControllerState::suspected() const {
  std::set<BrokerId> result;
  for (const auto& [id, epoch] : suspects) {
    if (is_suspect(id)) result.insert(id);
  }
  return result;
}

PartitionView::PartitionView(const PartitionEntry& partition, const LiveBrokers& live) : live_(live) {
  for (const BrokerId id : partition.offline_logs) {
    if (!live.contains(id)) continue;
    if (!without_) without_ = live;
    without_->erase(id);
  }
}

metadata::PartitionState to_znode(const PartitionRecord& record, std::int32_t controller_epoch) {
  metadata::PartitionState state;
  state.leader = record.leader;
  state.leader_epoch = record.leader_epoch;
  state.controller_epoch = controller_epoch;
  for (const Member& member : record.isr) {
    state.isr.push_back(member.id);
    state.isr_incarnations.push_back(member.incarnation);
  }
  for (const Member& member : record.eligible) {
    state.eligible.push_back(member.id);
    state.eligible_incarnations.push_back(member.incarnation);
  }
  return state;
}

PartitionRecord from_znode(const metadata::PartitionState& state) {
  PartitionRecord record;
  record.leader = state.leader;
  record.leader_epoch = state.leader_epoch;
  record.isr = members(state.isr, state.isr_incarnations);
  record.eligible = members(state.eligible, state.eligible_incarnations);
  return record;
}

PartitionPolicy policy_of(const metadata::Config& config, const std::map<std::string, std::string>& overrides) {
  PartitionPolicy policy;
  policy.min_insync_replicas = static_cast<std::size_t>(config.get(metadata::keys::min_insync_replicas));
  policy.unclean_election = config.get(metadata::keys::unclean_leader_election_enable);
  if (const auto value = override_of(overrides, "min.insync.replicas")) {
    policy.min_insync_replicas = static_cast<std::size_t>(std::get<std::int64_t>(*value));
  }
  if (const auto value = override_of(overrides, "unclean.leader.election.enable")) {
    policy.unclean_election = std::get<bool>(*value);
  }
  return policy;
}

}  // namespace barnabas::controller
