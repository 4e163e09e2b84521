// Kafka's znode layout over the embedded ZooKeeper.
#include "core/metadata/topic_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/metadata/legacy_offsets.hpp"
#include "core/metadata/znode_json.hpp"
#include "core/zookeeper/embedded_server.hpp"
#include "sim/world/world.hpp"

namespace barnabas::metadata {
namespace {

BrokerInfo broker_info(int id) {
  BrokerInfo info;
  info.id = BrokerId(id);
  info.endpoints = {{"PLAINTEXT", "PLAINTEXT", "host" + std::to_string(id), 9092}};
  return info;
}

NewTopic new_topic(std::string name, std::size_t partitions) {
  NewTopic topic;
  topic.name = std::move(name);
  topic.id = Uuid::from_random(1, topic.name.size());
  topic.assignment.assign(partitions, {BrokerId(1)});
  topic.config = {{"retention.ms", "5"}};
  return topic;
}

struct Fixture {
  Fixture() : world(1), node(world.add_node("a")) { open(); }
  ~Fixture() { drop(); }
  void open() {
    server = std::move(*world.run(node, zookeeper::EmbeddedServer::open(node.env(), {"/data/zookeeper"})));
    client = std::move(*server->connect());
    store = std::make_unique<TopicStore>(*client);
    EXPECT_TRUE(run(store->create_layout()).has_value());
  }
  void drop() {
    store.reset();
    client.reset();
    server.reset();
  }
  template <class T>
  T run(Task<T> task) {
    return world.run(node, std::move(task));
  }
  Controllership lead() { return run(store->elect_controller(BrokerId(1), Timestamp(7))).value(); }

