// Payloads against those that Kafka 3.9.1 wrote (read from the znodes of a live cluster).
#include "core/metadata/znode_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

namespace barnabas::metadata::znode {
namespace {

constexpr std::string_view kBroker = R"({"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},)"
                                     R"("endpoints":["PLAINTEXT://127.0.0.1:49090"],"rack":"rack0","jmx_port":-1,)"
                                     R"("port":49090,"host":"127.0.0.1","version":5,"timestamp":"1795358524388"})";
constexpr std::string_view kTopic =
    R"({"partitions":{"0":[0,2,1],"1":[1,0,2],"2":[2,1,0],"3":[0,2,1],"4":[1,0,2]},)"
    R"("topic_id":"IpUNsJ8nTm6O0gTNsYX_GA","adding_replicas":{},"removing_replicas":{},"version":3})";
constexpr std::string_view kState = R"({"controller_epoch":1,"leader":0,"version":1,"leader_epoch":0,"isr":[0,2,1]})";
constexpr std::string_view kTopicConfig =
    R"({"version":1,"config":{"min.insync.replicas":"2","retention.ms":"3600000"}})";
constexpr std::string_view kController =
    R"({"version":2,"brokerid":0,"timestamp":"1795358525000","kraftControllerEpoch":-1})";
constexpr std::string_view kCluster = R"({"version":"1","id":"YdWSqTIdTbyELDATD6dPsA"})";
constexpr std::string_view kProducerIds = R"({"version":1,"broker":1,"block_start":"1000","block_end":"1999"})";
constexpr std::string_view kConfigChange = R"({"version":2,"entity_path":"topics/t1"})";

void expect_same(std::string_view ours, std::string_view kafkas) {
  EXPECT_EQ(nlohmann::json::parse(ours), nlohmann::json::parse(kafkas));
  EXPECT_EQ(ours.find(' '), std::string_view::npos);
}

TEST(ZnodeJson, a_broker_is_written_as_kafka_does) {
  const auto broker = decode_broker(BrokerId(0), kBroker);
  ASSERT_TRUE(broker.has_value());
  EXPECT_EQ(broker->rack, "rack0");
  EXPECT_EQ(broker->endpoints, (std::vector<BrokerEndpoint>{{"PLAINTEXT", "PLAINTEXT", "127.0.0.1", 49090}}));
  expect_same(encode_broker(*broker, Timestamp(1795358524388)), kBroker);
}

TEST(ZnodeJson, a_broker_with_named_listeners_comes_back) {
  BrokerInfo broker;
  broker.id = BrokerId(4);
  broker.endpoints = {{"OUT", "SASL_SSL", "example.org", 443}, {"IN", "PLAINTEXT", "::1", 9092}};
  const std::string text = encode_broker(broker, Timestamp(1));
  EXPECT_EQ(decode_broker(BrokerId(4), text).value(), broker);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["endpoints"][1], "IN://[::1]:9092");
  EXPECT_EQ(json["host"], "::1");  // The first plaintext one.
  EXPECT_FALSE(json.contains("rack"));
  broker.endpoints.pop_back();
  EXPECT_TRUE(nlohmann::json::parse(encode_broker(broker, Timestamp(1)))["host"].is_null());
  EXPECT_EQ(nlohmann::json::parse(encode_broker(broker, Timestamp(1)))["port"], -1);
}

TEST(ZnodeJson, the_incarnation_of_logs_is_beside_kafkas_keys_and_exact) {
  BrokerInfo broker = decode_broker(BrokerId(0), kBroker).value();
  EXPECT_EQ(broker.incarnation, 0U);
  broker.incarnation = 0xfedcba9876543210U;
  const std::string text = encode_broker(broker, Timestamp(1));
  EXPECT_EQ(nlohmann::json::parse(text)["incarnation"], "18364758544493064720");
  EXPECT_EQ(decode_broker(BrokerId(0), text).value(), broker);
}

