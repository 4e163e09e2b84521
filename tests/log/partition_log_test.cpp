#include <limits>
#include <set>

#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

using PartitionLogTest = LogTest;

Task<void> keep(Task<Result<AppendInfo>> task, std::vector<Result<AppendInfo>>& into) {
  auto result = co_await std::move(task);
  into.push_back(std::move(result));
}
Task<void> keep_void(Task<Result<void>> task, std::vector<Result<void>>& into) {
  auto result = co_await std::move(task);
  into.push_back(std::move(result));
}

TEST_F(PartitionLogTest, new_log_is_empty) {
  open();
  EXPECT_EQ(log->log_start_offset(), Offset(0));
  EXPECT_EQ(log->log_end_offset(), Offset(0));
  EXPECT_EQ(names().front(), "00000000000000000000.log");
  const auto slice = run(log->read(Offset(0), 1000, Offset(1000), true));
  ASSERT_TRUE(slice.has_value());
  EXPECT_EQ(slice->size, 0u);
  EXPECT_EQ(run(log->read(Offset(1), 1000, Offset(1000), true)).error().code, Errc::offset_out_of_range);
}

TEST_F(PartitionLogTest, appended_bytes_are_read_back_in_slices_of_any_size) {
  config.segment_bytes = 900;
  config.index_interval_bytes = 200;
  open();
  std::vector<std::byte> expected;
  for (int i = 0; i < 40; ++i) {
    const Buffer batch = make_batch(log->log_end_offset(), 1 + i % 4, 1000 + i);
    const auto info = run(log->append(batch));
    ASSERT_TRUE(info.has_value()) << info.error().to_string();
    EXPECT_EQ(info->last_offset + 1, log->log_end_offset());
    expected.insert(expected.end(), batch.view().begin(), batch.view().end());
  }
  EXPECT_GT(names().size(), 10u);
  for (const std::size_t max_bytes : {std::size_t{1}, std::size_t{150}, std::size_t{400}, std::size_t{1} << 20,
                                      std::numeric_limits<std::size_t>::max()}) {
    EXPECT_EQ(content(max_bytes), expected) << max_bytes;
  }
  reopen_clean();
  EXPECT_EQ(log->log_end_offset(), Offset(100));
  EXPECT_EQ(content(400), expected);
  kill_and_open();
  EXPECT_EQ(content(400), expected);
}

TEST_F(PartitionLogTest, every_offset_is_found) {
  config.segment_bytes = 2000;
  config.index_interval_bytes = 100;
  open();
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(append(3).has_value());  // More than the active segment remembers.
  for (int pass = 0; pass < 2; ++pass) {
    for (std::int64_t o = 0; o < 1800; ++o) {
      const auto slice = run(log->read(Offset(o), 1, Offset(1800), true));
      ASSERT_TRUE(slice.has_value()) << o;
      EXPECT_EQ(slice->first_offset, Offset(o / 3 * 3));
      EXPECT_EQ(slice->size, slice->first_batch_size);
    }
    reopen_clean();
  }
}

TEST_F(PartitionLogTest, slice_ends_below_the_bound_and_within_the_limit) {
  open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(2).has_value());
  const std::size_t one = make_batch(Offset(0), 2).size();
  EXPECT_EQ(run(log->read(Offset(1), 1 << 20, Offset(4), true))->size, 2 * one);
  EXPECT_EQ(run(log->read(Offset(0), 3 * one - 1, Offset(8), true))->size, 2 * one);
  EXPECT_EQ(run(log->read(Offset(4), 3 * one, Offset(8), true))->size, 2 * one);
  EXPECT_EQ(run(log->read(Offset(4), 1 << 20, Offset(4), true))->size, 0u);
  EXPECT_EQ(run(log->read(Offset(6), 1 << 20, Offset(4), true))->size, 0u);
  const auto too_large = run(log->read(Offset(2), one - 1, Offset(8), false));
  EXPECT_EQ(too_large->size, 0u);
  EXPECT_EQ(too_large->first_batch_size, one);
  EXPECT_EQ(run(log->read(Offset(2), one - 1, Offset(8), true))->size, one);
}

