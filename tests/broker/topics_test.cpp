// Metadata, CreateTopics, DeleteTopics, DescribeConfigs, ApiVersions, InitProducerId.
#include <set>

#include "core/broker/api_table.hpp"
#include "core/protocol/messages/18_api_versions.hpp"
#include "core/protocol/messages/22_init_producer_id.hpp"
#include "core/protocol/messages/32_describe_configs.hpp"
#include "core/protocol/messages/60_describe_cluster.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

MetadataRequest about(std::string topic, bool may_create = true) {
  MetadataRequest request;
  request.topics.emplace().emplace_back().name = topic;
  request.allow_auto_topic_creation = may_create;
  return request;
}

TEST(Metadata, every_version_names_the_broker_and_the_topic) {
  Cluster cluster(1);
  cluster.start();
  cluster.create_topic("orders", 2);
  for (std::int16_t version = 0; version <= 12; ++version) {
    const auto answer = cluster.call<MetadataResponse>(about("orders"), version);
    ASSERT_EQ(answer->brokers.size(), 1u) << version;
    EXPECT_EQ(answer->brokers[0].node_id, 1);
    EXPECT_EQ(answer->brokers[0].host.str(), "broker");
    EXPECT_EQ(answer->brokers[0].port, 9092);
    if (version >= 1) EXPECT_EQ(answer->controller_id, 1);
    if (version >= 2) EXPECT_EQ(answer->cluster_id->size(), 22u);
    ASSERT_EQ(answer->topics.size(), 1u);
    ASSERT_EQ(answer->topics[0].partitions.size(), 2u);
    EXPECT_EQ(answer->topics[0].partitions[1].partition_index, 1);
    EXPECT_EQ(answer->topics[0].partitions[1].leader_id, 1);
    EXPECT_EQ(answer->topics[0].partitions[1].isr_nodes, std::vector<std::int32_t>{1});
  }
}

TEST(Metadata, null_and_empty_mean_what_the_version_says) {
  Cluster cluster(2);
  cluster.start();
  cluster.create_topic("a");
  cluster.create_topic("b");
  MetadataRequest none;
  none.topics.emplace();
  MetadataRequest all;
  EXPECT_EQ(cluster.call<MetadataResponse>(none, 0)->topics.size(), 2u);
  EXPECT_EQ(cluster.call<MetadataResponse>(none, 1)->topics.size(), 0u);
  EXPECT_EQ(cluster.call<MetadataResponse>(all, 1)->topics.size(), 2u);
  EXPECT_EQ(cluster.call<MetadataResponse>(all, 12)->topics.size(), 2u);
}

TEST(Metadata, creates_what_may_be_created_and_answers_with_its_leader) {
  Cluster cluster(3);
  cluster.set("num.partitions", "3");
  cluster.start();
  const auto code = [&](MetadataRequest request, std::int16_t version) {
    return cluster.call<MetadataResponse>(std::move(request), version)->topics.at(0).error_code;
  };
  EXPECT_EQ(code(about("orders", false), 4), ErrorCode::unknown_topic_or_partition);
  const auto created = cluster.call<MetadataResponse>(about("orders"), 4);
  EXPECT_EQ(created->topics.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(created->topics.at(0).partitions.size(), 3u);
  EXPECT_EQ(code(about("bad name"), 4), ErrorCode::invalid_topic_exception);
  cluster.stop();
  cluster.set("auto.create.topics.enable", "false");
  cluster.start();
  EXPECT_EQ(code(about("orders"), 4), ErrorCode::none);
  EXPECT_EQ(code(about("payments"), 4), ErrorCode::unknown_topic_or_partition);
}

TEST(Metadata, two_who_ask_for_a_new_topic_at_once_get_the_same) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Cluster cluster(seed);
    cluster.start();
    const auto one = cluster.connect();
    const auto two = cluster.connect();
    cluster.run(one->send(RawClient::frame(about("orders"), 12, 1)));
    cluster.run(two->send(RawClient::frame(about("orders"), 12, 1)));
    std::set<std::string> ids;
    for (RawClient* client : {one.get(), two.get()}) {
      auto response = cluster.run(client->receive());
      ASSERT_TRUE(response.has_value());
      const auto answer = RawClient::decode<MetadataResponse>(*response, 12, 1);
      EXPECT_EQ((*answer)->topics.at(0).error_code, ErrorCode::none);
      ids.insert((*answer)->topics.at(0).topic_id.to_string());
    }
    EXPECT_EQ(ids.size(), 1u);
  }
}

