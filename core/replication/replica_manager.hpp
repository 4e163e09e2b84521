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
#include <set>
#include <utility>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/protocol/error_code.hpp"
#include "core/protocol/messages/04_leader_and_isr.hpp"
#include "core/protocol/messages/05_stop_replica.hpp"
#include "core/replication/controller_channel.hpp"
#include "core/replication/isr_sender.hpp"
#include "core/replication/leader_fetcher.hpp"
#include "core/replication/partition_table.hpp"
#include "core/replication/replication_options.hpp"
#include "core/replication/self_info.hpp"

namespace barnabas::replication {

// Which controller counts. Shared by LeaderAndIsr, StopReplica and UpdateMetadata (C3, C4).
class ControllerFence {
 public:
  explicit ControllerFence(const SelfInfo& self) : self_(self) {}
  // STALE_CONTROLLER_EPOCH: a newer controller was heard of. STALE_BROKER_EPOCH: meant for a former life of this
  // broker; a greater epoch is good (the controller saw the registration first). none: it counts, and is remembered.
  protocol::ErrorCode admit(std::int32_t controller_epoch, std::int64_t broker_epoch);
  std::int32_t controller_epoch() const { return controller_epoch_; }

 private:
  const SelfInfo& self_;
  std::int32_t controller_epoch_ = -1;
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
    // This broker is in the topic's follower.replication.throttled.replicas for the partition. May be empty.
    std::function<bool(const TopicPartition& partition)> follower_throttled;
    // Asks the controller to tell this broker all of its roles again. May be empty.
    std::function<Task<void>()> ask_for_roles;
  };

  // All of these outlive this.
  ReplicaManager(env::Env env, PartitionTable& partitions, const SelfInfo& self, ControllerFence& fence,
                 ControllerChannel& controller, ReplicationOptions options, Hooks hooks);
  ~ReplicaManager() override;
  ReplicaManager(const ReplicaManager&) = delete;
  ReplicaManager& operator=(const ReplicaManager&) = delete;

  void start();

  // Every version that is declared. What the messages refer to is kept by the caller until the task has begun; it runs
  // to its end although the task be destroyed. Per partition, as Kafka 3.9 in ZooKeeper mode:
  //   KAFKA_STORAGE_ERROR         the directory of its log is out of service, or there is no room on its disk: then all
  //                               roles are asked for again, after a second first and at last every minute
  //   INCONSISTENT_TOPIC_ID       the log here is of another topic of that name
  //   UNKNOWN_TOPIC_OR_PARTITION  this broker is none of its replicas
  //   STALE_CONTROLLER_EPOCH      an older leader epoch than is known, or the same state again
  //   INVALID_REQUEST             (ours) this broker is to lead, but is not in the ISR
  // Within a leader epoch a newer partition epoch is taken over.
  Task<protocol::LeaderAndIsrResponse> leader_and_isr(protocol::LeaderAndIsrRequest request, std::int16_t version);
  // FENCED_LEADER_EPOCH: an older leader epoch than is known.
  Task<protocol::StopReplicaResponse> stop_replica(protocol::StopReplicaRequest request, std::int16_t version);

  // The live brokers and their epochs (UpdateMetadata): leaders of partitions learn who may join, fetchers where to go.
  void brokers_changed(const std::map<BrokerId, std::int64_t>& live);
  // A topic's or the broker's configuration has changed: limits of leaders, configuration of logs.
  void config_changed();

  // leader. and follower.replication.throttled.rate; the second is kept here, the first by whoever answers fetches of
  // replicas that are not in sync.
  ReplicationThrottle& leader_throttle() { return leader_throttle_; }
  ReplicationThrottle& follower_throttle() { return follower_throttle_; }

  // Stops fetching and proposing, and waits for what is under way.
  Task<void> stop();

  struct Counts {
    std::size_t leaders = 0;
    std::size_t under_replicated = 0;  // Led here, with fewer in sync than replicas.
    std::size_t under_min_isr = 0;
    std::size_t at_min_isr = 0;
    std::uint64_t isr_shrinks = 0;
    std::uint64_t isr_expands = 0;
    std::uint64_t failed_isr_updates = 0;
  };
  Counts counts() const;

 private:
  // What the controller wants of one partition.
  struct Order {
    TopicPartition id;
    Uuid topic_id;
    BrokerId leader = kNoBroker;
    Leadership leadership;
    bool remove = false;  // StopReplica: with its log.
    protocol::ErrorCode outcome = protocol::ErrorCode::none;
  };
  struct Orders {
    explicit Orders(Executor& executor) : done(executor) {}
    std::int32_t controller_epoch = 0;
    std::int64_t broker_epoch = -1;
    std::vector<Order> orders;
    protocol::ErrorCode error = protocol::ErrorCode::none;  // Of all.
    Event done;
  };
  using OrdersPtr = std::shared_ptr<Orders>;

  void isr_proposed(const TopicPartition& partition) override;

  static OrdersPtr orders_of(Executor& executor, const protocol::LeaderAndIsrRequest& request);
  static OrdersPtr orders_of(Executor& executor, const protocol::StopReplicaRequest& request, std::int16_t version);
  Task<void> apply_roles(OrdersPtr orders);
  Task<void> apply_stops(OrdersPtr orders);
  Task<Result<void>> carry_out(Order& order);
  Task<Result<void>> stop_one(Order& order);
  protocol::ErrorCode check(const Order& order) const;
  Task<Result<void>> change_role(Order& order, std::shared_ptr<Partition> partition);
  void tell_registrations(Partition& partition) const;
  void stop_fetching(const TopicPartition& id);
  LeaderLimits limits_of(const std::string& topic) const;
  std::optional<env::Endpoint> address_of(BrokerId broker) const;
  Task<void> watch_laggards();
  void refused(Order& order, const Error& error);
  Task<void> ask_until_there_is_room();

  env::Env env_;
  PartitionTable& partitions_;
  const SelfInfo& self_;
  ControllerFence& fence_;
  ReplicationOptions options_;
  Hooks hooks_;
  LeaderFetcher::Hooks fetcher_hooks_;
  ReplicationThrottle leader_throttle_;
  ReplicationThrottle follower_throttle_;
  IsrSender isr_sender_;
  std::map<BrokerId, std::int64_t> live_;
  std::map<BrokerId, env::Endpoint> told_addresses_;  // By LeaderAndIsr, which comes before the metadata.
  std::map<BrokerId, std::unique_ptr<LeaderFetcher>> fetchers_;
  std::map<TopicPartition, BrokerId> fetched_from_;
  std::vector<std::pair<std::shared_ptr<Partition>, bool>> new_followers_;
  std::set<TopicPartition> without_room_;  // Have not got their role, because a disk is full.
  bool asking_ = false;
  Semaphore turn_;  // One LeaderAndIsr or StopReplica at a time.
  Scope orders_;
  Scope background_;  // Last: destroyed first.
};

}  // namespace barnabas::replication
