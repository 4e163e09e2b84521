// A partition as follower, without a network: batches are carried over by hand.
#include <gtest/gtest.h>

#include "tests/replication/cluster.hpp"

namespace barnabas::replication {
namespace {

constexpr Offset kFar{1'000'000};

class Follow : public ::testing::Test {
 protected:
  Follow() : world(5), broker(world, world.add_node("a"), 2) {}
  ~Follow() override {
    partition.reset();
    broker.close();
  }

  void begin(std::int32_t epoch = 1) {
    broker.open();
    partition = broker.create();
    follow(epoch);
  }
  void follow(std::int32_t epoch, std::int32_t leader = 1) {
    const LeaderEpoch in(epoch);
    ASSERT_TRUE(broker.run(partition->follow(BrokerId(leader), in, 1)).has_value());
  }
  static Buffer batch(std::int64_t base, int count, std::int32_t epoch, Producer producer = {},
                      std::int32_t sequence = record::kNoSequence) {
    auto records = batch_of(count, producer, sequence);
    record::assign_offsets(records.batch.mutable_view(), Offset(base), LeaderEpoch(epoch));
    return records.batch;
  }
  static Buffer join(std::vector<Buffer> parts) {
    std::vector<std::byte> all;
    for (const Buffer& part : parts) all.insert(all.end(), part.view().begin(), part.view().end());
    return Buffer::copy_of(all);
  }
  Result<void> append(std::int32_t epoch, Buffer batches, Offset high_watermark = Offset(0), Offset start = Offset(0)) {
    return broker.run(partition->append_as_follower(LeaderEpoch(epoch), std::move(batches), high_watermark, start));
  }
  std::vector<log::EpochStart> epochs() const {
    const auto entries = partition->log().leader_epochs().entries();
    return {entries.begin(), entries.end()};
  }

  sim::World world;
  Broker broker;
  std::shared_ptr<Partition> partition;
};

TEST_F(Follow, takes_bytes_and_leader_epochs_and_bounds_over) {
  begin(4);
  ASSERT_TRUE(append(4, join({batch(0, 3, 1), batch(3, 2, 3)}), Offset(4)).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(5));
  EXPECT_EQ(partition->high_watermark(), Offset(4));
  EXPECT_EQ(epochs(), (std::vector<log::EpochStart>{{LeaderEpoch(1), Offset(0)}, {LeaderEpoch(3), Offset(3)}}));
  EXPECT_EQ(partition->last_fetched_epoch(), LeaderEpoch(3));
  // Never above its own end, and never back in this epoch.
  ASSERT_TRUE(append(4, {}, kFar).has_value());
  EXPECT_EQ(partition->high_watermark(), Offset(5));
  ASSERT_TRUE(append(4, {}, Offset(2), Offset(3)).has_value());
  EXPECT_EQ(partition->high_watermark(), Offset(5));
  EXPECT_EQ(partition->log_start_offset(), Offset(3));
}

TEST_F(Follow, appends_only_in_the_epoch_in_which_it_follows) {
  begin(4);
  const auto late = append(3, batch(0, 1, 3));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, Errc::fenced_leader_epoch);
  EXPECT_EQ(partition->log_end_offset(), Offset(0));
  const LeaderLimits limits;
  ASSERT_TRUE(broker.run(partition->lead(leadership_of(5, 2, {2}, {{BrokerId(2), 1}}), 1, limits)).has_value());
  EXPECT_EQ(append(4, batch(0, 1, 4)).error().code, Errc::fenced_leader_epoch);
  EXPECT_EQ(broker.run(partition->follow(BrokerId(1), LeaderEpoch(4), 1)).error().code, Errc::fenced_leader_epoch);
  EXPECT_TRUE(partition->leads());
}

TEST_F(Follow, a_damaged_batch_is_not_appended_and_neither_is_one_of_a_newer_leader) {
  begin(4);
  Buffer damaged = batch(0, 3, 4);
  damaged.mutable_view()[damaged.size() - 1] ^= std::byte{1};
  EXPECT_EQ(append(4, damaged).error().code, Errc::corrupt);
  // Of a log that was cut and written again between the leader's answer and its sending.
  ASSERT_TRUE(append(4, join({batch(0, 1, 4), batch(1, 1, 5)})).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(1));
  EXPECT_EQ(append(4, batch(1, 1, 3)).error().code, Errc::corrupt);
}

TEST_F(Follow, what_is_cut_off_at_the_end_or_here_already_is_passed_over) {
  begin();
  ASSERT_TRUE(append(1, batch(0, 2, 1)).has_value());
  const Buffer whole = join({batch(0, 2, 1), batch(2, 2, 1), batch(4, 2, 1)});
  ASSERT_TRUE(append(1, whole.slice(0, whole.size() - 7)).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(4));
}

TEST_F(Follow, an_answer_larger_than_a_segment_is_divided) {
  broker.config.segment_bytes = 400;
  begin();
  std::vector<Buffer> batches;
  for (int i = 0; i < 12; ++i) batches.push_back(batch(i, 1, 1));
  ASSERT_TRUE(append(1, join(std::move(batches))).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(12));
  EXPECT_GT(partition->log().segment_count(), 2u);
}

// KAFKA-6003: the leader has judged, its follower may know less.
TEST_F(Follow, sequences_are_noted_and_not_judged) {
  begin();
  const Producer producer{ProducerId(9), ProducerEpoch(1)};
  ASSERT_TRUE(append(1, batch(0, 2, 1, producer, 40)).has_value());
  ASSERT_TRUE(append(1, batch(2, 2, 1, producer, 60)).has_value());
  const log::ProducerEntry* entry = partition->log().producers().find(ProducerId(9));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->last_sequence(), 61);
}

