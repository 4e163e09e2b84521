// The smaller administrative requests: each in every version, and what it refuses.
#include "core/protocol/messages/17_sasl_handshake.hpp"
#include "core/protocol/messages/22_init_producer_id.hpp"
#include "core/protocol/messages/29_describe_acls.hpp"
#include "core/protocol/messages/30_create_acls.hpp"
#include "core/protocol/messages/31_delete_acls.hpp"
#include "core/protocol/messages/34_alter_replica_log_dirs.hpp"
#include "core/protocol/messages/35_describe_log_dirs.hpp"
#include "core/protocol/messages/36_sasl_authenticate.hpp"
#include "core/protocol/messages/43_elect_leaders.hpp"
#include "core/protocol/messages/45_alter_partition_reassignments.hpp"
#include "core/protocol/messages/46_list_partition_reassignments.hpp"
#include "core/protocol/messages/61_describe_producers.hpp"
#include "core/protocol/messages/75_describe_topic_partitions.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

TEST(Sasl, is_not_spoken_and_said_so) {
  Cluster cluster(1);
  cluster.start();
  for (std::int16_t version = 0; version <= 1; ++version) {
    const auto answer = cluster.call<SaslHandshakeResponse>(SaslHandshakeRequest(), version);
    EXPECT_EQ(answer->error_code, ErrorCode::illegal_sasl_state);
    EXPECT_TRUE(answer->mechanisms.empty());
  }
  for (std::int16_t version = 0; version <= 2; ++version) {
    const auto answer = cluster.call<SaslAuthenticateResponse>(SaslAuthenticateRequest(), version);
    EXPECT_EQ(answer->error_code, ErrorCode::illegal_sasl_state);
  }
}

TEST(Acls, need_an_authorizer) {
  Cluster cluster(2);
  cluster.start();
  for (std::int16_t version = 0; version <= 3; ++version) {
    DescribeAclsRequest describe;
    describe.resource_type_filter = 2;
    describe.operation = 1;
    describe.permission_type = 1;
    EXPECT_EQ(cluster.call<DescribeAclsResponse>(describe, version)->error_code, ErrorCode::security_disabled);
    CreateAclsRequest create;
    create.creations.emplace_back();
    EXPECT_EQ(cluster.call<CreateAclsResponse>(create, version)->results.at(0).error_code,
              ErrorCode::security_disabled);
    DeleteAclsRequest remove;
    remove.filters.emplace_back();
    EXPECT_EQ(cluster.call<DeleteAclsResponse>(remove, version)->filter_results.at(0).error_code,
              ErrorCode::security_disabled);
  }
}

TEST(DescribeLogDirs, shows_sizes_and_the_room_left) {
  Cluster cluster(3);
  cluster.start();
  cluster.create_topic("orders", 2);
  cluster.create_topic("other", 1);
  cluster.call<ProduceResponse>(produce_request("orders", 1, batch_of({"a"})), 9);
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto all = cluster.call<DescribeLogDirsResponse>(DescribeLogDirsRequest(), version);
    ASSERT_EQ(all->results.size(), 1u);
    EXPECT_EQ(all->results[0].error_code, ErrorCode::none);
    EXPECT_EQ(all->results[0].log_dir.str(), "/data");
    if (version >= 4) EXPECT_GT(all->results[0].usable_bytes, 0);
    ASSERT_EQ(all->results[0].topics.size(), 2u);
    ASSERT_EQ(all->results[0].topics[0].partitions.size(), 2u);
    EXPECT_EQ(all->results[0].topics[0].partitions[0].partition_size, 0);
    EXPECT_GT(all->results[0].topics[0].partitions[1].partition_size, 0);
    DescribeLogDirsRequest one;
    auto& topic = one.topics.emplace().emplace_back();
    topic.topic = "orders";
    topic.partitions = {1, 7};
    const auto some = cluster.call<DescribeLogDirsResponse>(one, version);
    ASSERT_EQ(some->results.at(0).topics.size(), 1u);
    ASSERT_EQ(some->results[0].topics[0].partitions.size(), 1u);
    EXPECT_EQ(some->results[0].topics[0].partitions[0].partition_index, 1);
  }
}

