#include "core/metadata/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "core/metadata/config_known.hpp"
#include "core/metadata/topic_config.hpp"

namespace barnabas::metadata {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string refusal(std::string_view key, std::string_view value) {
  Config config;
  const auto set = config.set(key, value);
  return set ? "accepted" : set.error().message;
}

// The usual server.properties of a broker with ZooKeeper, in the usual order.
constexpr std::string_view kStock = R"(# Server basics
broker.id=0

# Socket server settings
#listeners=PLAINTEXT://:9092
#advertised.listeners=PLAINTEXT://your.host.name:9092
#listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600

# Log basics
log.dirs=/var/lib/kafka-logs
num.partitions=1
num.recovery.threads.per.data.dir=1

# Internal topics
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1

# Flush and retention
#log.flush.interval.messages=10000
#log.flush.interval.ms=1000
log.retention.hours=168
#log.retention.bytes=1073741824
#log.segment.bytes=1073741824
log.retention.check.interval.ms=300000

zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=18000
group.initial.rebalance.delay.ms=0
)";

TEST(Config, a_stock_server_properties_loads) {
  const auto config = Config::from_properties(kStock, "server.properties");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->get(keys::broker_id), 0);
  EXPECT_EQ(config->data_directory(), "/var/lib/kafka-logs");
  EXPECT_EQ(config->get(keys::zookeeper_connect), "localhost:2181");
  EXPECT_EQ(config->get(keys::offsets_topic_replication_factor), 1);
  for (const std::string& warning : config->warnings()) {
    EXPECT_TRUE(contains(warning, "has no effect yet")) << warning;
    EXPECT_TRUE(warning.starts_with("server.properties:")) << warning;
  }
  EXPECT_EQ(config->warnings().size(), 7U);
}

TEST(Config, what_is_not_served_yet_is_refused_with_the_remedy) {
  auto config = Config::from_properties(kStock, "server.properties").value();
  EXPECT_TRUE(config.validate().has_value());
  ASSERT_TRUE(config.set_assignment("zookeeper.connect=localhost:x").has_value());
  EXPECT_TRUE(contains(config.validate().error().message, "host:port/chroot, or embedded"));
  ASSERT_TRUE(config.set_assignment("zookeeper.connect=embedded").has_value());
  EXPECT_TRUE(config.validate().has_value());
  ASSERT_TRUE(config.set("listeners", "SSL://:9093").has_value());
  EXPECT_TRUE(contains(config.validate().error().message, "PLAINTEXT"));
}

TEST(Config, the_defaults_are_valid_and_kafkas) {
  const Config config;
  EXPECT_TRUE(config.validate().has_value());
  EXPECT_EQ(config.get(keys::num_partitions), 1);
  EXPECT_EQ(config.get(keys::message_max_bytes), 1'048'588);
  EXPECT_EQ(config.get(keys::log_segment_bytes), 1 << 30);
  EXPECT_EQ(config.get(keys::log_flush_interval_messages), INT64_MAX);
  EXPECT_EQ(config.get(keys::offsets_topic_num_partitions), 50);
  EXPECT_EQ(config.get(keys::fetch_max_bytes), 57'671'680);
  EXPECT_EQ(config.get(keys::log_retention_ms), std::nullopt);
  EXPECT_EQ(config.get(keys::log_cleanup_policy), std::vector<std::string>{"delete"});
  EXPECT_TRUE(config.embedded_zookeeper());
  EXPECT_EQ(config.listeners().value(), (std::vector<ListenerSpec>{{"PLAINTEXT", "PLAINTEXT", "", 9092}}));
  EXPECT_TRUE(config.advertised_listeners().value().empty());
}