TEST_F(Follow, is_cut_where_both_logs_still_agree) {
  begin(1);
  ASSERT_TRUE(append(1, join({batch(0, 2, 0), batch(2, 4, 1)}), Offset(2)).has_value());
  follow(3);
  // The leader never had epoch 1; its epoch 0 went on to 4.
  ASSERT_TRUE(
      broker.run(partition->truncate_as_follower(LeaderEpoch(3), {LeaderEpoch(0), Offset(4)})).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(2));
  EXPECT_EQ(partition->last_fetched_epoch(), LeaderEpoch(0));
  EXPECT_EQ(epochs(), (std::vector<log::EpochStart>{{LeaderEpoch(0), Offset(0)}}));
}

// KAFKA-10706: else leader and follower would send each other in circles.
TEST_F(Follow, an_epoch_without_records_is_forgotten_by_a_cut_at_the_end) {
  begin(0);
  ASSERT_TRUE(append(0, batch(0, 2, 0)).has_value());
  const LeaderLimits limits;
  ASSERT_TRUE(broker.run(partition->lead(leadership_of(1, 2, {2}, {{BrokerId(2), 1}}), 1, limits)).has_value());
  EXPECT_EQ(epochs().size(), 2u);
  follow(2);
  EXPECT_EQ(partition->last_fetched_epoch(), LeaderEpoch(0));
  ASSERT_TRUE(
      broker.run(partition->truncate_as_follower(LeaderEpoch(2), {LeaderEpoch(0), Offset(2)})).has_value());
  EXPECT_EQ(epochs().size(), 1u);
}

