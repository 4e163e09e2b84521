#include "core/replication/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/replication/host.hpp"

namespace barnabas::replication {
namespace {

using Tasks = std::vector<Task<Result<Appended>>>;

Task<std::vector<Result<Appended>>> finish_all(Tasks tasks) {
  std::vector<Result<Appended>> results;
  // The last first: the order of waiting must not matter.
  for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) results.push_back(co_await std::move(*task));
  std::reverse(results.begin(), results.end());
  co_return results;
}

TEST(Partition, appends_take_effect_in_the_order_of_the_calls) {
  Host host(1);
  host.open();
  Tasks tasks;
  for (int i = 1; i <= 20; ++i) tasks.push_back(host.partition->append_as_leader(batch_of(i), Acks::all));
  const auto results = host.run(finish_all(std::move(tasks)));
  std::int64_t expected = 0;
  for (int i = 1; i <= 20; ++i) {
    const auto& result = results[static_cast<std::size_t>(i - 1)];
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->base_offset, Offset(expected));
    expected += i;
  }
  EXPECT_EQ(host.partition->high_watermark(), Offset(expected));
  EXPECT_EQ(host.partition->log_end_offset(), Offset(expected));
}

TEST(Partition, a_duplicate_succeeds_with_the_offsets_of_the_first_time_even_while_that_is_in_flight) {
  Host host(2);
  host.config.flush_messages = 1;
  host.open();
  const Producer producer{ProducerId(9), ProducerEpoch(0)};
  Tasks tasks;
  tasks.push_back(host.partition->append_as_leader(batch_of(3, producer, 0), Acks::all));
  tasks.push_back(host.partition->append_as_leader(batch_of(2, producer, 3), Acks::all));
  tasks.push_back(host.partition->append_as_leader(batch_of(3, producer, 0), Acks::all));
  const auto results = host.run(finish_all(std::move(tasks)));
  ASSERT_TRUE(results[0] && results[1] && results[2]);
  EXPECT_FALSE(results[0]->duplicate);
  EXPECT_TRUE(results[2]->duplicate);
  EXPECT_EQ(results[2]->base_offset, results[0]->base_offset);
  EXPECT_EQ(results[2]->last_offset, Offset(2));
  EXPECT_EQ(host.partition->log_end_offset(), Offset(5));
}

TEST(Partition, a_gap_in_the_sequences_is_refused_and_does_not_stop_what_follows) {
  Host host(3);
  host.open();
  const Producer producer{ProducerId(9), ProducerEpoch(0)};
  Tasks tasks;
  tasks.push_back(host.partition->append_as_leader(batch_of(1, producer, 0), Acks::all));
  tasks.push_back(host.partition->append_as_leader(batch_of(1, producer, 2), Acks::all));
  tasks.push_back(host.partition->append_as_leader(batch_of(1, producer, 1), Acks::all));
  const auto results = host.run(finish_all(std::move(tasks)));
  EXPECT_TRUE(results[0].has_value());
  ASSERT_FALSE(results[1].has_value());
  EXPECT_EQ(results[1].error().code, Errc::out_of_order_sequence);
  ASSERT_TRUE(results[2].has_value());
  EXPECT_EQ(results[2]->base_offset, Offset(1));
}

TEST(Partition, an_append_whose_waiter_is_destroyed_is_appended_all_the_same) {
  Host host(4);
  host.open();
  {
    const auto forgotten = host.partition->append_as_leader(batch_of(4), Acks::all);
  }
  Tasks tasks;
  tasks.push_back(host.partition->append_as_leader(batch_of(1), Acks::all));
  const auto results = host.run(finish_all(std::move(tasks)));
  ASSERT_TRUE(results[0].has_value());
  EXPECT_EQ(results[0]->base_offset, Offset(4));
}

Task<void> append_and_note(Partition& partition, std::vector<Offset>& promised) {
  const Result<Appended> appended = co_await partition.append_as_leader(batch_of(1), Acks::all);
  if (appended) promised.push_back(appended->last_offset);
}

