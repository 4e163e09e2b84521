// The first half of a broker's start: ZooKeeper, who it is, its sockets, configurations and logs.
#include <algorithm>

#include "core/broker/incarnation.hpp"
#include "core/broker/node.hpp"
#include "core/metadata/topic_definitions.hpp"

namespace barnabas::broker {
namespace {

namespace keys = metadata::keys;

// What to do about a listener that could not be opened.
const char* remedy_of(Errc code) {
  switch (code) {
    case Errc::address_in_use: return "; free the port, or choose another, 0 for any";
    case Errc::permission_denied: return "; choose a port above 1023, or run with the right to bind this one";
    default: return "; use a host name or address of this machine, or 0.0.0.0 for all of them";
  }
}

}  // namespace

Result<void> Node::check_config() const {
  B_TRY_VOID(config_.validate());
  B_TRY_VOID(connection_limits(config_));
  B_TRY(const auto listeners, config_.listeners());
  for (const metadata::ListenerSpec& spec : listeners) {
    if (spec.security_protocol == "PLAINTEXT") continue;
    return fail(Errc::invalid_argument, "listeners: " + spec.security_protocol + " of listener " + spec.name +
                                            " is not served yet; use a listener that maps to PLAINTEXT");
  }
  return {};
}

Task<Result<void>> Node::open_zookeeper() {
  B_CO_TRY(zookeeper_, co_await ZooKeeperLink::open(env_, config_));
  store_ = std::make_unique<metadata::TopicStore>(zookeeper_->client());
  legacy_offsets_ = std::make_unique<metadata::LegacyOffsets>(zookeeper_->client());
  B_CO_TRY_VOID(co_await store_->create_layout());
  co_return co_await zookeeper_->serve_others(env_, config_);
}

// Which broker of which cluster this is: meta.properties and ZooKeeper know, or are told now.
Task<Result<void>> Node::settle_identity() {
  B_CO_TRY(const auto meta, co_await log::LogManager::read_meta(env_, config_.data_directories()));
  const std::uint64_t high = env_.random.next();
  std::string candidate = meta ? meta->cluster_id : Uuid::from_random(high, env_.random.next()).to_string();
  B_CO_TRY(cluster_id_, co_await store_->ensure_cluster_id(std::move(candidate)));
  self_.id = BrokerId(config_.get(keys::broker_id));
  if (self_.id != kNoBroker) co_return Result<void>{};
  if (meta) {
    self_.id = meta->broker_id;
    co_return Result<void>{};
  }
  if (!config_.get(keys::broker_id_generation_enable)) {
    co_return fail(Errc::invalid_argument, "broker.id: not set, and broker.id.generation.enable is false; set one");
  }
  B_CO_TRY(self_.id, co_await store_->generate_broker_id(config_.get(keys::reserved_broker_max_id)));
  co_return Result<void>{};
}

Task<Result<void>> Node::bind() {
  B_CO_TRY(const auto specs, config_.listeners());
  for (const metadata::ListenerSpec& spec : specs) {
    env::Endpoint at;
    at.host = spec.host;
    at.port = spec.port;
    Result<std::unique_ptr<env::Listener>> listener = co_await env_.network.listen(at);
    if (!listener) {
      co_return fail(listener.error().code, "listeners: " + spec.name + "://" + at.to_string() + ": " +
                                                listener.error().message + remedy_of(listener.error().code));
    }
    BoundListener& bound = listeners_.emplace_back();
    bound.info.name = spec.name;
    bound.info.advertised = (*listener)->local();
    bound.listener = *std::move(listener);
  }
  bound_ = listeners_.front().listener->local();
  co_return Result<void>{};
}

// The broker's own, and those of the topics that have a replica here: logs are opened with them.
Task<Result<void>> Node::load_configurations() {
  broker_config_ = std::make_unique<BrokerConfig>(env_, config_, *store_, self_.id);
  B_CO_TRY_VOID(co_await broker_config_->load());
  B_CO_TRY(definitions_, co_await metadata::load_topic_definitions(env_, zookeeper_->client()));
  std::erase_if(definitions_, [this](const auto& topic) {
    return std::ranges::none_of(topic.second.partitions, [this](const metadata::PartitionInfo& partition) {
      return std::ranges::find(partition.replicas, self_.id) != partition.replicas.end();
    });
  });
  topic_configs_ = std::make_unique<TopicConfigs>(env_, config_, zookeeper_->client());
  topic_configs_->start_with(definitions_);
  broker_config_->on_change([this] { topic_configs_->broker_config_changed(); });
  co_return Result<void>{};
}

log::LogManagerOptions Node::log_options() const {
  log::LogManagerOptions options;
  options.data_dirs = config_.data_directories();
  options.broker_id = self_.id;
  options.cluster_id = cluster_id_;
  options.defaults = log_config(metadata::TopicConfig::make(config_, {}), config_);
  std::map<Uuid, std::vector<bool>> here;
  for (const auto& [name, topic] : definitions_) {
    for (const metadata::PartitionInfo& partition : topic.partitions) {
      here[topic.id].push_back(std::ranges::find(partition.replicas, self_.id) != partition.replicas.end());
    }
  }
  options.existed = [here = std::move(here)](const TopicPartition& id, const Uuid& topic_id) {
    const auto found = here.find(topic_id);
    const auto index = static_cast<std::size_t>(id.partition.value());
    return found != here.end() && index < found->second.size() && found->second[index];
  };
  options.config_of = [this](const std::string& topic) { return topic_configs_->log_config_of(topic); };
  return options;
}

Task<Result<void>> Node::open_logs() {
  log::LogManagerOptions options = log_options();
  B_CO_TRY(logs_, co_await log::LogManager::open(env_, std::move(options)));
  B_CO_TRY(incarnation_, co_await settle_incarnation(env_, logs_->directories(), logs_->started_clean()));
  partitions_ = std::make_unique<replication::PartitionTable>(env_, *logs_, self_.id);
  if (opened_) opened_(*partitions_);
  warn_of_unclaimed_logs();
  co_return Result<void>{};
}

// As after the loss of the zookeeper directory: the records are there, but nobody can ask for them.
void Node::warn_of_unclaimed_logs() const {
  constexpr std::size_t kNamed = 20;
  std::string names;
  std::size_t count = 0;
  for (const log::PartitionLog* found : logs_->all()) {
    const auto topic = definitions_.find(found->id().topic);
    const auto index = static_cast<std::size_t>(found->id().partition.value());
    if (topic != definitions_.end() && index < topic->second.partitions.size()) continue;
    if (++count <= kNamed) names += (names.empty() ? "" : ", ") + found->id().to_string();
  }
  if (count == 0) return;
  if (count > kNamed) names += " and " + std::to_string(count - kNamed) + " more";
  const std::string where = config_.embedded_zookeeper()
                                ? "If " + config_.data_directory() + "/zookeeper was lost"
                                : "If what ZooKeeper had was lost";
  log(env::LogLevel::warn,
      "no topic in ZooKeeper claims " + std::to_string(count) + " partition directories of log.dirs: " + names +
          ". Their records are not served. " + where +
          ", stop the broker and restore it before any topic is created again. These directories are left alone; a new "
          "topic of the same name cannot use them until they are moved away");
}

Task<Result<void>> Node::open_metrics() {
  const std::optional<std::int32_t> port = config_.get(keys::metrics_port);
  if (!port) co_return Result<void>{};
  env::Endpoint at;
  at.host = config_.get(keys::metrics_host);
  at.port = static_cast<std::uint16_t>(*port);
  Result<std::unique_ptr<env::Listener>> listener = co_await env_.network.listen(at);
  if (!listener) {
    co_return fail(listener.error().code, "metrics.port: cannot listen on " + at.to_string() + " (" +
                                              listener.error().message + "); free the port, or choose another");
  }
  metrics_endpoint_ = std::make_unique<MetricsEndpoint>(*services_, *std::move(listener));
  metrics_endpoint_->start();
  log(env::LogLevel::info, "metrics at http://" + metrics_endpoint_->bound().to_string() + "/metrics");
  co_return Result<void>{};
}

}  // namespace barnabas::broker
