#include "core/controller/request_builder.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace barnabas::controller {

namespace {

std::vector<std::int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<std::int32_t> result;
  for (const BrokerId id : ids) result.push_back(id.value());
  return result;
}

std::int16_t protocol_number(const std::string& name) {
  if (name == "SSL") return 1;
  if (name == "SASL_PLAINTEXT") return 2;
  if (name == "SASL_SSL") return 3;
  return 0;
}

template <class Request>
Request addressed(const ControllerState& state, const metadata::BrokerInfo& to) {
  Request request;
  request.controller_id = state.self.value();
  request.controller_epoch = state.term.epoch;
  request.broker_epoch = to.epoch;
  return request;
}

// Under which epoch a member of an ISR was let in: that of the present life, if the log is still the same one.
std::int64_t epoch_of(const ControllerState& state, const Member& member) {
  const auto broker = state.brokers.find(member.id);
  if (broker != state.brokers.end() && broker->second.incarnation == member.incarnation) return broker->second.epoch;
  const auto former = state.former_epochs.find(member.id);
  return former == state.former_epochs.end() ? -1 : former->second;
}

protocol::LeaderAndIsrRequest::LeaderAndIsrPartitionState told(const ControllerState& state,
                                                               const PartitionEntry& partition, std::int32_t index,
                                                               bool is_new) {
  const PartitionRecord& record = *partition.record;
  protocol::LeaderAndIsrRequest::LeaderAndIsrPartitionState result;
  result.partition_index = index;
  result.controller_epoch = partition.controller_epoch;
  result.leader = record.leader.value();
  result.leader_epoch = record.leader_epoch.value();
  result.isr = numbers(record.isr_ids());
  result.partition_epoch = partition.partition_epoch;
  result.replicas = numbers(partition.replicas);
  result.adding_replicas = numbers(partition.adding);
  if (!partition.completing) result.removing_replicas = numbers(partition.removing);
  result.is_new = is_new;
  for (const Member& member : record.isr) result.isr_broker_epochs.push_back(epoch_of(state, member));
  return result;
}

// A leader that came back with another log must not hear of its old epoch: it is to be elected first, or nobody (W4).
bool may_hear(const ControllerState& state, const PartitionRecord& record) {
  const auto broker = state.brokers.find(record.leader);
  const auto member = std::ranges::find(record.isr, record.leader, &Member::id);
  return broker == state.brokers.end() || member == record.isr.end() ||
         broker->second.incarnation == member->incarnation || BARNABAS_MUTANT(leader_comeback_keeps_epoch);
}

std::vector<std::int32_t> offline_replicas(const ControllerState& state, const PartitionEntry& partition) {
  std::vector<std::int32_t> result;
  for (const BrokerId id : partition.replicas) {
    if (!state.is_live(id) || partition.offline_logs.contains(id)) result.push_back(id.value());
  }
  return result;
}

protocol::UpdateMetadataRequest::UpdateMetadataPartitionState shown(const ControllerState& state,
                                                                    const PartitionEntry& partition,
                                                                    std::int32_t index) {
  protocol::UpdateMetadataRequest::UpdateMetadataPartitionState result;
  result.partition_index = index;
  result.controller_epoch = partition.controller_epoch;
  result.leader = kNoBroker.value();
  if (partition.record) {
    result.leader = partition.record->leader.value();
    result.leader_epoch = partition.record->leader_epoch.value();
    result.isr = numbers(partition.record->isr_ids());
    result.zk_version = partition.partition_epoch;
  }
  result.replicas = numbers(partition.replicas);
  result.offline_replicas = offline_replicas(state, partition);
  return result;
}

void add_brokers(const ControllerState& state, protocol::UpdateMetadataRequest& request) {
  for (const auto& [id, broker] : state.brokers) {
    if (!state.is_live(id)) continue;
    auto& one = request.live_brokers.emplace_back();
    one.id = id.value();
    if (broker.rack) one.rack = protocol::String(*broker.rack);
    one.epoch = broker.epoch;
    for (const metadata::BrokerEndpoint& endpoint : broker.endpoints) {
      auto& address = one.endpoints.emplace_back();
      address.host = protocol::String(endpoint.host);
      address.port = endpoint.port;
      address.listener = protocol::String(endpoint.listener);
      address.security_protocol = protocol_number(endpoint.security_protocol);
    }
  }
}

// The group of this topic, which is the last one if it is there: callers come in the order of the topics.
template <class Groups>
auto& group_of(Groups& groups, const std::string& topic) {
  if (groups.empty() || groups.back().topic_name != topic) groups.emplace_back().topic_name = protocol::String(topic);
  return groups.back();
}

}  // namespace