TEST(Metadata, a_topic_can_be_asked_for_by_its_id) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders");
  const Uuid id = cluster.call<MetadataResponse>(about("orders"), 12)->topics.at(0).topic_id;
  EXPECT_FALSE(id.is_zero());
  MetadataRequest by_id;
  by_id.topics.emplace().emplace_back().topic_id = id;
  EXPECT_EQ(cluster.call<MetadataResponse>(by_id, 12)->topics.at(0).name->str(), "orders");
  by_id.topics->at(0).topic_id.bytes[0] ^= 1;
  EXPECT_EQ(cluster.call<MetadataResponse>(by_id, 12)->topics.at(0).error_code, ErrorCode::unknown_topic_id);
}

TEST(Metadata, an_id_may_not_be_asked_for_before_version_12) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders");
  MetadataRequest request = about("orders");
  request.topics->at(0).topic_id = cluster.call<MetadataResponse>(about("orders"), 12)->topics.at(0).topic_id;
  for (std::int16_t version = 10; version <= 11; ++version) {
    const auto answer = cluster.call<MetadataResponse>(request, version);
    EXPECT_EQ(answer->topics.at(0).error_code, ErrorCode::invalid_request);
    EXPECT_TRUE(answer->topics[0].partitions.empty());
  }
}

TEST(Metadata, a_topic_that_is_named_twice_is_described_once) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders");
  MetadataRequest request = about("orders");
  request.topics->push_back(request.topics->at(0));
  for (std::int16_t version = 0; version <= 12; ++version) {
    EXPECT_EQ(cluster.call<MetadataResponse>(request, version)->topics.size(), 1u) << version;
  }
}

struct Wish {
  std::string name = "orders";
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  std::vector<std::pair<std::string, std::optional<std::string>>> configs;
};

CreateTopicsRequest create_request(const Wish& wish) {
  CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = wish.name;
  topic.num_partitions = wish.partitions;
  topic.replication_factor = wish.replication;
  for (const auto& [key, value] : wish.configs) {
    auto& config = topic.configs.emplace_back();
    config.name = key;
    if (value) config.value = *value;
  }
  return request;
}

TEST(CreateTopics, every_version_creates) {
  Cluster cluster(5);
  cluster.start();
  for (std::int16_t version = 0; version <= 7; ++version) {
    const auto answer =
        cluster.call<CreateTopicsResponse>(create_request({"topic" + std::to_string(version), 2, 1, {}}), version);
    EXPECT_EQ(answer->topics.at(0).error_code, ErrorCode::none) << version;
    if (version >= 5) EXPECT_EQ(answer->topics.at(0).num_partitions, 2);
    if (version >= 7) EXPECT_FALSE(answer->topics.at(0).topic_id.is_zero());
  }
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->topics.size(), 8u);
}

