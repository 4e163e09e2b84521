#include "core/broker/node.hpp"

#include <limits>

#include "core/broker/detached.hpp"
#include "core/broker/fetch_reader.hpp"
#include "core/broker/milliseconds.hpp"
#include "core/env/timeout.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::broker {
namespace {

using metadata::Config;
namespace keys = metadata::keys;

// How long requests under way may take to be answered when the broker stops.
constexpr Duration kStopPatience = 2s;
// How long a broker that has handed its leaderships over stays to say so to clients, once it has heard of it itself.
// librdkafka asks again within 250 ms of NOT_LEADER_OR_FOLLOWER, and only after a second when the connection is lost.
constexpr Duration kFarewell = 300ms;
constexpr Duration kFarewellPatience = 2s;
// How long a starting broker waits for the controller to tell it what there is, before it serves without.
constexpr Duration kInformPatience = 10s;

coordinator::group::GroupConfig group_config(const Config& config) {
  coordinator::group::GroupConfig groups;
  groups.min_session_timeout = milliseconds(config.get(keys::group_min_session_timeout_ms));
  groups.max_session_timeout = milliseconds(config.get(keys::group_max_session_timeout_ms));
  groups.initial_rebalance_delay = milliseconds(config.get(keys::group_initial_rebalance_delay_ms));
  groups.max_group_size = static_cast<std::size_t>(config.get(keys::group_max_size));
  groups.max_offset_metadata_size = static_cast<std::size_t>(config.get(keys::offset_metadata_max_bytes));
  groups.offset_retention = std::chrono::minutes(config.get(keys::offsets_retention_minutes));
  groups.offset_check_interval = milliseconds(config.get(keys::offsets_retention_check_interval_ms));
  return groups;
}

replication::ReplicationOptions replication_options(const Config& config) {
  replication::ReplicationOptions options;
  options.max_lag = milliseconds(config.get(keys::replica_lag_time_max_ms));
  options.fetch_wait = milliseconds(config.get(keys::replica_fetch_wait_max_ms));
  options.fetch_min_bytes = config.get(keys::replica_fetch_min_bytes);
  options.fetch_max_bytes = config.get(keys::replica_fetch_response_max_bytes);
  options.partition_max_bytes = config.get(keys::replica_fetch_max_bytes);
  options.fetch_backoff = milliseconds(config.get(keys::replica_fetch_backoff_ms));
  options.socket_timeout = milliseconds(config.get(keys::replica_socket_timeout_ms));
  return options;
}

}  // namespace

Node::Node(env::Env env, metadata::Config config, Broker::PartitionsOpened opened)
    : env_(env),
      config_(std::move(config)),
      opened_(std::move(opened)),
      informed_(env.executor),
      fence_(self_),
      low_watermarks_(env.executor),
      conversion_memory_(env.executor, kConversionMemory),
      renewals_(env.executor) {}

Node::~Node() {
  // What runs inside of the controller goes before it, although rooms below it wait for that.
  renewals_.cancel();
  if (controller_client_) controller_client_->abandon();
}

Task<Result<void>> Node::start() {
  B_CO_TRY_VOID(check_config());
  B_CO_TRY_VOID(co_await open_zookeeper());
  B_CO_TRY_VOID(co_await settle_identity());
  B_CO_TRY_VOID(co_await bind());
  B_CO_TRY_VOID(co_await load_configurations());
  B_CO_TRY_VOID(co_await open_logs());
  make_replicas();
  make_coordinators();
  B_CO_TRY_VOID(co_await group_topic_->learn_size());
  make_services();
  B_CO_TRY_VOID(co_await join_cluster());
  B_CO_TRY_VOID(co_await open_metrics());
  server_->start();
  B_CO_TRY_VOID(co_await await_controller());
  config_changes_ = std::make_unique<ConfigChanges>(
      env_, zookeeper_->client(), [this](std::string entity) { return config_changed(std::move(entity)); });
  housekeeping_ = std::make_unique<Housekeeping>(
      env_, config_, *logs_, [this](std::string data_dir) { return directory_failed(std::move(data_dir)); });
  housekeeping_->start();
  definitions_.clear();
  log(env::LogLevel::info,
      "broker " + std::to_string(self_.id.value()) + " of cluster " + cluster_id_ + " serves " + bound_.to_string());
  co_return Result<void>{};
}