TEST_F(Follow, a_log_outside_of_the_leaders_is_cut_or_begun_anew) {
  begin();
  ASSERT_TRUE(append(1, join({batch(0, 6, 1), batch(6, 4, 1)}), Offset(4)).has_value());
  ASSERT_TRUE(broker.run(partition->reset_as_follower(LeaderEpoch(1), Offset(0), Offset(6))).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(6));
  EXPECT_EQ(partition->log_start_offset(), Offset(0));
  ASSERT_TRUE(broker.run(partition->reset_as_follower(LeaderEpoch(1), Offset(50), Offset(60))).has_value());
  EXPECT_EQ(partition->log_start_offset(), Offset(50));
  EXPECT_EQ(partition->log_end_offset(), Offset(50));
  EXPECT_EQ(partition->high_watermark(), Offset(50));
  EXPECT_EQ(partition->last_fetched_epoch(), kNoLeaderEpoch);
  // The leader's log begins within a batch.
  ASSERT_TRUE(append(1, batch(45, 10, 1), Offset(55), Offset(50)).has_value());
  EXPECT_EQ(partition->log_end_offset(), Offset(55));
  EXPECT_EQ(partition->log_start_offset(), Offset(50));
  broker.node.kill();
  partition.reset();
  broker.close();
  broker.node.restart();
  broker.open();
  partition = broker.create();
  EXPECT_EQ(partition->log_end_offset(), Offset(55));
}

TEST_F(Follow, a_cut_is_not_undone_by_checkpoints_of_before) {
  broker.config.segment_bytes = 400;
  begin();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(append(1, batch(i, 1, 1), Offset(i + 1)).has_value());
  ASSERT_TRUE(broker.run(partition->log().flush()).has_value());
  ASSERT_TRUE(broker.run(broker.table->checkpoint()).has_value());
  follow(2);
  ASSERT_TRUE(
      broker.run(partition->truncate_as_follower(LeaderEpoch(2), {LeaderEpoch(1), Offset(10)})).has_value());
  ASSERT_TRUE(broker.run(broker.table->checkpoint()).has_value());
  for (int i = 10; i < 40; ++i) ASSERT_TRUE(append(2, batch(i, 1, 2)).has_value());
  broker.node.kill();
  partition.reset();
  broker.close();
  broker.node.restart();
  broker.open();
  partition = broker.create();
  EXPECT_EQ(partition->high_watermark(), Offset(10));
  EXPECT_LE(partition->log().recovery_point(), Offset(10));
  EXPECT_EQ(partition->log_end_offset(), Offset(40));
}

// ----- What a leader answers its followers -----

struct Leading : Follow {
  void SetUp() override {
    broker.open();
    partition = broker.create();
    const LeaderLimits limits{30s, 1};
    lead(3, limits);
  }
  void lead(std::int32_t epoch, LeaderLimits limits) {
    auto leadership = leadership_of(epoch, epoch, {2, 3}, {{BrokerId(2), 1}, {BrokerId(3), 8}});
    ASSERT_TRUE(broker.run(partition->lead(std::move(leadership), 1, limits)).has_value());
    partition->broker_registered(BrokerId(3), 8);
  }
  void produce(int count) {
    auto append = partition->append_as_leader(batch_of(count), Acks::leader);
    ASSERT_TRUE(broker.run(std::move(append)).has_value());
  }
  static ReadRequest request(std::int64_t from, std::int32_t current = 3, std::int32_t last = -1) {
    ReadRequest read;
    read.from = Offset(from);
    read.max_bytes = 1 << 20;
    read.isolation = Isolation::log_end;
    read.current_epoch = LeaderEpoch(current);
    read.last_fetched_epoch = LeaderEpoch(last);
    return read;
  }
  Result<ReadResult> read(ReadRequest wanted) { return broker.run(partition->read(wanted)); }
};

TEST_F(Leading, the_high_watermark_is_where_all_in_sync_are) {
  produce(4);
  EXPECT_EQ(partition->high_watermark(), Offset(0));
  EXPECT_TRUE(partition->follower_fetched(BrokerId(3), 8, request(3)));
  EXPECT_EQ(partition->high_watermark(), Offset(3));
  EXPECT_TRUE(partition->follower_fetched(BrokerId(3), 8, request(4, 3, 3)));
  EXPECT_EQ(partition->high_watermark(), Offset(4));
}

