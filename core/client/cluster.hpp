// What a client knows of a cluster: where the brokers are, who leads which partition; and the connections.
//
// Shared by producers, consumers and admins of one client. Single-threaded. It must outlive those who use it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/uuid.hpp"
#include "core/client/connection.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::client {

struct ClusterOptions {
  std::vector<env::Endpoint> bootstrap;
  ConnectionOptions connection;
};

struct PartitionInfo {
  BrokerId leader = kNoBroker;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
};

struct TopicInfo {
  protocol::ErrorCode error = protocol::ErrorCode::none;
  Uuid id;
  std::vector<PartitionInfo> partitions;  // By partition index.
};

class Cluster {
 public:
  Cluster(env::Env env, ClusterOptions options);

  const env::Env& env() const { return env_; }
  const ClusterOptions& options() const { return options_; }

  // Asks any broker for the brokers and these topics (none: only the brokers), and remembers what it says.
  // A topic's own error is in topic(). Topics may be created by this where the broker does so.
  Task<Result<void>> refresh(std::vector<std::string> topics, bool allow_auto_creation = true);
  // As refresh, for all topics.
  Task<Result<void>> refresh_all();

  // From the last refresh; null when nothing is known.
  const TopicInfo* topic(const std::string& name) const;
  // Null when the topic or the partition is unknown.
  const PartitionInfo* partition(const TopicPartition& partition) const;
  const std::string* topic_name(const Uuid& id) const;
  const std::map<BrokerId, env::Endpoint>& brokers() const { return brokers_; }
  BrokerId controller() const { return controller_; }
  const std::string& cluster_id() const { return cluster_id_; }

  // A connection that works as far as is known; connects when there is none. not_found: unknown broker.
  Task<Result<std::shared_ptr<Connection>>> to_broker(BrokerId id);
  // not_leader when no leader is known: refresh first.
  Task<Result<std::shared_ptr<Connection>>> to_leader(TopicPartition partition);
  // Any known broker or bootstrap address that answers.
  Task<Result<std::shared_ptr<Connection>>> to_any();
  // An address that a FindCoordinator response named; remembered as that broker's.
  Task<Result<std::shared_ptr<Connection>>> to_named(BrokerId id, env::Endpoint endpoint);

 private:
  struct Slot {
    std::shared_ptr<Connection> connection;
    bool connecting = false;
  };

  Task<Result<std::shared_ptr<Connection>>> to_endpoint(env::Endpoint endpoint);
  Task<Result<void>> refresh_with(std::optional<std::vector<std::string>> topics, bool allow_auto_creation);

  env::Env env_;
  ClusterOptions options_;
  std::map<BrokerId, env::Endpoint> brokers_;
  std::map<std::string, TopicInfo> topics_;
  std::map<Uuid, std::string> names_;
  BrokerId controller_ = kNoBroker;
  std::string cluster_id_;
  std::map<env::Endpoint, Slot> slots_;
  Notification connected_;
};

}  // namespace barnabas::client