std::optional<env::Endpoint> endpoint_of(const metadata::BrokerInfo& broker, const InterBroker& by) {
  const metadata::BrokerEndpoint* found = broker.endpoint(by.listener);
  for (const metadata::BrokerEndpoint& endpoint : broker.endpoints) {
    if (found == nullptr && endpoint.security_protocol == by.protocol) found = &endpoint;
  }
  if (found == nullptr) return std::nullopt;
  return env::Endpoint{found->host, found->port};
}

protocol::LeaderAndIsrRequest leader_and_isr(const ControllerState& state, const metadata::BrokerInfo& to,
                                             const std::map<TopicPartition, bool>& which, const InterBroker& by) {
  auto request = addressed<protocol::LeaderAndIsrRequest>(state, to);
  std::set<BrokerId> leaders;
  for (const auto& [id, is_new] : which) {
    const TopicEntry* topic = state.topic(id.topic);
    const PartitionEntry* partition = state.partition(id);
    if (partition == nullptr || topic->deleting || !partition->record || !partition->has_replica(to.id)) continue;
    if (!may_hear(state, *partition->record)) continue;
    auto& group = group_of(request.topic_states, id.topic);
    group.topic_id = topic->id;
    group.partition_states.push_back(told(state, *partition, id.partition.value(), is_new));
    leaders.insert(partition->record->leader);
  }
  for (const BrokerId leader : leaders) {
    const auto broker = state.brokers.find(leader);
    const auto at = broker == state.brokers.end() ? std::nullopt : endpoint_of(broker->second, by);
    if (!at) continue;
    auto& one = request.live_leaders.emplace_back();
    one.broker_id = leader.value();
    one.host_name = protocol::String(at->host);
    one.port = at->port;
  }
  return request;
}

protocol::UpdateMetadataRequest update_metadata(const ControllerState& state, const metadata::BrokerInfo& to,
                                                const std::set<TopicPartition>& which, bool full) {
  auto request = addressed<protocol::UpdateMetadataRequest>(state, to);
  const auto add = [&](const TopicEntry& topic, std::int32_t index) {
    auto& group = group_of(request.topic_states, topic.name);
    group.topic_id = topic.id;
    group.partition_states.push_back(shown(state, topic.partitions[static_cast<std::size_t>(index)], index));
  };
  if (full) {
    request.type = 2;
    for (const auto& [name, topic] : state.topics) {
      for (std::size_t i = 0; !topic.deleting && i < topic.partitions.size(); ++i) {
        add(topic, static_cast<std::int32_t>(i));
      }
    }
  } else {
    for (const TopicPartition& id : which) {
      const TopicEntry* topic = state.topic(id.topic);
      if (state.partition(id) != nullptr && !topic->deleting) add(*topic, id.partition.value());
    }
  }
  add_brokers(state, request);
  return request;
}

protocol::UpdateMetadataRequest update_metadata(const ControllerState& state, const metadata::BrokerInfo& to,
                                                const std::vector<Tombstone>& gone) {
  auto request = addressed<protocol::UpdateMetadataRequest>(state, to);
  for (const Tombstone& tombstone : gone) {
    auto& group = request.topic_states.emplace_back();
    group.topic_name = protocol::String(tombstone.topic);
    group.topic_id = tombstone.id;
    for (std::int32_t i = 0; i < tombstone.partitions; ++i) {
      auto& partition = group.partition_states.emplace_back();
      partition.partition_index = i;
      partition.controller_epoch = state.term.epoch;
      partition.leader = kLeaderDuringDelete;
    }
  }
  add_brokers(state, request);
  return request;
}

protocol::StopReplicaRequest stop_replica(const ControllerState& state, const metadata::BrokerInfo& to,
                                          const std::map<TopicPartition, Stop>& which) {
  auto request = addressed<protocol::StopReplicaRequest>(state, to);
  for (const auto& [id, stop] : which) {
    const TopicEntry* topic = state.topic(id.topic);
    const PartitionEntry* partition = state.partition(id);
    const bool is_replica = partition != nullptr && !topic->deleting && partition->has_replica(to.id);
    if (stop.remove && is_replica) continue;
    auto& one = group_of(request.topic_states, id.topic).partition_states.emplace_back();
    one.partition_index = id.partition.value();
    one.delete_partition = stop.remove;
    one.leader_epoch = stop.with_topic || partition == nullptr || !partition->record
                           ? kEpochDuringDelete
                           : partition->record->leader_epoch.value();
  }
  return request;
}

}  // namespace barnabas::controller