TEST(ZnodeJson, a_state_with_incarnations_comes_back_and_without_them_is_kafkas) {
  PartitionState state = decode_state(kState).value();
  EXPECT_EQ(state.isr_incarnations, (std::vector<std::uint64_t>{0, 0, 0}));
  EXPECT_TRUE(state.eligible.empty());
  expect_same(encode_state(state), kState);
  state.isr_incarnations = {7, 0, 0xfedcba9876543210U};
  state.eligible = {BrokerId(4)};
  state.eligible_incarnations = {9};
  const std::string text = encode_state(state);
  EXPECT_EQ(decode_state(text).value(), state);
  EXPECT_EQ(nlohmann::json::parse(text)["isr_incarnations"],
            (std::vector<std::string>{"7", "0", "18364758544493064720"}));
  // A Java controller that shrinks the ISR and keeps nothing of ours.
  const auto shrunk = decode_state(
      R"({"controller_epoch":2,"leader":0,"version":1,"leader_epoch":1,"isr":[0],"isr_incarnations":["7","8"]})");
  EXPECT_EQ(shrunk.value().isr_incarnations, std::vector<std::uint64_t>{0});
}

TEST(ZnodeJson, orders_of_tools_are_read) {
  const auto moves = decode_reassignment(
      R"({"version":1,"partitions":[{"topic":"t","partition":1,"replicas":[2,0]},)"
      R"({"topic":"u","partition":0,"replicas":[1]}]})");
  EXPECT_EQ(moves.value().at({"t", PartitionId(1)}), (std::vector<BrokerId>{BrokerId(2), BrokerId(0)}));
  EXPECT_EQ(moves.value().size(), 2U);
  EXPECT_FALSE(decode_reassignment(R"({"version":1,"partitions":[{"topic":"t","partition":1}]})").has_value());
  const auto wanted = decode_partitions(R"({"version":1,"partitions":[{"topic":"t","partition":0}]})");
  EXPECT_EQ(wanted.value(), (std::vector<TopicPartition>{{"t", PartitionId(0)}}));
  EXPECT_FALSE(decode_partitions("[]").has_value());
  EXPECT_EQ(decode_log_dir_event(R"({"version":1,"broker":2,"event":1})").value(), BrokerId(2));
  EXPECT_EQ(decode_config_change(kConfigChange).value(), "topics/t1");
  EXPECT_EQ(decode_config_change(R"({"version":1,"entity_type":"topics","entity_name":"t"})").value(), "topics/t");
}

