// The broker's configuration: Kafka's server.properties, with keys that the compiler knows.
//
//   config.get(keys::num_partitions)         std::int32_t, checked when it was set
//   config.get(keys::log_retention_ms)       std::optional<std::int64_t>, null unless set
//
// A key that nobody knows is a warning, because Kafka accepts such files too; a bad value is an error that
// names the key, the value, what is legal and the remedy.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/metadata/config_key.hpp"
#include "core/metadata/config_table.hpp"

namespace barnabas::metadata {

// A declared broker key of type T (std::optional<T> when its default is null). Made by keys:: below only.
template <class T>
struct Key {
  const KeyInfo* info;
};

namespace detail {

// The key of this name. Does not compile when it is not declared, or not with this type.
template <class T>
consteval Key<T> declared(std::string_view name) {
  for (const table::Section& section : table::kSections) {
    for (std::size_t i = 0; i < section.count; ++i) {
      if (section.keys[i].name != name) continue;
      if (!key_has_type<T>(section.keys[i])) throw "declared with another type";
      return Key<T>{&section.keys[i]};
    }
  }
  throw "not declared";
}

}  // namespace detail

namespace keys {

using std::optional;
using List = std::vector<std::string>;

inline constexpr auto broker_id = detail::declared<std::int32_t>("broker.id");
inline constexpr auto broker_id_generation_enable = detail::declared<bool>("broker.id.generation.enable");
inline constexpr auto reserved_broker_max_id = detail::declared<std::int32_t>("reserved.broker.max.id");
inline constexpr auto broker_rack = detail::declared<optional<std::string>>("broker.rack");

inline constexpr auto listeners = detail::declared<List>("listeners");
inline constexpr auto advertised_listeners = detail::declared<optional<List>>("advertised.listeners");
inline constexpr auto listener_security_protocol_map = detail::declared<List>("listener.security.protocol.map");
inline constexpr auto socket_request_max_bytes = detail::declared<std::int32_t>("socket.request.max.bytes");
inline constexpr auto max_connections = detail::declared<std::int32_t>("max.connections");
inline constexpr auto max_connections_per_ip = detail::declared<std::int32_t>("max.connections.per.ip");
inline constexpr auto max_connections_per_ip_overrides =
    detail::declared<std::string>("max.connections.per.ip.overrides");
inline constexpr auto connections_max_idle_ms = detail::declared<std::int64_t>("connections.max.idle.ms");
inline constexpr auto queued_max_requests = detail::declared<std::int32_t>("queued.max.requests");
inline constexpr auto queued_max_request_bytes = detail::declared<std::int64_t>("queued.max.request.bytes");
inline constexpr auto metrics_host = detail::declared<std::string>("metrics.host");
inline constexpr auto metrics_port = detail::declared<optional<std::int32_t>>("metrics.port");

inline constexpr auto zookeeper_connect = detail::declared<std::string>("zookeeper.connect");
inline constexpr auto zookeeper_embedded_port = detail::declared<optional<std::int32_t>>("zookeeper.embedded.port");
inline constexpr auto zookeeper_session_timeout_ms = detail::declared<std::int32_t>("zookeeper.session.timeout.ms");
inline constexpr auto zookeeper_connection_timeout_ms =
    detail::declared<optional<std::int32_t>>("zookeeper.connection.timeout.ms");

inline constexpr auto auto_create_topics_enable = detail::declared<bool>("auto.create.topics.enable");
inline constexpr auto num_partitions = detail::declared<std::int32_t>("num.partitions");
inline constexpr auto default_replication_factor = detail::declared<std::int32_t>("default.replication.factor");
inline constexpr auto delete_topic_enable = detail::declared<bool>("delete.topic.enable");
inline constexpr auto min_replication_factor = detail::declared<std::int32_t>("min.replication.factor");
inline constexpr auto min_insync_replicas = detail::declared<std::int32_t>("min.insync.replicas");
inline constexpr auto message_max_bytes = detail::declared<std::int32_t>("message.max.bytes");
inline constexpr auto compression_type = detail::declared<std::string>("compression.type");
inline constexpr auto log_message_timestamp_type = detail::declared<std::string>("log.message.timestamp.type");
inline constexpr auto log_message_timestamp_before_max_ms =
    detail::declared<std::int64_t>("log.message.timestamp.before.max.ms");
inline constexpr auto log_message_timestamp_after_max_ms =
    detail::declared<std::int64_t>("log.message.timestamp.after.max.ms");
inline constexpr auto log_message_downconversion_enable = detail::declared<bool>("log.message.downconversion.enable");

inline constexpr auto log_dir = detail::declared<std::string>("log.dir");
inline constexpr auto log_dirs = detail::declared<optional<List>>("log.dirs");
inline constexpr auto log_segment_bytes = detail::declared<std::int32_t>("log.segment.bytes");
inline constexpr auto log_roll_ms = detail::declared<optional<std::int64_t>>("log.roll.ms");
inline constexpr auto log_roll_hours = detail::declared<std::int32_t>("log.roll.hours");
inline constexpr auto log_roll_jitter_ms = detail::declared<optional<std::int64_t>>("log.roll.jitter.ms");
inline constexpr auto log_roll_jitter_hours = detail::declared<std::int32_t>("log.roll.jitter.hours");
inline constexpr auto log_index_interval_bytes = detail::declared<std::int32_t>("log.index.interval.bytes");
inline constexpr auto log_index_size_max_bytes = detail::declared<std::int32_t>("log.index.size.max.bytes");
inline constexpr auto log_flush_interval_messages = detail::declared<std::int64_t>("log.flush.interval.messages");
inline constexpr auto log_flush_interval_ms = detail::declared<optional<std::int64_t>>("log.flush.interval.ms");
inline constexpr auto log_flush_scheduler_interval_ms =
    detail::declared<std::int64_t>("log.flush.scheduler.interval.ms");
inline constexpr auto log_flush_offset_checkpoint_interval_ms =
    detail::declared<std::int32_t>("log.flush.offset.checkpoint.interval.ms");
inline constexpr auto log_cleanup_policy = detail::declared<List>("log.cleanup.policy");
inline constexpr auto log_retention_ms = detail::declared<optional<std::int64_t>>("log.retention.ms");
inline constexpr auto log_retention_minutes = detail::declared<optional<std::int32_t>>("log.retention.minutes");
inline constexpr auto log_retention_hours = detail::declared<std::int32_t>("log.retention.hours");
inline constexpr auto log_retention_bytes = detail::declared<std::int64_t>("log.retention.bytes");
inline constexpr auto log_retention_check_interval_ms =
    detail::declared<std::int64_t>("log.retention.check.interval.ms");
inline constexpr auto log_cleaner_enable = detail::declared<bool>("log.cleaner.enable");
inline constexpr auto log_cleaner_threads = detail::declared<std::int32_t>("log.cleaner.threads");
inline constexpr auto log_cleaner_io_max_bytes_per_second =
    detail::declared<double>("log.cleaner.io.max.bytes.per.second");
inline constexpr auto log_cleaner_dedupe_buffer_size = detail::declared<std::int64_t>("log.cleaner.dedupe.buffer.size");
inline constexpr auto log_cleaner_io_buffer_size = detail::declared<std::int32_t>("log.cleaner.io.buffer.size");
inline constexpr auto log_cleaner_io_buffer_load_factor =
    detail::declared<double>("log.cleaner.io.buffer.load.factor");
inline constexpr auto log_cleaner_backoff_ms = detail::declared<std::int64_t>("log.cleaner.backoff.ms");
inline constexpr auto log_segment_delete_delay_ms = detail::declared<std::int64_t>("log.segment.delete.delay.ms");

inline constexpr auto inter_broker_listener_name =
    detail::declared<optional<std::string>>("inter.broker.listener.name");
inline constexpr auto security_inter_broker_protocol = detail::declared<std::string>("security.inter.broker.protocol");
inline constexpr auto failover_on_refused_connection = detail::declared<bool>("failover.on.refused.connection");
inline constexpr auto auto_leader_rebalance_enable = detail::declared<bool>("auto.leader.rebalance.enable");
inline constexpr auto leader_imbalance_per_broker_percentage =
    detail::declared<std::int32_t>("leader.imbalance.per.broker.percentage");
inline constexpr auto leader_imbalance_check_interval_seconds =
    detail::declared<std::int64_t>("leader.imbalance.check.interval.seconds");
inline constexpr auto controlled_shutdown_enable = detail::declared<bool>("controlled.shutdown.enable");
inline constexpr auto controlled_shutdown_max_retries =
    detail::declared<std::int32_t>("controlled.shutdown.max.retries");
inline constexpr auto controlled_shutdown_retry_backoff_ms =
    detail::declared<std::int64_t>("controlled.shutdown.retry.backoff.ms");
inline constexpr auto request_timeout_ms = detail::declared<std::int32_t>("request.timeout.ms");
inline constexpr auto controller_socket_timeout_ms = detail::declared<std::int32_t>("controller.socket.timeout.ms");
inline constexpr auto replica_socket_timeout_ms = detail::declared<std::int32_t>("replica.socket.timeout.ms");
inline constexpr auto replica_fetch_max_bytes = detail::declared<std::int32_t>("replica.fetch.max.bytes");
inline constexpr auto replica_fetch_response_max_bytes =
    detail::declared<std::int32_t>("replica.fetch.response.max.bytes");
inline constexpr auto replica_fetch_wait_max_ms = detail::declared<std::int32_t>("replica.fetch.wait.max.ms");
inline constexpr auto replica_fetch_min_bytes = detail::declared<std::int32_t>("replica.fetch.min.bytes");
inline constexpr auto replica_fetch_backoff_ms = detail::declared<std::int32_t>("replica.fetch.backoff.ms");
inline constexpr auto leader_replication_throttled_rate =
    detail::declared<std::int64_t>("leader.replication.throttled.rate");
inline constexpr auto follower_replication_throttled_rate =
    detail::declared<std::int64_t>("follower.replication.throttled.rate");
inline constexpr auto replica_selector_class = detail::declared<optional<std::string>>("replica.selector.class");
inline constexpr auto unclean_leader_election_enable = detail::declared<bool>("unclean.leader.election.enable");
inline constexpr auto replica_lag_time_max_ms = detail::declared<std::int64_t>("replica.lag.time.max.ms");
inline constexpr auto replica_high_watermark_checkpoint_interval_ms =
    detail::declared<std::int64_t>("replica.high.watermark.checkpoint.interval.ms");

inline constexpr auto fetch_max_bytes = detail::declared<std::int32_t>("fetch.max.bytes");
inline constexpr auto max_request_partition_size_limit =
    detail::declared<std::int32_t>("max.request.partition.size.limit");
inline constexpr auto max_incremental_fetch_session_cache_slots =
    detail::declared<std::int32_t>("max.incremental.fetch.session.cache.slots");

inline constexpr auto group_min_session_timeout_ms = detail::declared<std::int32_t>("group.min.session.timeout.ms");
inline constexpr auto group_max_session_timeout_ms = detail::declared<std::int32_t>("group.max.session.timeout.ms");
inline constexpr auto group_initial_rebalance_delay_ms =
    detail::declared<std::int32_t>("group.initial.rebalance.delay.ms");
inline constexpr auto group_max_size = detail::declared<std::int32_t>("group.max.size");
inline constexpr auto offset_metadata_max_bytes = detail::declared<std::int32_t>("offset.metadata.max.bytes");
inline constexpr auto offsets_topic_num_partitions = detail::declared<std::int32_t>("offsets.topic.num.partitions");
inline constexpr auto offsets_topic_replication_factor =
    detail::declared<std::int16_t>("offsets.topic.replication.factor");
inline constexpr auto offsets_topic_segment_bytes = detail::declared<std::int32_t>("offsets.topic.segment.bytes");
inline constexpr auto offsets_retention_minutes = detail::declared<std::int32_t>("offsets.retention.minutes");
inline constexpr auto offsets_retention_check_interval_ms =
    detail::declared<std::int64_t>("offsets.retention.check.interval.ms");
inline constexpr auto offsets_commit_timeout_ms = detail::declared<std::int32_t>("offsets.commit.timeout.ms");

inline constexpr auto producer_id_expiration_ms = detail::declared<std::int32_t>("producer.id.expiration.ms");
inline constexpr auto producer_id_expiration_check_interval_ms =
    detail::declared<std::int32_t>("producer.id.expiration.check.interval.ms");

}  // namespace keys

// NAME://host:port of `listeners` or `advertised.listeners`, with the protocol that the name maps to.
struct ListenerSpec {
  std::string name;
  std::string security_protocol;
  std::string host;  // Empty: every interface.
  std::uint16_t port = 0;