TEST(Config, every_declaration_is_sound) {
  std::set<std::string_view> seen;
  for (const KeyInfo* key : all_keys()) {
    EXPECT_TRUE(seen.insert(key->name).second) << key->name;
    EXPECT_EQ(find_key(key->name), key) << key->name;
    EXPECT_FALSE(key->documentation.empty()) << key->name;
    EXPECT_TRUE(key->documentation.ends_with('.') || key->documentation.ends_with("...")) << key->name;
    if (key->nullable) continue;
    EXPECT_TRUE(parse_value(*key, key->default_text).has_value()) << key->name;
    EXPECT_EQ(parse_value(*key, key->default_text).value(), default_value(*key)) << key->name;
  }
  std::size_t declared = known_keys().size();
  for (const table::Section& section : table::kSections) declared += section.count;
  EXPECT_EQ(seen.size(), declared);  // Nothing is declared twice.
  EXPECT_GT(declared, 200U);
}

TEST(Config, a_bad_value_names_key_value_range_and_remedy) {
  for (const std::string_view part : {"num.partitions=0", "from 1 to 2147483647", "remove it", "default 1"}) {
    EXPECT_TRUE(contains(refusal("num.partitions", "0"), part)) << refusal("num.partitions", "0");
  }
  EXPECT_TRUE(contains(refusal("num.partitions", "many"), "num.partitions=many"));
  EXPECT_TRUE(contains(refusal("num.partitions", "99999999999"), "an integer"));
  EXPECT_TRUE(contains(refusal("num.partitions", ""), "an integer"));
  EXPECT_TRUE(contains(refusal("num.partitions", "1.5"), "an integer"));
  EXPECT_TRUE(contains(refusal("num.partitions", "0x10"), "an integer"));
  EXPECT_TRUE(contains(refusal("auto.create.topics.enable", "yes"), "true or false"));
  EXPECT_TRUE(contains(refusal("compression.type", "lzma"), "one of uncompressed, zstd"));
  EXPECT_TRUE(contains(refusal("log.cleanup.policy", "delete,shred"), "any of compact, delete"));
  EXPECT_TRUE(contains(refusal("log.cleaner.min.cleanable.ratio", "1.5"), "from 0 to 1"));
  EXPECT_TRUE(contains(refusal("log.cleaner.min.cleanable.ratio", "nan"), "a number"));
  EXPECT_TRUE(contains(refusal("zookeeper.embedded.port", "65536"), "from 0 to 65535"));
  EXPECT_TRUE(contains(refusal("offsets.topic.replication.factor", "40000"), "integer"));
  EXPECT_FALSE(contains(refusal("ssl.key.password", "secret"), "secret\n"));
}

TEST(Config, a_bad_line_of_a_file_names_the_line) {
  const auto config = Config::from_properties("broker.id=1\n\nnum.partitions=x\n", "my.properties");
  ASSERT_FALSE(config.has_value());
  EXPECT_TRUE(config.error().message.starts_with("my.properties:3: num.partitions=x"));
}

TEST(Config, values_are_trimmed_and_booleans_take_any_case) {
  Config config;
  ASSERT_TRUE(config.set("num.partitions", " 7 ").has_value());
  ASSERT_TRUE(config.set("auto.create.topics.enable", "False").has_value());
  ASSERT_TRUE(config.set("log.cleanup.policy", " compact , delete ").has_value());
  EXPECT_EQ(config.get(keys::num_partitions), 7);
  EXPECT_FALSE(config.get(keys::auto_create_topics_enable));
  EXPECT_EQ(config.get(keys::log_cleanup_policy), (std::vector<std::string>{"compact", "delete"}));
}

TEST(Config, the_last_value_of_a_key_counts_and_an_empty_one_unsets) {
  auto config = Config::from_properties("log.retention.ms=5\nlog.retention.ms=6\n", "f").value();
  EXPECT_EQ(config.get(keys::log_retention_ms), 6);
  ASSERT_TRUE(config.set("log.retention.ms", "").has_value());
  EXPECT_EQ(config.get(keys::log_retention_ms), std::nullopt);
  EXPECT_FALSE(config.is_set("log.retention.ms"));
}

