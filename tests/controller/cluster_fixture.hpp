// Controllers on a simulated ZooKeeper ensemble, each in a broker that keeps no records: it takes what it is told, as
// Kafka's brokers do, and remembers it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/controller/controller.hpp"
#include "core/metadata/znode_json.hpp"
#include "core/protocol/frame.hpp"
#include "core/protocol/messages/all.hpp"
#include "core/zookeeper/session_client/session_keeper.hpp"
#include "sim/world/world.hpp"
#include "sim/zookeeper/ensemble.hpp"

namespace barnabas::controller {

inline constexpr std::uint16_t kBrokerPort = 9092;

// What a broker was told of a partition.
struct Replica {
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::vector<std::int32_t> isr;
  std::vector<std::int64_t> isr_broker_epochs;
  std::vector<std::int32_t> replicas;
};

class FakeBroker final : public LocalBroker {
 public:
  FakeBroker(sim::World& world, sim::Ensemble& ensemble, std::int32_t id);

  // The process.
  void start();
  void kill();
  void power_cut();
  void restart();
  sim::Node& node() { return node_; }
  BrokerId id() const { return id_; }
  std::string host() const { return node_.name(); }

  // Null while it is down or has no session.
  Controller* controller() { return live_ == nullptr ? nullptr : live_->controller.get(); }
  zookeeper::SessionKeeper* session() { return live_ == nullptr ? nullptr : live_->keeper.get(); }
  metadata::TopicStore* store() { return live_ == nullptr ? nullptr : live_->store.get(); }
  bool ready() const { return live_ != nullptr && live_->ready; }

  Task<protocol::LeaderAndIsrResponse> leader_and_isr(protocol::LeaderAndIsrRequest request) override;
  Task<protocol::StopReplicaResponse> stop_replica(protocol::StopReplicaRequest request) override;
  Task<protocol::UpdateMetadataResponse> update_metadata(protocol::UpdateMetadataRequest request) override;

  metadata::Config config;
  std::uint64_t incarnation = 1;
  std::optional<std::string> rack;
  Duration session_timeout = std::chrono::seconds(6);

  std::int64_t epoch = -1;  // Of the present registration.
  std::int32_t controller_epoch = -1;
  std::map<TopicPartition, Replica> replicas;                    // LeaderAndIsr, less StopReplica.
  std::map<TopicPartition, Replica> metadata;                    // UpdateMetadata.
  std::map<std::int32_t, std::int64_t> live_brokers;             // UpdateMetadata; with their epochs.
  std::set<TopicPartition> logs;                                 // On its disk.
  std::set<TopicPartition> removed;                              // StopReplica with delete.
  std::set<TopicPartition> stopped;                              // And without.
  std::set<TopicPartition> new_ones;                             // LeaderAndIsr with isNew.
  std::set<TopicPartition> broken_logs;                          // Answered with KAFKA_STORAGE_ERROR.
  bool refuses_removal = false;
  // Under which incarnation of its logs it led in which epoch, and what was wrong with that (W4).
  std::map<std::pair<TopicPartition, std::int32_t>, std::pair<Uuid, std::uint64_t>> led;
  std::vector<std::string> violations;
  std::vector<std::string> requests;  // "LeaderAndIsr 2", with the controller's epoch.
  std::uint64_t stale = 0;            // Requests of former controllers.

 private:
  struct Live {
    std::unique_ptr<env::Listener> listener;
    std::unique_ptr<zookeeper::SessionKeeper> keeper;
    std::unique_ptr<metadata::TopicStore> store;
    std::unique_ptr<Controller> controller;
    bool ready = false;
  };

  Task<void> run(env::Env env);
  Task<Result<void>> register_self(env::Env env, zookeeper::SessionId former);
  Task<Result<void>> renew(env::Env env, zookeeper::SessionId former);
  Task<void> accept(env::Env env);
  Task<void> serve(env::Env env, std::unique_ptr<env::Stream> stream);
  Task<std::vector<protocol::Fragment>> answer(env::Env env, const protocol::RequestHeader& header, ByteView body);
  protocol::ErrorCode admit(std::int32_t of_controller, std::int64_t for_epoch, const char* what);
  protocol::LeaderAndIsrResponse take(const protocol::LeaderAndIsrRequest& request);
  protocol::StopReplicaResponse take(const protocol::StopReplicaRequest& request);
  protocol::UpdateMetadataResponse take(const protocol::UpdateMetadataRequest& request);

  sim::Ensemble& ensemble_;
  BrokerId id_;
  sim::Node& node_;
  std::int64_t epoch_of_life_ = -1;  // -1: this process has not registered yet.
  std::unique_ptr<Live> live_;
};

class SimCluster {
 protected:
  explicit SimCluster(std::uint64_t seed) : world_(seed) {}
  ~SimCluster();

  // Starts them one after the other, so that the first is controller.
  // suspicion: failover.on.refused.connection.
  void start(int brokers, bool suspicion = true);
  FakeBroker& broker(std::int32_t id) { return *brokers_.at(static_cast<std::size_t>(id - 1)); }
  // The one that is controller; throws when there is none.
  FakeBroker& leader();
  // Whose term lasts, 0 if nobody's.
  std::int32_t controller_id();

  bool until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(60)) {
    return world_.run_until(done, limit);
  }
  template <class T>
  T run(FakeBroker& at, Task<T> task, Duration limit = std::chrono::seconds(120)) {
    return world_.run(at.node(), std::move(task), limit);
  }

  // By the controller; the replicas of each partition. Throws when it does not work.
  metadata::TopicInfo create(const std::string& name, std::vector<std::vector<std::int32_t>> replicas,
                             std::map<std::string, std::string> config = {});
  // As the leader of the partition would propose it now.
  protocol::AlterPartitionRequest isr_request(const TopicPartition& id, const std::vector<std::int32_t>& isr);
  protocol::AlterPartitionResponse::PartitionData propose_isr(const TopicPartition& id,
                                                              const std::vector<std::int32_t>& isr);
  protocol::ErrorCode reassign(const TopicPartition& id, std::optional<std::vector<std::int32_t>> replicas);

  // What ZooKeeper holds.
  std::optional<metadata::PartitionState> state(const TopicPartition& id);
  std::int32_t version_of(const TopicPartition& id);
  std::optional<metadata::TopicInfo> topic(const std::string& name);
  bool exists(const std::string& path) { return ensemble_.quorum().tree().find(path) != nullptr; }
  std::string text(const std::string& path);
  // Loses the next answer to a write of whoever writes first, at whichever server.
  void lose_answer();
  // Every live broker was told what ZooKeeper holds of this partition.
  bool all_know(const TopicPartition& id);

  sim::World world_;
  sim::Ensemble ensemble_{world_, {}};
  std::vector<std::unique_ptr<FakeBroker>> brokers_;
};

class ControllerTest : public testing::Test, protected SimCluster {
 protected:
  explicit ControllerTest(std::uint64_t seed = 11) : SimCluster(seed) {}
};

inline TopicPartition at(std::string topic, std::int32_t partition) {
  return {std::move(topic), PartitionId(partition)};
}

}  // namespace barnabas::controller
