// The inside of a broker: its rooms in the order in which they lean on each other, and how they start and stop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/broker/broker_config.hpp"
#include "core/broker/fetch_session.hpp"
#include "core/broker/group_topic.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/metrics_endpoint.hpp"
#include "core/broker/producer_ids.hpp"
#include "core/broker/server.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/log/cleaner/log_cleaner.hpp"
#include "core/log/log_manager.hpp"
#include "core/metadata/legacy_offsets.hpp"
#include "core/zookeeper/embedded_server.hpp"

namespace barnabas::broker {

class Node {
 public:
  Node(env::Env env, metadata::Config config);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Task<Result<void>> start();
  Task<void> stop();
  env::Endpoint bound() const { return bound_; }

 private:
  Result<void> check_config() const;
  Task<Result<void>> open_zookeeper();
  Task<Result<void>> serve_zookeeper();
  Task<Result<void>> settle_identity();
  Task<Result<void>> bind();
  Task<Result<void>> join_cluster();
  Task<Result<void>> open_logs();
  void warn_of_unclaimed_logs() const;
  Task<Result<void>> serve();
  Result<std::vector<metadata::BrokerEndpoint>> endpoints() const;
  Task<Result<void>> open_metrics();
  void start_housekeeping();
  void log(env::LogLevel level, std::string_view line) const { env_.logger.log(level, "broker", line); }

  env::Env env_;
  metadata::Config config_;  // Changed by broker_config_ alone.
  AllowAll authorizer_;
  BrokerId self_ = kNoBroker;
  std::string cluster_id_;
  env::Endpoint bound_;
  metadata::Controllership controllership_;
  metadata::ClusterImage image_;          // As loaded; Topics takes it over.
  std::vector<BoundListener> listeners_;  // Until the server takes them over.

  // In the order in which they lean on each other; destroyed the other way round.
  std::unique_ptr<zookeeper::EmbeddedServer> zookeeper_;
  std::unique_ptr<zookeeper::Client> session_;
  std::unique_ptr<metadata::TopicStore> store_;
  std::unique_ptr<metadata::LegacyOffsets> legacy_offsets_;
  std::unique_ptr<BrokerConfig> broker_config_;
  std::unique_ptr<log::LogManager> logs_;
  std::unique_ptr<log::LogCleaner> cleaner_;
  std::unique_ptr<replication::PartitionTable> partitions_;
  std::unique_ptr<Topics> topics_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<coordinator::GroupCoordinator> groups_;
  std::unique_ptr<GroupTopic> group_topic_;
  std::unique_ptr<FetchSessionCache> fetch_sessions_;
  Semaphore conversion_memory_;
  Metrics metrics_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<MetricsEndpoint> metrics_endpoint_;  // Null without metrics.port.
  Semaphore housekeeping_turn_;
  Scope housekeeping_;
};

}  // namespace barnabas::broker