  bool operator==(const ListenerSpec&) const = default;
};

// The numbers are those of DescribeConfigs answers.
enum class ConfigSource : std::int8_t {
  dynamic_topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  default_config = 5,
};

struct ConfigSynonym {
  std::string name;
  std::optional<std::string> value;
  ConfigSource source;
};

// One key as DescribeConfigs reports it.
struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  // Null when unset, and for passwords.
  ConfigType type = ConfigType::string;
  ConfigSource source = ConfigSource::default_config;
  bool read_only = false;
  bool is_sensitive = false;
  std::string documentation;
  std::vector<ConfigSynonym> synonyms;  // In the order of precedence; the first is the one in force.

  bool is_default() const { return source == ConfigSource::default_config; }
};

class Config {
 public:
  // Every key at its default.
  Config() = default;

  // Kafka's server.properties. origin names the file in messages ("server.properties:12: ..."). Errors leave
  // nothing half-set.
  static Result<Config> from_properties(std::string_view text, std::string_view origin);

  // One key. Replaces an earlier value. invalid_argument for a bad value; an unknown key is a warning.
  Result<void> set(std::string_view key, std::string_view value);
  // "key=value", as --set takes it.
  Result<void> set_assignment(std::string_view assignment);

  template <class T>
  T get(Key<T> key) const {
    const Entry* found = in_force(key.info->name);
    return detail::value_as<T>(found != nullptr ? found->value : default_value(*key.info));
  }
  // Whether it was set, to whatever value.
  bool is_set(std::string_view key) const { return in_force(key) != nullptr; }
  // The text it was set to; null when it was not.
  std::optional<std::string> text(std::string_view key) const;

