// CreatePartitions, DeleteRecords, and changes that the disk does not go along with.
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/21_delete_records.hpp"
#include "core/protocol/messages/37_create_partitions.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;

constexpr std::int64_t kEarliest = -2;

CreatePartitionsRequest growth(std::string topic, std::int32_t count) {
  CreatePartitionsRequest request;
  request.timeout_ms = 10'000;
  auto& wish = request.topics.emplace_back();
  wish.name = topic;
  wish.count = count;
  return request;
}

CreatePartitionsRequest manual_growth(std::string topic, std::int32_t count,
                                      std::vector<std::vector<std::int32_t>> assignments) {
  CreatePartitionsRequest request = growth(std::move(topic), count);
  auto& into = request.topics[0].assignments.emplace();
  for (auto& brokers : assignments) into.emplace_back().broker_ids = std::move(brokers);
  return request;
}

DeleteRecordsRequest deletion(std::string topic, std::int32_t partition, std::int64_t offset) {
  DeleteRecordsRequest request;
  auto& row = request.topics.emplace_back();
  row.name = topic;
  auto& asked = row.partitions.emplace_back();
  asked.partition_index = partition;
  asked.offset = offset;
  return request;
}

CreateTopicsRequest creation(std::string name, std::int32_t partitions) {
  CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  return request;
}

DeleteTopicsRequest removal(std::string name) {
  DeleteTopicsRequest request;
  request.timeout_ms = 10'000;
  request.topic_names.emplace_back(name);
  return request;
}

std::size_t partition_count(Cluster& cluster, std::string topic) {
  MetadataRequest request;
  request.topics.emplace().emplace_back().name = topic;
  request.allow_auto_topic_creation = false;
  return cluster.call<MetadataResponse>(request, 12)->topics.at(0).partitions.size();
}

std::int64_t earliest(Cluster& cluster, std::string topic, std::int32_t partition) {
  ListOffsetsRequest request;
  request.replica_id = -1;
  auto& row = request.topics.emplace_back();
  row.name = topic;
  auto& asked = row.partitions.emplace_back();
  asked.partition_index = partition;
  asked.timestamp = kEarliest;
  return cluster.call<ListOffsetsResponse>(request, 5)->topics.at(0).partitions.at(0).offset;
}

ErrorCode code_of(Cluster& cluster, const CreatePartitionsRequest& request, std::int16_t version = 3) {
  return cluster.call<CreatePartitionsResponse>(request, version)->results.at(0).error_code;
}

ErrorCode create_code(Cluster& cluster, std::string name, std::int32_t partitions) {
  return cluster.call<CreateTopicsResponse>(creation(std::move(name), partitions), 5)->topics.at(0).error_code;
}

TEST(CreatePartitions, every_version_grows_the_topic_and_a_restart_keeps_it) {
  Cluster cluster(1);
  cluster.start();
  cluster.create_topic("orders", 1);
  for (std::int16_t version = 0; version <= 3; ++version) {
    EXPECT_EQ(code_of(cluster, growth("orders", 2 + version), version), ErrorCode::none);
  }
  EXPECT_EQ(partition_count(cluster, "orders"), 5u);
  cluster.call<ProduceResponse>(produce_request("orders", 4, batch_of({"kept"})), 9);
  cluster.power_cut();
  cluster.start();
  EXPECT_EQ(partition_count(cluster, "orders"), 5u);
  EXPECT_EQ(code_of(cluster, manual_growth("orders", 7, {{1}, {1}})), ErrorCode::none);
  EXPECT_EQ(partition_count(cluster, "orders"), 7u);
}

TEST(CreatePartitions, only_validates_when_asked_to) {
  Cluster cluster(2);
  cluster.start();
  cluster.create_topic("orders", 1);
  CreatePartitionsRequest request = growth("orders", 3);
  request.validate_only = true;
  EXPECT_EQ(code_of(cluster, request), ErrorCode::none);
  EXPECT_EQ(partition_count(cluster, "orders"), 1u);
}