// Counts what a reader sees at each moment: the promise covers what is visible, not only what was answered.
TEST(Partition, with_flush_messages_1_nothing_visible_or_answered_is_lost_by_a_power_cut) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Host host(seed);
    host.config.flush_messages = 1;
    host.open();
    std::vector<Offset> promised;
    Offset visible{0};
    {
      Scope scope(host.node.env().executor);
      for (int i = 0; i < 12; ++i) scope.spawn(append_and_note(*host.partition, promised));
      const auto enough = [&] { return promised.size() >= seed % 12; };
      ASSERT_TRUE(host.world.run_until(enough, 10s));
      visible = host.partition->high_watermark();
      host.node.power_cut();
    }
    host.close();
    host.node.restart();
    host.open();
    EXPECT_GE(host.partition->log_end_offset(), visible) << "seed " << seed;
    for (const Offset offset : promised) EXPECT_GT(host.partition->log_end_offset(), offset) << "seed " << seed;
  }
}

TEST(Partition, the_high_watermark_waits_for_the_sync_that_was_promised) {
  Host host(6);
  host.config.flush_messages = 1;
  host.open();
  bool behind = false;
  std::vector<Offset> promised;
  Scope scope(host.node.env().executor);
  scope.spawn(append_and_note(*host.partition, promised));
  const auto done = [&] {
    behind = behind || host.partition->high_watermark() < host.partition->log_end_offset();
    return !promised.empty();
  };
  ASSERT_TRUE(host.world.run_until(done, 10s));
  EXPECT_TRUE(behind);
  EXPECT_EQ(host.partition->high_watermark(), Offset(1));
}

Task<std::size_t> read_size(Partition& partition, Offset from) {
  ReadRequest request;
  request.from = from;
  request.max_bytes = 1 << 20;
  request.at_least_one_batch = true;
  const auto read = co_await partition.read(request);
  co_return read ? read->slice.size : 0;
}

TEST(Partition, a_watcher_is_rung_by_an_append_and_by_the_end) {
  Host host(7);
  host.open();
  Event bell(host.node.env().executor);
  Watcher watcher(bell);
  host.partition->watch(watcher);
  EXPECT_EQ(host.run(read_size(*host.partition, Offset(0))), 0u);
  EXPECT_FALSE(bell.is_set());
  Tasks tasks;
  tasks.push_back(host.partition->append_as_leader(batch_of(1), Acks::all));
  host.run(finish_all(std::move(tasks)));
  EXPECT_TRUE(bell.is_set());
  EXPECT_GT(host.run(read_size(*host.partition, Offset(0))), 0u);

  Event last(host.node.env().executor);
  Watcher at_end(last);
  host.partition->watch(at_end);
  host.run(host.partition->close());
  EXPECT_TRUE(last.is_set());
}

TEST(Partition, a_closed_partition_answers_what_was_queued_and_takes_no_more) {
  Host host(8);
  host.open();
  Tasks tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(host.partition->append_as_leader(batch_of(1), Acks::all));
  host.run(host.partition->close());
  tasks.push_back(host.partition->append_as_leader(batch_of(1), Acks::all));
  const auto results = host.run(finish_all(std::move(tasks)));
  for (const auto& result : results) {
    if (!result) EXPECT_EQ(result.error().code, Errc::closed);
  }
  EXPECT_FALSE(results.back().has_value());
}

TEST(PartitionTable, a_removed_partition_is_gone_after_a_power_cut_too) {
  Host host(9);
  host.open();
  ASSERT_TRUE(host.run(host.table->remove(kId)).has_value());
  EXPECT_EQ(host.table->find(kId), nullptr);
  EXPECT_EQ(host.logs->find(kId), nullptr);
  host.node.power_cut();
  host.close();
  host.node.restart();
  host.open();
  EXPECT_EQ(host.partition->log_end_offset(), Offset(0));
}

TEST(PartitionTable, records_and_leader_epoch_survive_a_killed_process) {
  Host host(10);
  host.open();
  Tasks tasks;
  tasks.push_back(host.partition->append_as_leader(batch_of(6), Acks::all));
  host.run(finish_all(std::move(tasks)));
  host.node.kill();
  host.close();
  host.node.restart();
  host.open();
  EXPECT_EQ(host.partition->high_watermark(), Offset(6));
  EXPECT_EQ(host.partition->log().leader_epochs().epoch_of(Offset(5)), LeaderEpoch(3));
}

}  // namespace
}  // namespace barnabas::replication
