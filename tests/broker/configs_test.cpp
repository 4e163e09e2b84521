// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: of topics and of the broker.
#include <map>
#include <memory>
#include <vector>

#include "core/protocol/messages/18_api_versions.hpp"
#include "core/protocol/messages/32_describe_configs.hpp"
#include "core/protocol/messages/33_alter_configs.hpp"
#include "core/protocol/messages/44_incremental_alter_configs.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;
constexpr std::int8_t kLogger = 8;
constexpr std::int8_t kSet = 0;
constexpr std::int8_t kRemove = 1;
constexpr std::int8_t kAppend = 2;
constexpr std::int8_t kSubtract = 3;

struct Change {
  std::string key;
  std::optional<std::string> value;
  std::int8_t operation = kSet;
};

struct Refusal {
  ErrorCode code = ErrorCode::none;
  std::string message;

  bool operator==(const Refusal&) const = default;
};

class Admin {
 public:
  explicit Admin(std::uint64_t seed) : cluster(seed) {}

  Refusal alter(std::int8_t type, std::string name, std::vector<Change> changes, bool validate_only = false,
                std::int16_t version = 1) {
    IncrementalAlterConfigsRequest request;
    request.validate_only = validate_only;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    for (const Change& change : changes) {
      auto& config = resource.configs.emplace_back();
      config.name = change.key;
      config.config_operation = change.operation;
      if (change.value) config.value = *change.value;
    }
    const auto answer = cluster.call<IncrementalAlterConfigsResponse>(request, version);
    const auto& result = answer->responses.at(0);
    return {result.error_code, result.error_message ? result.error_message->str() : ""};
  }

  Refusal replace(std::int8_t type, std::string name, std::vector<std::pair<std::string, std::string>> values,
                  std::int16_t version = 2) {
    AlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    for (const auto& [key, value] : values) {
      auto& config = resource.configs.emplace_back();
      config.name = key;
      config.value = value;
    }
    const auto answer = cluster.call<AlterConfigsResponse>(request, version);
    const auto& result = answer->responses.at(0);
    return {result.error_code, result.error_message ? result.error_message->str() : ""};
  }

  // Each key's "value source"; with synonyms "value source source:name=value ...".
  std::map<std::string, std::string> describe(std::int8_t type, std::string name, bool synonyms = false) {
    DescribeConfigsRequest request;
    request.include_synonyms = synonyms;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    const auto answer = cluster.call<DescribeConfigsResponse>(request, 4);
    EXPECT_EQ(answer->results.at(0).error_code, ErrorCode::none);
    std::map<std::string, std::string> shown;
    for (const auto& entry : answer->results.at(0).configs) {
      std::string text = (entry.value ? entry.value->str() : "null") + " " + std::to_string(entry.config_source);
      for (const auto& also : entry.synonyms) {
        text += " " + std::to_string(also.source) + ":" + also.name.str() + "=" + (also.value ? also.value->str() : "");
      }
      if (entry.read_only) text += " fixed";
      shown[entry.name.str()] = text;
    }
    return shown;
  }

  Cluster cluster;
};

TEST(TopicConfigs, a_change_is_in_force_at_once_and_outlives_the_process) {
  Admin admin(1);
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"max.message.bytes", "100"}}, false, 0), Refusal{});
  const auto produce = [&] {
    const std::string large(500, 'x');
    const auto answer = admin.cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({large})), 9);
    return answer->responses.at(0).partition_responses.at(0).error_code;
  };
  EXPECT_EQ(produce(), ErrorCode::message_too_large);
  admin.cluster.power_cut();
  admin.cluster.start();
  EXPECT_EQ(produce(), ErrorCode::message_too_large);
  EXPECT_EQ(admin.describe(kTopic, "orders")["max.message.bytes"], "100 1");
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"max.message.bytes", std::nullopt, kRemove}}), Refusal{});
  EXPECT_EQ(produce(), ErrorCode::none);
}

TEST(TopicConfigs, lists_are_appended_to_and_subtracted_from) {
  Admin admin(2);
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"cleanup.policy", "compact", kAppend}}), Refusal{});
  EXPECT_EQ(admin.describe(kTopic, "orders")["cleanup.policy"], "delete,compact 1");
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"cleanup.policy", "delete", kSubtract}}), Refusal{});
  EXPECT_EQ(admin.describe(kTopic, "orders")["cleanup.policy"], "compact 1");
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"retention.ms", "1", kAppend}}),
            (Refusal{ErrorCode::invalid_config, "Config value append is not allowed for config key: retention.ms"}));
}

TEST(TopicConfigs, validation_changes_nothing) {
  Admin admin(3);
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"retention.ms", "77"}}, true), Refusal{});
  EXPECT_EQ(admin.describe(kTopic, "orders")["retention.ms"], "604800000 5");
}

