#include "core/client/consumer.hpp"

#include <gtest/gtest.h>

#include "core/client/fetched_batches.hpp"
#include "core/record/batch_builder.hpp"
#include "tests/client/fixture.hpp"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using What = Step::What;

const TopicPartition kOrders{"orders", PartitionId(0)};
const TopicPartition kPayments{"payments", PartitionId(0)};

Buffer make_batch(std::int64_t base, std::vector<std::string> values, record::BatchOptions options = {}) {
  options.base_offset = Offset(base);
  record::BatchBuilder builder(options);
  for (const std::string& value : values) {
    const record::Header header{"h", as_bytes("x")};
    builder.append(Timestamp(1000), as_bytes("k"), as_bytes(value), std::span(&header, 1));
  }
  return builder.build();
}

void put(FakeBroker& broker, const TopicPartition& partition, std::vector<std::string> values,
         record::BatchOptions options = {}) {
  auto& log = broker.logs[partition];
  log.batches.push_back(make_batch(log.end, values, options));
  log.end += static_cast<std::int64_t>(values.size());
}

std::vector<std::string> values_of(const Polled& polled) {
  std::vector<std::string> values;
  for (const ConsumedRecord& record : polled.records) values.push_back(*record.value);
  return values;
}

using Values = std::vector<std::string>;

TEST(Consumer, reads_every_record_from_its_position_on) {
  ClientWorld w;
  put(w.broker, kOrders, {"a", "b", "c"});
  put(w.broker, kOrders, {"d"}, {.codec = record::Codec::zstd});
  put(w.broker, kPayments, {"p"});
  Consumer consumer(w.cluster, {});
  consumer.assign(kOrders, Offset(1));  // Inside a batch.
  consumer.assign(kPayments, Offset(0));
  const Polled polled = w.run(consumer.poll());
  EXPECT_TRUE(polled.problems.empty());
  EXPECT_EQ(values_of(polled), (Values{"b", "c", "d", "p"}));
  EXPECT_EQ(polled.records[0].offset, Offset(1));
  EXPECT_EQ(polled.records[0].key, "k");
  EXPECT_EQ(polled.records[0].headers[0].first, "h");
  EXPECT_EQ(polled.records[0].timestamp, Timestamp(1000));
  EXPECT_EQ(polled.states.at(kOrders).high_watermark, Offset(4));
  EXPECT_EQ(consumer.position(kOrders), Offset(4));
}

TEST(Consumer, names_and_ids_of_topics_both_work) {
  for (const int number : {4, 11, 12, 13, 17}) {
    const auto version = static_cast<std::int16_t>(number);
    ClientWorld w;
    w.broker.max_versions[ApiKey::fetch] = version;
    put(w.broker, kPayments, {"p"});
    Consumer consumer(w.cluster, {});
    consumer.assign(kPayments, Offset(0));
    EXPECT_EQ(values_of(w.run(consumer.poll())), Values{"p"}) << version;
  }
}

TEST(Consumer, waits_for_news_and_returns_empty_when_there_are_none) {
  ClientWorld w;
  Consumer consumer(w.cluster, {});
  consumer.assign(kOrders, Offset(0));
  const Polled polled = w.run(consumer.poll());
  EXPECT_TRUE(polled.records.empty());
  EXPECT_TRUE(polled.problems.empty());
  EXPECT_GE(w.world.elapsed(), std::chrono::milliseconds(500));
}

TEST(Consumer, errors_leave_the_position_and_are_reported_as_they_came) {
  ClientWorld w;
  put(w.broker, kOrders, {"a"});
  w.broker.script[ApiKey::fetch] = {{What::answer, ErrorCode::not_leader_or_follower}, {What::drop, {}}};
  Consumer consumer(w.cluster, {});
  consumer.assign(kOrders, Offset(0));
  const Polled first = w.run(consumer.poll());
  ASSERT_EQ(first.problems.size(), 1u);
  EXPECT_EQ(first.problems[0].error, ErrorCode::not_leader_or_follower);
  const Polled second = w.run(consumer.poll());
  ASSERT_EQ(second.problems.size(), 1u);
  EXPECT_TRUE(second.problems[0].problem.has_value());
  EXPECT_EQ(consumer.position(kOrders), Offset(0));
  EXPECT_EQ(values_of(w.run(consumer.poll())), Values{"a"});
}

