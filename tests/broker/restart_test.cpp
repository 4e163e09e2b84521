// Starting, stopping, crashing: what must still be there, and what must be refused.
#include "core/base/prng.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;
using Strings = std::vector<std::string>;

Strings all_values(Cluster& cluster, std::string topic, std::int32_t partition = 0) {
  Strings values;
  for (std::int64_t offset = 0;;) {
    const auto answer = cluster.call<FetchResponse>(fetch_request(topic, partition, offset), 11);
    const auto& data = answer->responses.at(0).partitions.at(0);
    if (data.error_code != ErrorCode::none) throw std::runtime_error(std::string(name_of(data.error_code)));
    if (data.records->empty()) return values;
    for (std::string& value : values_in(data.records->view())) values.push_back(std::move(value));
    offset = static_cast<std::int64_t>(values.size());
  }
}

TEST(Restart, keeps_topics_ids_configs_and_records) {
  for (const bool clean : {true, false}) {
    Cluster cluster(1);
    cluster.start();
    cluster.create_topic("orders", 3, {{"retention.ms", "777000"}});
    cluster.call<ProduceResponse>(produce_request("orders", 2, batch_of({"a", "b"})), 9);
    const auto before = cluster.call<MetadataResponse>(MetadataRequest(), 12);
    if (clean) {
      cluster.stop();
    } else {
      cluster.kill();
    }
    cluster.start();
    const auto after = cluster.call<MetadataResponse>(MetadataRequest(), 12);
    EXPECT_EQ(after->cluster_id, before->cluster_id);
    ASSERT_EQ(after->topics.size(), 1u);
    EXPECT_EQ(after->topics[0].topic_id, before->topics[0].topic_id);
    EXPECT_EQ(after->topics[0].partitions.size(), 3u);
    EXPECT_EQ(all_values(cluster, "orders", 2), (Strings{"a", "b"}));
    cluster.call<ProduceResponse>(produce_request("orders", 2, batch_of({"c"})), 9);
    EXPECT_EQ(all_values(cluster, "orders", 2), (Strings{"a", "b", "c"}));
  }
}

TEST(Restart, a_topic_that_was_answered_survives_a_power_cut) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster(seed);
    cluster.set("log.flush.interval.messages", "1");
    cluster.start();
    cluster.create_topic("orders", 2);
    cluster.call<ProduceResponse>(produce_request("orders", 1, batch_of({"kept"})), 9);
    cluster.power_cut();
    cluster.start();
    EXPECT_EQ(all_values(cluster, "orders", 1), Strings{"kept"}) << seed;
  }
}

TEST(Restart, a_deleted_topic_stays_deleted) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Cluster cluster(seed);
    cluster.start();
    cluster.create_topic("orders");
    cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"old"})), 9);
    DeleteTopicsRequest request;
    request.timeout_ms = 10'000;
    request.topic_names.push_back("orders");
    cluster.call<DeleteTopicsResponse>(request, 3);
    cluster.power_cut();
    cluster.start();
    EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->topics.size(), 0u) << seed;
    cluster.create_topic("orders");
    EXPECT_TRUE(all_values(cluster, "orders").empty()) << seed;
  }
}

// Whatever it was doing: topics whole or not there at all, logs readable, and it starts.
TEST(Restart, is_possible_after_a_crash_at_any_moment_of_creation_and_deletion) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Cluster cluster(seed);
    cluster.start();
    cluster.create_topic("first", 2);
    const auto client = cluster.connect();
    CreateTopicsRequest creation;
    auto& topic = creation.topics.emplace_back();
    topic.name = "second";
    topic.num_partitions = 5;
    topic.replication_factor = 1;
    DeleteTopicsRequest removal;
    removal.timeout_ms = 10'000;
    removal.topic_names.push_back("first");
    cluster.run(client->send(RawClient::frame(creation, 5, 1)));
    cluster.run(client->send(RawClient::frame(removal, 3, 2)));
    cluster.world().run_for(std::chrono::microseconds(seed * 150));
    if (seed % 2 == 0) {
      cluster.power_cut();
    } else {
      cluster.kill();
    }
    cluster.start();
    const auto metadata = cluster.call<MetadataResponse>(MetadataRequest(), 9);
    for (const auto& found : metadata->topics) {
      EXPECT_EQ(found.partitions.size(), found.name->view() == "first" ? 2u : 5u) << seed;
      for (std::size_t i = 0; i < found.partitions.size(); ++i) {
        all_values(cluster, found.name->str(), static_cast<std::int32_t>(i));
      }
    }
  }
}

