// What is set at run time over the file, and changes of overrides.
#include <gtest/gtest.h>

#include "core/metadata/config.hpp"
#include "core/metadata/config_change.hpp"
#include "core/metadata/topic_config.hpp"

namespace barnabas::metadata {
namespace {

using enum ConfigSource;

TEST(ConfigLayers, this_brokers_value_is_over_that_for_all_and_that_over_the_file) {
  Config config;
  ASSERT_TRUE(config.set("message.max.bytes", "1").has_value());
  EXPECT_EQ(config.get(keys::message_max_bytes), 1);
  EXPECT_TRUE(config.set_dynamic(dynamic_default_broker, {{"message.max.bytes", "2"}}).empty());
  EXPECT_EQ(config.get(keys::message_max_bytes), 2);
  EXPECT_TRUE(config.set_dynamic(dynamic_broker, {{"message.max.bytes", "3"}}).empty());
  EXPECT_EQ(config.get(keys::message_max_bytes), 3);
  EXPECT_EQ(config.text("message.max.bytes"), "3");
  config.set_dynamic(dynamic_broker, {});
  config.set_dynamic(dynamic_default_broker, {});
  EXPECT_EQ(config.get(keys::message_max_bytes), 1);
}

TEST(ConfigLayers, what_cannot_take_effect_is_kept_and_told) {
  Config config;
  const auto told = config.set_dynamic(
      dynamic_broker, {{"no.such.key", "1"}, {"broker.id", "7"}, {"message.max.bytes", "x"}, {"num.io.threads", "9"}});
  EXPECT_EQ(told.size(), 4U);
  EXPECT_EQ(config.get(keys::broker_id), -1);
  EXPECT_EQ(config.get(keys::message_max_bytes), 1'048'588);
  EXPECT_EQ(config.dynamic(dynamic_broker).size(), 4U);
}

TEST(ConfigLayers, secrets_are_not_shown) {
  Config config;
  ASSERT_TRUE(config.set("ssl.key.password", "secret").has_value());
  for (const ConfigEntry& entry : config.describe()) {
    if (entry.name != "ssl.key.password") continue;
    EXPECT_TRUE(entry.is_sensitive);
    EXPECT_FALSE(entry.value.has_value());
    ASSERT_EQ(entry.synonyms.size(), 1U);
    EXPECT_FALSE(entry.synonyms[0].value.has_value());
  }
}

TEST(ConfigLayers, a_negative_retention_is_for_ever) {
  Config config;
  config.set_dynamic(dynamic_broker, {{"log.retention.ms", "-2"}});
  EXPECT_EQ(TopicConfig::make(config, {}).retention_ms, -1);
}

TEST(ConfigChange, edits_in_order) {
  const auto edited = [](Overrides before, std::vector<ConfigChange> changes, bool replace = false) {
    return apply({replace, std::move(changes)}, std::move(before), &find_topic_key).value();
  };
  using enum ConfigOp;
  EXPECT_EQ(edited({{"a", "1"}}, {{"b", set, "2"}}), (Overrides{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(edited({{"a", "1"}}, {{"b", set, "2"}}, true), (Overrides{{"b", "2"}}));
  EXPECT_EQ(edited({{"a", "1"}}, {{"a", remove, ""}, {"b", remove, ""}}), Overrides{});
  EXPECT_EQ(edited({}, {{"cleanup.policy", append, "compact,delete"}}),
            (Overrides{{"cleanup.policy", "delete,compact"}}));
  EXPECT_EQ(edited({{"cleanup.policy", "compact"}}, {{"cleanup.policy", subtract, "delete,compact"}}),
            (Overrides{{"cleanup.policy", ""}}));
}

TEST(ConfigChange, only_lists_are_appended_to) {
  const auto refused = apply({false, {{"nosuch", ConfigOp::append, "x"}}}, {}, &find_topic_key);
  EXPECT_EQ(refused.error().message, "Unknown config name: nosuch");
  EXPECT_FALSE(apply({false, {{"retention.ms", ConfigOp::subtract, "x"}}}, {}, &find_topic_key).has_value());
}

TEST(ConfigValue, an_error_names_the_key_both_bounds_and_the_remedy) {
  Config config;
  const auto message = [&](std::string_view key, std::string_view value) {
    return config.set(key, value).error().message;
  };
  EXPECT_EQ(message("num.partitions", "0"),
            "num.partitions=0: it must be an integer from 1 to 2147483647; correct it, or remove it for the default 1");
  EXPECT_NE(message("log.segment.bytes", "13").find("from 14 to 2147483647"), std::string::npos);
  EXPECT_NE(message("compression.gzip.level", "0").find("from -1 to 9 but 0"), std::string::npos);
  EXPECT_NE(message("log.roll.ms", "0").find("from 1 to 9223372036854775807"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::metadata