TEST_F(PartitionLogTest, bad_sets_are_refused_and_leave_no_trace) {
  config.segment_bytes = 1000;
  open();
  ASSERT_TRUE(append(5).has_value());
  const auto before = content();
  const Buffer late = make_batch(Offset(4), 1);
  EXPECT_EQ(run(log->append(late)).error().code, Errc::offset_out_of_range);
  const Buffer good = make_batch(Offset(5), 1);
  EXPECT_EQ(run(log->append(good.slice(0, good.size() - 1))).error().code, Errc::truncated);
  EXPECT_EQ(run(log->append(make_batch(Offset(5), 1, 1000, 1000))).error().code, Errc::record_list_too_large);
  EXPECT_EQ(run(log->append(Buffer())).error().code, Errc::truncated);
  EXPECT_EQ(content(), before);
  EXPECT_EQ(log->log_end_offset(), Offset(5));
}

TEST_F(PartitionLogTest, segment_that_is_exactly_full_does_not_roll) {
  const std::size_t one = make_batch(Offset(0), 1).size();
  config.segment_bytes = static_cast<std::int64_t>(3 * one);
  open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(1).has_value());
  EXPECT_EQ(log->first_segment_base(), Offset(0));
  EXPECT_EQ(names().size(), 2u);
  ASSERT_TRUE(append(1).has_value());
  const auto present = names();
  EXPECT_TRUE(std::find(present.begin(), present.end(), "00000000000000000003.log") != present.end());
  EXPECT_TRUE(std::find(present.begin(), present.end(), "00000000000000000003.snapshot") != present.end());
  EXPECT_TRUE(std::find(present.begin(), present.end(), "00000000000000000000.timeindex") != present.end());
}

TEST_F(PartitionLogTest, batch_is_indexed_when_more_than_the_interval_precedes_it) {
  config.index_interval_bytes = static_cast<std::int64_t>(make_batch(Offset(0), 1).size());
  open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(1).has_value());
  ASSERT_TRUE(run(log->close()).has_value());
  EXPECT_EQ(file_text("00000000000000000000.index").size(), 8u);  // The third batch alone.
}

