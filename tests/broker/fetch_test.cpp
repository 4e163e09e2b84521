// Fetch over the wire: sessions, sizes, waiting, and what old clients get.
#include "core/protocol/messages/21_delete_records.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;
using Strings = std::vector<std::string>;
using Part = FetchResponse::PartitionData;

const Part& only(const Answer<FetchResponse>& answer) { return answer->responses.at(0).partitions.at(0); }

// Asks for several partitions of "orders", from the start of each.
FetchRequest fetch_all(std::int32_t partitions) {
  FetchRequest request = fetch_request("orders", 0, 0);
  for (std::int32_t i = 1; i < partitions; ++i) {
    auto& partition = request.topics[0].partitions.emplace_back();
    partition.partition = i;
    partition.partition_max_bytes = 1 << 20;
  }
  return request;
}

FetchRequest in_session(std::int32_t id, std::int32_t epoch) {
  FetchRequest request;
  request.max_bytes = 50 << 20;
  request.min_bytes = 1;
  request.session_id = id;
  request.session_epoch = epoch;
  return request;
}

FetchRequest::FetchTopic& ask_for(FetchRequest& request, std::int32_t partition, std::int64_t offset) {
  auto& topic = request.topics.emplace_back();
  topic.topic = "orders";
  auto& asked = topic.partitions.emplace_back();
  asked.partition = partition;
  asked.fetch_offset = offset;
  asked.partition_max_bytes = 1 << 20;
  return topic;
}

std::vector<std::int32_t> partitions_in(const FetchResponse& response) {
  std::vector<std::int32_t> result;
  for (const auto& topic : response.responses) {
    for (const Part& part : topic.partitions) result.push_back(part.partition_index);
  }
  return result;
}

class Fetching : public ::testing::Test {
 protected:
  void start(std::int32_t partitions = 1, std::vector<std::pair<std::string, std::string>> configs = {}) {
    cluster.start();
    cluster.create_topic("orders", partitions, std::move(configs));
    client = cluster.connect();
  }
  void produce(std::int32_t partition, Strings values, std::size_t padding = 0) {
    for (std::string& value : values) value.resize(value.size() + padding, 'x');
    cluster.call<ProduceResponse>(produce_request("orders", partition, batch_of(std::move(values))), 9);
  }
  Answer<FetchResponse> fetch(FetchRequest request, std::int16_t version = 12) {
    return cluster.call<FetchResponse>(*client, std::move(request), version);
  }

  Cluster cluster{21};
  std::unique_ptr<RawClient> client;
};

