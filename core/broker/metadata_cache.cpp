#include "core/broker/metadata_cache.hpp"

#include <algorithm>
#include <set>

#include "core/env/timeout.hpp"

namespace barnabas::broker {
namespace {

using protocol::UpdateMetadataRequest;

// The leader of a partition that is being deleted, on the wire.
constexpr std::int32_t kLeaderDuringDelete = -2;
constexpr std::int8_t kFull = 2;
constexpr std::int16_t kByTopicSince = 5;
constexpr std::int16_t kListenersSince = 3;

std::vector<BrokerId> ids_of(const std::vector<std::int32_t>& numbers) {
  std::vector<BrokerId> ids;
  ids.reserve(numbers.size());
  for (const std::int32_t number : numbers) ids.emplace_back(number);
  return ids;
}

std::string_view protocol_name(std::int16_t number) {
  switch (number) {
    case 1: return "SSL";
    case 2: return "SASL_PLAINTEXT";
    case 3: return "SASL_SSL";
    default: return "PLAINTEXT";
  }
}

metadata::BrokerInfo broker_of(const UpdateMetadataRequest::UpdateMetadataBroker& told, std::int16_t version) {
  metadata::BrokerInfo broker;
  broker.id = BrokerId(told.id);
  broker.epoch = told.epoch;
  if (told.rack) broker.rack = told.rack->str();
  if (version == 0) {
    const auto port = static_cast<std::uint16_t>(told.v0_port);
    broker.endpoints.push_back({"PLAINTEXT", "PLAINTEXT", told.v0_host.str(), port});
  }
  for (const auto& at : told.endpoints) {
    const std::string protocol(protocol_name(at.security_protocol));
    const std::string listener = version >= kListenersSince ? at.listener.str() : protocol;
    broker.endpoints.push_back({listener, protocol, at.host.str(), static_cast<std::uint16_t>(at.port)});
  }
  return broker;
}

metadata::PartitionInfo partition_of(const UpdateMetadataRequest::UpdateMetadataPartitionState& state) {
  metadata::PartitionInfo partition;
  partition.leader = BrokerId(state.leader);
  partition.leader_epoch = LeaderEpoch(state.leader_epoch);
  partition.partition_epoch = state.zk_version;
  partition.controller_epoch = state.controller_epoch;
  partition.replicas = ids_of(state.replicas);
  partition.isr = ids_of(state.isr);
  partition.offline_replicas = ids_of(state.offline_replicas);
  return partition;
}

// What was sent over a former connection may arrive after what was sent over its successor.
bool is_older(const UpdateMetadataRequest::UpdateMetadataPartitionState& state, const metadata::PartitionInfo& known) {
  const std::pair told(state.leader_epoch, state.zk_version);
  return !known.replicas.empty() && told < std::pair(known.leader_epoch.value(), known.partition_epoch);
}

}  // namespace

MetadataCache::MetadataCache(env::Env env, std::string cluster_id, replication::ControllerFence& fence)
    : env_(env), fence_(fence), changed_(env.executor) {
  image_.cluster_id = std::move(cluster_id);
}

MetadataCache::Update MetadataCache::update(const UpdateMetadataRequest& request, std::int16_t version) {
  Update update;
  update.response.error_code = fence_.admit(request.controller_epoch, request.broker_epoch);
  if (update.response.error_code != protocol::ErrorCode::none) return update;
  update.admitted = true;
  told_ = true;
  image_.controller = BrokerId(request.controller_id);
  put_brokers(request, version);
  std::set<std::string, std::less<>> named;
  if (version >= kByTopicSince) {
    for (const auto& topic : request.topic_states) {
      std::vector<const State*> states;
      for (const State& state : topic.partition_states) states.push_back(&state);
      named.insert(topic.topic_name.str());
      put_topic(topic.topic_name.str(), topic.topic_id, states, update);
    }
  } else {
    std::map<std::string, std::vector<const State*>> by_topic;
    for (const State& state : request.ungrouped_partition_states) by_topic[state.topic_name.str()].push_back(&state);
    for (const auto& [name, states] : by_topic) put_topic(name, Uuid{}, states, update);
  }
  if (version >= kByTopicSince && request.type == kFull) {
    std::vector<std::string> gone;
    for (const auto& [name, topic] : image_.topics()) {
      if (!named.contains(name)) gone.push_back(name);
    }
    for (std::string& name : gone) {
      image_.remove_topic(name);
      update.removed_topics.push_back(std::move(name));
    }
  }
  changed_.notify_all();
  return update;
}

void MetadataCache::put_brokers(const UpdateMetadataRequest& request, std::int16_t version) {
  image_.brokers.clear();
  for (const auto& told : request.live_brokers) {
    metadata::BrokerInfo broker = broker_of(told, version);
    image_.brokers.insert_or_assign(broker.id, std::move(broker));
  }
}

// The common case, without a copy of the topic: states of partitions that are known.
bool MetadataCache::put_known(std::string_view name, const Uuid& id, const std::vector<const State*>& states) {
  const metadata::TopicInfo* present = image_.topic(name);
  if (present == nullptr || (!id.is_zero() && present->id != id)) return false;
  const auto known = [&](const State* state) {
    return state->leader != kLeaderDuringDelete &&
           image_.partition(name, PartitionId(state->partition_index)) != nullptr;
  };
  if (!std::ranges::all_of(states, known)) return false;
  for (const State* state : states) {
    const PartitionId index(state->partition_index);
    if (!is_older(*state, *image_.partition(name, index))) image_.set_partition(name, index, partition_of(*state));
  }
  return true;
}

void MetadataCache::put_topic(std::string name, const Uuid& id, const std::vector<const State*>& states,
                              Update& update) {
  if (put_known(name, id, states)) return;
  metadata::TopicInfo topic;
  if (const metadata::TopicInfo* present = image_.topic(name)) {
    // Another topic of the same name is begun anew.
    if (id.is_zero() || present->id.is_zero() || present->id == id) topic = *present;
  }
  topic.name = name;
  if (!id.is_zero()) topic.id = id;
  for (const State* state : states) {
    if (state->partition_index < 0 || state->partition_index >= metadata::kMaxPartitionsPerTopic) continue;
    const auto index = static_cast<std::size_t>(state->partition_index);
    const bool deleted = state->leader == kLeaderDuringDelete;
    if (deleted && index >= topic.partitions.size()) continue;
    if (index >= topic.partitions.size()) topic.partitions.resize(index + 1);
    topic.partitions[index] = deleted ? metadata::PartitionInfo() : partition_of(*state);
  }
  while (!topic.partitions.empty() && topic.partitions.back().replicas.empty()) topic.partitions.pop_back();
  if (topic.partitions.empty()) {
    if (image_.remove_topic(name)) update.removed_topics.push_back(std::move(name));
  } else {
    image_.put_topic(std::move(topic));
  }
}

std::map<BrokerId, std::int64_t> MetadataCache::live() const {
  std::map<BrokerId, std::int64_t> epochs;
  for (const auto& [id, broker] : image_.brokers) epochs[id] = broker.epoch;
  return epochs;
}

bool MetadataCache::has_leaders(std::string_view topic, std::size_t partitions) const {
  const metadata::TopicInfo* info = image_.topic(topic);
  if (info == nullptr || info->partitions.size() < partitions) return false;
  return std::ranges::none_of(info->partitions,
                              [](const metadata::PartitionInfo& partition) { return partition.leader == kNoBroker; });
}

Task<bool> MetadataCache::wait_until(std::function<bool()> holds, Instant deadline) const {
  while (!holds()) {
    if (env_.clock.now() >= deadline) co_return false;
    co_await env::wait_until(env_.executor, env_.clock, changed_, deadline);
  }
  co_return true;
}

}  // namespace barnabas::broker