TEST(AlterReplicaLogDirs, takes_what_is_so_already_and_nothing_else) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders", 1);
  const auto code = [&](std::string directory, std::string topic) {
    AlterReplicaLogDirsRequest request;
    auto& into = request.dirs.emplace_back();
    into.path = directory;
    auto& row = into.topics.emplace_back();
    row.name = topic;
    row.partitions = {0};
    return cluster.call<AlterReplicaLogDirsResponse>(request, 2)->results.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(code("/data", "orders"), ErrorCode::none);
  EXPECT_EQ(code("/data", "nothing"), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(code("/elsewhere", "orders"), ErrorCode::log_dir_not_found);
}

TEST(ElectLeaders, finds_that_none_is_needed) {
  Cluster cluster(5);
  cluster.start();
  cluster.create_topic("orders", 1);
  for (std::int16_t version = 0; version <= 2; ++version) {
    ElectLeadersRequest some;
    auto& topic = some.topic_partitions.emplace().emplace_back();
    topic.topic = "orders";
    topic.partitions = {0, 9};
    const auto answer = cluster.call<ElectLeadersResponse>(some, version);
    const auto& results = answer->replica_election_results.at(0).partition_result;
    EXPECT_EQ(results.at(0).error_code, ErrorCode::election_not_needed);
    EXPECT_EQ(results.at(1).error_code, ErrorCode::unknown_topic_or_partition);
    const auto all = cluster.call<ElectLeadersResponse>(ElectLeadersRequest(), version);
    EXPECT_EQ(all->error_code, ErrorCode::none);
    EXPECT_TRUE(all->replica_election_results.empty());
  }
}

TEST(PartitionReassignments, are_judged_as_kafka_does_and_none_is_under_way) {
  Cluster cluster(6);
  cluster.start();
  cluster.create_topic("orders", 1);
  using Ids = std::vector<std::int32_t>;
  const auto code = [&](std::string topic, std::optional<Ids> replicas) {
    AlterPartitionReassignmentsRequest request;
    auto& row = request.topics.emplace_back();
    row.name = topic;
    row.partitions.emplace_back().replicas = std::move(replicas);
    const auto answer = cluster.call<AlterPartitionReassignmentsResponse>(request, 0);
    return answer->responses.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(code("orders", Ids{1}), ErrorCode::none);
  EXPECT_EQ(code("nothing", Ids{1}), ErrorCode::unknown_topic_or_partition);
  for (const Ids& bad : {Ids{}, Ids{7}, Ids{1, 1}, Ids{-1}}) {
    EXPECT_EQ(code("orders", bad), ErrorCode::invalid_replica_assignment);
  }
  EXPECT_EQ(code("orders", std::nullopt), ErrorCode::no_reassignment_in_progress);
  EXPECT_TRUE(cluster.call<ListPartitionReassignmentsResponse>(ListPartitionReassignmentsRequest(), 0)->topics.empty());
}

TEST(DescribeProducers, shows_who_has_produced) {
  Cluster cluster(7);
  cluster.start();
  cluster.create_topic("orders", 1);
  record::BatchOptions options;
  options.producer_id = ProducerId(cluster.call<InitProducerIdResponse>(InitProducerIdRequest(), 4)->producer_id);
  options.producer_epoch = ProducerEpoch(0);
  options.base_sequence = 0;
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b"}, options)), 9);
  DescribeProducersRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.partition_indexes = {0, 1};
  const auto answer = cluster.call<DescribeProducersResponse>(request, 0);
  const auto& partitions = answer->topics.at(0).partitions;
  ASSERT_EQ(partitions.at(0).active_producers.size(), 1u);
  EXPECT_EQ(partitions[0].active_producers[0].producer_id, options.producer_id.value());
  EXPECT_EQ(partitions[0].active_producers[0].last_sequence, 1);
  EXPECT_EQ(partitions[0].active_producers[0].current_txn_start_offset, -1);
  EXPECT_EQ(partitions.at(1).error_code, ErrorCode::unknown_topic_or_partition);
  topic.name = "bad name";
  const auto refused = cluster.call<DescribeProducersResponse>(request, 0);
  EXPECT_EQ(refused->topics.at(0).partitions.at(0).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_TRUE(refused->topics[0].partitions[0].error_message);
}

TEST(DescribeTopicPartitions, goes_on_where_the_cursor_says) {
  Cluster cluster(8);
  cluster.start();
  cluster.create_topic("b", 3);
  cluster.create_topic("a", 2);
  cluster.create_topic("c", 1);
  DescribeTopicPartitionsRequest request;
  request.response_partition_limit = 2;
  std::string seen;
  for (int pages = 0; pages < 10; ++pages) {
    const auto answer = cluster.call<DescribeTopicPartitionsResponse>(request, 0);
    for (const auto& topic : answer->topics) {
      EXPECT_EQ(topic.error_code, ErrorCode::none);
      for (const auto& partition : topic.partitions) {
        EXPECT_EQ(partition.leader_id, 1);
        EXPECT_TRUE(partition.eligible_leader_replicas && partition.last_known_elr) << "null is too much for Java";
        seen += topic.name->str() + std::to_string(partition.partition_index) + " ";
      }
    }
    seen += "| ";
    if (!answer->next_cursor) break;
    DescribeTopicPartitionsRequest::Cursor cursor;
    cursor.topic_name = answer->next_cursor->topic_name.to_owned();
    cursor.partition_index = answer->next_cursor->partition_index;
    request.cursor = std::move(cursor);
  }
  EXPECT_EQ(seen, "a0 a1 | b0 b1 | b2 c0 | ");
}

TEST(DescribeTopicPartitions, tells_what_is_wrong_with_a_topic) {
  Cluster cluster(9);
  cluster.set("max.request.partition.size.limit", "1");
  cluster.start();
  cluster.create_topic("orders", 2);
  DescribeTopicPartitionsRequest request;
  for (const char* name : {"bad name", "nothing", "orders"}) request.topics.emplace_back().name = name;
  const auto answer = cluster.call<DescribeTopicPartitionsResponse>(request, 0);
  ASSERT_EQ(answer->topics.size(), 3u);
  EXPECT_EQ(answer->topics[0].error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(answer->topics[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(answer->topics[2].partitions.size(), 1u) << "the broker's limit is under the client's";
  DescribeTopicPartitionsRequest::Cursor cursor;
  cursor.topic_name = "nothing";
  cursor.partition_index = -1;
  request.cursor = std::move(cursor);
  for (const auto& topic : cluster.call<DescribeTopicPartitionsResponse>(request, 0)->topics) {
    EXPECT_EQ(topic.error_code, ErrorCode::invalid_request);
  }
}

}  // namespace
}  // namespace barnabas::broker
