#include "sim/workloads/reading.hpp"

namespace barnabas::sim {

BeforePoll before_poll(const std::vector<TopicPartition>& partitions, std::int64_t brokers, const History& history) {
  BeforePoll before{history.power_cuts.size(), {}};
  if (!history.epoch_at) return before;
  for (const TopicPartition& partition : partitions) {
    for (std::int32_t broker = 0; broker < brokers; ++broker) {
      before.epochs[{partition, broker}] = history.epoch_at(partition, broker);
    }
  }
  return before;
}

void note_polled(const client::Polled& polled, const std::string& reader, const BeforePoll& before, History& history) {
  for (const client::ConsumedRecord& record : polled.records) {
    ReadRecord read{reader, record.partition, record.offset.value(), record.value.value_or(""), false};
    history.note_read(std::move(read), before.power_cuts);
  }
  if (!history.on_served) return;
  for (const auto& [partition, state] : polled.states) {
    if (state.named_epoch == kNoLeaderEpoch) continue;
    ServedRead served{state.leader.value(), state.named_epoch.value(), -1};
    const auto epoch = before.epochs.find({partition, served.broker});
    if (epoch != before.epochs.end()) served.epoch_before = epoch->second;
    history.on_served(partition, served);
  }
}

Task<void> Reading::rewind(client::Consumer& consumer, TopicPartition partition) {
  const auto end = co_await consumer.offset_for(partition, client::kLatest);
  if (end && end->value() >= 0) consumer.assign(partition, *end);
}

Task<void> Reading::run(env::Env env) {
  client::ClusterOptions where;
  where.bootstrap = bootstrap_of(scenario_);
  client::Cluster cluster(env, where);
  client::ConsumerOptions options;
  options.max_wait_ms = 100;
  client::Consumer consumer(cluster, options);
  for (const TopicPartition& partition : partitions()) consumer.assign(partition, Offset(0));
  while (!finishing_) {
    const BeforePoll before = before_poll(partitions(), scenario_.cluster.brokers, history_);
    const client::Polled polled = co_await consumer.poll();
    note_polled(polled, name_, before, history_);
    for (const client::PartitionProblem& problem : polled.problems) {
      if (problem.error == protocol::ErrorCode::offset_out_of_range) co_await rewind(consumer, problem.partition);
    }
    for (const auto& [partition, position] : consumer.positions()) positions_[partition] = position.value();
    if (!polled.problems.empty()) co_await env.clock.sleep_for(10ms);
  }
  ended_ = true;
}

std::string Reading::missing(const std::map<TopicPartition, std::int64_t>& ends) const {
  for (const TopicPartition& partition : partitions()) {
    const auto end = ends.find(partition);
    if (end == ends.end() || end->second == 0) continue;
    const auto position = positions_.find(partition);
    const std::int64_t at = position == positions_.end() ? 0 : position->second;
    if (at >= end->second) continue;
    return "has read " + partition.to_string() + " up to " + std::to_string(at) + " of " + std::to_string(end->second);
  }
  return "";
}

}  // namespace barnabas::sim