  sim::World world;
  sim::Node& node;
  std::unique_ptr<zookeeper::EmbeddedServer> server;
  std::unique_ptr<zookeeper::Client> client;
  std::unique_ptr<TopicStore> store;
};

TEST(TopicStore, the_layout_is_kafkas_and_made_once) {
  Fixture f;
  const auto names = [&](std::string path) { return f.run(f.client->children(std::move(path))).value().names; };
  EXPECT_EQ(names("/"),
            (std::vector<std::string>{"admin", "barnabas", "brokers", "config", "consumers", "isr_change_notification",
                                      "latest_producer_id_block", "log_dir_event_notification", "zookeeper"}));
  EXPECT_EQ(names("/brokers"), (std::vector<std::string>{"ids", "seqid", "topics"}));
  EXPECT_EQ(names("/config"), (std::vector<std::string>{"brokers", "changes", "clients", "ips", "topics", "users"}));
  EXPECT_FALSE(f.run(f.client->get("/latest_producer_id_block")).value().data.has_value());
  const auto last = f.server->tree().last_zxid();
  EXPECT_TRUE(f.run(f.store->create_layout()).has_value());
  EXPECT_EQ(f.server->tree().last_zxid(), last);
}

TEST(TopicStore, the_first_cluster_id_stays) {
  Fixture f;
  EXPECT_EQ(f.run(f.store->ensure_cluster_id("first")).value(), "first");
  EXPECT_EQ(f.run(f.store->ensure_cluster_id("second")).value(), "first");
}

TEST(TopicStore, generated_broker_ids_are_above_the_reserved_and_differ) {
  Fixture f;
  EXPECT_EQ(f.run(f.store->generate_broker_id(1'000)).value(), BrokerId(1'001));
  EXPECT_EQ(f.run(f.store->generate_broker_id(1'000)).value(), BrokerId(1'002));
}

TEST(TopicStore, a_registration_is_ephemeral_and_its_epoch_rises) {
  Fixture f;
  const auto first = f.run(f.store->register_broker(broker_info(1), Timestamp(7))).value();
  // Registered by this session already: the reply to an earlier attempt was lost.
  const auto again = f.run(f.store->register_broker(broker_info(1), Timestamp(8))).value();
  EXPECT_GT(again, first);
  const auto node = f.run(f.client->get("/brokers/ids/1")).value();
  EXPECT_EQ(node.stat.czxid.value(), again);
  EXPECT_EQ(node.stat.ephemeral_owner, f.client->session());
  // The same registration once more is the one that is there.
  EXPECT_EQ(f.run(f.store->register_broker(broker_info(1), Timestamp(8))).value(), again);

  auto other = f.server->connect().value();
  TopicStore rival(*other);
  const auto refused = f.run(rival.register_broker(broker_info(1), Timestamp(9)));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::already_exists);
  EXPECT_NE(refused.error().message.find("broker.id"), std::string::npos);
  ASSERT_TRUE(f.run(f.client->close()).has_value());
  EXPECT_GT(f.run(rival.register_broker(broker_info(1), Timestamp(9))).value(), again);
}

TEST(TopicStore, an_incarnation_is_noted_with_the_registration_and_only_when_it_is_new) {
  Fixture f;
  const auto noted = [&] { return f.run(f.client->get("/barnabas/incarnations")).value(); };
  const auto enter = [&](std::int32_t id, std::uint64_t incarnation) {
    BrokerInfo broker = broker_info(id);
    broker.incarnation = incarnation;
    return f.run(f.store->register_broker(broker, Timestamp(static_cast<std::int64_t>(incarnation)))).has_value();
  };
  ASSERT_TRUE(enter(1, 7));
  ASSERT_TRUE(enter(2, 8));
  const auto before = noted();
  EXPECT_EQ(znode::decode_incarnations(as_text(before.data->view())).value(),
            (Incarnations{{BrokerId(1), 7}, {BrokerId(2), 8}}));
  ASSERT_TRUE(f.run(f.client->remove("/brokers/ids/1", -1)).has_value());
  ASSERT_TRUE(enter(1, 7));
  EXPECT_EQ(noted().stat.version, before.stat.version);
  ASSERT_TRUE(enter(1, 9));
  EXPECT_EQ(noted().stat.version, before.stat.version + 1);
  EXPECT_EQ(noted().stat.mzxid.value(), f.run(f.client->get("/brokers/ids/1")).value().stat.czxid.value());
}

TEST(TopicStore, a_registration_of_a_former_session_gives_way) {
  Fixture f;
  const auto first = f.run(f.store->register_broker(broker_info(1), Timestamp(7))).value();
  auto next = f.server->connect().value();
  TopicStore store(*next);
  const auto again = f.run(store.register_broker(broker_info(1), Timestamp(8), f.client->session()));
  ASSERT_TRUE(again.has_value());
  EXPECT_GT(*again, first);
}

TEST(TopicStore, one_broker_becomes_controller_and_each_election_raises_the_epoch) {
  Fixture f;
  const Controllership first = f.lead();
  EXPECT_EQ(first.controller, BrokerId(1));
  EXPECT_EQ(first.epoch, 1);
  auto other = f.server->connect().value();
  TopicStore rival(*other);
  EXPECT_EQ(f.run(rival.elect_controller(BrokerId(2), Timestamp(7))).value().controller, BrokerId(1));
  ASSERT_TRUE(f.run(f.client->close()).has_value());
  const auto second = f.run(rival.elect_controller(BrokerId(2), Timestamp(7))).value();
  EXPECT_EQ(second.controller, BrokerId(2));
  EXPECT_EQ(second.epoch, 2);
  // The first one's writes are fenced from now on.
  const auto late = f.run(rival.create_topic(new_topic("t", 1), first));
  EXPECT_EQ(late.error().code, Errc::bad_version);
  EXPECT_TRUE(f.run(rival.create_topic(new_topic("t", 1), second)).has_value());
}

TEST(TopicStore, a_created_topic_is_loaded_back_the_same) {
  Fixture f;
  const Controllership controllership = f.lead();
  const TopicInfo made = f.run(f.store->create_topic(new_topic("orders", 3), controllership)).value();
  EXPECT_EQ(f.run(f.store->load_topic("orders")).value(), made);
  EXPECT_EQ(made.partitions.size(), 3U);
  EXPECT_EQ(made.partitions[0].leader, BrokerId(1));
  EXPECT_EQ(made.partitions[0].controller_epoch, 1);
  EXPECT_EQ(f.run(f.store->create_topic(new_topic("orders", 1), controllership)).error().code, Errc::already_exists);
  EXPECT_EQ(f.run(f.store->load_topic("nope")).error().code, Errc::not_found);
}

TEST(TopicStore, a_topic_against_the_rules_is_refused) {
  Fixture f;
  const Controllership controllership = f.lead();
  EXPECT_EQ(f.run(f.store->create_topic(new_topic("a b", 1), controllership)).error().code, Errc::invalid_argument);
  EXPECT_EQ(f.run(f.store->create_topic(new_topic("t", 0), controllership)).error().code, Errc::invalid_argument);
}

TEST(TopicStore, a_config_left_without_its_topic_does_not_block_creation) {
  Fixture f;
  const Controllership controllership = f.lead();
  ASSERT_TRUE(f.run(f.client->create("/config/topics/t", std::nullopt, zookeeper::CreateMode::persistent)).has_value());
  EXPECT_TRUE(f.run(f.store->create_topic(new_topic("t", 1), controllership)).has_value());
  EXPECT_EQ(f.run(f.store->load_topic("t")).value().config.at("retention.ms"), "5");
}

TEST(TopicStore, a_proposed_topic_is_left_to_the_controller) {
  Fixture f;
  ASSERT_TRUE(f.run(f.store->propose_topic(new_topic("auto", 2))).has_value());
  const TopicInfo held = f.run(f.store->load_topic("auto")).value();
  EXPECT_EQ(held.partitions.size(), 2U);
  EXPECT_EQ(held.partitions[0].leader, kNoBroker);
  EXPECT_EQ(held.config.at("retention.ms"), "5");
  EXPECT_EQ(f.run(f.store->propose_topic(new_topic("auto", 2))).error().code, Errc::already_exists);
  EXPECT_EQ(f.run(f.store->propose_topic(new_topic("a b", 1))).error().code, Errc::invalid_argument);
}

TEST(TopicStore, a_changed_config_is_stored_and_told) {
  Fixture f;
  const Controllership controllership = f.lead();
  ASSERT_TRUE(f.run(f.store->create_topic(new_topic("t", 1), controllership)).has_value());
  ASSERT_TRUE(f.run(f.store->set_topic_config("t", {{"cleanup.policy", "compact"}})).has_value());
  EXPECT_EQ(f.run(f.store->load_topic("t")).value().config,
            (std::map<std::string, std::string>{{"cleanup.policy", "compact"}}));
  EXPECT_EQ(f.run(f.client->children("/config/changes")).value().names,
            std::vector<std::string>{"config_change_0000000000"});
  EXPECT_EQ(f.run(f.store->set_topic_config("u", {})).error().code, Errc::not_found);
}

TEST(TopicStore, a_partition_state_is_written_only_over_the_version_expected) {
  Fixture f;
  const Controllership controllership = f.lead();
  ASSERT_TRUE(f.run(f.store->create_topic(new_topic("t", 1), controllership)).has_value());
  const TopicPartition partition{"t", PartitionId(0)};
  const PartitionState next{BrokerId(1), LeaderEpoch(1), {BrokerId(1)}, 1};
  EXPECT_EQ(f.run(f.store->write_partition_state(partition, next, 0, controllership)).value(), 1);
  EXPECT_EQ(f.run(f.store->write_partition_state(partition, next, 0, controllership)).error().code, Errc::bad_version);
  const auto loaded = f.run(f.store->load_topic("t")).value().partitions[0];
  EXPECT_EQ(loaded.leader_epoch, LeaderEpoch(1));
  EXPECT_EQ(loaded.partition_epoch, 1);
}

Task<void> allocate(zookeeper::EmbeddedServer& server, int times, std::vector<std::int64_t>& firsts) {
  auto client = std::move(*server.connect());
  TopicStore store(*client);
  for (int i = 0; i < times; ++i) {
    const auto block = co_await store.allocate_producer_ids(BrokerId(1));
    if (block) firsts.push_back(block->first.value());
  }
}

TEST(TopicStore, producer_id_blocks_never_overlap_even_after_a_power_cut) {
  Fixture f;
  std::vector<std::int64_t> firsts;
  for (int i = 0; i < 3; ++i) f.node.spawn_task(allocate(*f.server, 5, firsts));
  f.world.run_until([&] { return firsts.size() == 15; }, std::chrono::minutes(1));
  f.node.power_cut();
  f.drop();
  f.node.restart();
  f.open();
  f.run(allocate(*f.server, 1, firsts));
  std::vector<std::int64_t> expected;
  for (std::int64_t i = 0; i < 16; ++i) expected.push_back(i * 1'000);
  std::ranges::sort(firsts);
  EXPECT_EQ(firsts, expected);
  EXPECT_EQ(as_text(f.run(f.client->get("/latest_producer_id_block")).value().data->view()),
            znode::encode_producer_id_block(BrokerId(1), {ProducerId(15'000), 1'000}));
}

TEST(TopicStore, a_damaged_znode_is_corrupt_and_named) {
  Fixture f;
  ASSERT_TRUE(
      f.run(f.client->create("/brokers/topics/t", Buffer::copy_of(as_bytes("{]")), zookeeper::CreateMode::persistent))
          .has_value());
  const auto topic = f.run(f.store->load_topic("t"));
  ASSERT_FALSE(topic.has_value());
  EXPECT_EQ(topic.error().code, Errc::corrupt);
  EXPECT_NE(topic.error().message.find("/brokers/topics/t"), std::string::npos);
}

TEST(TopicStore, what_is_set_for_brokers_at_run_time_is_in_kafkas_znodes) {
  Fixture f;
  EXPECT_TRUE(f.run(f.store->load_broker_config(BrokerId(1))).value().empty());
  ASSERT_TRUE(f.run(f.store->set_broker_config(BrokerId(1), {{"message.max.bytes", "5"}})).has_value());
  ASSERT_TRUE(f.run(f.store->set_broker_config(std::nullopt, {{"message.max.bytes", "6"}})).has_value());
  f.drop();
  f.open();
  EXPECT_EQ(f.run(f.store->load_broker_config(BrokerId(1))).value().at("message.max.bytes"), "5");
  EXPECT_EQ(f.run(f.store->load_broker_config(std::nullopt)).value().at("message.max.bytes"), "6");
  const auto text = [&](std::string path) {
    return std::string(as_text(f.run(f.client->get(std::move(path))).value().data->view()));
  };
  EXPECT_EQ(text("/config/brokers/<default>"), R"({"config":{"message.max.bytes":"6"},"version":1})");
  EXPECT_EQ(text("/config/changes/config_change_0000000001"), R"({"entity_path":"brokers/<default>","version":2})");
}

TEST(LegacyOffsets, are_numbers_under_the_consumer) {
  Fixture f;
  LegacyOffsets offsets(*f.client);
  const TopicPartition orders{"orders", PartitionId(3)};
  EXPECT_EQ(f.run(offsets.get("readers", orders)).value(), std::nullopt);
  ASSERT_TRUE(f.run(offsets.set("readers", orders, Offset(7))).has_value());
  ASSERT_TRUE(f.run(offsets.set("readers", orders, Offset(8))).has_value());
  EXPECT_EQ(f.run(offsets.get("readers", orders)).value(), Offset(8));
  const auto node = f.run(f.client->get("/consumers/readers/offsets/orders/3")).value();
  EXPECT_EQ(as_text(node.data->view()), "8");
  for (const char* bad : {"", "/a", "a/", "a//b", "a/./b", ".", ".."}) {
    EXPECT_FALSE(LegacyOffsets::is_legal_group(bad)) << bad;
  }
}

TEST(LegacyOffsets, a_group_with_a_slash_is_a_znode_in_a_znode) {
  Fixture f;
  LegacyOffsets offsets(*f.client);
  const TopicPartition orders{"orders", PartitionId(3)};
  ASSERT_TRUE(LegacyOffsets::is_legal_group("a/b"));
  ASSERT_TRUE(f.run(offsets.set("a/b", orders, Offset(7))).has_value());
  EXPECT_EQ(f.run(offsets.get("a/b", orders)).value(), Offset(7));
  const auto node = f.run(f.client->get("/consumers/a/b/offsets/orders/3")).value();
  EXPECT_EQ(as_text(node.data->view()), "7");
}

}  // namespace
}  // namespace barnabas::metadata
