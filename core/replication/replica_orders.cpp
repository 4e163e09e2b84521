// What the controller's requests say, as ReplicaManager's orders: copied, so that a request may go before it is done.
#include "core/replication/replica_manager.hpp"

namespace barnabas::replication {
namespace {

using State = protocol::LeaderAndIsrRequest::LeaderAndIsrPartitionState;

Leadership leadership_of(const State& state) {
  Leadership leadership;
  leadership.epoch = LeaderEpoch(state.leader_epoch);
  leadership.partition_epoch = state.partition_epoch;
  for (const std::int32_t id : state.replicas) leadership.replicas.push_back(BrokerId(id));
  const bool told = state.isr_broker_epochs.size() == state.isr.size();
  for (std::size_t i = 0; i < state.isr.size(); ++i) {
    leadership.isr.push_back({BrokerId(state.isr[i]), told ? state.isr_broker_epochs[i] : -1});
  }
  return leadership;
}

}  // namespace

ReplicaManager::OrdersPtr ReplicaManager::orders_of(Executor& executor, const protocol::LeaderAndIsrRequest& request) {
  auto orders = std::make_shared<Orders>(executor);
  orders->controller_epoch = request.controller_epoch;
  orders->broker_epoch = request.broker_epoch;
  const auto add = [&](const protocol::String& topic, const Uuid& topic_id, const State& state) {
    Order& order = orders->orders.emplace_back();
    order.id = {topic.str(), PartitionId(state.partition_index)};
    order.topic_id = topic_id;
    order.leader = BrokerId(state.leader);
    order.leadership = leadership_of(state);
  };
  for (const State& state : request.ungrouped_partition_states) add(state.topic_name, Uuid(), state);
  for (const auto& topic : request.topic_states) {
    for (const State& state : topic.partition_states) add(topic.topic_name, topic.topic_id, state);
  }
  return orders;
}

ReplicaManager::OrdersPtr ReplicaManager::orders_of(Executor& executor, const protocol::StopReplicaRequest& request,
                                                    std::int16_t version) {
  auto orders = std::make_shared<Orders>(executor);
  orders->controller_epoch = request.controller_epoch;
  orders->broker_epoch = request.broker_epoch;
  const auto add = [&](const protocol::String& topic, std::int32_t partition, LeaderEpoch epoch, bool remove) {
    Order& order = orders->orders.emplace_back();
    order.id = {topic.str(), PartitionId(partition)};
    order.leadership.epoch = epoch;
    order.remove = remove;
  };
  const bool all = version < 3 && request.delete_partitions;
  for (const auto& row : request.ungrouped_partitions) add(row.topic_name, row.partition_index, kNoLeaderEpoch, all);
  for (const auto& topic : request.topics) {
    for (const std::int32_t partition : topic.partition_indexes) add(topic.name, partition, kNoLeaderEpoch, all);
  }
  for (const auto& topic : request.topic_states) {
    for (const auto& row : topic.partition_states) {
      add(topic.topic_name, row.partition_index, LeaderEpoch(row.leader_epoch), row.delete_partition);
    }
  }
  return orders;
}

}  // namespace barnabas::replication
