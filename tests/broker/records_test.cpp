// Produce, Fetch and ListOffsets over the wire.
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/22_init_producer_id.hpp"
#include "core/protocol/messages/23_offset_for_leader_epoch.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;
using Strings = std::vector<std::string>;

const ProduceResponse::PartitionProduceResponse& only(const Answer<ProduceResponse>& answer) {
  return answer->responses.at(0).partition_responses.at(0);
}
const FetchResponse::PartitionData& only(const Answer<FetchResponse>& answer) {
  return answer->responses.at(0).partitions.at(0);
}

TEST(Produce, every_version_appends_and_every_fetch_version_reads_it_back) {
  Cluster cluster(1);
  cluster.start();
  cluster.create_topic("orders");
  const auto client = cluster.connect();
  Strings written;
  for (std::int16_t version = 0; version <= 11; ++version) {
    const std::string value = "produced in version " + std::to_string(version);
    Buffer batch = batch_of({value});
    if (version < 3) batch = old_format(batch, version < 2 ? 0 : 1);
    const auto answer = cluster.call<ProduceResponse>(*client, produce_request("orders", 0, batch), version);
    EXPECT_EQ(only(answer).error_code, ErrorCode::none) << version;
    EXPECT_EQ(only(answer).base_offset, version);
    written.push_back(value);
  }
  Uuid topic_id;
  MetadataRequest about;
  about.topics.emplace().emplace_back().name = "orders";
  topic_id = cluster.call<MetadataResponse>(*client, about, 12)->topics.at(0).topic_id;
  for (std::int16_t version = 4; version <= 17; ++version) {
    FetchRequest request = fetch_request("orders", 0, 0);
    request.topics[0].topic_id = topic_id;
    const auto answer = cluster.call<FetchResponse>(*client, request, version);
    EXPECT_EQ(only(answer).error_code, ErrorCode::none) << version;
    EXPECT_EQ(only(answer).high_watermark, 12);
    EXPECT_EQ(values_in(only(answer).records->view()), written) << version;
  }
}

// A single such frame once took the broker down.
TEST(Produce, an_old_set_without_a_whole_batch_appends_nothing) {
  Cluster cluster(1);
  cluster.start();
  cluster.create_topic("orders");
  Buffer cut = old_format(batch_of({"a"}), 1);
  cut = cut.slice(0, cut.size() - 1);
  const Buffer sets[] = {Buffer(), Buffer::copy_of(as_bytes("hello")), cut};
  for (std::int16_t version = 0; version < 3; ++version) {
    for (const Buffer& set : sets) {
      const auto answer = cluster.call<ProduceResponse>(produce_request("orders", 0, set), version);
      EXPECT_EQ(only(answer).error_code, ErrorCode::none) << version;
      EXPECT_EQ(only(answer).base_offset, -1) << version;
    }
  }
  const auto next = cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"b"})), 9);
  EXPECT_EQ(only(next).base_offset, 0);
}

TEST(Fetch, old_versions_get_the_format_that_they_know) {
  Cluster cluster(2);
  cluster.start();
  cluster.create_topic("orders");
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b", "c"})), 9);
  for (std::int16_t version = 0; version <= 3; ++version) {
    const auto answer = cluster.call<FetchResponse>(fetch_request("orders", 0, 1), version);
    EXPECT_EQ(only(answer).error_code, ErrorCode::none);
    const ByteView records = only(answer).records->view();
    const std::int8_t magic = version < 2 ? 0 : 1;
    EXPECT_EQ(static_cast<std::int8_t>(records[record::kMagicPosition]), magic);
    const auto converted = record::up_convert(records, {});
    ASSERT_TRUE(converted.has_value());
    EXPECT_EQ(values_in(converted->view()), (Strings{"b", "c"}));
  }
}

TEST(Fetch, max_bytes_is_hard_before_version_3_and_gives_one_whole_batch_since) {
  Cluster cluster(3);
  cluster.start();
  cluster.create_topic("orders");
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({std::string(5000, 'x')})), 9);
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"second"})), 9);
  FetchRequest request = fetch_request("orders", 0, 0);
  request.topics[0].partitions[0].partition_max_bytes = 100;
  EXPECT_EQ(only(cluster.call<FetchResponse>(request, 2)).records->size(), 100u);
  EXPECT_EQ(values_in(only(cluster.call<FetchResponse>(request, 4)).records->view()).size(), 1u);
  request.topics[0].partitions[0].partition_max_bytes = 1 << 20;
  request.max_bytes = 100;
  EXPECT_EQ(values_in(only(cluster.call<FetchResponse>(request, 11)).records->view()).size(), 1u);
}

