// A few brokers with logs, replica managers and a port that answers what followers ask; the test is their controller.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "core/replication/replica_manager.hpp"
#include "tests/replication/host.hpp"

namespace barnabas::replication {

// What a controller would hold of one partition.
struct PartitionState {
  Uuid topic_id;
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = 0;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
};

// Decides on ISRs as Kafka's controller does. One for all brokers.
struct FakeController {
  std::map<TopicPartition, PartitionState> partitions;
  std::map<BrokerId, std::int64_t> live;  // Broker epochs.
  std::int32_t epoch = 1;
  int asked = 0;
  int lose_answers = 0;                         // It is done, but nobody hears of it.
  std::deque<protocol::ErrorCode> answer_with;  // Nothing is done.

  protocol::AlterPartitionResponse alter(const protocol::AlterPartitionRequest& request);

 private:
  protocol::AlterPartitionResponse::PartitionData decide(PartitionState& state, std::int32_t from,
                                                         const protocol::AlterPartitionRequest::PartitionData& wanted);
};

class Cluster;

class Member final : public Broker, private ControllerChannel {
 public:
  static constexpr std::uint16_t kPort = 9092;

  Member(Cluster& cluster, sim::Node& on, std::int32_t broker_id);
  ~Member() override { close(); }

  void open();
  void close();
  std::shared_ptr<Partition> partition(const TopicPartition& which = kId) const { return table->find(which); }

  SelfInfo self;
  std::unique_ptr<ControllerFence> fence;
  std::unique_ptr<ReplicaManager> replicas;
  std::vector<std::string> roles;  // As told by role_changed.
  int peer_failures = 0;
  int role_requests = 0;

 private:
  Task<Result<protocol::AlterPartitionResponse>> alter_partition(protocol::AlterPartitionRequest request) override;

  Cluster& cluster_;
};

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed, int brokers = 3);
  ~Cluster();

  Member& member(std::int32_t id) { return *members.at(static_cast<std::size_t>(id - 1)); }
  bool running(std::int32_t id) { return controller.live.contains(BrokerId(id)); }
  void start(std::int32_t id);
  void kill(std::int32_t id);
  void power_cut(std::int32_t id);

  // The controller's word, told to all that run.
  void create(const TopicPartition& which, std::vector<std::int32_t> replicas, std::uint8_t topic = 7);
  void elect(std::int32_t leader, std::vector<std::int32_t> isr, const TopicPartition& which = kId);
  void tell(std::int32_t to, const TopicPartition& which = kId);
  void tell_registrations();
  protocol::LeaderAndIsrRequest leader_and_isr(const TopicPartition& which) const;

  // Appends on the leader and waits for the outcome; nothing: none within `patience`.
  std::optional<Result<Appended>> produce(std::int32_t leader, record::ValidatedRecords records, Acks acks = Acks::all,
                                          Duration patience = std::chrono::seconds(20));
  bool wait(const std::function<bool()>& condition, Duration limit = std::chrono::seconds(60)) {
    return world.run_until(condition, limit);
  }
  // All bytes of a log.
  std::vector<std::byte> content(std::int32_t id, const TopicPartition& which = kId);

  sim::World world;
  log::LogConfig config;
  ReplicationOptions options;
  std::size_t min_insync_replicas = 1;
  FakeController controller;
  std::vector<std::unique_ptr<Member>> members;

 private:
  void down(std::int32_t id);

  std::int64_t next_broker_epoch_ = 100;
};

// The program of a node: answers ApiVersions, Fetch (with sessions) and ListOffsets from the table.
Task<void> serve_followers(env::Env env, PartitionTable& table, std::uint16_t port);

}  // namespace barnabas::replication
