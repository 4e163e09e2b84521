#include "sim/cluster/told_as_stored.hpp"

#include <algorithm>

#include "core/client/cluster.hpp"
#include "sim/cluster/cluster.hpp"

namespace barnabas::sim {
namespace {

constexpr int kAttempts = 600;  // A hung connection is given up after controller.socket.timeout.ms.

std::vector<std::int32_t> sorted(std::vector<std::int32_t> ids) {
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::int32_t> ids_of(const std::vector<BrokerId>& from) {
  std::vector<std::int32_t> ids;
  for (const BrokerId id : from) ids.push_back(id.value());
  return sorted(std::move(ids));
}

std::string topic_difference(const client::Cluster& told, const std::string& name, const TopicZnode& topic,
                             const ZnodeMirror& stored) {
  const client::TopicInfo* known = told.topic(name);
  if (known == nullptr || known->partitions.size() != topic.replicas.size()) return "topic " + name;
  for (const auto& [index, replicas] : topic.replicas) {
    const client::PartitionInfo& partition = known->partitions[static_cast<std::size_t>(index)];
    const StateZnode* state = stored.state({name, PartitionId(index)});
    const std::string where = name + "-" + std::to_string(index) + ", its ";
    if (state == nullptr) return where + "state";
    if (partition.leader.value() != state->leader) return where + "leader";
    if (partition.leader_epoch.value() != state->leader_epoch) return where + "leader epoch";
    if (ids_of(partition.isr) != sorted(state->isr)) return where + "ISR";
    if (ids_of(partition.replicas) != sorted(replicas)) return where + "replicas";
  }
  return "";
}

std::string difference(const client::Cluster& told, const ZnodeMirror& stored) {
  std::vector<std::int32_t> brokers;
  for (const auto& [id, endpoint] : told.brokers()) brokers.push_back(id.value());
  std::vector<std::int32_t> registered;
  for (const auto& [id, broker] : stored.brokers()) registered.push_back(id);
  if (brokers != registered) return "the brokers";
  if (told.controller().value() != stored.controller()) return "the controller";
  for (const auto& [name, topic] : stored.topics()) {
    if (const std::string found = topic_difference(told, name, topic, stored); !found.empty()) return found;
  }
  return "";
}

}  // namespace

Task<Result<void>> told_as_stored(env::Env env, std::string broker, const ClusterOracle& oracle) {
  std::string last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    client::ClusterOptions options;
    options.bootstrap.push_back({broker, kBrokerPort});
    client::Cluster cluster(env, options);
    const auto asked = co_await cluster.refresh_all();
    last = asked ? difference(cluster, oracle.znodes()) : asked.error().to_string();
    if (last.empty()) co_return Result<void>{};
    co_await env.clock.sleep_for(100ms);
  }
  co_return fail(Errc::timed_out, "it tells something else than ZooKeeper holds of: " + last);
}

}  // namespace barnabas::sim
