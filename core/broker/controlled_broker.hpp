// How this broker does what the controller says: LeaderAndIsr, UpdateMetadata and StopReplica, from the controller in
// this process or from one over the network.
//
// Decides: what must be known before a partition may lead or follow (its topic's configuration; the number of
// partitions of __consumer_offsets), and who is told of what changed. Does not decide: which words of the controller
// count, and what becomes of partitions (replication/replica_manager.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/broker/metadata_cache.hpp"
#include "core/broker/topic_configs.hpp"
#include "core/controller/broker_port.hpp"
#include "core/env/env.hpp"
#include "core/protocol/messages/04_leader_and_isr.hpp"
#include "core/protocol/messages/05_stop_replica.hpp"
#include "core/protocol/messages/06_update_metadata.hpp"
#include "core/replication/replica_manager.hpp"

namespace barnabas::broker {

class ControlledBroker final : public controller::LocalBroker {
 public:
  struct Hooks {
    // Called before partitions of __consumer_offsets get their roles.
    std::function<Task<Result<void>>()> before_groups;
    // A topic is gone.
    std::function<void(const std::string& topic)> topic_removed;
  };

  // All of these outlive this.
  ControlledBroker(env::Env env, MetadataCache& metadata, TopicConfigs& configs, replication::ReplicaManager& replicas,
                   Hooks hooks);

  // They run to their end although the waiter is destroyed; keep: what the request borrows from.
  Task<protocol::LeaderAndIsrResponse> leader_and_isr(protocol::LeaderAndIsrRequest request, std::int16_t version,
                                                      Buffer keep);
  Task<protocol::StopReplicaResponse> stop_replica(protocol::StopReplicaRequest request, std::int16_t version,
                                                   Buffer keep);
  protocol::UpdateMetadataResponse update_metadata(const protocol::UpdateMetadataRequest& request,
                                                   std::int16_t version);

  Task<protocol::LeaderAndIsrResponse> leader_and_isr(protocol::LeaderAndIsrRequest request) override;
  Task<protocol::StopReplicaResponse> stop_replica(protocol::StopReplicaRequest request) override;
  Task<protocol::UpdateMetadataResponse> update_metadata(protocol::UpdateMetadataRequest request) override;

  // Waits for what is under way.
  Task<void> stop();

 private:
  Task<protocol::LeaderAndIsrResponse> do_leader_and_isr(protocol::LeaderAndIsrRequest request, std::int16_t version,
                                                         Buffer keep);
  Task<protocol::StopReplicaResponse> do_stop_replica(protocol::StopReplicaRequest request, std::int16_t version,
                                                      Buffer keep);

  env::Env env_;
  MetadataCache& metadata_;
  TopicConfigs& configs_;
  replication::ReplicaManager& replicas_;
  Hooks hooks_;
  bool stopping_ = false;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