  // What is set while the broker runs lies over the file: dynamic_broker, for this broker, over
  // dynamic_default_broker, for all. Replaces all of that layer. What cannot take effect is left out, as Kafka does
  // with what it finds in ZooKeeper, and told: values that are not legal, keys that may not be changed like this.
  std::vector<std::string> set_dynamic(ConfigSource layer, const std::map<std::string, std::string>& values);
  // The layer as it was given, whatever could take effect of it.
  const std::map<std::string, std::string>& dynamic(ConfigSource layer) const;
  // For what clients send: that the values may become a dynamic layer. invalid_argument, with Kafka's message.
  static Result<void> check_dynamic(const std::map<std::string, std::string>& values);

  // What is to be logged once at start: unknown keys, and known ones that have no effect yet.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // What no single key can tell: that listeners and their protocols fit, one data directory, session timeouts
  // in order. Call once, when everything is set. invalid_argument, names key and remedy.
  Result<void> validate() const;

  Result<std::vector<ListenerSpec>> listeners() const;
  // Empty when not set: then they follow the addresses bound.
  Result<std::vector<ListenerSpec>> advertised_listeners() const;
  // Name of the listener on which brokers reach each other.
  std::string inter_broker_listener() const;
  // replica.selector.class chooses replicas by rack (KIP-392).
  bool reads_by_rack() const;
  // log.dirs, else log.dir; at least one.
  std::vector<std::string> data_directories() const;
  // The first of them, which also holds what the broker has only once.
  std::string data_directory() const { return data_directories().front(); }
  bool embedded_zookeeper() const { return get(keys::zookeeper_connect) == "embedded"; }
  // Replicas of an internal topic: what the key says if it is set or ZooKeeper is not embedded, else what the
  // live brokers allow.
  std::int16_t internal_replication_factor(Key<std::int16_t> key, std::size_t live_brokers) const;

