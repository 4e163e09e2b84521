#include "sim/workloads/workload.hpp"

#include <utility>

#include "core/client/admin.hpp"
#include "core/client/group_consumer.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/workloads/administering.hpp"
#include "sim/workloads/group_member.hpp"
#include "sim/workloads/producing.hpp"
#include "sim/workloads/reading.hpp"
#include "sim/workloads/watching.hpp"

namespace barnabas::sim {
namespace {

constexpr int kAttempts = 100;

Task<Result<void>> create_one(env::Env env, client::Admin& admin, const TopicSpec& topic, std::int64_t replicas) {
  client::NewTopic wanted;
  wanted.name = topic.name;
  wanted.partitions = static_cast<std::int32_t>(topic.partitions);
  wanted.configs = topic.config;
  wanted.replication_factor = static_cast<std::int16_t>(replicas);
  std::string last = "no attempt";
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto answer = co_await admin.create_topic(wanted);
    if (answer && answer->error == protocol::ErrorCode::none) co_return Result<void>{};
    if (answer && answer->error == protocol::ErrorCode::topic_already_exists) co_return Result<void>{};
    last = answer ? answer->message : answer.error().to_string();
    co_await env.clock.sleep_for(100ms);
  }
  co_return fail(Errc::timed_out, "topic " + topic.name + " could not be created: " + last);
}

// A leader may be moving to where it is preferred.
Task<Result<Offset>> bound_of(env::Env env, client::Consumer& consumer, TopicPartition partition, Timestamp which) {
  for (int attempt = 0;; ++attempt) {
    const auto offset = co_await consumer.offset_for(partition, which);
    if (offset || attempt == kAttempts) co_return offset;
    co_await env.clock.sleep_for(100ms);
  }
}

Task<Result<void>> read_partition(env::Env env, client::Consumer& consumer, TopicPartition partition,
                                  History& history) {
  B_CO_TRY(const Offset end, co_await bound_of(env, consumer, partition, client::kLatest));
  auto& given = history.final_read[partition];
  std::string last = "nothing came";
  bool begins = true;
  for (int idle = 0; idle < kAttempts;) {
    // Again when retention was faster.
    if (std::exchange(begins, false)) {
      B_CO_TRY(const Offset start, co_await bound_of(env, consumer, partition, client::kEarliest));
      given.clear();
      consumer.unassign_all();
      consumer.assign(partition, start);
    }
    if (*consumer.position(partition) >= end) co_return Result<void>{};
    const client::Polled polled = co_await consumer.poll();
    for (const client::ConsumedRecord& record : polled.records) {
      given.emplace_back(record.offset.value(), record.value.value_or(""));
    }
    if (!polled.problems.empty()) {
      const protocol::ErrorCode error = polled.problems[0].error;
      last = std::string(protocol::name_of(error));
      begins = error == protocol::ErrorCode::offset_out_of_range;
    }
    idle = polled.records.empty() ? idle + 1 : 0;
  }
  co_return fail(Errc::timed_out, partition.to_string() + " could not be read to its end: " + last);
}

Task<Result<void>> fetch_offsets(env::Env env, client::Cluster& cluster, std::string group,
                                 std::vector<TopicPartition> partitions, History& history) {
  client::GroupOptions options;
  options.group_id = group;
  client::GroupConsumer asker(cluster, options);
  std::string last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto committed = co_await asker.committed(partitions);
    if (committed) {
      for (const auto& [partition, offset] : *committed) {
        history.final_offsets[{group, partition}] = offset.offset.value();
      }
      co_return Result<void>{};
    }
    last = committed.error().to_string();
    co_await env.clock.sleep_for(100ms);
  }
  co_return fail(Errc::timed_out, "the offsets of group " + group + " could not be fetched: " + last);
}

}  // namespace

std::vector<TopicPartition> Workload::partitions() const {
  std::vector<TopicPartition> all;
  const TopicSpec* topic = scenario_.find_topic(spec_.topic);
  for (std::int32_t i = 0; i < topic->partitions; ++i) all.push_back({topic->name, PartitionId(i)});
  return all;
}

std::unique_ptr<Workload> make_workload(const Scenario& scenario, const WorkloadSpec& spec, std::string name,
                                        History& history, Prng draw) {
  switch (spec.kind) {
    case WorkloadKind::producer: return std::make_unique<Producing>(scenario, spec, std::move(name), history, draw);
    case WorkloadKind::consumer: return std::make_unique<Reading>(scenario, spec, std::move(name), history, draw);
    case WorkloadKind::admin:
      return std::make_unique<Administering>(scenario, spec, std::move(name), history, draw);
    case WorkloadKind::group: return std::make_unique<GroupMember>(scenario, spec, std::move(name), history, draw);
    case WorkloadKind::watcher: return std::make_unique<Watching>(scenario, spec, std::move(name), history, draw);
  }
  return nullptr;
}

std::vector<env::Endpoint> bootstrap_of(const Scenario& scenario) {
  std::vector<env::Endpoint> all;
  for (std::int64_t i = 0; i < scenario.cluster.brokers; ++i) {
    all.push_back({"broker-" + std::to_string(i), kBrokerPort});
  }
  return all;
}

Task<Result<void>> create_topics(env::Env env, const Scenario& scenario) {
  client::ClusterOptions options;
  options.bootstrap = bootstrap_of(scenario);
  client::Cluster cluster(env, options);
  client::Admin admin(cluster);
  for (const TopicSpec& topic : scenario.topics) {
    const std::int64_t replicas = scenario.cluster.replicated() ? scenario.replicas_of(topic) : -1;
    B_CO_TRY_VOID(co_await create_one(env, admin, topic, replicas));
  }
  co_return Result<void>{};
}

Task<Result<void>> read_everything(env::Env env, const Scenario& scenario, History& history) {
  client::ClusterOptions options;
  options.bootstrap = bootstrap_of(scenario);
  client::Cluster cluster(env, options);
  client::ConsumerOptions reading;
  client::Consumer consumer(cluster, reading);
  history.final_read.clear();
  history.final_offsets.clear();
  for (const TopicSpec& topic : scenario.topics) {
    std::vector<std::string> names;
    names.push_back(topic.name);
    B_CO_TRY_VOID(co_await cluster.refresh(names));
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
      const TopicPartition partition{topic.name, PartitionId(i)};
      B_CO_TRY_VOID(co_await read_partition(env, consumer, partition, history));
    }
  }
  std::map<std::string, std::vector<TopicPartition>> groups;
  for (const auto& [key, commits] : history.committed) groups[key.first].push_back(key.second);
  for (const auto& [group, partitions] : groups) {
    B_CO_TRY_VOID(co_await fetch_offsets(env, cluster, group, partitions, history));
  }
  co_return Result<void>{};
}

}  // namespace barnabas::sim