TEST(Config, an_unknown_key_warns_with_the_nearest_and_is_ignored) {
  auto config = Config::from_properties("num.partition=3\nzzz.qqq=1\nlistener.name.internal.ssl.key=x\n", "f").value();
  ASSERT_EQ(config.warnings().size(), 3U);
  EXPECT_EQ(config.warnings()[0], "f:1: unknown key num.partition is ignored; did you mean num.partitions?");
  EXPECT_EQ(config.warnings()[1], "f:2: unknown key zzz.qqq is ignored");
  EXPECT_TRUE(contains(config.warnings()[2], "has no effect yet"));
  EXPECT_EQ(config.get(keys::num_partitions), 1);
}

TEST(Config, an_assignment_needs_a_key_and_an_equals_sign) {
  Config config;
  EXPECT_FALSE(config.set_assignment("num.partitions").has_value());
  EXPECT_FALSE(config.set_assignment("=3").has_value());
  EXPECT_TRUE(config.set_assignment("listeners=A://h:1?x=y").error().code == Errc::invalid_argument ||
              !config.listeners().has_value());
}

TEST(Config, listeners_are_parsed_with_their_protocols) {
  Config config;
  ASSERT_TRUE(config.set("listeners", "inside://0.0.0.0:0,OUT://[::1]:9094").has_value());
  ASSERT_TRUE(config.set("listener.security.protocol.map", "INSIDE:PLAINTEXT,OUT:SASL_SSL").has_value());
  EXPECT_EQ(config.listeners().value(),
            (std::vector<ListenerSpec>{{"INSIDE", "PLAINTEXT", "0.0.0.0", 0}, {"OUT", "SASL_SSL", "::1", 9094}}));
  for (const char* bad : {"9092", "PLAINTEXT://host", "://h:1", "PLAINTEXT://h:70000", "PLAINTEXT://h:x", "NAME://h:1",
                          "PLAINTEXT://a:1,PLAINTEXT://b:2", "PLAINTEXT://[::1:9092", ""}) {
    Config other;
    const auto set = other.set("listeners", bad);
    EXPECT_FALSE(set.has_value() && other.validate().has_value()) << bad;
    if (!set) continue;
    EXPECT_TRUE(contains(other.validate().error().message, "listeners")) << bad;
  }
}

TEST(Config, settings_that_contradict_each_other_are_refused) {
  const auto check = [](std::initializer_list<const char*> assignments) {
    Config config;
    for (const char* assignment : assignments) EXPECT_TRUE(config.set_assignment(assignment).has_value());
    const auto valid = config.validate();
    return valid ? std::string("valid") : valid.error().message;
  };
  EXPECT_TRUE(contains(check({"log.dirs=/a,/a"}), "log.dirs"));
  EXPECT_TRUE(contains(check({"advertised.listeners=SSL://h:1"}), "advertised.listeners"));
  EXPECT_TRUE(contains(check({"log.retention.hours=0"}), "log.retention.hours=0: it must be -1"));
  EXPECT_EQ(check({"log.retention.hours=0", "log.retention.ms=1"}), "valid");
  EXPECT_TRUE(contains(check({"advertised.listeners=PLAINTEXT://0.0.0.0:1"}), "advertised.listeners"));
  EXPECT_TRUE(contains(check({"group.min.session.timeout.ms=9", "group.max.session.timeout.ms=8"}), "group.min"));
  EXPECT_TRUE(contains(check({"broker.id.generation.enable=false"}), "broker.id"));
  EXPECT_TRUE(contains(check({"broker.id=1001"}), "reserved.broker.max.id"));
  EXPECT_EQ(check({"broker.id=1001", "broker.id.generation.enable=false"}), "valid");
}