TEST(CreateTopics, refuses_what_kafka_refuses) {
  Cluster cluster(6);
  cluster.start();
  cluster.create_topic("taken.name");
  const auto code = [&](const CreateTopicsRequest& request) {
    return cluster.call<CreateTopicsResponse>(request, 5)->topics.at(0).error_code;
  };
  EXPECT_EQ(code(create_request({"bad name", 1, 1, {}})), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(code(create_request({"taken.name", 1, 1, {}})), ErrorCode::topic_already_exists);
  EXPECT_TRUE(cluster.call<CreateTopicsResponse>(create_request({"bad name", 1, 1, {}}), 5)->topics.at(0).configs)
      << "none, rather than null";
  EXPECT_EQ(code(create_request({"taken_name", 1, 1, {}})), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(code(create_request({"orders", 0, 1, {}})), ErrorCode::invalid_partitions);
  EXPECT_EQ(code(create_request({"orders", 1, 2, {}})), ErrorCode::invalid_replication_factor);
  EXPECT_EQ(code(create_request({"orders", 1, 1, {{"no.such.key", "1"}}})), ErrorCode::invalid_config);
  EXPECT_EQ(code(create_request({"orders", 1, 1, {{"retention.ms", std::nullopt}}})), ErrorCode::invalid_config);
  CreateTopicsRequest assigned = create_request({"orders", 3, -1, {}});
  assigned.topics[0].assignments.emplace_back().broker_ids = {1};
  EXPECT_EQ(code(assigned), ErrorCode::invalid_request);
  CreateTopicsRequest twice = create_request({});
  twice.topics.push_back(twice.topics[0]);
  const auto answer = cluster.call<CreateTopicsResponse>(twice, 5);
  ASSERT_EQ(answer->topics.size(), 2u);
  EXPECT_EQ(answer->topics[0].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(answer->topics[1].error_message->str(), "Found multiple entries for this topic.");
  EXPECT_EQ(code(create_request({"__cluster_metadata", 1, 1, {}})), ErrorCode::invalid_request);
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->topics.size(), 1u);
}

TEST(CreateTopics, only_validates_when_asked_to) {
  Cluster cluster(7);
  cluster.start();
  CreateTopicsRequest request = create_request({});
  request.validate_only = true;
  EXPECT_EQ(cluster.call<CreateTopicsResponse>(request, 5)->topics.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->topics.size(), 0u);
}

TEST(CreateTopics, takes_a_manual_assignment) {
  Cluster cluster(8);
  cluster.start();
  CreateTopicsRequest request = create_request({"orders", -1, -1, {}});
  for (std::int32_t i = 0; i < 3; ++i) {
    auto& assignment = request.topics[0].assignments.emplace_back();
    assignment.partition_index = i;
    assignment.broker_ids = {1};
  }
  EXPECT_EQ(cluster.call<CreateTopicsResponse>(request, 5)->topics.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(cluster.call<MetadataResponse>(about("orders"), 9)->topics.at(0).partitions.size(), 3u);
}

TEST(DeleteTopics, every_version_deletes_and_the_name_is_free_again) {
  Cluster cluster(9);
  cluster.start();
  for (std::int16_t version = 0; version <= 6; ++version) {
    cluster.create_topic("orders");
    cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"old"})), 9);
    DeleteTopicsRequest request;
    request.timeout_ms = 10'000;
    if (version < 6) {
      request.topic_names.push_back("orders");
    } else {
      const Uuid id = cluster.call<MetadataResponse>(about("orders"), 12)->topics.at(0).topic_id;
      request.topics.emplace_back().topic_id = id;
    }
    EXPECT_EQ(cluster.call<DeleteTopicsResponse>(request, version)->responses.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(cluster.call<MetadataResponse>(MetadataRequest(), 9)->topics.size(), 0u);
  }
  cluster.create_topic("orders");
  const auto read = cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11);
  EXPECT_EQ(read->responses.at(0).partitions.at(0).high_watermark, 0);
}

TEST(DeleteTopics, tells_what_is_wrong) {
  Cluster cluster(10);
  cluster.start();
  DeleteTopicsRequest request;
  request.timeout_ms = 10'000;
  request.topic_names.push_back("nothing");
  EXPECT_EQ(cluster.call<DeleteTopicsResponse>(request, 5)->responses.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
  DeleteTopicsRequest by_id;
  by_id.timeout_ms = 10'000;
  by_id.topics.emplace_back().topic_id.bytes[0] = 1;
  EXPECT_EQ(cluster.call<DeleteTopicsResponse>(by_id, 6)->responses.at(0).error_code, ErrorCode::unknown_topic_id);
  cluster.stop();
  cluster.set("delete.topic.enable", "false");
  cluster.start();
  EXPECT_EQ(cluster.call<DeleteTopicsResponse>(request, 5)->responses.at(0).error_code,
            ErrorCode::topic_deletion_disabled);
}

TEST(ApiVersions, shows_the_table_that_dispatches) {
  Cluster cluster(11);
  cluster.start();
  ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1.0";
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto answer = cluster.call<ApiVersionsResponse>(request, version);
    EXPECT_EQ(answer->error_code, ErrorCode::none);
    ASSERT_EQ(answer->api_keys.size(), served_apis().size());
    for (const auto& range : answer->api_keys) {
      ASSERT_NE(find_api(range.api_key), nullptr);
      EXPECT_EQ(find_api(range.api_key)->max_version, range.max_version);
    }
  }
  request.client_software_name = "";
  EXPECT_EQ(cluster.call<ApiVersionsResponse>(request, 3)->error_code, ErrorCode::invalid_request);
}