TEST_F(Leading, a_fetch_that_is_fenced_or_diverges_or_lies_outside_is_no_progress) {
  produce(4);
  EXPECT_TRUE(partition->follower_fetched(BrokerId(3), 8, request(4, 2)));
  EXPECT_TRUE(partition->follower_fetched(BrokerId(3), 8, request(4, 3, 2)));
  EXPECT_TRUE(partition->follower_fetched(BrokerId(3), 8, request(5)));
  EXPECT_EQ(partition->high_watermark(), Offset(0));
  EXPECT_FALSE(partition->follower_fetched(BrokerId(9), 8, request(4)));
  EXPECT_FALSE(partition->follower_fetched(BrokerId(3), 7, request(4)));
  EXPECT_EQ(partition->high_watermark(), Offset(0));
}

TEST_F(Leading, readers_of_another_epoch_are_told_so_and_those_that_diverge_where) {
  produce(4);
  EXPECT_EQ(read(request(0, 2)).error().code, Errc::fenced_leader_epoch);
  EXPECT_EQ(read(request(0, 4)).error().code, Errc::unknown_leader_epoch);
  EXPECT_EQ(read(request(5)).error().code, Errc::offset_out_of_range);
  const auto diverging = read(request(2, 3, 5));
  ASSERT_TRUE(diverging.has_value());
  ASSERT_TRUE(diverging->diverging.has_value());
  EXPECT_EQ(*diverging->diverging, (log::EpochEnd{LeaderEpoch(3), Offset(4)}));
  const auto agreeing = read(request(2, 3, 3));
  ASSERT_TRUE(agreeing.has_value());
  EXPECT_FALSE(agreeing->diverging.has_value());
  EXPECT_GT(agreeing->slice.size, 0u);
}

TEST_F(Leading, a_consumer_reads_from_a_follower_only_where_it_asks_for_that) {
  produce(4);
  partition->follower_fetched(BrokerId(3), 8, request(2));
  follow(4);
  auto wanted = request(0, 4);
  wanted.isolation = Isolation::read_uncommitted;
  EXPECT_EQ(read(wanted).error().code, Errc::not_leader);
  wanted.from_follower = true;
  const auto given = read(wanted);
  ASSERT_TRUE(given.has_value());
  EXPECT_EQ(given->high_watermark, Offset(2));
}

TEST_F(Leading, the_visible_end_is_not_known_until_the_epoch_began_to_be_committed) {
  produce(4);
  const LeaderLimits limits{30s, 1};
  lead(4, limits);
  EXPECT_FALSE(partition->knows_visible_end());
  partition->follower_fetched(BrokerId(3), 8, request(4, 4));
  EXPECT_TRUE(partition->knows_visible_end());
}

TEST_F(Leading, replicas_are_woken_by_the_log_end_and_consumers_by_the_high_watermark) {
  Event by_end(broker.node.env().executor);
  Event by_watermark(broker.node.env().executor);
  Watcher end(by_end);
  Watcher watermark(by_watermark);
  partition->watch_log_end(end);
  partition->watch(watermark);
  produce(1);
  EXPECT_TRUE(by_end.is_set());
  EXPECT_FALSE(by_watermark.is_set());
  partition->follower_fetched(BrokerId(3), 8, request(1));
  EXPECT_TRUE(by_watermark.is_set());
}

TEST_F(Leading, raising_min_insync_replicas_holds_for_the_next_append) {
  const LeaderLimits limits{30s, 1};
  auto alone = leadership_of(4, 4, {2, 3}, {{BrokerId(2), 1}});
  ASSERT_TRUE(broker.run(partition->lead(std::move(alone), 1, limits)).has_value());
  auto before = partition->append_as_leader(batch_of(1), Acks::all);
  EXPECT_TRUE(broker.run(std::move(before)).has_value());
  partition->set_limits({30s, 2});
  auto after = partition->append_as_leader(batch_of(1), Acks::all);
  const auto refused = broker.run(std::move(after));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::not_enough_replicas);
}

}  // namespace
}  // namespace barnabas::replication
