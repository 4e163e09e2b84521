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
    {declare(list, "follower.replication.throttled.replicas", "", "Replicas whose fetching is throttled.").not_yet(),
     {}},
    follows("index.interval.bytes", "log.index.interval.bytes", "An index entry is added after this many bytes."),
    {declare(list, "leader.replication.throttled.replicas", "", "Replicas whose being fetched is throttled.").not_yet(),
     {}},
    {declare(int64, "local.retention.bytes", "-2", "Retention of the local part of a tiered log.").not_yet(), {}},
    {declare(int64, "local.retention.ms", "-2", "Retention of the local part of a tiered log.").not_yet(), {}},
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

const TopicKeyInfo* find_topic_key(std::string_view name) {
  const auto found = std::ranges::find(kTopicKeys, name, [](const TopicKeyInfo& info) { return info.key.name; });
  return found == std::end(kTopicKeys) ? nullptr : found;
}

std::string_view last_synonym_default(const TopicKeyInfo& info) {
  for (auto synonym = info.synonyms.rbegin(); synonym != info.synonyms.rend(); ++synonym) {
    if (synonym->key != nullptr) return synonym->key->default_text;
  }
  return info.key.default_text;
}

// A broker's text in the topic key's unit. The text was checked when it was set. -1 is "no limit" in every unit.
std::string in_unit(std::string_view text, std::int64_t factor) {
  if (factor == 1) return std::string(text);
  const auto value = parse_value(declare(int64, "", "0", ""), text);
  B_CHECK(value.has_value());
  const std::int64_t number = std::get<std::int64_t>(*value);
  return std::to_string(number < 0 ? number : number * factor);
}

// Every place that has a say in the key's value, the decisive one first.
std::vector<ConfigSynonym> say(const TopicKeyInfo& info, const Config& broker,
                               const std::map<std::string, std::string>& overrides) {
  std::vector<ConfigSynonym> synonyms;
  if (const auto own = overrides.find(std::string(info.key.name)); own != overrides.end()) {
    if (parse_value(info.key, own->second)) {
      synonyms.push_back({own->first, own->second, ConfigSource::dynamic_topic});
    }
  }
  std::int64_t last_factor = 1;
  std::string_view last_name = info.key.name;
  for (const BrokerSynonym& synonym : info.synonyms) {
    if (synonym.key == nullptr) break;
    last_factor = synonym.factor;
    last_name = synonym.key->name;
    if (const auto text = broker.text(synonym.key->name)) {
      synonyms.push_back({std::string(last_name), in_unit(*text, synonym.factor), ConfigSource::static_broker});
    }
  }
  const std::string preset = in_unit(last_synonym_default(info), last_factor);
  synonyms.push_back({std::string(last_name), preset, ConfigSource::default_config});
  return synonyms;
}

// The value in force. What the broker says is in the key's limits, but for a unit that overflows them.
ConfigValue effective(const TopicKeyInfo& info, const Config& broker,
                      const std::map<std::string, std::string>& overrides) {
  for (const ConfigSynonym& synonym : say(info, broker, overrides)) {
    if (auto value = parse_value(info.key, synonym.value.value_or(""))) return *std::move(value);
  }
  return default_value(info.key);
}

}  // namespace

std::span<const TopicKeyInfo> topic_keys() { return kTopicKeys; }

TopicConfig TopicConfig::make(const Config& broker, const std::map<std::string, std::string>& overrides) {
  const auto read = [&]<class T>(std::string_view name, T& into) {
    const TopicKeyInfo* info = find_topic_key(name);
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
  std::vector<std::string> policies;
  read("cleanup.policy", policies);
  config.cleanup_delete = std::ranges::find(policies, "delete") != policies.end();
  config.cleanup_compact = std::ranges::find(policies, "compact") != policies.end();
  std::string timestamp_type;
  read("message.timestamp.type", timestamp_type);
  config.message_timestamp_log_append_time = timestamp_type == "LogAppendTime";
  return config;
}

Result<void> check_topic_overrides(const Config& broker, const std::map<std::string, std::string>& overrides) {
  for (const auto& [name, value] : overrides) {
    const TopicKeyInfo* info = find_topic_key(name);
    if (info == nullptr) return fail(Errc::invalid_argument, "Unknown topic config name: " + name);
    if (parse_value(info->key, value)) continue;
    return fail(Errc::invalid_argument, "Invalid value " + value.substr(0, 200) + " for configuration " + name +
                                            ": it must be " + info->key.legal_values());
  }
  const TopicConfig config = TopicConfig::make(broker, overrides);
  if (config.min_compaction_lag_ms > config.max_compaction_lag_ms) {
    return fail(Errc::invalid_argument, "min.compaction.lag.ms must not be above max.compaction.lag.ms");
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
    entry.synonyms = say(info, broker, overrides);
    entry.value = entry.synonyms.front().value;
    entry.source = entry.synonyms.front().source;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace barnabas::metadata