TEST(Consumer, an_offset_out_of_range_is_for_the_caller_to_mend) {
  ClientWorld w;
  put(w.broker, kOrders, {"a"});
  Consumer consumer(w.cluster, {});
  consumer.assign(kOrders, Offset(50));
  EXPECT_EQ(w.run(consumer.poll()).problems.at(0).error, ErrorCode::offset_out_of_range);
  consumer.assign(kOrders, w.run(consumer.offset_for(kOrders, kEarliest)).value());
  EXPECT_EQ(values_of(w.run(consumer.poll())), Values{"a"});
  EXPECT_EQ(w.run(consumer.offset_for(kOrders, kLatest)).value(), Offset(1));
}

TEST(Consumer, a_topic_that_does_not_exist_is_a_problem_of_that_partition_alone) {
  ClientWorld w;
  put(w.broker, kOrders, {"a"});
  Consumer consumer(w.cluster, {});
  consumer.assign(kOrders, Offset(0));
  consumer.assign({"nothing", PartitionId(0)}, Offset(0));
  const Polled polled = w.run(consumer.poll());
  EXPECT_EQ(values_of(polled), Values{"a"});
  ASSERT_EQ(polled.problems.size(), 1u);
  EXPECT_EQ(polled.problems[0].partition.topic, "nothing");
}

protocol::FetchResponse::PartitionData fetched(const std::vector<Buffer>& batches) {
  Writer bytes;
  for (const Buffer& batch : batches) bytes.bytes(batch.view());
  protocol::FetchResponse::PartitionData data;
  data.records = bytes.to_buffer();
  return data;
}

Values values_of(const FetchedBatches& read) {
  Values values;
  for (const ConsumedRecord& record : read.records) values.push_back(*record.value);
  return values;
}

TEST(FetchedBatches, a_batch_cut_at_the_end_is_left_for_the_next_fetch) {
  auto data = fetched({make_batch(0, {"a"}), make_batch(1, {"b", "c"})});
  const Buffer whole = data.records->to_buffer();
  data.records = whole.slice(0, whole.size() - 1);
  const auto read = read_fetched(kOrders, Offset(0), data, {});
  EXPECT_EQ(values_of(read), Values{"a"});
  EXPECT_EQ(read.next_offset, Offset(1));
  EXPECT_FALSE(read.problem.has_value());
}

TEST(FetchedBatches, a_wrong_crc_stops_before_the_batch) {
  auto data = fetched({make_batch(0, {"a"}), make_batch(1, {"b"})});
  Buffer bytes = data.records->to_buffer();
  bytes.mutable_view()[bytes.size() - 3] ^= std::byte{1};
  data.records = bytes;
  const auto read = read_fetched(kOrders, Offset(0), data, {});
  EXPECT_EQ(values_of(read), Values{"a"});
  EXPECT_EQ(read.next_offset, Offset(1));
  ASSERT_TRUE(read.problem.has_value());
  EXPECT_EQ(read.problem->code, Errc::corrupt);
}

Buffer marker(std::int64_t base, std::int64_t producer, bool commit) {
  record::BatchOptions options;
  options.base_offset = Offset(base);
  options.producer_id = ProducerId(producer);
  options.producer_epoch = ProducerEpoch(0);
  options.transactional = options.control = true;
  record::BatchBuilder builder(options);
  const std::byte key[] = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{commit}};
  const std::byte value[6] = {};
  builder.append(Timestamp(1), ByteView(key), ByteView(value));
  return builder.build();
}

TEST(FetchedBatches, read_committed_passes_over_aborted_transactions_alone) {
  record::BatchOptions of_5;
  of_5.producer_id = ProducerId(5);
  of_5.producer_epoch = ProducerEpoch(0);
  of_5.base_sequence = 0;
  of_5.transactional = true;
  record::BatchOptions of_6 = of_5;
  of_6.producer_id = ProducerId(6);
  auto data = fetched({make_batch(0, {"aborted"}, of_5), make_batch(1, {"other"}, of_6), make_batch(2, {"plain"}),
                       marker(3, 5, false), make_batch(4, {"committed"}, of_5), marker(5, 5, true)});
  data.aborted_transactions.emplace().push_back({.producer_id = 5, .first_offset = 0, .unknown_tags = {}});
  ConsumerOptions options;
  EXPECT_EQ(values_of(read_fetched(kOrders, Offset(0), data, options)),
            (Values{"aborted", "other", "plain", "committed"}));
  options.isolation = IsolationLevel::read_committed;
  const auto read = read_fetched(kOrders, Offset(0), data, options);
  EXPECT_EQ(values_of(read), (Values{"other", "plain", "committed"}));
  EXPECT_EQ(read.next_offset, Offset(6));  // Beyond the marker.
}

}  // namespace
}  // namespace barnabas::client