TEST(ZnodeJson, older_brokers_are_read) {
  const auto v1 = decode_broker(BrokerId(1), R"({"version":1,"host":"h","port":9092,"jmx_port":-1,"timestamp":"0"})");
  EXPECT_EQ(v1.value().endpoints, (std::vector<BrokerEndpoint>{{"PLAINTEXT", "PLAINTEXT", "h", 9092}}));
  const auto v2 = decode_broker(BrokerId(1), R"({"version":2,"host":"h","port":1,"endpoints":["SSL://h:9093"]})");
  EXPECT_EQ(v2.value().endpoints, (std::vector<BrokerEndpoint>{{"SSL", "SSL", "h", 9093}}));
}

TEST(ZnodeJson, a_topic_is_written_as_kafka_does) {
  const auto topic = decode_topic("t1", kTopic);
  ASSERT_TRUE(topic.has_value());
  ASSERT_EQ(topic->partitions.size(), 5U);
  EXPECT_EQ(topic->partitions[2].replicas, (std::vector<BrokerId>{BrokerId(2), BrokerId(1), BrokerId(0)}));
  EXPECT_EQ(topic->id.to_string(), "IpUNsJ8nTm6O0gTNsYX_GA");
  expect_same(encode_topic(*topic), kTopic);
}

TEST(ZnodeJson, replicas_on_the_move_come_back) {
  auto topic = decode_topic("t1", kTopic).value();
  topic.partitions[1].adding_replicas = {BrokerId(7)};
  topic.partitions[3].removing_replicas = {BrokerId(0), BrokerId(2)};
  EXPECT_EQ(decode_topic("t1", encode_topic(topic)).value(), topic);
}

TEST(ZnodeJson, states_configs_and_the_rest_are_written_as_kafka_does) {
  const auto state = decode_state(kState).value();
  EXPECT_EQ(state.isr.size(), 3U);
  expect_same(encode_state(state), kState);
  expect_same(encode_config(decode_config(kTopicConfig).value()), kTopicConfig);
  EXPECT_EQ(decode_controller(kController).value(), BrokerId(0));
  expect_same(encode_controller(BrokerId(0), Timestamp(1795358525000)), kController);
  expect_same(encode_cluster_id(decode_cluster_id(kCluster).value()), kCluster);
  const auto block = decode_producer_id_block(kProducerIds).value();
  EXPECT_EQ(block.first, ProducerId(1'000));
  EXPECT_EQ(block.count, 1'000);
  expect_same(encode_producer_id_block(BrokerId(1), block), kProducerIds);
  expect_same(encode_config_change("topics/t1"), kConfigChange);
}

TEST(ZnodeJson, paths_are_kafkas) {
  EXPECT_EQ(broker_path(BrokerId(3)), "/brokers/ids/3");
  EXPECT_EQ(state_path("t1", 4), "/brokers/topics/t1/partitions/4/state");
  EXPECT_EQ(topic_config_path("t1"), "/config/topics/t1");
  EXPECT_EQ(delete_topic_path("t1"), "/admin/delete_topics/t1");
}

TEST(ZnodeJson, wrong_shapes_are_corrupt) {
  for (const char* text :
       {"", "null", "[]", "{", "7", R"({"version":1})", R"({"partitions":[]})", R"({"partitions":{"1":[1]}})",
        R"({"partitions":{"0":["x"]}})", R"({"partitions":{"0":[99999999999]}})",
        R"({"partitions":{"0":[1]},"topic_id":"short"})", R"({"partitions":{"0":[1]},"adding_replicas":[]})"}) {
    EXPECT_FALSE(decode_topic("t", text).has_value()) << text;
  }
  EXPECT_FALSE(decode_state(R"({"leader":1,"leader_epoch":0,"controller_epoch":1})").has_value());
  EXPECT_FALSE(decode_state(R"({"leader":1.5,"leader_epoch":0,"controller_epoch":1,"isr":[]})").has_value());
  EXPECT_FALSE(decode_config(R"({"config":{"a":1}})").has_value());
  EXPECT_FALSE(decode_cluster_id(R"({"id":""})").has_value());
  EXPECT_FALSE(decode_producer_id_block(R"({"block_start":"5","block_end":"4"})").has_value());
  EXPECT_FALSE(decode_producer_id_block(R"({"block_start":5,"block_end":9})").has_value());
  EXPECT_FALSE(decode_broker(BrokerId(1), R"({"endpoints":["PLAINTEXT://h:99999"]})").has_value());
  EXPECT_FALSE(decode_broker(BrokerId(1), R"({"endpoints":["h:1"]})").has_value());
}

// Whatever a payload became, decoding it ends with a value or an error.
RC_GTEST_PROP(ZnodeJsonProperty, damaged_payloads_never_harm, ()) {
  std::string text(*rc::gen::element(kBroker, kTopic, kState, kTopicConfig, kController, kCluster, kProducerIds));
  const int changes = *rc::gen::inRange(0, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto byte = *rc::gen::element('"', '{', '}', '[', ']', ':', ',', '9', '-', 'n', '\xff', '\0');
    *rc::gen::arbitrary<bool>() ? text.erase(at, *rc::gen::inRange<std::size_t>(1, 9)) : text.insert(at, 1, byte);
    if (text.empty()) text = "{";
  }
  (void)decode_broker(BrokerId(0), text);
  (void)decode_topic("t", text);
  (void)decode_state(text);
  (void)decode_config(text);
  (void)decode_controller(text);
  (void)decode_cluster_id(text);
  (void)decode_producer_id_block(text);
}

}  // namespace
}  // namespace barnabas::metadata::znode