TEST_F(PartitionLogTest, segment_rolls_by_the_records_own_time) {
  config.segment_ms = 1000;
  open();
  ASSERT_TRUE(append(1, 10'000).has_value());
  ASSERT_TRUE(append(1, 11'000).has_value());
  EXPECT_EQ(names().size(), 2u);
  ASSERT_TRUE(append(1, 11'001).has_value());
  EXPECT_EQ(content().size(), 3 * make_batch(Offset(0), 1).size());
  EXPECT_EQ(names().size(), 6u);
}

TEST_F(PartitionLogTest, segment_rolls_when_its_index_is_full) {
  config.index_interval_bytes = 1;
  config.segment_index_bytes = 5 * 12;
  open();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(append(1, 1000 + i).has_value());
  const auto present = names();
  EXPECT_TRUE(std::find(present.begin(), present.end(), "00000000000000000005.log") != present.end());
}

TEST_F(PartitionLogTest, timestamps_are_found_in_every_segment) {
  config.segment_bytes = 800;
  config.index_interval_bytes = 150;
  open();
  // Records of 2 ms each batch, one batch each 10 ms; one of them far in the future in the middle.
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(append(2, i == 30 ? 5000 : 1000 + 10 * i).has_value());
  for (int pass = 0; pass < 3; ++pass) {
    EXPECT_EQ(run(log->find_timestamp(Timestamp(0))).value()->offset, Offset(0));
    EXPECT_EQ(run(log->find_timestamp(Timestamp(1001))).value()->offset, Offset(1));
    EXPECT_EQ(run(log->find_timestamp(Timestamp(1002))).value()->offset, Offset(2));
    EXPECT_EQ(run(log->find_timestamp(Timestamp(1290))).value()->offset, Offset(58));
    const auto future = run(log->find_timestamp(Timestamp(1292))).value();
    EXPECT_EQ(future->offset, Offset(60));
    EXPECT_EQ(future->timestamp, Timestamp(5000));
    EXPECT_EQ(run(log->find_timestamp(Timestamp(5001))).value()->offset, Offset(61));
    EXPECT_EQ(run(log->find_timestamp(Timestamp(5002))).value(), std::nullopt);
    EXPECT_EQ(run(log->find_max_timestamp()).value()->offset, Offset(61));
    if (pass == 0) reopen_clean();
    if (pass == 1) kill_and_open();
  }
}

TEST_F(PartitionLogTest, one_sync_serves_all_who_wait) {
  config.flush_messages = 1;
  open();
  std::vector<Result<void>> results;
  std::set<std::int64_t> points;
  Scope scope(node->env().executor);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(run(log->write(make_batch(Offset(i), 1))).has_value());
    scope.spawn(keep_void(log->make_durable(Offset(i + 1)), results));
    points.insert(log->recovery_point().value());
  }
  world.run_for(1s);
  ASSERT_EQ(results.size(), 200u);
  for (const auto& result : results) EXPECT_TRUE(result.has_value());
  EXPECT_EQ(log->recovery_point(), Offset(200));
  EXPECT_LT(points.size(), 150u);  // Each is a sync; writes went on meanwhile.
  EXPECT_GT(points.size(), 2u);
}

TEST_F(PartitionLogTest, append_with_flush_messages_survives_a_power_cut) {
  config.flush_messages = 1;
  config.segment_bytes = 500;
  open();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(append(2, 1000 + i, 20, {5, 0, 2 * i}).has_value());
  const auto before = content();
  cut_and_open(Offset(0));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(log->producers().find(ProducerId(5))->last_sequence(), 59);
}

TEST_F(PartitionLogTest, below_flush_messages_nothing_is_synced) {
  config.flush_messages = 10;
  open();
  ASSERT_TRUE(append(9).has_value());
  EXPECT_EQ(log->recovery_point(), Offset(0));
  ASSERT_TRUE(append(1).has_value());
  EXPECT_EQ(log->recovery_point(), Offset(10));
}

TEST_F(PartitionLogTest, flush_ms_flushes_when_it_is_due) {
  config.flush_ms = 500;
  open();
  ASSERT_TRUE(append(1).has_value());
  ASSERT_TRUE(run(log->flush_if_due()).has_value());
  EXPECT_EQ(log->recovery_point(), Offset(0));
  world.run_for(600ms);
  ASSERT_TRUE(run(log->flush_if_due()).has_value());
  EXPECT_EQ(log->recovery_point(), Offset(1));
}

TEST_F(PartitionLogTest, failed_sync_ends_appends_and_the_recovery_point_for_good) {
  config.flush_messages = 1;
  open();
  ASSERT_TRUE(append(1).has_value());
  node->disk().fail_syncs(".log", 1);
  EXPECT_EQ(append(1).error().code, Errc::storage_failed);
  EXPECT_TRUE(log->failed());
  EXPECT_EQ(append(1).error().code, Errc::storage_failed);
  EXPECT_EQ(run(log->flush()).error().code, Errc::storage_failed);
  EXPECT_EQ(run(log->close()).error().code, Errc::storage_failed);
  EXPECT_EQ(log->recovery_point(), Offset(1));
}

TEST_F(PartitionLogTest, one_log_that_fails_stops_its_neighbours) {
  OpenOptions options;
  options.health = std::make_shared<DirectoryHealth>();
  open(options);
  options.health->failed = true;
  options.health->reason = "another log";
  EXPECT_EQ(append(1).error().code, Errc::storage_failed);
}

TEST_F(PartitionLogTest, failed_write_publishes_nothing) {
  open();
  ASSERT_TRUE(append(3, 1000, 20, {5, 0, 0}).has_value());
  node->disk().faults().write_error = {1, 1};
  EXPECT_EQ(append(3, 1000, 20, {5, 0, 3}).error().code, Errc::storage_failed);
  node->disk().faults().write_error = {0, 1};
  EXPECT_EQ(log->log_end_offset(), Offset(3));
  EXPECT_EQ(log->producers().find(ProducerId(5))->last_sequence(), 2);
  EXPECT_EQ(append(3, 1000, 20, {5, 0, 3}).error().code, Errc::storage_failed);
  kill_and_open();
  EXPECT_EQ(log->log_end_offset(), Offset(3));
}

TEST_F(PartitionLogTest, full_disk_is_survived) {
  open();
  ASSERT_TRUE(append(3, 1000, 20, {5, 0, 0}).has_value());
  const auto before = content();
  node->disk().faults().capacity = node->disk().files().allocated();
  EXPECT_EQ(append(1, 1000, 20'000, {5, 0, 3}).error().code, Errc::no_space);
  EXPECT_FALSE(log->failed());
  EXPECT_EQ(content(), before);
  node->disk().faults().capacity = 1ULL << 40;
  ASSERT_TRUE(append(1, 1000, 20, {5, 0, 3}).has_value());
  const auto after = content();
  kill_and_open();
  EXPECT_EQ(content(), after);
}

// As when those who had the rest of the log have lost it (KAFKA-9491).
TEST_F(PartitionLogTest, start_is_not_above_the_end_while_a_log_is_cut_below_its_start) {
  const auto cut = [](PartitionLog& of) -> Task<void> { (void)co_await of.truncate_to(Offset(0)); };
  config.segment_bytes = 1000;
  open();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(append(1, 1000 + i, 100).has_value());
  log->set_high_watermark(log->log_end_offset());
  ASSERT_TRUE(run(log->advance_log_start(Offset(20))).has_value());
  node->spawn_task(cut(*log));
  for (int i = 0; i < 200; ++i) {
    world.step();
    ASSERT_LE(log->log_start_offset(), log->high_watermark()) << i;
    ASSERT_LE(log->high_watermark(), log->log_end_offset()) << i;
  }
  EXPECT_EQ(log->log_end_offset(), Offset(0));
}

// A follower that believed itself in an epoch of which it has nothing would take the records before it for damage.
TEST_F(PartitionLogTest, epochs_of_batches_for_which_there_was_no_room_are_forgotten) {
  open();
  const Buffer parts[] = {make_batch(Offset(0), 1), make_batch(Offset(1), 1, 1000, 20'000, {}, 2)};
  Buffer both = Buffer::allocate(parts[0].size() + parts[1].size());
  std::ranges::copy(parts[1].view(), std::ranges::copy(parts[0].view(), both.mutable_view().begin()).out);
  node->disk().faults().capacity = node->disk().files().allocated() + 8192;
  EXPECT_EQ(run(log->append(both)).error().code, Errc::no_space);
  EXPECT_NE(log->leader_epochs().latest(), LeaderEpoch(2));
  node->disk().faults().capacity = node->disk().files().allocated();
  EXPECT_EQ(run(log->append(both)).error().code, Errc::no_space);
  EXPECT_NE(log->leader_epochs().latest(), LeaderEpoch(2));
  node->disk().faults().capacity = 1ULL << 40;
  ASSERT_TRUE(run(log->append(make_batch(Offset(0), 1))).has_value());
  kill_and_open();
  EXPECT_EQ(log->leader_epochs().latest(), LeaderEpoch(0));
}

TEST_F(PartitionLogTest, full_disk_at_a_roll_is_survived) {
  config.segment_bytes = 5000;
  config.index_interval_bytes = 1;
  open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(1, 1000 + i, 1000).has_value());
  node->disk().faults().capacity = node->disk().files().allocated();
  EXPECT_EQ(append(1, 1000, 1000).error().code, Errc::no_space);
  node->disk().faults().capacity = 1ULL << 40;
  ASSERT_TRUE(append(1, 1000, 1000).has_value());
  const auto after = content();
  kill_and_open();
  EXPECT_EQ(content(), after);
}

TEST_F(PartitionLogTest, write_that_is_abandoned_half_way_fails_the_log) {
  int failed = 0;
  for (int steps = 1;; ++steps) {
    open();
    const Offset end = log->log_end_offset();
    std::vector<Result<AppendInfo>> results;
    {
      Scope scope(node->env().executor);
      scope.spawn(keep(log->write(make_batch(end, 1, 1000, 50'000)), results));
      for (int i = 0; i < steps && results.empty(); ++i) world.step();
    }
    world.run_for(1s);
    const auto next = append(1);
    if (!next) {
      ++failed;
      EXPECT_EQ(next.error().code, Errc::storage_failed);
      EXPECT_EQ(log->log_end_offset(), end);
    }
    kill_and_open();
    EXPECT_LE(log->log_end_offset() - end, 2);
    (void)content();
    if (!results.empty()) break;
  }
  EXPECT_GT(failed, 0);
}

TEST_F(PartitionLogTest, waiter_of_a_sync_may_go_at_any_time) {
  config.flush_messages = 1;
  open();
  int synced_without_waiter = 0;
  for (int steps = 1;; ++steps) {
    const Offset end = log->log_end_offset() + 1;
    ASSERT_TRUE(run(log->write(make_batch(log->log_end_offset(), 1))).has_value());
    std::vector<Result<void>> results;
    {
      Scope scope(node->env().executor);
      scope.spawn(keep_void(log->make_durable(end), results));
      for (int i = 0; i < steps && results.empty(); ++i) world.step();
    }
    world.run_for(1s);
    if (log->recovery_point() == end && results.empty()) ++synced_without_waiter;
    ASSERT_TRUE(run(log->make_durable(end)).has_value());
    EXPECT_EQ(log->recovery_point(), end);
    if (!results.empty()) break;
  }
  EXPECT_GT(synced_without_waiter, 0);
}

TEST_F(PartitionLogTest, truncation_cuts_everything_from_an_offset_on) {
  config.segment_bytes = 500;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2, 1000 + i, 20, {5, 0, 2 * i}).has_value());
  const auto before = content();
  const std::size_t one = before.size() / 20;
  for (const std::int64_t to : {36, 24, 13, 12, 0}) {
    ASSERT_TRUE(run(log->truncate_to(Offset(to))).has_value());
    const std::int64_t end = to / 2 * 2;
    EXPECT_EQ(log->log_end_offset(), Offset(end));
    EXPECT_LE(log->recovery_point(), Offset(end));
    EXPECT_EQ(content().size(), static_cast<std::size_t>(end / 2) * one);
    if (end > 0) EXPECT_EQ(log->producers().find(ProducerId(5))->last_sequence(), end - 1);
  }
  ASSERT_TRUE(append(2).has_value());
  EXPECT_EQ(log->log_end_offset(), Offset(2));
  kill_and_open();
  EXPECT_EQ(log->log_end_offset(), Offset(2));
}

TEST_F(PartitionLogTest, truncation_that_was_answered_survives_a_power_cut) {
  config.segment_bytes = 500;
  config.flush_messages = 1;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2).has_value());
  ASSERT_TRUE(run(log->truncate_to(Offset(10))).has_value());
  ASSERT_TRUE(append(2, 7777).has_value());
  const auto before = content();
  cut_and_open();
  EXPECT_EQ(content(), before);
}

TEST_F(PartitionLogTest, a_log_that_begins_anew_is_empty_and_goes_on_there_above_and_below) {
  config.segment_bytes = 600;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2, 1000, 20, {9, 0, 2 * i}).has_value());
  ASSERT_GT(log->segment_count(), 3u);
  for (const std::int64_t at : {500, 7, 8, 0}) {
    ASSERT_TRUE(run(log->begin_at(Offset(at))).has_value());
    EXPECT_EQ(log->log_start_offset(), Offset(at));
    EXPECT_EQ(log->log_end_offset(), Offset(at));
    EXPECT_EQ(log->high_watermark(), Offset(at));
    EXPECT_EQ(log->segment_count(), 1u);
    EXPECT_EQ(log->producers().size(), 0u);
    EXPECT_TRUE(log->leader_epochs().entries().empty());
    ASSERT_TRUE(append(3).has_value());
    ASSERT_TRUE(run(log->flush()).has_value());
    cut_and_open();
    EXPECT_EQ(log->log_start_offset(), Offset(at));
    EXPECT_EQ(log->log_end_offset(), Offset(at + 3));
  }
}

TEST_F(PartitionLogTest, a_power_cut_while_a_log_begins_anew_leaves_a_log) {
  config.segment_bytes = 600;
  for (std::uint64_t step = 0; step < 60; ++step) {
    open();
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(append(2).has_value());
    ASSERT_TRUE(run(log->flush()).has_value());
    std::vector<Result<void>> results;
    node->spawn_task(keep_void(log->begin_at(Offset(1000)), results));
    for (std::uint64_t i = 0; i < step && results.empty(); ++i) world.step();
    cut_and_open();
    EXPECT_LE(log->log_start_offset(), log->log_end_offset());
    ASSERT_TRUE(append(1).has_value());
    ASSERT_TRUE(run(log->begin_at(Offset(0))).has_value());
    log.reset();
  }
}

TEST_F(PartitionLogTest, truncation_at_the_end_still_drops_empty_epochs) {
  open();
  ASSERT_TRUE(append(2).has_value());
  ASSERT_TRUE(run(log->assign_leader_epoch(LeaderEpoch(4))).has_value());
  EXPECT_EQ(log->leader_epochs().latest(), LeaderEpoch(4));
  ASSERT_TRUE(run(log->truncate_to(Offset(2))).has_value());
  EXPECT_EQ(log->leader_epochs().latest(), LeaderEpoch(0));
}

TEST_F(PartitionLogTest, log_start_moves_and_takes_whole_segments_along) {
  config.segment_bytes = 500;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2).has_value());
  EXPECT_EQ(run(log->advance_log_start(Offset(5))).error().code, Errc::offset_out_of_range);
  log->set_high_watermark(Offset(30));
  ASSERT_TRUE(run(log->advance_log_start(Offset(21))).has_value());
  EXPECT_EQ(log->log_start_offset(), Offset(21));
  EXPECT_GT(log->first_segment_base(), Offset(10));
  EXPECT_EQ(run(log->read(Offset(20), 100, Offset(40), true)).error().code, Errc::offset_out_of_range);
  EXPECT_EQ(run(log->read(Offset(21), 100, Offset(40), true))->first_offset, Offset(20));
  EXPECT_EQ(log->leader_epochs().to_text(), "0\n1\n0 21\n");
  OpenOptions options;
  options.log_start = Offset(21);
  node->kill();
  node->restart();
  open(options);
  EXPECT_EQ(log->log_start_offset(), Offset(21));
  EXPECT_EQ(log->log_end_offset(), Offset(40));
}

TEST_F(PartitionLogTest, retention_by_size_stops_at_the_high_watermark) {
  config.segment_bytes = 500;
  config.retention_bytes = 1;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2).has_value());
  world.run_for(1s);  // The segments that were closed get synced.
  EXPECT_EQ(run(log->delete_old_segments(Timestamp(1000))).value(), 0);
  log->set_high_watermark(Offset(21));
  EXPECT_GT(run(log->delete_old_segments(Timestamp(1000))).value(), 0);
  EXPECT_LE(log->log_start_offset(), Offset(21));
  EXPECT_GT(log->log_start_offset(), Offset(10));
  kill_and_open(Offset(0));
  EXPECT_EQ(log->log_end_offset(), Offset(40));
}

TEST_F(PartitionLogTest, retention_by_age_empties_a_log_in_the_end) {
  config.segment_bytes = 500;
  config.retention_ms = 1000;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2, 1000 + 100 * i).has_value());
  log->set_high_watermark(Offset(40));
  world.run_for(1s);
  EXPECT_EQ(run(log->delete_old_segments(Timestamp(1500))).value(), 0);
  EXPECT_GT(run(log->delete_old_segments(Timestamp(3000))).value(), 0);
  EXPECT_LT(log->log_start_offset(), Offset(30));
  EXPECT_GT(run(log->delete_old_segments(Timestamp(9000))).value(), 0);
  EXPECT_EQ(log->log_start_offset(), Offset(40));
  EXPECT_EQ(log->log_end_offset(), Offset(40));
  ASSERT_TRUE(append(1).has_value());
  kill_and_open();
  EXPECT_EQ(log->log_start_offset(), Offset(40));
  EXPECT_EQ(log->log_end_offset(), Offset(41));
}