  // Every declared key, sorted by name.
  std::vector<ConfigEntry> describe() const;
  // What is set for all brokers while they run, sorted by name.
  std::vector<ConfigEntry> describe_dynamic_defaults() const;
  // Every place that has a say in the key's value, the decisive one first: its own, then those of the keys that stand
  // in for it (log.retention.hours for log.retention.ms). Empty when the key itself is set nowhere and has no default.
  std::vector<ConfigSynonym> synonyms(std::string_view key) const;

 private:
  struct Entry {
    std::string text;
    ConfigValue value;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  struct Layer {
    std::map<std::string, std::string> given;
    Entries entries;
  };

  // Null when it is set nowhere.
  const Entry* in_force(std::string_view key) const;
  Layer& layer(ConfigSource source);
  ConfigEntry describe_key(const KeyInfo& key) const;
  Result<void> validate_listeners() const;
  Result<void> validate_zookeeper() const;
  Result<void> validate_replication() const;
  Result<std::vector<ListenerSpec>> parse_listeners(std::string_view key, const std::vector<std::string>& texts) const;

  Entries values_;
  Layer for_this_broker_;
  Layer for_all_brokers_;
  std::vector<std::string> warnings_;
};

// The declaration of a broker key; null when unknown.
const KeyInfo* find_key(std::string_view name);
// Every broker key that is known, effective or not, sorted by name.
std::vector<const KeyInfo*> all_keys();

// docs/configuration.md, from the tables.
std::string reference_markdown();

}  // namespace barnabas::metadata
