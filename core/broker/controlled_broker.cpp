#include "core/broker/controlled_broker.hpp"

#include <map>
#include <utility>
#include <vector>

#include "core/broker/detached.hpp"

namespace barnabas::broker {
namespace {

using protocol::LeaderAndIsrRequest;
using protocol::LeaderAndIsrResponse;
using protocol::StopReplicaRequest;
using protocol::StopReplicaResponse;
using protocol::UpdateMetadataRequest;
using protocol::UpdateMetadataResponse;

constexpr std::int16_t kByTopicSince = 2;
// Before ZooKeeper is asked again.
constexpr Duration kPause = 500ms;

// The topics of a LeaderAndIsr, each once, with their ids as far as this version tells them.
std::map<std::string, Uuid> topics_of(const LeaderAndIsrRequest& request, std::int16_t version) {
  std::map<std::string, Uuid> topics;
  if (version >= kByTopicSince) {
    for (const auto& topic : request.topic_states) topics[topic.topic_name.str()] = topic.topic_id;
  } else {
    for (const auto& state : request.ungrouped_partition_states) topics[state.topic_name.str()] = Uuid{};
  }
  return topics;
}

}  // namespace

ControlledBroker::ControlledBroker(env::Env env, MetadataCache& metadata, TopicConfigs& configs,
                                   replication::ReplicaManager& replicas, Hooks hooks)
    : env_(env),
      metadata_(metadata),
      configs_(configs),
      replicas_(replicas),
      hooks_(std::move(hooks)),
      scope_(env.executor) {}

Task<LeaderAndIsrResponse> ControlledBroker::leader_and_isr(LeaderAndIsrRequest request, std::int16_t version,
                                                            Buffer keep) {
  return detached(env_.executor, scope_, do_leader_and_isr(std::move(request), version, std::move(keep)));
}

Task<StopReplicaResponse> ControlledBroker::stop_replica(StopReplicaRequest request, std::int16_t version,
                                                         Buffer keep) {
  return detached(env_.executor, scope_, do_stop_replica(std::move(request), version, std::move(keep)));
}

Task<LeaderAndIsrResponse> ControlledBroker::do_leader_and_isr(LeaderAndIsrRequest request, std::int16_t version,
                                                               Buffer) {
  std::vector<std::pair<std::string, Uuid>> topics;
  bool groups = false;
  for (auto& [name, id] : topics_of(request, version)) {
    groups = groups || name == metadata::kOffsetsTopic;
    topics.emplace_back(name, id);
  }
  while (!stopping_) {
    std::vector<std::pair<std::string, Uuid>> wanted = topics;
    Result<void> known = co_await configs_.ensure(std::move(wanted));
    if (known && groups && hooks_.before_groups) known = co_await hooks_.before_groups();
    if (known) break;
    // ZooKeeper cannot be asked now. A controller that got an error would take it for an answer.
    env_.logger.log(env::LogLevel::warn, "replicas",
                    "the configuration of topics cannot be read yet: " + known.error().to_string());
    co_await env_.clock.sleep_for(kPause);
  }
  co_return co_await replicas_.leader_and_isr(std::move(request), version);
}

Task<StopReplicaResponse> ControlledBroker::do_stop_replica(StopReplicaRequest request, std::int16_t version, Buffer) {
  co_return co_await replicas_.stop_replica(std::move(request), version);
}

UpdateMetadataResponse ControlledBroker::update_metadata(const UpdateMetadataRequest& request, std::int16_t version) {
  MetadataCache::Update update = metadata_.update(request, version);
  if (update.admitted) {
    replicas_.brokers_changed(metadata_.live());
    for (const std::string& topic : update.removed_topics) {
      if (hooks_.topic_removed) hooks_.topic_removed(topic);
    }
  }
  return std::move(update.response);
}

Task<LeaderAndIsrResponse> ControlledBroker::leader_and_isr(LeaderAndIsrRequest request) {
  return leader_and_isr(std::move(request), LeaderAndIsrRequest::kMaxVersion, Buffer());
}

Task<StopReplicaResponse> ControlledBroker::stop_replica(StopReplicaRequest request) {
  return stop_replica(std::move(request), StopReplicaRequest::kMaxVersion, Buffer());
}

Task<UpdateMetadataResponse> ControlledBroker::update_metadata(UpdateMetadataRequest request) {
  co_return update_metadata(request, UpdateMetadataRequest::kMaxVersion);
}

Task<void> ControlledBroker::stop() {
  stopping_ = true;
  co_await scope_.join();
}

}  // namespace barnabas::broker