TEST(TopicConfigs, refusals_are_kafkas) {
  Admin admin(4);
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  const std::string context = "Invalid config value for resource ConfigResource(type=TOPIC, name='orders'): ";
  const auto refusal = [&](std::string key, std::string value) {
    return admin.alter(kTopic, "orders", {{std::move(key), std::move(value)}});
  };
  const auto bad = [&](std::string message) { return Refusal{ErrorCode::invalid_config, context + message}; };
  EXPECT_EQ(refusal("nosuch", "1"), (Refusal{ErrorCode::invalid_config, "Unknown topic config name: nosuch"}));
  EXPECT_EQ(refusal("retention.ms", "-2"),
            bad("Invalid value -2 for configuration retention.ms: Value must be at least -1"));
  EXPECT_EQ(refusal("segment.bytes", "99999999999"),
            bad("Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT"));
  EXPECT_EQ(refusal("min.cleanable.dirty.ratio", "7"),
            bad("Invalid value 7.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"));
  EXPECT_EQ(refusal("compression.gzip.level", "0"),
            bad("Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to "
                "-1"));
  EXPECT_EQ(refusal("cleanup.policy", "delete,foo"),
            bad("Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete"));
  EXPECT_EQ(refusal("preallocate", "maybe"),
            bad("Invalid value maybe for configuration preallocate: Expected value to be either true or false"));
  EXPECT_EQ(admin.alter(kTopic, "nope", {{"retention.ms", "1"}}),
            (Refusal{ErrorCode::unknown_topic_or_partition, "The topic 'nope' does not exist."}));
  EXPECT_EQ(admin.alter(kTopic, "", {{"retention.ms", "1"}}),
            (Refusal{ErrorCode::invalid_request, "Default topic resources are not allowed."}));
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"retention.ms", "1"}, {"retention.ms", "2"}}),
            (Refusal{ErrorCode::invalid_request, "Error due to duplicate config keys"}));
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"retention.ms", std::nullopt}}),
            (Refusal{ErrorCode::invalid_request, "Null value not supported for : retention.ms"}));
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"retention.ms", "1", 7}}).code, ErrorCode::invalid_request);
  EXPECT_EQ(admin.describe(kTopic, "orders")["retention.ms"], "604800000 5");
}

// A request of less than a megabyte once had an answer of 142, and held a gigabyte.
TEST(TopicConfigs, a_key_that_is_given_twice_is_told_before_anything_else_that_is_wrong) {
  Admin admin(10);
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  const Refusal twice{ErrorCode::invalid_request, "Error due to duplicate config keys"};
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"retention.ms", "1", 9}, {"retention.ms", "1", 9}}), twice);
  EXPECT_EQ(admin.alter(kTopic, "orders", {{"segment.ms", {}}, {"no.such", "1"}, {"no.such", "1"}}), twice);
  EXPECT_EQ(admin.replace(kTopic, "nowhere", {{"retention.ms", "1"}, {"retention.ms", "2"}}), twice);
}

TEST(TopicConfigs, are_shown_once_however_often_they_are_asked_for) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders");
  DescribeConfigsRequest request;
  for (int i = 0; i < 1000; ++i) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = 2;
    resource.resource_name = "orders";
  }
  EXPECT_EQ(cluster.call<DescribeConfigsResponse>(request, 4)->results.size(), 1u);
}

TEST(TopicConfigs, the_old_request_replaces_all) {
  Admin admin(5);
  admin.cluster.start();
  admin.cluster.create_topic("orders", 1, {{"retention.ms", "5"}});
  for (std::int16_t version = 0; version <= 2; ++version) {
    EXPECT_EQ(admin.replace(kTopic, "orders", {{"segment.bytes", "2000"}}, version), Refusal{});
  }
  const auto shown = admin.describe(kTopic, "orders");
  EXPECT_EQ(shown.at("segment.bytes"), "2000 1");
  EXPECT_EQ(shown.at("retention.ms"), "604800000 5");
  EXPECT_EQ(admin.replace(kTopic, "orders", {{"segment.bytes", "2"}}).code, ErrorCode::invalid_config);
  EXPECT_EQ(admin.replace(kTopic, "orders", {{"retention.ms", "5"}, {"retention.ms", "6"}}),
            (Refusal{ErrorCode::invalid_request, "Error due to duplicate config keys"}));
}

TEST(BrokerConfigs, lie_over_the_file_this_brokers_over_those_for_all) {
  Admin admin(6);
  admin.cluster.set("log.retention.hours", "2");
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  EXPECT_EQ(admin.describe(kTopic, "orders")["retention.ms"], "7200000 5");
  EXPECT_EQ(admin.alter(kBroker, "", {{"log.retention.ms", "70000"}}), Refusal{});
  EXPECT_EQ(admin.describe(kTopic, "orders")["retention.ms"], "70000 3");
  EXPECT_EQ(admin.alter(kBroker, "1", {{"log.retention.ms", "60000"}}), Refusal{});
  const std::string all =
      "60000 2 2:log.retention.ms=60000 3:log.retention.ms=70000 4:log.retention.hours=2 5:log.retention.hours=168";
  EXPECT_EQ(admin.describe(kTopic, "orders", true)["retention.ms"], all);
  EXPECT_EQ(admin.describe(kBroker, "1", true)["log.retention.ms"], all);
  EXPECT_EQ(admin.describe(kBroker, "1")["log.retention.hours"], "2 4 fixed");
  const auto for_all = admin.describe(kBroker, "", true);
  ASSERT_EQ(for_all.size(), 1u);
  EXPECT_EQ(for_all.at("log.retention.ms"), "70000 3 3:log.retention.ms=70000");
  admin.cluster.power_cut();
  admin.cluster.start();
  EXPECT_EQ(admin.describe(kTopic, "orders", true)["retention.ms"], all);
  EXPECT_EQ(admin.alter(kBroker, "1", {{"log.retention.ms", std::nullopt, kRemove}}), Refusal{});
  EXPECT_EQ(admin.describe(kTopic, "orders")["retention.ms"], "70000 3");
  EXPECT_EQ(admin.replace(kBroker, "", {}), Refusal{});
  EXPECT_EQ(admin.describe(kTopic, "orders")["retention.ms"], "7200000 5");
}

