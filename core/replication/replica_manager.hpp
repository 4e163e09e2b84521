// The replicas on this broker follow what the controller says: who leads, who follows whom, what is deleted.
//
// Decides: which of the controller's words count (newer controller epoch, this life of the broker, newer leader epoch),
// in which order roles change. One LeaderAndIsr or StopReplica at a time, in the order they came; they run in this
// object's own scope, so a connection that dies cancels none.
//
// Runs: the fetchers of followed partitions, one connection to each leader; the sender of ISR proposals; the look for
// laggards. High watermarks are kept by LogManager::checkpoint, which the owner calls every
// replica.high.watermark.checkpoint.interval.ms.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/messages/04_leader_and_isr.hpp"
#include "core/protocol/messages/05_stop_replica.hpp"
#include "core/replication/controller_channel.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::replication {

// This broker in its present life.
struct SelfInfo {
  BrokerId id = kNoBroker;
  std::int64_t epoch = -1;  // czxid of its registration; rises when it registers anew.
};

// Which controller counts. Shared by LeaderAndIsr, StopReplica and UpdateMetadata (C3, C4).
class ControllerFence {
 public:
  explicit ControllerFence(const SelfInfo& self) : self_(self) {}
  // STALE_CONTROLLER_EPOCH: a newer controller was heard of. STALE_BROKER_EPOCH: meant for a former life of this broker;
  // a greater epoch is good (the controller saw the registration first). none: it counts, and is remembered.
  protocol::ErrorCode admit(std::int32_t controller_epoch, std::int64_t broker_epoch);
  std::int32_t controller_epoch() const { return controller_epoch_; }

 private:
  const SelfInfo& self_;
  std::int32_t controller_epoch_ = -1;
};

struct ReplicationOptions {
  Duration max_lag = std::chrono::seconds(30);           // replica.lag.time.max.ms
  Duration fetch_wait = std::chrono::milliseconds(500);  // replica.fetch.wait.max.ms
  std::int32_t fetch_min_bytes = 1;                      // replica.fetch.min.bytes
  std::int32_t fetch_max_bytes = 10 * 1024 * 1024;       // replica.fetch.response.max.bytes
  std::int32_t partition_max_bytes = 1024 * 1024;        // replica.fetch.max.bytes
  Duration fetch_backoff = std::chrono::seconds(1);      // replica.fetch.backoff.ms
  Duration socket_timeout = std::chrono::seconds(30);    // replica.socket.timeout.ms
};

class ReplicaManager final : private Partition::Listener {
 public:
  // What it needs of the rest of the broker. All are called on the loop; none may call back.
  struct Hooks {
    // The configuration of a topic's logs, and its min.insync.replicas.
    std::function<log::LogConfig(const std::string& topic)> log_config;
    std::function<std::size_t(const std::string& topic)> min_insync_replicas;
    // Where a broker is to be reached by other brokers (inter.broker.listener.name); nothing: not known.
    std::function<std::optional<env::Endpoint>(BrokerId broker)> address_of;
    // The role of a partition has changed; the partition is there until the next change. Role::none: it was removed.
    std::function<void(const TopicPartition& partition, Role role, LeaderEpoch epoch)> role_changed;
    // A peer's connection was refused or reset: evidence for whoever judges peers. May be empty.
    std::function<void(BrokerId peer)> peer_failed;
  };

  // All of these outlive this.
  ReplicaManager(env::Env env, PartitionTable& partitions, const SelfInfo& self, ControllerFence& fence,
                 ControllerChannel& controller, ReplicationOptions options, Hooks hooks);
  ~ReplicaManager() override;
  ReplicaManager(const ReplicaManager&) = delete;
  ReplicaManager& operator=(const ReplicaManager&) = delete;

  void start();

  // Every version that is declared. The messages own what they refer to (their frame is kept by the caller until the
  // task is done). Per partition, as Kafka 3.9 in ZooKeeper mode: see facts §3.2 "Being controlled".
  Task<protocol::LeaderAndIsrResponse> leader_and_isr(protocol::LeaderAndIsrRequest request, std::int16_t version);
  Task<protocol::StopReplicaResponse> stop_replica(protocol::StopReplicaRequest request, std::int16_t version);

  // The live brokers and their epochs (UpdateMetadata): leaders of partitions learn who may join, fetchers where to go.
  void brokers_changed(const std::map<BrokerId, std::int64_t>& live);
  // A topic's or the broker's configuration has changed: limits of leaders, configuration of logs.
  void config_changed();

  // Stops fetching and proposing, and waits for what is under way.
  Task<void> stop();

  struct Counts {
    std::size_t leaders = 0;
    std::size_t under_replicated = 0;  // Led here, with fewer in sync than replicas.
    std::size_t under_min_isr = 0;
    std::uint64_t isr_shrinks = 0;
    std::uint64_t isr_expands = 0;
    std::uint64_t failed_isr_updates = 0;
  };
  Counts counts() const;

 private:
  void isr_proposed(const TopicPartition& partition) override;
  struct Impl;
  std::unique_ptr<Impl> impl_;  // Lane R decides the inside; a pimpl or members.
};

}  // namespace barnabas::replication
