#include "core/metadata/topic_config.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace barnabas::metadata {

namespace {

using enum ConfigType;

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kMinute = 60'000;

consteval const KeyInfo* broker_key(std::string_view name) {
  for (const table::Section& section : table::kSections) {
    for (std::size_t i = 0; i < section.count; ++i) {
      if (section.keys[i].name == name) return &section.keys[i];
    }
  }
  throw "not declared";
}

// A topic key that one broker key stands behind has its type and limits; only the name and the text are its own.
consteval TopicKeyInfo follows(std::string_view name, std::string_view broker_name, std::string_view documentation) {
  const KeyInfo* broker = broker_key(broker_name);
  KeyInfo key = *broker;
  key.name = name;
  key.documentation = documentation;
  key.deviation = {};
  return {key, {{{broker, 1}}}};
}

consteval TopicKeyInfo follows(KeyInfo key, BrokerSynonym first, BrokerSynonym second, BrokerSynonym third = {}) {
  return {key, {{first, second, third}}};
}

// Sorted by name.
constexpr TopicKeyInfo kTopicKeys[] = {
    follows("cleanup.policy", "log.cleanup.policy", "What happens to old records: deleted, compacted, or both."),
    follows("compression.gzip.level", "compression.gzip.level", "Level when a batch is stored with gzip."),
    follows("compression.lz4.level", "compression.lz4.level", "Level when a batch is stored with lz4."),
    follows("compression.type", "compression.type", "Codec in which batches are stored; `producer` keeps theirs."),
    follows("compression.zstd.level", "compression.zstd.level", "Level when a batch is stored with zstd."),
    follows("delete.retention.ms", "log.cleaner.delete.retention.ms",
            "How long compaction keeps the marks of deletions."),
    follows("file.delete.delay.ms", "log.segment.delete.delay.ms", "How long a deleted segment's files stay."),
    follows("flush.messages", "log.flush.interval.messages",
            "Appends are synced to the disk when this many records are not; 1: before each produce is answered."),
    follows(declare(int64, "flush.ms", "9223372036854775807", "Appends are synced to the disk when one is this old.")
                .at_least(0),
            {broker_key("log.flush.interval.ms")}, {broker_key("log.flush.scheduler.interval.ms")}),
    {declare(list, "follower.replication.throttled.replicas", "", "Replicas whose fetching is throttled."), {}},
    follows("index.interval.bytes", "log.index.interval.bytes", "An index entry is added after this many bytes."),
    {declare(list, "leader.replication.throttled.replicas", "", "Replicas whose being fetched is throttled."), {}},
    follows("local.retention.bytes", "log.local.retention.bytes", "Retention of the local part of a tiered log."),
    follows("local.retention.ms", "log.local.retention.ms", "Retention of the local part of a tiered log."),
    follows("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", "How long a record may wait for compaction."),
    follows("max.message.bytes", "message.max.bytes", "Largest record batch."),
    follows("message.downconversion.enable", "log.message.downconversion.enable",
            "Whether batches are converted for old clients."),
    {declare(string, "message.format.version", "3.0-IV1", "Format of stored messages; always v2.").not_yet(), {}},
    follows("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms",
            "How far a CreateTime timestamp may lie in the future."),
    follows("message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms",
            "How far a CreateTime timestamp may lie in the past."),
    {declare(int64, "message.timestamp.difference.max.ms", "9223372036854775807", "How far a timestamp may be off.")
         .at_least(0)
         .not_yet(),
     {}},
    follows("message.timestamp.type", "log.message.timestamp.type",
            "Whether a record's timestamp is its producer's or the time of the append."),
    follows("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio",
            "A log is compacted when this part of it is not yet."),
    follows("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms",
            "How long a record is kept before compaction may drop it."),
    follows("min.insync.replicas", "min.insync.replicas", "Replicas that must be in sync for acks=all."),
    follows("preallocate", "log.preallocate", "Whether a new segment's file is made in its full size."),
    {declare(boolean, "remote.log.copy.disable", "false", "Whether a tiered log's copies are no longer made.")
         .not_yet(),
     {}},
    {declare(boolean, "remote.log.delete.on.disable", "false", "Whether copies go when tiering is disabled.").not_yet(),
     {}},
    {declare(boolean, "remote.storage.enable", "false", "Whether the topic is tiered.").not_yet(), {}},
    follows("retention.bytes", "log.retention.bytes", "Oldest segments go while a partition is larger; -1: never."),
    follows(declare(int64, "retention.ms", "604800000", "Closed segments older than this are deleted; -1: never.")
                .at_least(-1),
            {broker_key("log.retention.ms")}, {broker_key("log.retention.minutes"), kMinute},
            {broker_key("log.retention.hours"), kHour}),
    follows("segment.bytes", "log.segment.bytes", "A segment that would become larger is closed."),
    follows("segment.index.bytes", "log.index.size.max.bytes", "Largest offset index."),
    follows(declare(int64, "segment.jitter.ms", "0", "Subtracts up to this from segment.ms.").at_least(0),
            {broker_key("log.roll.jitter.ms")}, {broker_key("log.roll.jitter.hours"), kHour}),
    follows(declare(int64, "segment.ms", "604800000", "A segment older than this is closed.").at_least(1),
            {broker_key("log.roll.ms")}, {broker_key("log.roll.hours"), kHour}),
    follows("unclean.leader.election.enable", "unclean.leader.election.enable",
            "Whether a replica that is not in sync may lead when no other is alive."),
};

const TopicKeyInfo* find_topic_info(std::string_view name) {
  const auto found = std::ranges::find(kTopicKeys, name, [](const TopicKeyInfo& info) { return info.key.name; });
  return found == std::end(kTopicKeys) ? nullptr : found;
}

std::string_view last_synonym_default(const TopicKeyInfo& info) {
  for (auto synonym = info.synonyms.rbegin(); synonym != info.synonyms.rend(); ++synonym) {
    if (synonym->key != nullptr) return synonym->key->default_text;
  }
  return info.key.default_text;
}

// A broker's text in the topic key's unit. The text was checked when it was set. Negative is "no limit" in every unit.
std::string in_unit(std::string_view text, std::int64_t factor) {
  if (factor == 1) return std::string(text);
  const auto value = parse_value(declare(int64, "", "0", ""), text);
  B_CHECK(value.has_value());
  const std::int64_t number = std::get<std::int64_t>(*value);
  return std::to_string(number < 0 ? -1 : number * factor);
}

// The value in force, as text in the topic key's unit: the topic's own if it is legal, else what the broker says.
std::string text_in_force(const TopicKeyInfo& info, const Config& broker,
                          const std::map<std::string, std::string>& overrides) {
  const auto own = overrides.find(std::string(info.key.name));
  if (own != overrides.end() && parse_value(info.key, own->second)) return own->second;
  std::int64_t last_factor = 1;
  for (const BrokerSynonym& synonym : info.synonyms) {
    if (synonym.key == nullptr) break;
    last_factor = synonym.factor;
    const auto text = broker.text(synonym.key->name);
    if (!text) continue;
    // Kafka takes every negative retention for none.
    if (info.key.name == "retention.ms" && text->starts_with('-')) return "-1";
    return in_unit(*text, synonym.factor);
  }
  return in_unit(last_synonym_default(info), last_factor);
}

// What the broker says is in the key's limits, but for a unit that overflows them.
ConfigValue effective(const TopicKeyInfo& info, const Config& broker,
                      const std::map<std::string, std::string>& overrides) {
  auto value = parse_value(info.key, text_in_force(info, broker, overrides));
  return value ? *std::move(value) : default_value(info.key);
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Empty, "*", or a list of partition:broker.
bool is_replica_list(std::string_view text) {
  if (text.empty() || text == "*") return true;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view entry = text.substr(0, comma);
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos || !is_digits(entry.substr(0, colon)) || !is_digits(entry.substr(colon + 1))) {
      return false;
    }
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

// What is wrong with one override, in Kafka's words; empty: nothing.
std::string complaint_of_override(const std::string& name, const std::string& value) {
  const TopicKeyInfo* info = find_topic_info(name);
  if (info == nullptr) return "Unknown topic config name: " + name.substr(0, 200);
  if (std::string wrong = complaint(info->key, value); !wrong.empty()) return wrong;
  if (name.ends_with(".replication.throttled.replicas") && !is_replica_list(value)) {
    return "Invalid value [" + value.substr(0, 200) + "] for configuration " + name + ": " + name +
           " must be the literal '*' or a list of replicas in the following format: "
           "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
  }
  if (name == "remote.storage.enable" && std::get<bool>(parse_value(info->key, value).value_or(false))) {
    return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log "
           "storage.";
  }
  return "";
}

}  // namespace

const KeyInfo* find_topic_key(std::string_view name) {
  const TopicKeyInfo* info = find_topic_info(name);
  return info == nullptr ? nullptr : &info->key;
}

std::span<const TopicKeyInfo> topic_keys() { return kTopicKeys; }

TopicConfig TopicConfig::make(const Config& broker, const std::map<std::string, std::string>& overrides) {
  const auto read = [&]<class T>(std::string_view name, T& into) {
    const TopicKeyInfo* info = find_topic_info(name);
    B_CHECK(info != nullptr);
    into = detail::value_as<T>(effective(*info, broker, overrides));
  };
  TopicConfig config;
  read("segment.bytes", config.segment_bytes);
  read("segment.ms", config.segment_ms);
  read("segment.jitter.ms", config.segment_jitter_ms);
  read("segment.index.bytes", config.segment_index_bytes);
  read("index.interval.bytes", config.index_interval_bytes);
  read("flush.messages", config.flush_messages);
  read("flush.ms", config.flush_ms);
  read("retention.ms", config.retention_ms);
  read("retention.bytes", config.retention_bytes);
  read("file.delete.delay.ms", config.file_delete_delay_ms);
  read("delete.retention.ms", config.delete_retention_ms);
  read("min.compaction.lag.ms", config.min_compaction_lag_ms);
  read("max.compaction.lag.ms", config.max_compaction_lag_ms);
  read("min.cleanable.dirty.ratio", config.min_cleanable_dirty_ratio);
  read("max.message.bytes", config.max_message_bytes);
  read("min.insync.replicas", config.min_insync_replicas);
  read("compression.type", config.compression_type);
  read("compression.gzip.level", config.compression_gzip_level);
  read("compression.lz4.level", config.compression_lz4_level);
  read("compression.zstd.level", config.compression_zstd_level);
  read("message.timestamp.before.max.ms", config.message_timestamp_before_max_ms);
  read("message.timestamp.after.max.ms", config.message_timestamp_after_max_ms);
  read("message.downconversion.enable", config.message_downconversion_enable);
  read("unclean.leader.election.enable", config.unclean_leader_election_enable);
  read("preallocate", config.preallocate);
  read("leader.replication.throttled.replicas", config.leader_throttled_replicas);
  read("follower.replication.throttled.replicas", config.follower_throttled_replicas);
  std::vector<std::string> policies;
  read("cleanup.policy", policies);
  config.cleanup_delete = std::ranges::find(policies, "delete") != policies.end();
  config.cleanup_compact = std::ranges::find(policies, "compact") != policies.end();
  std::string timestamp_type;
  read("message.timestamp.type", timestamp_type);
  config.message_timestamp_log_append_time = timestamp_type == "LogAppendTime";
  return config;
}

bool names_replica(const std::vector<std::string>& throttled, PartitionId partition, BrokerId broker) {
  const std::string replica = std::to_string(partition.value()) + ":" + std::to_string(broker.value());
  return std::ranges::any_of(throttled, [&](const std::string& entry) { return entry == "*" || entry == replica; });
}

Result<void> check_topic_overrides(const Config& broker, const std::map<std::string, std::string>& overrides) {
  for (const auto& [name, value] : overrides) {
    if (std::string wrong = complaint_of_override(name, value); !wrong.empty()) {
      return fail(Errc::invalid_argument, std::move(wrong));
    }
  }
  const TopicConfig config = TopicConfig::make(broker, overrides);
  if (config.min_compaction_lag_ms > config.max_compaction_lag_ms) {
    return fail(Errc::invalid_argument,
                "conflict topic config setting min.compaction.lag.ms (" + std::to_string(config.min_compaction_lag_ms) +
                    ") > max.compaction.lag.ms (" + std::to_string(config.max_compaction_lag_ms) + ")");
  }
  return {};
}

std::vector<ConfigEntry> describe_topic(const Config& broker, const std::map<std::string, std::string>& overrides) {
  std::vector<ConfigEntry> entries;
  for (const TopicKeyInfo& info : kTopicKeys) {
    ConfigEntry entry;
    entry.name = std::string(info.key.name);
    entry.type = info.key.type;
    entry.documentation = std::string(info.key.documentation);
    entry.value = text_in_force(info, broker, overrides);
    if (info.synonyms.front().key != nullptr) entry.synonyms = broker.synonyms(info.synonyms.front().key->name);
    const auto own = overrides.find(entry.name);
    if (own != overrides.end() && parse_value(info.key, own->second)) {
      ConfigSynonym decisive{entry.name, own->second, ConfigSource::dynamic_topic};
      entry.synonyms.insert(entry.synonyms.begin(), std::move(decisive));
    }
    // Kafka's rule, though a synonym in another unit may have been decisive.
    entry.source = entry.synonyms.empty() ? ConfigSource::default_config : entry.synonyms.front().source;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace barnabas::metadata