TEST_F(PartitionLogTest, slice_outlives_its_segment) {
  config.segment_bytes = 500;
  open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2).has_value());
  const auto slice = run(log->read(Offset(0), 1000, Offset(40), true)).value();
  log->set_high_watermark(Offset(40));
  ASSERT_TRUE(run(log->advance_log_start(Offset(40))).has_value());
  const auto bytes = run(slice.file->read_at(slice.position, slice.size));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(bytes->size(), slice.size);
  EXPECT_TRUE(record::verify_crc(bytes->view().first(slice.first_batch_size)).has_value());
}

TEST_F(PartitionLogTest, closed_log_takes_no_appends) {
  open();
  ASSERT_TRUE(append(1).has_value());
  ASSERT_TRUE(run(log->close()).has_value());
  EXPECT_EQ(append(1).error().code, Errc::closed);
  EXPECT_EQ(content().size(), make_batch(Offset(0), 1).size());
}

TEST_F(PartitionLogTest, preallocated_segments_are_trimmed_when_they_are_closed) {
  config.preallocate = true;
  config.segment_bytes = 1000;
  open();
  const std::size_t one = make_batch(Offset(0), 2).size();
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(append(2).has_value());
  const std::vector<std::byte> before = content();
  EXPECT_EQ(before.size(), 12 * one);
  EXPECT_EQ(file_text("00000000000000000000.log").size(), 1000 / one * one);
  std::string last;
  for (const std::string& name : names()) last = name.ends_with(".log") ? name : last;
  EXPECT_EQ(file_text(last).size(), 1000u);
  kill_and_open();
  EXPECT_EQ(content(), before);
  ASSERT_TRUE(append(2).has_value());
  reopen_clean();
  EXPECT_EQ(content().size(), 13 * one);
  cut_and_open(log->log_end_offset());
  EXPECT_EQ(content().size(), 13 * one);
}

}  // namespace
}  // namespace barnabas::log