replication::ReplicaManager::Hooks Node::replica_hooks() {
  replication::ReplicaManager::Hooks hooks;
  hooks.log_config = [this](const std::string& topic) { return topic_configs_->log_config_of(topic); };
  hooks.min_insync_replicas = [this](const std::string& topic) {
    return static_cast<std::size_t>(topic_configs_->of(topic).min_insync_replicas);
  };
  hooks.address_of = [this](BrokerId id) -> std::optional<env::Endpoint> {
    const metadata::BrokerInfo* broker = metadata_->image().broker(id);
    return broker == nullptr ? std::nullopt : inter_broker_address(*broker, config_);
  };
  hooks.role_changed = [this](const TopicPartition& id, replication::Role role, LeaderEpoch epoch) {
    if (id.topic == metadata::kOffsetsTopic) group_topic_->role_changed(id.partition, role, epoch);
  };
  hooks.follower_throttled = [this](const TopicPartition& id) {
    return metadata::names_replica(topic_configs_->of(id.topic).follower_throttled_replicas, id.partition, self_.id);
  };
  hooks.ask_for_roles = [this] { return ask_for_roles(); };
  hooks.peer_failed = [this](BrokerId peer) {
    if (controller_) controller_->suspect(peer);
  };
  return hooks;
}

void Node::set_throttles() {
  const auto rate = [this](metadata::Key<std::int64_t> key) -> std::optional<std::int64_t> {
    const std::int64_t bytes = config_.get(key);
    return bytes == std::numeric_limits<std::int64_t>::max() ? std::nullopt : std::optional(bytes);
  };
  replicas_->leader_throttle().set_rate(rate(keys::leader_replication_throttled_rate));
  replicas_->follower_throttle().set_rate(rate(keys::follower_replication_throttled_rate));
}

void Node::make_replicas() {
  metadata_ = std::make_unique<MetadataCache>(env_, cluster_id_, fence_);
  controller_client_ =
      std::make_unique<ControllerClient>(env_, config_, self_, *metadata_, zookeeper_->client());
  const auto exists = [this](std::string_view topic, std::int32_t partition) {
    return metadata_->image().partition(topic, PartitionId(partition)) != nullptr;
  };
  groups_ = std::make_unique<coordinator::GroupCoordinator>(env_, group_config(config_),
                                                            config_.get(keys::offsets_topic_num_partitions), exists);
  group_topic_ = std::make_unique<GroupTopic>(env_, *metadata_, zookeeper_->client(), *partitions_, *groups_,
                                              milliseconds(config_.get(keys::offsets_commit_timeout_ms)));
  replicas_ = std::make_unique<replication::ReplicaManager>(
      env_, *partitions_, self_, fence_, *controller_client_, replication_options(config_), replica_hooks());
  topic_configs_->on_change([this] { replicas_->config_changed(); });
  broker_config_->on_change([this] { set_throttles(); });
  set_throttles();
  ControlledBroker::Hooks hooks;
  hooks.before_groups = [this] { return group_topic_->learn_size(); };
  hooks.topic_removed = [this](const std::string& topic) {
    topic_configs_->forget(topic);
    low_watermarks_.forget(topic);
    groups_->topic_deleted(topic);
  };
  controlled_ =
      std::make_unique<ControlledBroker>(env_, *metadata_, *topic_configs_, *replicas_, std::move(hooks));
}