// Also the test of destruction: frames of every kind die wherever they are suspended (run it under ASan).
TEST(Restart, loses_no_answered_record_when_the_process_is_killed_under_load) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Cluster cluster(seed);
    const bool flush = seed % 3 == 0;
    if (flush) cluster.set("log.flush.interval.messages", "1");
    cluster.start();
    cluster.create_topic("orders");
    const auto producer = cluster.connect();
    const auto consumer = cluster.connect();
    FetchRequest waiting = fetch_request("orders", 0, 1'000'000);
    waiting.topics[0].partitions[0].fetch_offset = 0;
    waiting.min_bytes = 1 << 20;
    waiting.max_wait_ms = 60'000;
    cluster.run(consumer->send(RawClient::frame(waiting, 11, 1)));
    std::vector<std::byte> bytes;
    constexpr int kBatches = 30;
    for (int i = 0; i < kBatches; ++i) {
      const auto frame = RawClient::frame(produce_request("orders", 0, batch_of({std::to_string(i)})), 9, i);
      bytes.insert(bytes.end(), frame.begin(), frame.end());
    }
    cluster.run(producer->send(std::move(bytes)));
    const std::uint64_t wanted = seed % kBatches;
    for (std::uint64_t i = 0; i < wanted; ++i) ASSERT_TRUE(cluster.run(producer->receive()).has_value());
    if (flush) {
      cluster.power_cut();
    } else {
      cluster.kill();
    }
    cluster.start();
    const Strings values = all_values(cluster, "orders");
    EXPECT_GE(values.size(), wanted) << seed;
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], std::to_string(i)) << seed;
  }
}

TEST(Stop, answers_or_closes_what_waits_and_does_not_take_long) {
  Cluster cluster(2);
  cluster.start();
  cluster.create_topic("orders");
  const auto consumer = cluster.connect();
  FetchRequest waiting = fetch_request("orders", 0, 0);
  waiting.max_wait_ms = 600'000;
  cluster.run(consumer->send(RawClient::frame(waiting, 11, 1)));
  const auto idle = cluster.connect();
  cluster.world().run_for(1s);
  const Instant before = cluster.world().now();
  cluster.stop();
  EXPECT_LT(cluster.world().now() - before, 3s);
  EXPECT_FALSE(cluster.run(idle->receive()).has_value());
  cluster.start();
  EXPECT_FALSE(cluster.logged("recover"));
}

std::string message_of(const Result<env::Endpoint>& started) {
  return started ? "it started" : started.error().message;
}

TEST(Start, names_the_key_and_the_remedy_when_it_cannot) {
  Cluster cluster(3);
  cluster.set("zookeeper.connect", "localhost:2181");
  EXPECT_NE(message_of(cluster.try_start()).find("zookeeper.connect"), std::string::npos);

  Cluster tls(4);
  tls.set("listeners", "SSL://:9093");
  EXPECT_NE(message_of(tls.try_start()).find("listeners"), std::string::npos);

  Cluster other(5);
  other.start();
  other.stop();
  other.set("broker.id", "2");
  EXPECT_NE(message_of(other.try_start()).find("broker.id"), std::string::npos);
}

Task<Result<void>> remove_all(env::Env env, std::string directory) {
  B_CO_TRY(const auto names, co_await env.disk.list(directory));
  for (const std::string& name : names) {
    const std::string path = directory + "/" + name;
    B_CO_TRY_VOID(co_await env.disk.remove(path));
  }
  co_return co_await env.disk.remove(directory);
}

TEST(Start, warns_of_partitions_that_no_topic_claims) {
  Cluster cluster(8);
  cluster.start();
  cluster.create_topic("orders", 2);
  cluster.call<ProduceResponse>(produce_request("orders", 1, batch_of({"kept"})), 9);
  cluster.stop();
  cluster.start();
  EXPECT_FALSE(cluster.logged("no topic in ZooKeeper claims"));
  cluster.stop();
  cluster.broker().restart();
  const auto lost = cluster.world().run(cluster.broker(), remove_all(cluster.broker().env(), "/data/zookeeper"));
  ASSERT_TRUE(lost.has_value()) << lost.error().to_string();
  cluster.start();
  EXPECT_TRUE(cluster.logged("orders-0, orders-1"));
  EXPECT_TRUE(cluster.logged("/data/zookeeper was lost"));
  // What is there is another topic's, and stays untouched: the new one has no replica that is online.
  CreateTopicsRequest again;
  auto& topic = again.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  cluster.call<CreateTopicsResponse>(again, 7);
  cluster.world().run_for(1s);
  const auto metadata = cluster.call<MetadataResponse>(MetadataRequest(), 9);
  EXPECT_EQ(metadata->topics.at(0).partitions.at(0).error_code, ErrorCode::leader_not_available);
  EXPECT_EQ(metadata->topics.at(0).partitions.at(0).offline_replicas, std::vector<std::int32_t>{1});
}

TEST(Start, takes_a_free_port_and_an_id_of_its_own) {
  Cluster cluster(6);
  cluster.set("listeners", "PLAINTEXT://:0");
  cluster.set("broker.id", "-1");
  cluster.start();
  EXPECT_NE(cluster.endpoint().port, 0);
  const auto metadata = cluster.call<MetadataResponse>(MetadataRequest(), 9);
  EXPECT_EQ(metadata->brokers.at(0).port, cluster.endpoint().port);
  EXPECT_EQ(metadata->brokers.at(0).node_id, 1001);
  cluster.stop();
  cluster.start();
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->brokers.at(0).node_id, 1001);
}

TEST(Start, advertises_what_it_is_told_to) {
  Cluster cluster(7);
  cluster.set("advertised.listeners", "PLAINTEXT://kafka.example.org:19092");
  cluster.start();
  const auto metadata = cluster.call<MetadataResponse>(MetadataRequest(), 9);
  EXPECT_EQ(metadata->brokers.at(0).host.str(), "kafka.example.org");
  EXPECT_EQ(metadata->brokers.at(0).port, 19092);
}

}  // namespace
}  // namespace barnabas::broker
