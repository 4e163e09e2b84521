#include "core/broker/node.hpp"

#include <map>

#include "core/broker/fetch_reader.hpp"
#include "core/broker/log_cleaning.hpp"

namespace barnabas::broker {
namespace {

using metadata::Config;
namespace keys = metadata::keys;

// How long requests under way may take to be answered when the broker stops.
constexpr Duration kStopPatience = 2s;
// How often it is looked whether a flush.ms has passed, unless log.flush.scheduler.interval.ms is less.
constexpr Duration kFlushTick = 1s;

Duration milliseconds(std::int64_t count) {
  constexpr std::int64_t kMost = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count() / 2;
  return std::chrono::milliseconds(std::min(count, kMost));
}

bool is_any_address(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

// What to do about a listener that could not be opened.
const char* remedy_of(Errc code) {
  switch (code) {
    case Errc::address_in_use: return "; free the port, or choose another, 0 for any";
    case Errc::permission_denied: return "; choose a port above 1023, or run with the right to bind this one";
    default: return "; use a host name or address of this machine, or 0.0.0.0 for all of them";
  }
}

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

// Calls a periodic duty of the logs, one of them at a time; what fails is tried again at the next turn. Destroyed
// only while nobody holds the turn: a duty must not stop half-way.
Task<void> repeat(env::Env env, Duration interval, Semaphore& turn, log::LogManager& logs,
                  Task<Result<void>> (log::LogManager::*duty)()) {
  while (true) {
    co_await env.clock.sleep_for(interval);
    const Semaphore::Units held = co_await turn.acquire();
    const Result<void> done = co_await (logs.*duty)();
    if (!done) env.logger.log(env::LogLevel::warn, "logs", done.error().to_string());
  }
}

}  // namespace

Node::Node(env::Env env, metadata::Config config)
    : env_(env),
      config_(std::move(config)),
      conversion_memory_(env.executor, kConversionMemory),
      housekeeping_turn_(env.executor, 1),
      housekeeping_(env.executor) {}

Task<Result<void>> Node::start() {
  B_CO_TRY_VOID(check_config());
  B_CO_TRY_VOID(co_await open_zookeeper());
  B_CO_TRY_VOID(co_await settle_identity());
  B_CO_TRY_VOID(co_await bind());
  B_CO_TRY_VOID(co_await join_cluster());
  B_CO_TRY_VOID(co_await open_logs());
  co_return co_await serve();
}

Result<void> Node::check_config() const {
  B_TRY_VOID(config_.validate());
  B_TRY_VOID(connection_limits(config_));
  if (!config_.embedded_zookeeper()) {
    return fail(Errc::invalid_argument,
                "zookeeper.connect: an outside ZooKeeper is not served yet; leave the key out, or set it to embedded");
  }
  B_TRY(const auto listeners, config_.listeners());
  for (const metadata::ListenerSpec& spec : listeners) {
    if (spec.security_protocol == "PLAINTEXT") continue;
    return fail(Errc::invalid_argument, "listeners: " + spec.security_protocol + " of listener " + spec.name +
                                            " is not served yet; use a listener that maps to PLAINTEXT");
  }
  return {};
}

Task<Result<void>> Node::open_zookeeper() {
  const std::string data_directory = config_.data_directory();
  B_CO_TRY_VOID(co_await log::LogManager::create_data_directory(env_, data_directory));
  zookeeper::EmbeddedOptions options;
  options.directory = data_directory + "/zookeeper";
  Result<std::unique_ptr<zookeeper::EmbeddedServer>> server =
      co_await zookeeper::EmbeddedServer::open(env_, std::move(options));
  if (!server) {
    co_return fail(server.error().code, "log.dirs=" + data_directory + ": " + server.error().message);
  }
  zookeeper_ = *std::move(server);
  B_CO_TRY(session_, zookeeper_->connect());
  store_ = std::make_unique<metadata::TopicStore>(*session_);
  legacy_offsets_ = std::make_unique<metadata::LegacyOffsets>(*session_);
  B_CO_TRY_VOID(co_await store_->create_layout());
  co_return co_await serve_zookeeper();
}

// For other processes, where zookeeper.embedded.port says so.
Task<Result<void>> Node::serve_zookeeper() {
  const auto port = config_.get(keys::zookeeper_embedded_port);
  if (!port) co_return Result<void>{};
  B_CO_TRY(const auto listeners, config_.listeners());
  zookeeper::WireOptions options;
  options.at = {listeners.front().host, static_cast<std::uint16_t>(*port)};
  const auto bound = co_await zookeeper_->listen(std::move(options));
  if (!bound) {
    co_return fail(bound.error().code, "zookeeper.embedded.port=" + std::to_string(*port) + ": " +
                                           bound.error().message + "; set it to a port that is free");
  }
  log(env::LogLevel::info, "the embedded ZooKeeper listens on " + bound->to_string());
  co_return Result<void>{};
}

// Which broker of which cluster this is: meta.properties and ZooKeeper know, or are told now.
Task<Result<void>> Node::settle_identity() {
  B_CO_TRY(const auto meta, co_await log::LogManager::read_meta(env_, config_.data_directories()));
  const std::uint64_t high = env_.random.next();
  std::string candidate = meta ? meta->cluster_id : Uuid::from_random(high, env_.random.next()).to_string();
  B_CO_TRY(cluster_id_, co_await store_->ensure_cluster_id(std::move(candidate)));
  self_ = BrokerId(config_.get(keys::broker_id));
  if (self_ != kNoBroker) co_return Result<void>{};
  if (meta) {
    self_ = meta->broker_id;
    co_return Result<void>{};
  }
  if (!config_.get(keys::broker_id_generation_enable)) {
    co_return fail(Errc::invalid_argument, "broker.id: not set, and broker.id.generation.enable is false; set one");
  }
  B_CO_TRY(self_, co_await store_->generate_broker_id(config_.get(keys::reserved_broker_max_id)));
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

// What clients are told: advertised.listeners, else what was bound, with a name that others can connect to.
Result<std::vector<metadata::BrokerEndpoint>> Node::endpoints() const {
  B_TRY(const auto advertised, config_.advertised_listeners());
  std::vector<metadata::BrokerEndpoint> result;
  for (const metadata::ListenerSpec& spec : advertised) {
    result.push_back({spec.name, spec.security_protocol, spec.host, spec.port});
  }
  if (!result.empty()) return result;
  for (const BoundListener& bound : listeners_) {
    const env::Endpoint& at = bound.info.advertised;
    result.push_back({bound.info.name, "PLAINTEXT", is_any_address(at.host) ? env_.host.name() : at.host, at.port});
  }
  return result;
}

Task<Result<void>> Node::join_cluster() {
  metadata::BrokerInfo broker;
  broker.id = self_;
  B_CO_TRY(broker.endpoints, endpoints());
  broker.rack = config_.get(keys::broker_rack);
  B_CO_TRY_VOID(co_await store_->register_broker(std::move(broker), env_.clock.wall()));
  B_CO_TRY(controllership_, co_await store_->elect_controller(self_, env_.clock.wall()));
  B_CO_TRY(image_, co_await store_->load_image());
  broker_config_ = std::make_unique<BrokerConfig>(env_, config_, *store_, self_);
  co_return co_await broker_config_->load();
}

Task<Result<void>> Node::open_logs() {
  log::LogManagerOptions options;
  options.data_dirs = config_.data_directories();
  options.broker_id = self_;
  options.cluster_id = cluster_id_;
  options.defaults = log_config(metadata::TopicConfig::make(config_, {}), config_);
  std::map<std::string, log::LogConfig> configs;
  for (const auto& [name, topic] : image_.topics()) {
    configs[name] = log_config(metadata::TopicConfig::make(config_, topic.config), config_);
  }
  std::map<Uuid, std::size_t> partition_counts;
  for (const auto& [name, topic] : image_.topics()) partition_counts[topic.id] = topic.partitions.size();
  options.existed = [counts = std::move(partition_counts)](const TopicPartition& id, const Uuid& topic_id) {
    const auto found = counts.find(topic_id);
    return found != counts.end() && static_cast<std::size_t>(id.partition.value()) < found->second;
  };
  options.config_of = [configs = std::move(configs), defaults = options.defaults](const std::string& topic) {
    const auto found = configs.find(topic);
    return found == configs.end() ? defaults : found->second;
  };
  B_CO_TRY(logs_, co_await log::LogManager::open(env_, std::move(options)));
  partitions_ = std::make_unique<replication::PartitionTable>(env_, *logs_);
  topics_ = std::make_unique<Topics>(env_, config_, *store_, *partitions_, self_, controllership_, std::move(image_));
  B_CO_TRY_VOID(co_await topics_->open_all());
  broker_config_->on_change([this] { topics_->broker_config_changed(); });
  warn_of_unclaimed_logs();
  co_return Result<void>{};
}

// As after the loss of the zookeeper directory: the records are there, but nobody can ask for them.
void Node::warn_of_unclaimed_logs() const {
  constexpr std::size_t kNamed = 20;
  std::string names;
  std::size_t count = 0;
  for (const log::PartitionLog* found : logs_->all()) {
    if (topics_->image().partition(found->id()) != nullptr) continue;
    if (++count <= kNamed) names += (names.empty() ? "" : ", ") + found->id().to_string();
  }
  if (count == 0) return;
  if (count > kNamed) names += " and " + std::to_string(count - kNamed) + " more";
  const std::string where = config_.data_directory();
  log(env::LogLevel::warn,
      "no topic in ZooKeeper claims " + std::to_string(count) + " partition directories of log.dirs: " + names +
          ". Their records are not served. If " + where +
          "/zookeeper was lost, stop the broker and restore it before any topic is created again. These directories "
          "are left alone; a new topic of the same name cannot use them until they are moved away");
}

Task<Result<void>> Node::serve() {
  producer_ids_ = std::make_unique<ProducerIds>(env_.executor, *store_, self_);
  const auto exists = [this](std::string_view topic, std::int32_t partition) {
    return topics_->image().partition(topic, PartitionId(partition)) != nullptr;
  };
  groups_ = std::make_unique<coordinator::GroupCoordinator>(env_, group_config(config_),
                                                            config_.get(keys::offsets_topic_num_partitions), exists);
  group_topic_ = std::make_unique<GroupTopic>(env_, *topics_, *partitions_, *groups_);
  group_topic_->load_if_present();
  fetch_sessions_ = std::make_unique<FetchSessionCache>(
      static_cast<std::size_t>(config_.get(keys::max_incremental_fetch_session_cache_slots)),
      [&random = env_.random] { return random.next(); });
  services_ = std::make_unique<Services>(Services{
      .env = env_,
      .config = config_,
      .broker_config = *broker_config_,
      .authorizer = authorizer_,
      .self = self_,
      .partitions = *partitions_,
      .topics = *topics_,
      .producer_ids = *producer_ids_,
      .groups = *groups_,
      .legacy_offsets = *legacy_offsets_,
      .group_topic = *group_topic_,
      .fetch_sessions = *fetch_sessions_,
      .conversion_memory = conversion_memory_,
      .metrics = metrics_,
  });
  B_CO_TRY(ConnectionLimits limits, connection_limits(config_));
  server_ = std::make_unique<Server>(*services_, std::move(limits), std::move(listeners_));
  broker_config_->on_change([this] {
    if (const auto changed = connection_limits(config_)) server_->change_limits(*changed);
  });
  B_CO_TRY_VOID(co_await open_metrics());
  server_->start();
  start_housekeeping();
  log(env::LogLevel::info,
      "broker " + std::to_string(self_.value()) + " of cluster " + cluster_id_ + " serves " + bound_.to_string());
  co_return Result<void>{};
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

void Node::start_housekeeping() {
  const Duration checkpoint = milliseconds(config_.get(keys::log_flush_offset_checkpoint_interval_ms));
  const Duration flush = milliseconds(config_.get(keys::log_flush_scheduler_interval_ms));
  const Duration retention = milliseconds(config_.get(keys::log_retention_check_interval_ms));
  const auto every = [this](Duration interval, auto duty) {
    housekeeping_.spawn(repeat(env_, std::max(interval, Duration(1ms)), housekeeping_turn_, *logs_, duty));
  };
  every(checkpoint, &log::LogManager::checkpoint);
  every(std::min(flush, kFlushTick), &log::LogManager::flush_due);
  every(retention, &log::LogManager::clean_up);
  cleaner_ = std::make_unique<log::LogCleaner>(env_, *logs_, log_cleaner_options(config_));
  cleaner_->start();
}

// First what asks for work, then what does it, then what keeps it. Waiting fetches and joins are answered with
// errors that send their clients elsewhere.
Task<void> Node::stop() {
  server_->drain();
  if (metrics_endpoint_) metrics_endpoint_->stop();
  co_await broker_config_->stop();
  co_await topics_->stop();
  co_await groups_->stop();
  co_await partitions_->close_all();
  co_await server_->stop(env_.clock.now() + kStopPatience);
  {
    const Semaphore::Units held = co_await housekeeping_turn_.acquire();
    housekeeping_.cancel();
  }
  cleaner_.reset();
  const Result<void> closed = co_await logs_->stop();
  if (!closed) log(env::LogLevel::warn, "the logs were not closed cleanly: " + closed.error().to_string());
  (void)co_await session_->close();
  co_await zookeeper_->stop();
  log(env::LogLevel::info, "stopped");
}

}  // namespace barnabas::broker