void Node::make_coordinators() {
  registration_ = std::make_unique<Registration>(env_, *store_, zookeeper_->client(), self_);
  controller_ = std::make_unique<controller::Controller>(env_, config_, *store_, zookeeper_->client(), self_.id,
                                                         *controlled_);
  controller_client_->attach(*controller_);
  topics_ = std::make_unique<Topics>(env_, config_, *metadata_, *topic_configs_, *store_, zookeeper_->client(),
                                     *controller_, *partitions_, low_watermarks_, self_.id);
  producer_ids_ = std::make_unique<ProducerIds>(env_, *controller_client_);
  fetch_sessions_ = std::make_unique<FetchSessionCache>(
      static_cast<std::size_t>(config_.get(keys::max_incremental_fetch_session_cache_slots)),
      [&random = env_.random] { return random.next(); });
}

void Node::make_services() {
  services_ = std::make_unique<Services>(Services{
      .env = env_,
      .config = config_,
      .broker_config = *broker_config_,
      .authorizer = authorizer_,
      .self = self_.id,
      .metadata = *metadata_,
      .topic_configs = *topic_configs_,
      .partitions = *partitions_,
      .replicas = *replicas_,
      .controlled = *controlled_,
      .controller = *controller_,
      .zookeeper = *zookeeper_,
      .low_watermarks = low_watermarks_,
      .topics = *topics_,
      .producer_ids = *producer_ids_,
      .groups = *groups_,
      .legacy_offsets = *legacy_offsets_,
      .group_topic = *group_topic_,
      .fetch_sessions = *fetch_sessions_,
      .conversion_memory = conversion_memory_,
      .metrics = metrics_,
      .informed = informed_,
  });
}

// Everything is ready to be told what to do, because the controller may do so at once.
Task<Result<void>> Node::join_cluster() {
  metadata::BrokerInfo broker;
  broker.id = self_.id;
  B_CO_TRY(broker.endpoints, advertised_endpoints(env_, config_, listeners_));
  broker.rack = config_.get(keys::broker_rack);
  broker.incarnation = incarnation_;
  B_CO_TRY(ConnectionLimits limits, connection_limits(config_));
  server_ = std::make_unique<Server>(*services_, std::move(limits), std::move(listeners_));
  broker_config_->on_change([this] {
    if (const auto changed = connection_limits(config_)) server_->change_limits(*changed);
  });
  replicas_->start();
  ZooKeeperLink::Hooks hooks;
  hooks.lost = [this] { controller_->session_lost(); };
  hooks.renewed = [this](zookeeper::SessionId former) {
    return detached(env_.executor, renewals_, session_renewed(former));
  };
  zookeeper_->set_hooks(std::move(hooks));
  co_return co_await registration_->enter(std::move(broker));
}

Task<Result<void>> Node::await_controller() {
  B_CO_TRY_VOID(co_await controller_->start());
  controller_client_->start();
  std::function<bool()> told = [this] { return metadata_->told(); };
  const bool in_time = co_await metadata_->wait_until(std::move(told), env_.clock.now() + kInformPatience);
  if (!in_time) {
    log(env::LogLevel::warn, "broker " + std::to_string(controller_->controller_id().value()) +
                                 " is the controller, but has told nothing yet; it must reach listener " +
                                 config_.inter_broker_listener() + " of this broker");
  }
  informed_.set();
  co_return Result<void>{};
}

// Also again for the same session, until it succeeds.
Task<Result<void>> Node::session_renewed(zookeeper::SessionId former) {
  if (stopping_ || !registration_->entered()) co_return Result<void>{};
  B_CO_TRY_VOID(co_await registration_->enter_again(former));
  B_CO_TRY_VOID(co_await controller_->session_renewed());
  // Notifications that are older than a quarter of an hour are gone.
  B_CO_TRY_VOID(co_await broker_config_->reload());
  co_return co_await topic_configs_->reload_all();
}

Task<Result<void>> Node::config_changed(std::string entity) {
  constexpr std::string_view kTopicPrefix = "topics/";
  if (entity.starts_with(kTopicPrefix)) co_return co_await topic_configs_->reload(entity.substr(kTopicPrefix.size()));
  const std::string own = "brokers/" + std::to_string(self_.id.value());
  if (entity == own || entity == "brokers/<default>") co_return co_await broker_config_->reload();
  co_return Result<void>{};
}

