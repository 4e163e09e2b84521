// What this broker knows of its cluster, as the controller tells it (UpdateMetadata): what Metadata answers are made
// of.
//
// Kept as Kafka 3.9 does in ZooKeeper mode: states of partitions come in parts, the live brokers whole each time.
// A partition that was not told of yet, in between others that were, has no replicas (ClusterImage::partition() gives
// null for it). Overrides of topics are not in it: topic_configs.hpp.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/topic_rules.hpp"
#include "core/protocol/messages/06_update_metadata.hpp"
#include "core/replication/replica_manager.hpp"

namespace barnabas::broker {

class MetadataCache {
 public:
  // The fence is shared with LeaderAndIsr and StopReplica, and outlives this.
  MetadataCache(env::Env env, std::string cluster_id, replication::ControllerFence& fence);

  const metadata::ClusterImage& image() const { return image_; }
  // Something was told by a controller.
  bool told() const { return told_; }

  // What an UpdateMetadata led to.
  struct Update {
    protocol::UpdateMetadataResponse response;
    bool admitted = false;
    std::vector<std::string> removed_topics;
  };
  // Versions 0 to 8. Type 2 (full) names every topic there is; others name some.
  Update update(const protocol::UpdateMetadataRequest& request, std::int16_t version);

  // The live brokers and their epochs (-1: not told).
  std::map<BrokerId, std::int64_t> live() const;

  // Whether every partition of the topic has a leader, and it has at least `partitions` of them.
  bool has_leaders(std::string_view topic, std::size_t partitions = 1) const;
  // Resumes at every update.
  auto changed() const { return changed_.wait(); }
  // Waits until the condition holds, looked at after every update; false: the deadline passed first. What the
  // condition refers to must outlive the task.
  Task<bool> wait_until(std::function<bool()> holds, Instant deadline) const;

 private:
  using State = protocol::UpdateMetadataRequest::UpdateMetadataPartitionState;
  void put_brokers(const protocol::UpdateMetadataRequest& request, std::int16_t version);
  bool put_known(std::string_view name, const Uuid& id, const std::vector<const State*>& states);
  void put_topic(std::string name, const Uuid& id, const std::vector<const State*>& states, Update& update);

  env::Env env_;
  replication::ControllerFence& fence_;
  metadata::ClusterImage image_;
  bool told_ = false;
  mutable Notification changed_;
};

}  // namespace barnabas::broker