TEST(BrokerConfigs, take_effect_in_topics_that_are_there) {
  Admin admin(7);
  admin.cluster.start();
  admin.cluster.create_topic("orders");
  EXPECT_EQ(admin.alter(kBroker, "1", {{"message.max.bytes", "100"}}), Refusal{});
  const std::string large(500, 'x');
  const auto answer = admin.cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({large})), 9);
  EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error_code, ErrorCode::message_too_large);
}

TEST(BrokerConfigs, the_number_of_connections_may_change) {
  Admin admin(9);
  admin.cluster.start();
  const auto one = admin.cluster.connect();
  EXPECT_EQ(admin.alter(kBroker, "1", {{"max.connections", "2"}}), Refusal{});
  admin.cluster.world().run_for(1s);  // Until the connection of the change is closed.
  const auto two = admin.cluster.connect();
  admin.cluster.call<MetadataResponse>(*two, MetadataRequest(), 9);
  const auto three = admin.cluster.connect();
  admin.cluster.run(three->send(RawClient::frame(ApiVersionsRequest(), 0, 5)));
  admin.cluster.world().run_for(1s);
  EXPECT_TRUE(admin.cluster.logged("until one closes: max.connections=2"));
  two->close();
  EXPECT_TRUE(admin.cluster.run(three->receive()).has_value()) << "served in its place";
}

TEST(BrokerConfigs, fewer_connections_than_there_are_close_those_that_moved_least_recently) {
  Admin admin(11);
  admin.cluster.start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(admin.cluster.connect());
    admin.cluster.call<MetadataResponse>(*clients.back(), MetadataRequest(), 9);
    admin.cluster.world().run_for(10ms);
  }
  admin.cluster.call<MetadataResponse>(*clients[0], MetadataRequest(), 9);
  EXPECT_EQ(admin.alter(kBroker, "1", {{"max.connections", "3"}}), Refusal{});  // Its own connection is the fifth.
  EXPECT_FALSE(admin.cluster.run(clients[1]->receive()).has_value());
  EXPECT_FALSE(admin.cluster.run(clients[2]->receive()).has_value());
  EXPECT_TRUE(admin.cluster.logged("max.connections=3"));
  admin.cluster.call<MetadataResponse>(*clients[0], MetadataRequest(), 9);
  admin.cluster.call<MetadataResponse>(*clients[3], MetadataRequest(), 9);
}

TEST(BrokerConfigs, refusals_are_kafkas) {
  Admin admin(8);
  admin.cluster.start();
  const auto refusal = [&](std::string key, std::string value, std::string name = "1") {
    return admin.alter(kBroker, std::move(name), {{std::move(key), std::move(value)}}, true);
  };
  const auto bad = [](std::string message) { return Refusal{ErrorCode::invalid_request, std::move(message)}; };
  EXPECT_EQ(refusal("broker.id", "7"), bad("Cannot update these configs dynamically: Set(broker.id)"));
  EXPECT_EQ(refusal("log.roll.hours", "1", ""), bad("Cannot update these configs dynamically: Set(log.roll.hours)"));
  EXPECT_EQ(refusal("log.retention.ms", "x"),
            bad("Invalid value x for configuration log.retention.ms: Not a number of type LONG"));
  EXPECT_EQ(refusal("log.retention.ms", "0"),
            bad("requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1"));
  EXPECT_EQ(refusal("message.max.bytes", "-1"),
            bad("Invalid value -1 for configuration message.max.bytes: Value must be at least 0"));
  EXPECT_EQ(refusal("max.connections.per.ip.overrides", "a:b").code, ErrorCode::invalid_request);
  EXPECT_EQ(refusal("log.retention.ms", "1", "77"), bad("Unexpected broker id, expected 1, but received 77"));
  EXPECT_EQ(refusal("log.retention.ms", "1", "x"), bad("Broker id must be an integer, but it is: x"));
  EXPECT_EQ(admin.alter(kLogger, "1", {{"root", "DEBUG"}}),
            bad("AlterConfigs is only supported for topics and brokers, but resource type is BROKER_LOGGER"));
  EXPECT_EQ(admin.describe(kLogger, "1")["root"], "INFO 6 fixed");
}

}  // namespace
}  // namespace barnabas::broker
