#include "core/controller/request_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/protocol/codec.hpp"

namespace barnabas::controller {
namespace {

std::vector<std::byte> bytes_of(std::string_view hex) {
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(nibble(hex[i]) * 16 + nibble(hex[i + 1])));
  }
  return bytes;
}

template <class M>
std::vector<std::byte> encoded(const M& message, std::int16_t version) {
  Writer out;
  protocol::encode(out, message, version);
  const ByteView view = out.view();
  return {view.begin(), view.end()};
}

// What a controller of Apache Kafka 3.9.1 told broker 0 of a new topic "t1", from the wire.
constexpr std::string_view kRecordedRoles =
    "00000000000000000100000000000002740002037431eeb87b5229ff45eab50db726ebb82bbf04000000020000000100"
    "000002000000000400000002000000000000000100000000040000000200000000000000010101010000000000010000"
    "000100000001000000000400000001000000020000000000000000040000000100000002000000000101010000000000"
    "000000000100000000000000000400000000000000010000000200000000040000000000000001000000020101010000"
    "0004000000000a3132372e302e302e3100005a3200000000010a3132372e302e302e3100005a3300000000020a313237"
    "2e302e302e3100005a340000";
constexpr std::int64_t kEpoch0 = 0x274;

ControllerState recorded_cluster() {
  ControllerState state;
  state.self = BrokerId(0);
  state.term = {BrokerId(0), 1, 1};
  for (std::int32_t id = 0; id < 3; ++id) {
    metadata::BrokerInfo broker;
    broker.id = BrokerId(id);
    broker.epoch = kEpoch0 + id;
    broker.endpoints = {{"PLAINTEXT", "PLAINTEXT", "127.0.0.1", static_cast<std::uint16_t>(23090 + id)}};
    state.brokers[broker.id] = broker;
  }
  TopicEntry topic;
  topic.name = "t1";
  const auto id = bytes_of("eeb87b5229ff45eab50db726ebb82bbf");
  for (std::size_t i = 0; i < id.size(); ++i) topic.id.bytes[i] = static_cast<std::uint8_t>(id[i]);
  for (std::int32_t i = 0; i < 3; ++i) {
    PartitionEntry& entry = topic.partitions.emplace_back();
    entry.record.emplace();
    entry.record->leader = BrokerId(i);
    for (std::int32_t j = 0; j < 3; ++j) {
      entry.replicas.emplace_back((i + j) % 3);
      entry.record->isr.push_back({entry.replicas.back(), 0});
    }
    entry.partition_epoch = 0;
    entry.controller_epoch = 1;
  }
  state.put_topic(std::move(topic));
  return state;
}

std::map<TopicPartition, bool> all_new() {
  std::map<TopicPartition, bool> which;
  for (std::int32_t i = 0; i < 3; ++i) which[{"t1", PartitionId(i)}] = true;
  return which;
}

TEST(RequestBuilder, roles_are_told_as_kafka_tells_them) {
  const auto bytes = bytes_of(kRecordedRoles);
  auto recorded = protocol::decode<protocol::LeaderAndIsrRequest>(bytes, 7);
  ASSERT_TRUE(recorded.has_value());
  const auto by_index = [](const auto& a, const auto& b) { return a.partition_index < b.partition_index; };
  std::ranges::sort(recorded->topic_states[0].partition_states, by_index);
  const ControllerState state = recorded_cluster();
  auto built = leader_and_isr(state, state.brokers.at(BrokerId(0)), all_new(), {});
  for (auto& partition : built.topic_states[0].partition_states) {
    EXPECT_EQ(partition.isr_broker_epochs.size(), 3U);
    partition.isr_broker_epochs.clear();  // Ours alone.
  }
  EXPECT_EQ(encoded(built, 7), encoded(*recorded, 7));
}

TEST(RequestBuilder, a_topic_that_is_deleted_is_stopped_as_kafka_stops_it) {
  ControllerState state = recorded_cluster();
  state.topic("t1")->deleting = true;
  std::map<TopicPartition, Stop> which;
  which[{"t1", PartitionId(0)}] = Stop{true, true};
  const auto built = stop_replica(state, state.brokers.at(BrokerId(1)), which);
  ASSERT_EQ(built.topic_states.size(), 1U);
  EXPECT_EQ(built.topic_states[0].partition_states[0].leader_epoch, kEpochDuringDelete);
  EXPECT_TRUE(built.topic_states[0].partition_states[0].delete_partition);
  const auto gone = update_metadata(state, state.brokers.at(BrokerId(1)), {Tombstone{"t1", Uuid{}, 3}});
  ASSERT_EQ(gone.topic_states[0].partition_states.size(), 3U);
  EXPECT_EQ(gone.topic_states[0].partition_states[2].leader, kLeaderDuringDelete);
}

TEST(RequestBuilder, a_broker_that_has_a_replica_again_is_not_told_to_remove_it) {
  const ControllerState state = recorded_cluster();
  std::map<TopicPartition, Stop> which;
  which[{"t1", PartitionId(0)}] = Stop{true, false};
  EXPECT_TRUE(stop_replica(state, state.brokers.at(BrokerId(1)), which).topic_states.empty());
  which[{"t1", PartitionId(0)}] = Stop{false, false};
  const auto stopped = stop_replica(state, state.brokers.at(BrokerId(1)), which);
  EXPECT_EQ(stopped.topic_states.at(0).partition_states.at(0).leader_epoch, 0);
}

TEST(RequestBuilder, a_leader_with_another_log_hears_nothing_of_its_old_epoch) {
  ControllerState state = recorded_cluster();
  state.brokers.at(BrokerId(1)).incarnation = 5;
  const auto built = leader_and_isr(state, state.brokers.at(BrokerId(0)), all_new(), {});
  ASSERT_EQ(built.topic_states[0].partition_states.size(), 2U);
  for (const auto& partition : built.topic_states[0].partition_states) EXPECT_NE(partition.leader, 1);
}

TEST(RequestBuilder, members_of_an_isr_are_told_with_the_life_they_were_let_in_under) {
  ControllerState state = recorded_cluster();
  state.brokers.erase(BrokerId(1));
  state.former_epochs[BrokerId(1)] = 77;
  state.brokers.at(BrokerId(2)).incarnation = 5;
  const auto built = leader_and_isr(state, state.brokers.at(BrokerId(0)), all_new(), {});
  EXPECT_EQ(built.topic_states.at(0).partition_states.at(0).isr_broker_epochs,
            (std::vector<std::int64_t>{kEpoch0, 77, -1}));
}

TEST(RequestBuilder, suspects_and_lost_logs_are_offline) {
  ControllerState state = recorded_cluster();
  state.suspects[BrokerId(2)] = kEpoch0 + 2;
  state.partition({"t1", PartitionId(0)})->offline_logs.insert(BrokerId(1));
  const auto built = update_metadata(state, state.brokers.at(BrokerId(0)), {{"t1", PartitionId(0)}}, false);
  EXPECT_EQ(built.live_brokers.size(), 2U);
  EXPECT_EQ(built.live_brokers[0].epoch, kEpoch0);
  EXPECT_EQ(built.topic_states.at(0).partition_states.at(0).offline_replicas, (std::vector<std::int32_t>{1, 2}));
  const auto full = update_metadata(state, state.brokers.at(BrokerId(0)), {}, true);
  EXPECT_EQ(full.type, 2);
  EXPECT_EQ(full.topic_states.at(0).partition_states.size(), 3U);
}

}  // namespace
}  // namespace barnabas::controller