Task<void> Node::directory_failed(std::string data_dir) {
  log(env::LogLevel::warn, "the data directory " + data_dir + " has failed; its replicas are offline");
  co_await ask_for_roles();
}

// The controller tells all roles again, and so learns which replicas are offline.
Task<void> Node::ask_for_roles() {
  std::string path = std::string(metadata::znode::kLogDirEvents) + "/log_dir_event_";
  const std::string event =
      "{\"version\":1,\"broker\":" + std::to_string(self_.id.value()) + ",\"event\":1}";
  zookeeper::Data data = Buffer::copy_of(as_bytes(event));
  const auto told =
      co_await zookeeper_->client().create(std::move(path), std::move(data), zookeeper::CreateMode::sequential);
  if (!told) log(env::LogLevel::warn, "the controller was not told of that: " + told.error().to_string());
}

// Asks the controller to move leaderships away while this broker still serves them.
Task<void> Node::hand_over() {
  if (!config_.get(keys::controlled_shutdown_enable)) co_return;
  const Duration backoff = milliseconds(config_.get(keys::controlled_shutdown_retry_backoff_ms));
  std::string obstacle;
  for (std::int32_t left = config_.get(keys::controlled_shutdown_max_retries); left > 0; --left) {
    const auto answer = co_await controller_client_->controlled_shutdown();
    if (!answer) {
      obstacle = answer.error().to_string();
    } else if (answer->error_code != protocol::ErrorCode::none) {
      obstacle = protocol::name_of(answer->error_code);
    } else if (answer->remaining_partitions.empty()) {
      co_return co_await let_clients_leave();
    } else {
      obstacle = std::to_string(answer->remaining_partitions.size()) + " partitions have no other leader";
    }
    // Nobody is there who could take over.
    if (metadata_->image().brokers.size() <= 1) co_return;
    if (left > 1) co_await env_.clock.sleep_for(backoff);
  }
  log(env::LogLevel::warn, "stopping without having handed all leaderships over: " + obstacle);
}

Task<void> Node::let_clients_leave() {
  if (metadata_->image().brokers.size() <= 1) co_return;
  std::function<bool()> leads_nothing = [this] {
    for (const auto& [name, topic] : metadata_->image().topics()) {
      for (const metadata::PartitionInfo& partition : topic.partitions) {
        if (partition.leader == self_.id && partition.replicas.size() > 1) return false;
      }
    }
    return true;
  };
  const Instant deadline = env_.clock.now() + kFarewellPatience;
  (void)co_await metadata_->wait_until(std::move(leads_nothing), deadline);
  co_await env_.clock.sleep_for(kFarewell);
}

// First what asks for work, then what does it, then what keeps it. Waiting fetches and joins are answered with
// errors that send their clients elsewhere.
Task<void> Node::stop() {
  co_await hand_over();
  stopping_ = true;
  renewals_.cancel();
  server_->drain();
  if (metrics_endpoint_) metrics_endpoint_->stop();
  config_changes_.reset();
  controller_client_->stop();
  co_await broker_config_->stop();
  co_await topics_->stop();
  co_await controller_->stop();
  // Whoever becomes controller now does not take this broker for alive.
  std::string registration = metadata::znode::broker_path(self_.id);
  (void)co_await zookeeper_->client().remove(std::move(registration), zookeeper::kAnyVersion);
  co_await controlled_->stop();
  co_await groups_->stop();
  co_await replicas_->stop();
  co_await partitions_->close_all();
  co_await server_->stop(env_.clock.now() + kStopPatience);
  co_await housekeeping_->stop();
  const Result<void> closed = co_await logs_->stop();
  if (!closed) log(env::LogLevel::warn, "the logs were not closed cleanly: " + closed.error().to_string());
  co_await zookeeper_->stop();
  log(env::LogLevel::info, "stopped");
}

}  // namespace barnabas::broker