TEST(Fetch, waits_for_an_append_and_no_longer_than_asked) {
  Cluster cluster(4);
  cluster.start();
  cluster.create_topic("orders");
  const auto consumer = cluster.connect();
  const auto producer = cluster.connect();
  FetchRequest request = fetch_request("orders", 0, 0);
  request.max_wait_ms = 30'000;
  cluster.run(consumer->send(RawClient::frame(request, 11, 77)));
  cluster.world().run_for(1s);
  const Instant before = cluster.world().now();
  cluster.call<ProduceResponse>(*producer, produce_request("orders", 0, batch_of({"late"})), 9);
  auto response = cluster.run(consumer->receive());
  ASSERT_TRUE(response.has_value());
  const auto answer = RawClient::decode<FetchResponse>(*response, 11, 77);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(values_in(only(*answer).records->view()), Strings{"late"});
  EXPECT_LT(cluster.world().now() - before, 5s);

  request = fetch_request("orders", 0, 1);
  request.max_wait_ms = 500;
  const Instant start = cluster.world().now();
  const auto empty = cluster.call<FetchResponse>(*consumer, request, 11);
  EXPECT_EQ(only(empty).records->size(), 0u);
  EXPECT_GE(cluster.world().now() - start, 500ms);
  EXPECT_LT(cluster.world().now() - start, 5s);
}

TEST(Fetch, a_waiting_fetch_is_answered_when_its_topic_goes) {
  Cluster cluster(5);
  cluster.start();
  cluster.create_topic("orders");
  const auto consumer = cluster.connect();
  FetchRequest request = fetch_request("orders", 0, 0);
  request.max_wait_ms = 60'000;
  cluster.run(consumer->send(RawClient::frame(request, 11, 5)));
  cluster.world().run_for(1s);
  DeleteTopicsRequest removal;
  removal.timeout_ms = 10'000;
  removal.topic_names.push_back("orders");
  const Instant before = cluster.world().now();
  EXPECT_EQ(cluster.call<DeleteTopicsResponse>(removal, 3)->responses.at(0).error_code, ErrorCode::none);
  auto response = cluster.run(consumer->receive());
  ASSERT_TRUE(response.has_value());
  EXPECT_NE(only(*RawClient::decode<FetchResponse>(*response, 11, 5)).error_code, ErrorCode::none);
  EXPECT_LT(cluster.world().now() - before, 10s);
}

