#include "sim/workloads/watching.hpp"

#include "core/protocol/messages/03_metadata.hpp"

namespace barnabas::sim {
namespace {

constexpr Duration kPause = 30ms;

}  // namespace

Task<void> Watching::run(env::Env env) {
  Scope watching(env.executor);
  for (const env::Endpoint& broker : bootstrap_of(scenario_)) watching.spawn(watch(env, broker));
  while (!finishing_) co_await env.clock.sleep_for(kPause);
  watching.cancel();
  ended_ = true;
}

Task<void> Watching::watch(env::Env env, env::Endpoint broker) {
  while (true) {
    client::ConnectionOptions options;
    options.request_timeout = 5s;
    const auto made = co_await client::Connection::connect(env, broker, std::move(options));
    if (made) co_await follow(env, *made);
    co_await env.clock.sleep_for(kPause);
  }
}

Task<void> Watching::follow(env::Env env, std::shared_ptr<client::Connection> connection) {
  std::map<std::pair<std::string, std::int32_t>, std::int32_t> told;  // By the topic's id.
  while (true) {
    protocol::MetadataRequest request;
    request.topics.reset();  // All.
    const auto reply = co_await connection->call(std::move(request));
    if (!reply) co_return;
    for (const auto& topic : (*reply)->topics) {
      for (const auto& partition : topic.partitions) {
        const std::string id = topic.topic_id.to_string();
        std::int32_t& newest = told.try_emplace({id, partition.partition_index}, -1).first->second;
        if (partition.leader_epoch < newest) {
          history_.judge("M1", connection->endpoint().host + " says that partition " +
                                   std::to_string(partition.partition_index) + " of topic " + id + " is in epoch " +
                                   std::to_string(partition.leader_epoch) + ", and said " + std::to_string(newest));
        }
        newest = std::max(newest, partition.leader_epoch);
      }
    }
    co_await env.clock.sleep_for(kPause);
  }
}

}  // namespace barnabas::sim