TEST(InitProducerId, gives_each_producer_another_id_over_restarts_too) {
  Cluster cluster(12);
  cluster.start();
  std::set<std::int64_t> ids;
  for (std::int16_t version = 0; version <= 5; ++version) {
    const auto answer = cluster.call<InitProducerIdResponse>(InitProducerIdRequest(), version);
    EXPECT_EQ(answer->error_code, ErrorCode::none);
    EXPECT_EQ(answer->producer_epoch, 0);
    ids.insert(answer->producer_id);
  }
  cluster.kill();
  cluster.start();
  ids.insert(cluster.call<InitProducerIdResponse>(InitProducerIdRequest(), 0)->producer_id);
  EXPECT_EQ(ids.size(), 7u);
  InitProducerIdRequest transactional;
  transactional.transactional_id = "t";
  EXPECT_EQ(cluster.call<InitProducerIdResponse>(transactional, 4)->error_code,
            ErrorCode::transactional_id_authorization_failed);
}

TEST(DescribeCluster, names_the_broker_and_the_controller) {
  Cluster cluster(14);
  cluster.start();
  for (std::int16_t version = 0; version <= 1; ++version) {
    const auto answer = cluster.call<DescribeClusterResponse>(DescribeClusterRequest(), version);
    EXPECT_EQ(answer->error_code, ErrorCode::none);
    EXPECT_EQ(answer->cluster_id.size(), 22u);
    EXPECT_EQ(answer->controller_id, 1);
    ASSERT_EQ(answer->brokers.size(), 1u);
    EXPECT_EQ(answer->brokers[0].port, 9092);
  }
  DescribeClusterRequest controllers;
  controllers.endpoint_type = 2;
  EXPECT_EQ(cluster.call<DescribeClusterResponse>(controllers, 1)->error_code, ErrorCode::mismatched_endpoint_type);
}

TEST(DescribeConfigs, shows_values_and_where_they_come_from) {
  Cluster cluster(13);
  cluster.set("num.partitions", "5");
  cluster.start();
  cluster.create_topic("orders", 1, {{"retention.ms", "1234"}});
  for (std::int16_t version = 0; version <= 4; ++version) {
    DescribeConfigsRequest request;
    request.include_synonyms = version >= 1;
    request.include_documentation = version >= 3;
    auto& topic = request.resources.emplace_back();
    topic.resource_type = 2;
    topic.resource_name = "orders";
    topic.configuration_keys.emplace().push_back("retention.ms");
    auto& broker = request.resources.emplace_back();
    broker.resource_type = 4;
    broker.resource_name = "1";
    auto& other = request.resources.emplace_back();
    other.resource_type = 4;
    other.resource_name = "2";
    auto& missing = request.resources.emplace_back();
    missing.resource_type = 2;
    missing.resource_name = "nothing";
    const auto answer = cluster.call<DescribeConfigsResponse>(request, version);
    ASSERT_EQ(answer->results.size(), 4u);
    ASSERT_EQ(answer->results[0].configs.size(), 1u);
    EXPECT_EQ(answer->results[0].configs[0].value->str(), "1234");
    if (version >= 1) EXPECT_EQ(answer->results[0].configs[0].config_source, 1);
    bool found = false;
    for (const auto& entry : answer->results[1].configs) {
      if (entry.name.view() != "num.partitions") continue;
      found = true;
      EXPECT_EQ(entry.value->str(), "5");
      if (version >= 1) EXPECT_EQ(entry.config_source, 4);
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(answer->results[2].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(answer->results[3].error_code, ErrorCode::unknown_topic_or_partition);
  }
}

}  // namespace
}  // namespace barnabas::broker
