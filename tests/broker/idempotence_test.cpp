// What an idempotent producer is answered, and ListOffsets of version 0 over several segments.
#include "core/protocol/messages/02_list_offsets.hpp"
#include "core/protocol/messages/22_init_producer_id.hpp"
#include "tests/broker/support.hpp"

namespace barnabas::broker {
namespace {

using namespace protocol;
using PartitionAnswer = ProduceResponse::PartitionProduceResponse;

class Idempotence : public ::testing::Test {
 protected:
  void start(std::vector<std::pair<std::string, std::string>> configs = {}) {
    cluster.start();
    cluster.create_topic("orders", 1, std::move(configs));
    client = cluster.connect();
  }
  PartitionAnswer send(std::int16_t epoch, std::int32_t sequence, std::int64_t producer = 7) {
    record::BatchOptions options;
    options.producer_id = ProducerId(producer);
    options.producer_epoch = ProducerEpoch(epoch);
    options.base_sequence = sequence;
    const Buffer batch = batch_of({"value"}, options);
    const auto answer = cluster.call<ProduceResponse>(*client, produce_request("orders", 0, batch), 9);
    return answer->responses.at(0).partition_responses.at(0);
  }

  Cluster cluster{51};
  std::unique_ptr<RawClient> client;
};

TEST_F(Idempotence, the_last_five_batches_are_recognised_and_older_ones_are_out_of_order) {
  start();
  for (std::int32_t i = 0; i < 8; ++i) EXPECT_EQ(send(0, i).base_offset, i);
  for (std::int32_t i = 3; i < 8; ++i) {
    const PartitionAnswer again = send(0, i);
    EXPECT_EQ(again.error_code, ErrorCode::none) << i;
    EXPECT_EQ(again.base_offset, i);
  }
  EXPECT_EQ(send(0, 2).error_code, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send(0, 8).base_offset, 8) << "duplicates appended nothing";
}

TEST_F(Idempotence, gaps_and_epochs_are_judged_as_kafka_does) {
  start();
  EXPECT_EQ(send(3, 0).error_code, ErrorCode::none);
  EXPECT_EQ(send(3, 2).error_code, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send(2, 1).error_code, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(send(4, 1).error_code, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(send(4, 0).error_code, ErrorCode::none);
  EXPECT_EQ(send(3, 1).error_code, ErrorCode::invalid_producer_epoch);
  // Nothing is known of this one: its state may have expired, and it must be able to go on.
  EXPECT_EQ(send(0, 17, 8).error_code, ErrorCode::none);
}

TEST_F(Idempotence, a_duplicate_is_told_the_time_of_the_first_append) {
  start({{"message.timestamp.type", "LogAppendTime"}});
  const PartitionAnswer first = send(0, 0);
  cluster.world().run_for(30s);
  const PartitionAnswer again = send(0, 0);
  EXPECT_GT(first.log_append_time_ms, 0);
  EXPECT_EQ(again.log_append_time_ms, first.log_append_time_ms);
  EXPECT_EQ(again.base_offset, first.base_offset);
}

TEST_F(Idempotence, duplicates_are_recognised_after_a_kill) {
  start();
  for (std::int32_t i = 0; i < 3; ++i) send(0, i);
  cluster.kill();
  cluster.start();
  client = cluster.connect();
  EXPECT_EQ(send(0, 2).base_offset, 2);
  EXPECT_EQ(send(0, 3).base_offset, 3);
}

TEST_F(Idempotence, version_0_of_list_offsets_lists_segments) {
  start({{"segment.bytes", "1024"}});
  for (int i = 0; i < 4; ++i) {
    record::BatchBuilder builder({});
    builder.append(Timestamp(1000 * (i + 1)), as_bytes("k"), as_bytes(std::string(700, 'x')));
    cluster.call<ProduceResponse>(*client, produce_request("orders", 0, builder.build()), 9);
  }
  const auto list = [&](std::int64_t timestamp, std::int32_t most) {
    ListOffsetsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    auto& partition = topic.partitions.emplace_back();
    partition.timestamp = timestamp;
    partition.max_num_offsets = most;
    const auto answer = cluster.call<ListOffsetsResponse>(*client, request, 0);
    return answer->topics.at(0).partitions.at(0).old_style_offsets;
  };
  using Offsets = std::vector<std::int64_t>;
  EXPECT_EQ(list(-1, 10), (Offsets{4, 3, 2, 1, 0}));
  EXPECT_EQ(list(-1, 2), (Offsets{4, 3}));
  EXPECT_EQ(list(-2, 10), (Offsets{0}));
  EXPECT_EQ(list(2500, 10), (Offsets{1, 0}));
  EXPECT_EQ(list(10, 10), Offsets{});
}

}  // namespace
}  // namespace barnabas::broker