TEST(CreatePartitions, refuses_what_kafka_refuses_in_its_words) {
  Cluster cluster(3);
  cluster.start();
  cluster.create_topic("orders", 2);
  const auto refusal = [&](const CreatePartitionsRequest& request) {
    const auto answer = cluster.call<CreatePartitionsResponse>(request, 3);
    const auto& result = answer->results.at(0);
    return std::pair(result.error_code, result.error_message ? result.error_message->str() : "");
  };
  using Expected = std::pair<ErrorCode, std::string>;
  EXPECT_EQ(refusal(growth("orders", 2)), Expected(ErrorCode::invalid_partitions, "Topic already has 2 partitions."));
  EXPECT_EQ(refusal(growth("orders", 1)),
            Expected(ErrorCode::invalid_partitions,
                     "Topic currently has 2 partitions, which is higher than the requested 1."));
  EXPECT_EQ(refusal(growth("orders", 20000)).first, ErrorCode::invalid_partitions);
  EXPECT_EQ(refusal(growth("nothing", 3)),
            Expected(ErrorCode::unknown_topic_or_partition, "The topic 'nothing' does not exist."));
  const auto assignment = ErrorCode::invalid_replica_assignment;
  EXPECT_EQ(refusal(manual_growth("orders", 4, {{1}})),
            Expected(assignment, "Increasing the number of partitions by 2 but 1 assignments provided."));
  EXPECT_EQ(refusal(manual_growth("orders", 3, {{9}})),
            Expected(assignment, "Unknown broker(s) in replica assignment: 9."));
  EXPECT_EQ(refusal(manual_growth("orders", 3, {{1, 1}})),
            Expected(assignment, "Duplicate brokers not allowed in replica assignment: 1, 1 for partition id 2."));
  EXPECT_EQ(refusal(manual_growth("orders", 3, {{}})),
            Expected(assignment, "Cannot have replication factor of 0 for partition id 2."));
  CreatePartitionsRequest twice = growth("orders", 3);
  twice.topics.push_back(twice.topics[0]);
  EXPECT_EQ(refusal(twice), Expected(ErrorCode::invalid_request, "Duplicate topic in request."));
  EXPECT_EQ(partition_count(cluster, "orders"), 2u);
}

TEST(DeleteRecords, moves_the_log_start_and_a_killed_broker_remembers_it) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders", 1, {{"flush.messages", "1"}});
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b", "c", "d"})), 9);
  const auto mark = [&](std::int64_t offset, std::int16_t version) {
    const auto answer = cluster.call<DeleteRecordsResponse>(deletion("orders", 0, offset), version);
    const auto& result = answer->topics.at(0).partitions.at(0);
    EXPECT_EQ(result.error_code, ErrorCode::none);
    return result.low_watermark;
  };
  EXPECT_EQ(mark(1, 0), 1);
  EXPECT_EQ(mark(2, 1), 2);
  EXPECT_EQ(mark(1, 2), 2) << "it never moves back";
  EXPECT_EQ(earliest(cluster, "orders", 0), 2);
  cluster.power_cut();
  cluster.start();
  EXPECT_EQ(earliest(cluster, "orders", 0), 2);
  EXPECT_EQ(mark(-1, 2), 4) << "-1 is the high watermark";
  const auto read = cluster.call<FetchResponse>(fetch_request("orders", 0, 1), 11);
  EXPECT_EQ(read->responses.at(0).partitions.at(0).error_code, ErrorCode::offset_out_of_range);
}