TEST_F(Fetching, a_session_tells_only_news) {
  start(3);
  produce(1, {"a"});
  FetchRequest first = fetch_all(3);
  first.session_epoch = 0;
  const auto opened = fetch(first);
  const std::int32_t id = opened->session_id;
  ASSERT_NE(id, 0);
  EXPECT_EQ(partitions_in(opened.message), (std::vector<std::int32_t>{0, 1, 2}));

  FetchRequest moved = in_session(id, 1);
  ask_for(moved, 1, 1);
  const auto quiet = fetch(moved);
  EXPECT_EQ(quiet->session_id, id);
  EXPECT_TRUE(quiet->responses.empty());

  produce(2, {"b"});
  const auto news = fetch(in_session(id, 2));
  EXPECT_EQ(partitions_in(news.message), std::vector<std::int32_t>{2});
  EXPECT_EQ(values_in(only(news).records->view()), Strings{"b"});

  FetchRequest forget = in_session(id, 3);
  auto& forgotten = forget.forgotten_topics_data.emplace_back();
  forgotten.topic = "orders";
  forgotten.partitions = {2};
  EXPECT_TRUE(fetch(forget)->responses.empty());

  EXPECT_EQ(fetch(in_session(id, 3))->error_code, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(fetch(in_session(id + 1, 4))->error_code, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(fetch(in_session(id, 4), 13)->error_code, ErrorCode::fetch_session_topic_id_error);
  EXPECT_EQ(fetch(in_session(id, -1))->error_code, ErrorCode::none);
  EXPECT_EQ(fetch(in_session(id, 4))->error_code, ErrorCode::fetch_session_id_not_found);
}

TEST_F(Fetching, a_session_goes_on_where_max_bytes_ended_the_last_answer) {
  start(3);
  for (std::int32_t i = 0; i < 3; ++i) produce(i, {"a"}, 1000);
  FetchRequest first = fetch_all(3);
  first.session_epoch = 0;
  first.max_bytes = 100;
  const auto opened = fetch(first);
  std::vector<std::int32_t> fed;
  for (std::int32_t epoch = 1; epoch <= 6; ++epoch) {
    FetchRequest next = in_session(opened->session_id, epoch);
    next.max_bytes = 100;
    for (const auto& topic : fetch(next)->responses) {
      for (const Part& part : topic.partitions) {
        if (!part.records->empty()) fed.push_back(part.partition_index);
      }
    }
  }
  EXPECT_EQ(fed, (std::vector<std::int32_t>{0, 1, 2, 0, 1, 2}));
}

TEST_F(Fetching, without_slots_every_answer_is_full) {
  cluster.set("max.incremental.fetch.session.cache.slots", "0");
  start();
  FetchRequest request = fetch_all(1);
  request.session_epoch = 0;
  EXPECT_EQ(fetch(request)->session_id, 0);
}

TEST_F(Fetching, a_waiting_session_is_told_of_a_deleted_topic) {
  start();
  FetchRequest first = fetch_all(1);
  first.session_epoch = 0;
  const std::int32_t id = fetch(first)->session_id;
  FetchRequest waiting = in_session(id, 1);
  waiting.max_wait_ms = 60'000;
  cluster.run(client->send(RawClient::frame(waiting, 12, 7)));
  cluster.world().run_for(1s);
  DeleteTopicsRequest removal;
  removal.timeout_ms = 10'000;
  removal.topic_names.push_back("orders");
  cluster.call<DeleteTopicsResponse>(removal, 3);
  auto response = cluster.run(client->receive());
  ASSERT_TRUE(response.has_value());
  const auto answer = RawClient::decode<FetchResponse>(*response, 12, 7);
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(only(*answer).error_code, ErrorCode::none);
  EXPECT_EQ(only(fetch(in_session(id, 2))).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Fetching, min_bytes_are_waited_for_and_max_wait_ends_the_wait) {
  start();
  produce(0, {"a"}, 500);
  FetchRequest request = fetch_all(1);
  request.min_bytes = 1200;
  request.max_wait_ms = 2000;
  Instant before = cluster.world().now();
  EXPECT_EQ(values_in(only(fetch(request)).records->view()).size(), 1u);
  EXPECT_GE(cluster.world().now() - before, 2s);

  request.max_wait_ms = 60'000;
  cluster.run(client->send(RawClient::frame(request, 12, 9)));
  before = cluster.world().now();
  produce(0, {"b"}, 500);
  cluster.world().run_for(3s);
  produce(0, {"c"}, 500);
  auto response = cluster.run(client->receive());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(values_in(only(*RawClient::decode<FetchResponse>(*response, 12, 9)).records->view()).size(), 3u);
  EXPECT_LT(cluster.world().now() - before, 10s);
}

TEST_F(Fetching, an_error_in_one_partition_ends_the_wait_for_the_others) {
  start();
  FetchRequest request = fetch_all(2);
  request.max_wait_ms = 60'000;
  const Instant before = cluster.world().now();
  const auto answer = fetch(request);
  EXPECT_EQ(answer->responses.at(0).partitions.at(1).error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_LT(cluster.world().now() - before, 5s);
}

TEST_F(Fetching, deleting_the_records_asked_for_ends_the_wait) {
  start();
  produce(0, {"a", "b"});
  FetchRequest request = fetch_all(1);
  request.max_wait_ms = 60'000;
  request.min_bytes = 1 << 20;
  cluster.run(client->send(RawClient::frame(request, 12, 3)));
  cluster.world().run_for(1s);
  const Instant before = cluster.world().now();
  DeleteRecordsRequest removal;
  auto& topic = removal.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.emplace_back().offset = 2;
  const auto removed = cluster.call<DeleteRecordsResponse>(removal, 2);
  ASSERT_EQ(removed->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  auto response = cluster.run(client->receive());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(only(*RawClient::decode<FetchResponse>(*response, 12, 3)).error_code, ErrorCode::offset_out_of_range);
  EXPECT_LT(cluster.world().now() - before, 10s);
}

TEST_F(Fetching, only_the_first_batch_of_an_answer_may_be_larger_than_asked) {
  start(3);
  for (std::int32_t i = 0; i < 3; ++i) produce(i, {"a"}, 5000);
  FetchRequest request = fetch_all(3);
  for (auto& partition : request.topics[0].partitions) partition.partition_max_bytes = 100;
  const auto sizes = [&](std::int16_t version) {
    std::vector<std::size_t> result;
    const auto answer = fetch(request, version);
    for (const Part& part : answer->responses.at(0).partitions) result.push_back(part.records->size());
    return result;
  };
  const std::vector<std::size_t> soft = sizes(4);
  EXPECT_GT(soft.at(0), 5000u);
  EXPECT_EQ(soft.at(1), 0u);
  EXPECT_EQ(soft.at(2), 0u);
  EXPECT_EQ(sizes(2), (std::vector<std::size_t>{100, 100, 100}));
  const std::vector<std::size_t> converted = sizes(3);
  EXPECT_GT(converted.at(0), 5000u);
  EXPECT_EQ(converted.at(1), 0u);
}

TEST_F(Fetching, the_brokers_own_limit_holds_for_every_version) {
  cluster.set("fetch.max.bytes", "8000");
  start(3);
  for (std::int32_t i = 0; i < 3; ++i) produce(i, {"a"}, 5000);
  for (const std::int16_t version : {std::int16_t{2}, std::int16_t{3}, std::int16_t{11}}) {
    std::size_t all = 0;
    const auto answer = fetch(fetch_all(3), version);
    for (const Part& part : answer->responses.at(0).partitions) all += part.records->size();
    EXPECT_LE(all, 8000u) << version;
    EXPECT_GT(all, 5000u) << version;
  }
}

TEST_F(Fetching, much_is_converted_away_from_the_loop_and_in_bounds) {
  start();
  const std::string value(900'000, 'x');
  for (int i = 0; i < 7; ++i) produce(0, {value});
  FetchRequest request = fetch_all(1);
  request.topics[0].partitions[0].partition_max_bytes = 50 << 20;
  for (const std::int16_t version : {std::int16_t{1}, std::int16_t{3}}) {
    const auto answer = fetch(request, version);
    EXPECT_EQ(only(answer).error_code, ErrorCode::none);
    const auto converted = record::up_convert(only(answer).records->view(), {});
    ASSERT_TRUE(converted.has_value());
    EXPECT_EQ(values_in(converted->view()).size(), 4u) << "as many as fit into 4 MiB";
  }
}

TEST_F(Fetching, pipelined_requests_of_an_old_client_are_answered_in_order) {
  start();
  produce(0, {"a"}, 2000);
  std::vector<std::byte> bytes;
  for (std::int32_t i = 0; i < 12; ++i) {
    const auto frame = RawClient::frame(fetch_request("orders", 0, 0), 2, i);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  cluster.run(client->send(std::move(bytes)));
  for (std::int32_t i = 0; i < 12; ++i) {
    auto response = cluster.run(client->receive());
    ASSERT_TRUE(response.has_value());
    const auto answer = RawClient::decode<FetchResponse>(*response, 2, i);
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_GT(only(*answer).records->size(), 2000u);
  }
}

}  // namespace
}  // namespace barnabas::broker
