// The inside of a broker: its rooms in the order in which they lean on each other, and how they start and stop.
//
// Start: ZooKeeper, who it is, sockets bound, configurations, logs, registration, then requests are taken; those of
// clients are answered once the controller (this broker's own or another's) has told this one what there is. Stop:
// leaderships are handed over, the rest in the opposite order.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/broker/broker.hpp"
#include "core/broker/broker_config.hpp"
#include "core/broker/config_changes.hpp"
#include "core/broker/controlled_broker.hpp"
#include "core/broker/controller_client.hpp"
#include "core/broker/fetch_session.hpp"
#include "core/broker/group_topic.hpp"
#include "core/broker/housekeeping.hpp"
#include "core/broker/low_watermarks.hpp"
#include "core/broker/metadata_cache.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/metrics_endpoint.hpp"
#include "core/broker/producer_ids.hpp"
#include "core/broker/registration.hpp"
#include "core/broker/server.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topic_configs.hpp"
#include "core/broker/topics.hpp"
#include "core/broker/zookeeper_link.hpp"
#include "core/controller/controller.hpp"
#include "core/log/log_manager.hpp"
#include "core/metadata/legacy_offsets.hpp"
#include "core/replication/replica_manager.hpp"

namespace barnabas::broker {

class Node {
 public:
  Node(env::Env env, metadata::Config config, Broker::PartitionsOpened opened);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Task<Result<void>> start();
  Task<void> stop();
  env::Endpoint bound() const { return bound_; }

 private:
  // node_start.cpp
  Result<void> check_config() const;
  Task<Result<void>> open_zookeeper();
  Task<Result<void>> settle_identity();
  Task<Result<void>> bind();
  Task<Result<void>> load_configurations();
  Task<Result<void>> open_logs();
  log::LogManagerOptions log_options() const;
  void warn_of_unclaimed_logs() const;
  Task<Result<void>> open_metrics();

  // node.cpp
  void make_replicas();
  void make_coordinators();
  void make_services();
  replication::ReplicaManager::Hooks replica_hooks();
  void set_throttles();
  Task<Result<void>> join_cluster();
  Task<Result<void>> await_controller();
  Task<Result<void>> session_renewed(zookeeper::SessionId former);
  Task<Result<void>> config_changed(std::string entity);
  Task<void> directory_failed(std::string data_dir);
  Task<void> ask_for_roles();
  Task<void> hand_over();
  Task<void> let_clients_leave();
  void log(env::LogLevel level, std::string_view line) const { env_.logger.log(level, "broker", line); }

  env::Env env_;
  metadata::Config config_;  // Changed by broker_config_ alone.
  Broker::PartitionsOpened opened_;
  AllowAll authorizer_;
  replication::SelfInfo self_;
  std::string cluster_id_;
  env::Endpoint bound_;
  std::uint64_t incarnation_ = 0;
  bool stopping_ = false;
  std::map<std::string, metadata::TopicInfo> definitions_;  // Of topics, as they were at the start; until it is over.
  std::vector<BoundListener> listeners_;                    // Until the server takes them over.
  Event informed_;

  // In the order in which they lean on each other; destroyed the other way round.
  std::unique_ptr<ZooKeeperLink> zookeeper_;
  std::unique_ptr<metadata::TopicStore> store_;
  std::unique_ptr<metadata::LegacyOffsets> legacy_offsets_;
  std::unique_ptr<BrokerConfig> broker_config_;
  std::unique_ptr<TopicConfigs> topic_configs_;
  std::unique_ptr<log::LogManager> logs_;
  std::unique_ptr<replication::PartitionTable> partitions_;
  replication::ControllerFence fence_;
  std::unique_ptr<MetadataCache> metadata_;
  std::unique_ptr<ControllerClient> controller_client_;
  std::unique_ptr<coordinator::GroupCoordinator> groups_;
  std::unique_ptr<GroupTopic> group_topic_;
  std::unique_ptr<replication::ReplicaManager> replicas_;
  std::unique_ptr<ControlledBroker> controlled_;
  std::unique_ptr<Registration> registration_;
  std::unique_ptr<controller::Controller> controller_;
  LowWatermarks low_watermarks_;
  std::unique_ptr<Topics> topics_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<FetchSessionCache> fetch_sessions_;
  Semaphore conversion_memory_;
  Metrics metrics_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<MetricsEndpoint> metrics_endpoint_;  // Null without metrics.port.
  std::unique_ptr<ConfigChanges> config_changes_;
  std::unique_ptr<Housekeeping> housekeeping_;
  Scope renewals_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