TEST(Fetch, tells_what_is_wrong_with_a_partition) {
  Cluster cluster(6);
  cluster.start();
  cluster.create_topic("orders");
  const auto code = [&](const FetchRequest& request, std::int16_t version) {
    return only(cluster.call<FetchResponse>(request, version)).error_code;
  };
  EXPECT_EQ(code(fetch_request("orders", 0, 5), 11), ErrorCode::offset_out_of_range);
  EXPECT_EQ(code(fetch_request("orders", 9, 0), 11), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(code(fetch_request("nothing", 0, 0), 11), ErrorCode::unknown_topic_or_partition);
  FetchRequest by_id = fetch_request("orders", 0, 0);
  by_id.topics[0].topic_id.bytes[3] = 9;
  EXPECT_EQ(code(by_id, 13), ErrorCode::unknown_topic_id);
  FetchRequest newer = fetch_request("orders", 0, 0);
  newer.topics[0].partitions[0].current_leader_epoch = 7;
  EXPECT_EQ(code(newer, 11), ErrorCode::unknown_leader_epoch);
  FetchRequest session = fetch_request("orders", 0, 0);
  session.session_id = 4;
  session.session_epoch = 2;
  EXPECT_EQ(cluster.call<FetchResponse>(session, 11)->error_code, ErrorCode::fetch_session_id_not_found);
}

TEST(Produce, tells_what_is_wrong_with_a_record_set) {
  Cluster cluster(7);
  cluster.start();
  cluster.create_topic("orders", 1, {{"max.message.bytes", "1000"}});
  cluster.create_topic("compacted", 1, {{"cleanup.policy", "compact"}});
  const auto code = [&](ProduceRequest request, std::int16_t version) {
    return only(cluster.call<ProduceResponse>(std::move(request), version)).error_code;
  };
  EXPECT_EQ(code(produce_request("nothing", 0, batch_of({"a"})), 9), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(code(produce_request("orders", 0, batch_of({std::string(2000, 'x')})), 9), ErrorCode::message_too_large);
  EXPECT_EQ(code(produce_request("orders", 0, batch_of({"a"}), 2), 9), ErrorCode::invalid_required_acks);
  Buffer damaged = batch_of({"a"});
  damaged.mutable_view()[66] ^= std::byte{1};
  EXPECT_EQ(code(produce_request("orders", 0, damaged), 9), ErrorCode::corrupt_message);
  EXPECT_EQ(code(produce_request("orders", 0, Buffer()), 9), ErrorCode::invalid_record);
  ProduceRequest transactional = produce_request("orders", 0, batch_of({"a"}));
  transactional.transactional_id = "t";
  EXPECT_EQ(code(transactional, 9), ErrorCode::transactional_id_authorization_failed);
  // A client has better words for a bare code than its name.
  EXPECT_FALSE(only(cluster.call<ProduceResponse>(produce_request("nothing", 0, batch_of({"a"})), 9)).error_message);
  Buffer moved = batch_of({"a"});
  moved.mutable_view()[7] = std::byte{5};  // Its base offset.
  const auto refused = cluster.call<ProduceResponse>(produce_request("orders", 0, moved), 9);
  EXPECT_EQ(only(refused).error_code, ErrorCode::invalid_record);
  EXPECT_TRUE(only(refused).error_message);
  EXPECT_EQ(only(refused).log_start_offset, 0) << "as Kafka tells it";
  EXPECT_EQ(cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11)->responses[0].partitions[0].high_watermark,
            0);
}

TEST(Produce, pipelined_batches_of_an_idempotent_producer_keep_their_order_and_duplicates_their_offsets) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster(seed);
    if (seed % 2 == 0) cluster.set("log.flush.interval.messages", "1");
    cluster.start();
    cluster.create_topic("orders");
    const auto id = cluster.call<InitProducerIdResponse>(InitProducerIdRequest(), 4);
    ASSERT_EQ(id->error_code, ErrorCode::none);
    const auto client = cluster.connect();
    // 0 1 2 3 4, then 2 again: as a client does that lost an answer.
    const int sequences[] = {0, 1, 2, 3, 4, 2};
    std::vector<std::byte> bytes;
    for (int i = 0; i < 6; ++i) {
      record::BatchOptions options;
      options.producer_id = ProducerId(id->producer_id);
      options.producer_epoch = ProducerEpoch(0);
      options.base_sequence = sequences[i];
      const Buffer batch = batch_of({"value " + std::to_string(sequences[i])}, options);
      const auto frame = RawClient::frame(produce_request("orders", 0, batch), 9, 100 + i);
      bytes.insert(bytes.end(), frame.begin(), frame.end());
    }
    cluster.run(client->send(std::move(bytes)));
    for (int i = 0; i < 6; ++i) {
      auto response = cluster.run(client->receive());
      ASSERT_TRUE(response.has_value());
      const auto answer = RawClient::decode<ProduceResponse>(*response, 9, 100 + i);
      ASSERT_TRUE(answer.has_value()) << "responses leave in the order of the requests";
      EXPECT_EQ(only(*answer).error_code, ErrorCode::none) << seed;
      EXPECT_EQ(only(*answer).base_offset, sequences[i]) << seed;
    }
    EXPECT_EQ(only(cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11)).high_watermark, 5);
  }
}

TEST(Produce, of_a_partition_that_is_named_twice_the_last_set_counts_and_is_answered_once) {
  Cluster cluster(12);
  cluster.start();
  cluster.create_topic("orders", 2);
  for (const std::int16_t acks : {std::int16_t{-1}, std::int16_t{1}}) {
    const auto before = only(cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11)).high_watermark;
    ProduceRequest request = produce_request("orders", 0, batch_of({"first"}), acks);
    const auto add = [&](auto& topic, std::int32_t partition, std::string value) {
      auto& data = topic.partition_data.emplace_back();
      data.index = partition;
      data.records = Records(batch_of({std::move(value)}));
    };
    add(request.topic_data.at(0), 0, "second");
    add(request.topic_data.at(0), 1, "other");
    auto& again = request.topic_data.emplace_back();
    again.name = "orders";
    add(again, 0, "third");
    const auto answer = cluster.call<ProduceResponse>(request, 9);
    ASSERT_EQ(answer->responses.size(), 2u);
    ASSERT_EQ(answer->responses[0].partition_responses.size(), 1u);
    EXPECT_EQ(answer->responses[0].partition_responses[0].index, 1);
    ASSERT_EQ(answer->responses[1].partition_responses.size(), 1u);
    EXPECT_EQ(answer->responses[1].partition_responses[0].index, 0);
    EXPECT_EQ(answer->responses[1].partition_responses[0].base_offset, before);
    EXPECT_EQ(only(cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11)).high_watermark, before + 1);
  }
}