TEST(DeleteRecords, refuses_what_kafka_refuses) {
  Cluster cluster(5);
  cluster.start();
  cluster.create_topic("orders", 1);
  cluster.create_topic("state", 1, {{"cleanup.policy", "compact"}});
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a"})), 9);
  const auto code = [&](std::string topic, std::int32_t partition, std::int64_t offset) {
    const auto answer = cluster.call<DeleteRecordsResponse>(deletion(std::move(topic), partition, offset), 2);
    EXPECT_EQ(answer->topics.at(0).partitions.at(0).low_watermark, -1);
    return answer->topics.at(0).partitions.at(0).error_code;
  };
  EXPECT_EQ(code("orders", 0, 2), ErrorCode::offset_out_of_range);
  EXPECT_EQ(code("orders", 0, -2), ErrorCode::offset_out_of_range);
  EXPECT_EQ(code("orders", 1, 0), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(code("nothing", 0, 0), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(code("state", 0, -1), ErrorCode::policy_violation);
  EXPECT_EQ(code("__consumer_offsets", 0, 0), ErrorCode::invalid_topic_exception);
}

// A file where a partition's directory would be made: the znodes are written, the logs cannot follow.
class Blocked {
 public:
  Blocked(Cluster& cluster, std::string path) : cluster_(cluster), path_(std::move(path)) {
    EXPECT_TRUE(cluster_.broker().disk().files().create(path_).has_value());
  }
  void unblock() { EXPECT_TRUE(cluster_.broker().disk().files().remove(path_).has_value()); }

 private:
  Cluster& cluster_;
  std::string path_;
};

ErrorCode produce_code(Cluster& cluster, std::string topic, std::int32_t partition) {
  const auto answer =
      cluster.call<ProduceResponse>(produce_request(std::move(topic), partition, batch_of({"a"})), 9);
  return answer->responses.at(0).partition_responses.at(0).error_code;
}

TEST(CreateTopics, a_partition_whose_log_cannot_be_made_is_offline_until_the_next_start) {
  Cluster cluster(6);
  cluster.start();
  Blocked blocked(cluster, "/data/orders-1");
  EXPECT_EQ(create_code(cluster, "orders", 3), ErrorCode::none);
  cluster.world().run_for(1s);
  EXPECT_EQ(partition_count(cluster, "orders"), 3u);
  EXPECT_EQ(produce_code(cluster, "orders", 0), ErrorCode::none);
  EXPECT_NE(produce_code(cluster, "orders", 1), ErrorCode::none);
  EXPECT_EQ(create_code(cluster, "orders", 3), ErrorCode::topic_already_exists);
  blocked.unblock();
  cluster.kill();
  cluster.start();
  EXPECT_EQ(produce_code(cluster, "orders", 1), ErrorCode::none);
}

TEST(DeleteTopics, a_topic_with_a_partition_that_has_no_log_can_be_deleted) {
  Cluster cluster(8);
  cluster.start();
  Blocked blocked(cluster, "/data/orders-1");
  EXPECT_EQ(create_code(cluster, "orders", 3), ErrorCode::none);
  blocked.unblock();
  EXPECT_EQ(cluster.call<DeleteTopicsResponse>(removal("orders"), 5)->responses.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(create_code(cluster, "orders", 1), ErrorCode::none);
  EXPECT_EQ(partition_count(cluster, "orders"), 1u);
}

TEST(CreatePartitions, a_new_partition_whose_log_cannot_be_made_is_offline_until_the_next_start) {
  Cluster cluster(9);
  cluster.start();
  cluster.create_topic("orders", 1);
  Blocked blocked(cluster, "/data/orders-2");
  EXPECT_EQ(code_of(cluster, growth("orders", 4)), ErrorCode::none);
  cluster.world().run_for(1s);
  EXPECT_EQ(partition_count(cluster, "orders"), 4u);
  EXPECT_EQ(produce_code(cluster, "orders", 3), ErrorCode::none);
  EXPECT_NE(produce_code(cluster, "orders", 2), ErrorCode::none);
  blocked.unblock();
  cluster.kill();
  cluster.start();
  EXPECT_EQ(partition_count(cluster, "orders"), 4u);
  EXPECT_EQ(produce_code(cluster, "orders", 2), ErrorCode::none);
}

}  // namespace
}  // namespace barnabas::broker
