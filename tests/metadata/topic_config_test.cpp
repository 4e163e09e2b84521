#include "core/metadata/topic_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace barnabas::metadata {
namespace {

using Overrides = std::map<std::string, std::string>;

Config broker_with(std::initializer_list<const char*> assignments) {
  Config config;
  for (const char* assignment : assignments) EXPECT_TRUE(config.set_assignment(assignment).has_value()) << assignment;
  return config;
}

ConfigEntry entry(const Config& broker, const Overrides& overrides, std::string_view name) {
  const auto entries = describe_topic(broker, overrides);
  const auto found = std::ranges::find(entries, name, &ConfigEntry::name);
  EXPECT_NE(found, entries.end()) << name;
  return *found;
}

TEST(TopicConfig, the_defaults_are_kafkas) {
  const TopicConfig config = TopicConfig::make(Config(), {});
  EXPECT_EQ(config.segment_bytes, 1 << 30);
  EXPECT_EQ(config.segment_ms, 604'800'000);
  EXPECT_EQ(config.segment_jitter_ms, 0);
  EXPECT_EQ(config.segment_index_bytes, 10'485'760);
  EXPECT_EQ(config.index_interval_bytes, 4'096);
  EXPECT_EQ(config.flush_messages, INT64_MAX);
  EXPECT_EQ(config.flush_ms, INT64_MAX);
  EXPECT_EQ(config.retention_ms, 604'800'000);
  EXPECT_EQ(config.retention_bytes, -1);
  EXPECT_EQ(config.max_message_bytes, 1'048'588);
  EXPECT_EQ(config.min_insync_replicas, 1);
  EXPECT_TRUE(config.cleanup_delete);
  EXPECT_FALSE(config.cleanup_compact);
  EXPECT_EQ(config.compression_type, "producer");
  EXPECT_EQ(config.min_cleanable_dirty_ratio, 0.5);
  EXPECT_FALSE(config.message_timestamp_log_append_time);
  EXPECT_TRUE(config.message_downconversion_enable);
}

TEST(TopicConfig, an_override_beats_the_broker_and_finer_units_beat_coarser) {
  const Config hours = broker_with({"log.retention.hours=2", "log.roll.hours=1"});
  EXPECT_EQ(TopicConfig::make(hours, {}).retention_ms, 7'200'000);
  EXPECT_EQ(TopicConfig::make(hours, {}).segment_ms, 3'600'000);
  const Config minutes = broker_with({"log.retention.hours=2", "log.retention.minutes=3"});
  EXPECT_EQ(TopicConfig::make(minutes, {}).retention_ms, 180'000);
  const Config millis = broker_with({"log.retention.minutes=3", "log.retention.ms=4"});
  EXPECT_EQ(TopicConfig::make(millis, {}).retention_ms, 4);
  EXPECT_EQ(TopicConfig::make(millis, {{"retention.ms", "5"}}).retention_ms, 5);
  EXPECT_EQ(TopicConfig::make(broker_with({"log.retention.hours=-1"}), {}).retention_ms, -1);
  EXPECT_EQ(TopicConfig::make(broker_with({"log.flush.scheduler.interval.ms=9"}), {}).flush_ms, 9);
  EXPECT_EQ(
      TopicConfig::make(broker_with({"log.flush.interval.ms=8", "log.flush.scheduler.interval.ms=9"}), {}).flush_ms, 8);
}

TEST(TopicConfig, bad_stored_overrides_are_ignored) {
  const TopicConfig config =
      TopicConfig::make(Config(), {{"retention.ms", "soon"}, {"no.such.key", "1"}, {"segment.bytes", "100"}});
  EXPECT_EQ(config.retention_ms, 604'800'000);
  EXPECT_EQ(config.segment_bytes, 100);
}

TEST(TopicConfig, overrides_from_clients_are_checked) {
  const Config broker;
  EXPECT_TRUE(
      check_topic_overrides(broker, {{"cleanup.policy", "compact,delete"}, {"retention.ms", "-1"}}).has_value());
  EXPECT_EQ(check_topic_overrides(broker, {{"retention", "1"}}).error().message,
            "Unknown topic config name: retention");
  EXPECT_EQ(check_topic_overrides(broker, {{"retention.ms", "x"}}).error().message,
            "Invalid value x for configuration retention.ms: Not a number of type LONG");
  EXPECT_FALSE(check_topic_overrides(broker, {{"cleanup.policy", "burn"}}).has_value());
  EXPECT_FALSE(check_topic_overrides(broker, {{"segment.bytes", "13"}}).has_value());
  EXPECT_FALSE(
      check_topic_overrides(broker, {{"min.compaction.lag.ms", "9"}, {"max.compaction.lag.ms", "8"}}).has_value());
}

TEST(TopicConfig, a_description_names_where_the_value_is_from) {
  const Config broker = broker_with({"log.retention.hours=2"});
  const ConfigEntry own = entry(broker, {{"retention.ms", "5"}}, "retention.ms");
  EXPECT_EQ(own.value, "5");
  EXPECT_EQ(own.source, ConfigSource::dynamic_topic);
  // As Kafka has it: a key in another unit is shown only behind one in this unit.
  ASSERT_EQ(own.synonyms.size(), 1U);
  const ConfigEntry hours = entry(broker, {}, "retention.ms");
  EXPECT_EQ(hours.value, "7200000");
  EXPECT_TRUE(hours.synonyms.empty());
  EXPECT_EQ(hours.source, ConfigSource::default_config);
  const Config both = broker_with({"log.retention.hours=2", "log.retention.ms=77"});
  const ConfigEntry ms = entry(both, {}, "retention.ms");
  EXPECT_EQ(ms.value, "77");
  EXPECT_EQ(ms.source, ConfigSource::static_broker);
  ASSERT_EQ(ms.synonyms.size(), 3U);
  EXPECT_EQ(ms.synonyms[0].name, "log.retention.ms");
  EXPECT_EQ(ms.synonyms[1].name, "log.retention.hours");
  EXPECT_EQ(ms.synonyms[1].value, "2");
  EXPECT_EQ(ms.synonyms[2].source, ConfigSource::default_config);
  const ConfigEntry preset = entry(broker, {}, "segment.bytes");
  EXPECT_TRUE(preset.is_default());
  EXPECT_EQ(preset.value, "1073741824");
  EXPECT_EQ(preset.type, ConfigType::int32);
}

TEST(TopicConfig, every_topic_key_is_declared_once_in_order_with_a_sound_default) {
  const auto keys = topic_keys();
  EXPECT_TRUE(std::ranges::is_sorted(keys, std::less<>(), [](const TopicKeyInfo& info) { return info.key.name; }));
  for (const ConfigEntry& described : describe_topic(Config(), {})) {
    const auto info =
        std::ranges::find(keys, described.name, [](const TopicKeyInfo& topic_key) { return topic_key.key.name; });
    ASSERT_TRUE(described.value.has_value()) << described.name;
    EXPECT_TRUE(parse_value(info->key, *described.value).has_value()) << described.name;
  }
}

}  // namespace
}  // namespace barnabas::metadata