TEST(Config, brokers_reach_each_other_on_a_listener_that_there_is) {
  Config config;
  EXPECT_EQ(config.inter_broker_listener(), "PLAINTEXT");
  ASSERT_TRUE(config.set("listener.security.protocol.map", "CLIENT:PLAINTEXT,PEER:PLAINTEXT").has_value());
  ASSERT_TRUE(config.set("listeners", "CLIENT://:1,PEER://:2").has_value());
  EXPECT_EQ(config.inter_broker_listener(), "CLIENT") << "the first, when none has the protocol's name";
  ASSERT_TRUE(config.set("inter.broker.listener.name", "PEER").has_value());
  EXPECT_EQ(config.inter_broker_listener(), "PEER");
  EXPECT_TRUE(config.validate().has_value());
  ASSERT_TRUE(config.set("inter.broker.listener.name", "OTHER").has_value());
  EXPECT_TRUE(contains(config.validate().error().message, "inter.broker.listener.name"));
}

TEST(Config, replicas_are_selected_by_rack_or_not_at_all) {
  Config config;
  EXPECT_FALSE(config.reads_by_rack());
  const std::string package = "org.apache.kafka.common.replica.";
  ASSERT_TRUE(config.set("replica.selector.class", package + "RackAwareReplicaSelector").has_value());
  EXPECT_TRUE(config.reads_by_rack());
  ASSERT_TRUE(config.set("replica.selector.class", package + "LeaderSelector").has_value());
  EXPECT_FALSE(config.reads_by_rack());
  EXPECT_TRUE(config.validate().has_value());
  ASSERT_TRUE(config.set("replica.selector.class", "org.example.Mine").has_value());
  EXPECT_TRUE(contains(config.validate().error().message, "RackAwareReplicaSelector"));
}

TEST(Config, internal_topics_get_the_replicas_that_live_brokers_allow) {
  Config config;
  const auto key = keys::offsets_topic_replication_factor;
  EXPECT_EQ(config.internal_replication_factor(key, 0), 1);
  EXPECT_EQ(config.internal_replication_factor(key, 1), 1);
  EXPECT_EQ(config.internal_replication_factor(key, 2), 2);
  EXPECT_EQ(config.internal_replication_factor(key, 9), 3);
  ASSERT_TRUE(config.set("offsets.topic.replication.factor", "3").has_value());
  EXPECT_EQ(config.internal_replication_factor(key, 1), 3);
  Config with_ensemble;
  ASSERT_TRUE(with_ensemble.set("zookeeper.connect", "zk:2181").has_value());
  EXPECT_EQ(with_ensemble.internal_replication_factor(key, 1), 3);
}

TEST(Config, a_description_shows_value_source_and_hides_passwords) {
  Config config;
  ASSERT_TRUE(config.set("num.partitions", "4").has_value());
  ASSERT_TRUE(config.set("ssl.key.password", "hush").has_value());
  const auto entries = config.describe();
  EXPECT_TRUE(std::ranges::is_sorted(entries, {}, &ConfigEntry::name));
  const auto entry = [&](std::string_view name) { return *std::ranges::find(entries, name, &ConfigEntry::name); };
  EXPECT_EQ(entry("num.partitions").value, "4");
  EXPECT_EQ(entry("num.partitions").source, ConfigSource::static_broker);
  EXPECT_EQ(entry("num.partitions").synonyms.size(), 2U);
  EXPECT_EQ(entry("num.partitions").synonyms[1].value, "1");
  EXPECT_TRUE(entry("log.segment.bytes").is_default());
  EXPECT_EQ(entry("log.retention.ms").value, std::nullopt);
  EXPECT_TRUE(entry("ssl.key.password").is_sensitive);
  EXPECT_EQ(entry("ssl.key.password").value, std::nullopt);
  for (const auto& synonym : entry("ssl.key.password").synonyms) EXPECT_EQ(synonym.value, std::nullopt);
}

TEST(ConfigReference, the_page_in_docs_is_the_generated_one) {
  std::ifstream file(std::string(BARNABAS_GOLDEN_DIR) + "/../../docs/configuration.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_TRUE(page.str() == reference_markdown())
      << "docs/configuration.md is stale; write the output of `barnabas config-reference` to it";
}

}  // namespace
}  // namespace barnabas::metadata