TEST(Produce, without_acks_nothing_is_answered_and_a_failure_closes_the_connection) {
  Cluster cluster(9);
  cluster.start();
  cluster.create_topic("orders");
  const auto client = cluster.connect();
  cluster.run(client->send(RawClient::frame(produce_request("orders", 0, batch_of({"quiet"}), 0), 9, 1)));
  // The next answer is the metadata's.
  EXPECT_EQ(cluster.call<MetadataResponse>(*client, MetadataRequest(), 9)->topics.size(), 1u);
  EXPECT_EQ(only(cluster.call<FetchResponse>(fetch_request("orders", 0, 0), 11)).high_watermark, 1);
  cluster.run(client->send(RawClient::frame(produce_request("nothing", 0, batch_of({"lost"}), 0), 9, 2)));
  EXPECT_FALSE(cluster.run(client->receive()).has_value());
}

TEST(Produce, log_append_time_is_told_and_kept) {
  Cluster cluster(10);
  cluster.start();
  cluster.create_topic("stamped", 1, {{"message.timestamp.type", "LogAppendTime"}});
  const auto answer = cluster.call<ProduceResponse>(produce_request("stamped", 0, batch_of({"a"})), 9);
  EXPECT_GT(only(answer).log_append_time_ms, 1'000'000'000'000);
  const auto read = cluster.call<FetchResponse>(fetch_request("stamped", 0, 0), 11);
  const auto header = record::parse_batch_header(only(read).records->view());
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->max_timestamp, Timestamp(only(answer).log_append_time_ms));
}

ListOffsetsRequest list_request(std::int64_t timestamp) {
  ListOffsetsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  auto& partition = topic.partitions.emplace_back();
  partition.timestamp = timestamp;
  partition.max_num_offsets = 10;
  return request;
}

TEST(ListOffsets, finds_ends_timestamps_and_the_largest_timestamp) {
  Cluster cluster(11);
  cluster.start();
  cluster.create_topic("orders");
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b", "c"})), 9);
  const auto find = [&](std::int64_t timestamp, std::int16_t version) {
    return cluster.call<ListOffsetsResponse>(list_request(timestamp), version)->topics.at(0).partitions.at(0);
  };
  for (std::int16_t version = 1; version <= 9; ++version) {
    EXPECT_EQ(find(-1, version).offset, 3) << version;
    EXPECT_EQ(find(-2, version).offset, 0) << version;
    EXPECT_EQ(find(1'000'001, version).offset, 1) << version;
    EXPECT_EQ(find(1'000'001, version).timestamp, 1'000'001) << version;
    EXPECT_EQ(find(9'000'000, version).offset, -1) << version;
  }
  EXPECT_EQ(find(-3, 7).offset, 2);
  EXPECT_EQ(find(-3, 6).error_code, ErrorCode::unsupported_version);
  EXPECT_EQ(find(-1, 0).old_style_offsets, (std::vector<std::int64_t>{3, 0}));
  EXPECT_EQ(find(-2, 0).old_style_offsets, (std::vector<std::int64_t>{0}));
}

TEST(ListOffsets, a_partition_that_is_named_twice_is_refused_both_times) {
  Cluster cluster(11);
  cluster.start();
  cluster.create_topic("orders", 2);
  ListOffsetsRequest request = list_request(-1);
  auto& partitions = request.topics.at(0).partitions;
  partitions.push_back(partitions.at(0));
  partitions.push_back(partitions.at(0));
  partitions.at(1).partition_index = 1;
  const auto answer = cluster.call<ListOffsetsResponse>(request, 5);
  ASSERT_EQ(answer->topics.at(0).partitions.size(), 3u);
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(answer->topics[0].partitions[1].error_code, ErrorCode::none);
  EXPECT_EQ(answer->topics[0].partitions[2].error_code, ErrorCode::invalid_request);
}

TEST(OffsetForLeaderEpoch, tells_where_the_present_epoch_ends) {
  Cluster cluster(12);
  cluster.start();
  cluster.create_topic("orders");
  cluster.call<ProduceResponse>(produce_request("orders", 0, batch_of({"a", "b"})), 9);
  OffsetForLeaderEpochRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic = "orders";
  auto& partition = topic.partitions.emplace_back();
  for (std::int16_t version = 0; version <= 4; ++version) {
    partition.current_leader_epoch = 0;
    partition.leader_epoch = 0;
    auto answer = cluster.call<OffsetForLeaderEpochResponse>(request, version);
    EXPECT_EQ(answer->topics.at(0).partitions.at(0).end_offset, 2);
    partition.leader_epoch = 7;
    answer = cluster.call<OffsetForLeaderEpochResponse>(request, version);
    EXPECT_EQ(answer->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(answer->topics.at(0).partitions.at(0).end_offset, -1) << "an epoch that is yet to come";
    if (version < 2) continue;
    partition.current_leader_epoch = 5;
    answer = cluster.call<OffsetForLeaderEpochResponse>(request, version);
    EXPECT_EQ(answer->topics.at(0).partitions.at(0).error_code, ErrorCode::unknown_leader_epoch);
  }
}

}  // namespace
}  // namespace barnabas::broker
