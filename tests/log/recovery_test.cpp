// What a start makes of a directory that a crash, a bad disk or another tool left.
#include <algorithm>

#include "core/log/file_names.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

class LogRecovery : public LogTest {
 protected:
  bool has(const std::string& name) {
    const auto present = names();
    return std::find(present.begin(), present.end(), name) != present.end();
  }
  // 30 batches of two records in several segments, by one producer; returns the content.
  std::vector<std::byte> fill() {
    config.segment_bytes = 1000;
    config.index_interval_bytes = 200;
    open();
    for (int i = 0; i < 30; ++i) {
      EXPECT_TRUE(append(2, 1000 + 10 * i, 20, {5, 0, 2 * i}).has_value());
    }
    world.run_for(1s);
    return content();
  }
  std::size_t batch_size() { return make_batch(Offset(0), 2, 1000, 20, {5, 0, 0}).size(); }
  Offset active_base() {
    Offset base{0};
    for (const std::string& name : names()) {
      if (name.ends_with(".log")) base = Offset(std::stoll(name.substr(0, 20)));
    }
    return base;
  }
  // After a clean stop the last batch lacks its last bytes.
  void stop_and_tear_tail() {
    EXPECT_TRUE(run(log->close()).has_value());
    const std::string name = offset_file_name(active_base(), kLogSuffix);
    const std::string whole = file_text(name);
    node->restart();
    put_file(name, whole.substr(0, whole.size() - 5));
  }
};

TEST_F(LogRecovery, torn_tail_is_cut_at_the_last_whole_batch) {
  open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(2, 1000, 20, {5, 0, 2 * i}).has_value());
  const std::string whole = file_text("00000000000000000000.log");
  const std::size_t one = whole.size() / 3;
  node->kill();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    node->restart();
    put_file("00000000000000000000.log", whole.substr(0, size));
    open();
    EXPECT_EQ(log->log_end_offset(), Offset(static_cast<std::int64_t>(size / one * 2)));
    EXPECT_EQ(file_text("00000000000000000000.log").size(), size / one * one);
    const ProducerEntry* producer = log->producers().find(ProducerId(5));
    EXPECT_EQ(producer == nullptr ? -1 : producer->last_sequence(), static_cast<int>(size / one * 2) - 1);
    ASSERT_TRUE(append(1).has_value());
  }
}

// The offset, which the CRC does not cover, included. Nothing tells what the leader epoch was.
TEST_F(LogRecovery, flipped_bit_cuts_at_its_batch) {
  open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(append(1).has_value());
  const std::string whole = file_text("00000000000000000000.log");
  const std::size_t one = whole.size() / 3;
  node->kill();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    node->restart();
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    put_file("00000000000000000000.log", damaged);
    put_file("leader-epoch-checkpoint", "0\n1\n0 0\n");
    open();
    const bool in_epoch = at % one >= 12 && at % one < 16;
    EXPECT_EQ(log->log_end_offset(), Offset(in_epoch ? 3 : static_cast<std::int64_t>(at / one))) << at;
  }
}

TEST_F(LogRecovery, what_follows_a_bad_batch_goes_with_it) {
  const auto before = fill();
  const auto file = inode("00000000000000000000.log");
  std::byte bad[] = {std::byte{0xff}};
  file->cached.write(batch_size() + 70, bad);
  kill_and_open();
  EXPECT_EQ(log->log_end_offset(), Offset(2));
  EXPECT_EQ(content(), std::vector<std::byte>(before.begin(), before.begin() + static_cast<long>(batch_size())));
  for (const std::string& name : names())
    EXPECT_TRUE(name.starts_with("00000000000000000000.") || name[0] == 'l') << name;
  ASSERT_TRUE(append(2).has_value());
}

TEST_F(LogRecovery, segments_below_the_recovery_point_are_not_read) {
  const auto before = fill();
  const Offset point = log->recovery_point();
  ASSERT_GT(point, Offset(20));
  const auto file = inode("00000000000000000000.log");
  std::byte bad[] = {std::byte{0xff}};
  file->cached.write(batch_size() + 70, bad);
  kill_and_open(point);
  EXPECT_EQ(log->log_end_offset(), Offset(60));
}

TEST_F(LogRecovery, segment_whose_creation_was_killed_at_any_moment_survives_once_it_is_used) {
  const auto append_only = [](PartitionLog& to, Buffer batch) -> Task<void> {
    (void)co_await to.write(std::move(batch));
  };
  config.segment_bytes = 200;
  open();
  for (int steps = 1; steps < 120; ++steps) {
    config.flush_messages = 1;
    ASSERT_TRUE(append(1, 1000, 100).has_value());
    node->spawn_task(append_only(*log, make_batch(log->log_end_offset(), 1, 1000, 100)));
    for (int i = 0; i < steps; ++i) world.step();
    kill_and_open();
    ASSERT_TRUE(append(1, 1000, 1).has_value());  // Promised, in whatever segment is the last one now.
    const Offset promised = log->log_end_offset();
    cut_and_open();
    ASSERT_EQ(log->log_end_offset(), promised) << steps;
  }
}

TEST_F(LogRecovery, missing_segment_ends_the_log) {
  fill();
  const Offset last = active_base();
  std::vector<Offset> bases;
  for (const std::string& name : names()) {
    if (name.ends_with(".log")) bases.push_back(Offset(std::stoll(name.substr(0, 20))));
  }
  ASSERT_GE(bases.size(), 4u);
  node->kill();
  node->restart();
  const std::string missing = join_path(kDirectory, offset_file_name(bases[2], kLogSuffix));
  ASSERT_TRUE(run(node->env().disk.remove(missing)).has_value());
  open();
  EXPECT_EQ(log->log_end_offset(), bases[2]);
  EXPECT_LT(log->log_end_offset(), last);
}

TEST_F(LogRecovery, gap_between_segments_is_normal_in_a_compacted_log) {
  config.cleanup_compact = true;
  fill();
  std::vector<std::string> logs;
  for (const std::string& name : names()) {
    if (name.ends_with(".log")) logs.push_back(name);
  }
  node->kill();
  node->restart();
  ASSERT_TRUE(run(node->env().disk.remove(kDirectory + "/" + logs[2])).has_value());
  open();
  EXPECT_EQ(log->log_end_offset(), Offset(60));
  // A read in the gap goes on behind it.
  const Offset in_gap(std::stoll(logs[2].substr(0, 20)));
  EXPECT_EQ(run(log->read(in_gap, 1, Offset(60), true))->first_offset, Offset(std::stoll(logs[3].substr(0, 20))));
}

TEST_F(LogRecovery, index_that_is_missing_torn_or_wrong_is_rebuilt) {
  const auto before = fill();
  const std::string index = "00000000000000000000.index";
  const std::string times = "00000000000000000000.timeindex";
  const std::string good = file_text(index);
  ASSERT_FALSE(good.empty());
  std::string shifted = good;
  shifted[7] = static_cast<char>(shifted[7] + 1);
  for (const std::string& bad : {std::string(), std::string(good.size(), '\x5a'), good.substr(0, 3), shifted}) {
    reopen_clean();
    put_file(index, bad);
    put_file(times, bad);
    for (int o = 0; o < 20; ++o) {
      const auto slice = run(log->read(Offset(o), 1, Offset(60), true));
      ASSERT_TRUE(slice.has_value()) << slice.error().to_string();
      EXPECT_EQ(slice->first_offset, Offset(o / 2 * 2));
    }
    EXPECT_EQ(run(log->find_timestamp(Timestamp(1010))).value()->offset, Offset(2));
    EXPECT_EQ(content(300), before);
  }
  kill_and_open();
  EXPECT_EQ(file_text(index), good);
}

TEST_F(LogRecovery, index_of_the_active_segment_that_is_gone_is_rebuilt_after_a_clean_stop) {
  const auto before = fill();
  ASSERT_TRUE(run(log->close()).has_value());
  const Offset base = active_base();
  for (const std::string_view suffix : {kIndexSuffix, kTimeIndexSuffix}) {
    const std::string gone = join_path(kDirectory, offset_file_name(base, suffix));
    ASSERT_TRUE(run(node->env().disk.remove(gone)).has_value());
  }
  OpenOptions options;
  options.clean_shutdown = true;
  node->restart();
  open(options);
  EXPECT_EQ(log->log_end_offset(), Offset(60));
  EXPECT_EQ(content(), before);
}

TEST_F(LogRecovery, clean_marker_over_a_torn_tail_is_not_believed) {
  const auto before = fill();
  stop_and_tear_tail();
  OpenOptions options;
  options.clean_shutdown = true;
  options.recovery_point = Offset(60);
  open(options);
  EXPECT_EQ(log->log_end_offset(), Offset(58));
  EXPECT_EQ(log->producers().find(ProducerId(5))->last_sequence(), 57);
}

// What it had to scan is not synced before it was synced.
TEST_F(LogRecovery, log_that_was_scanned_despite_a_clean_marker_can_be_flushed) {
  fill();
  stop_and_tear_tail();
  OpenOptions options;
  options.clean_shutdown = true;
  open(options);
  ASSERT_TRUE(append(1).has_value());
  ASSERT_TRUE(run(log->flush()).has_value());
  EXPECT_EQ(log->recovery_point(), log->log_end_offset());
}

// The CRC does not cover the offset.
TEST_F(LogRecovery, absurd_offset_under_a_clean_marker_is_cut) {
  fill();
  ASSERT_TRUE(run(log->close()).has_value());
  const Offset base = active_base();
  std::string bytes = file_text(offset_file_name(base, kLogSuffix));
  bytes[2 * batch_size() + 1] = '\x42';
  node->restart();
  put_file(offset_file_name(base, kLogSuffix), bytes);
  put_file(offset_file_name(base, kIndexSuffix), "");
  OpenOptions options;
  options.clean_shutdown = true;
  options.recovery_point = Offset(60);
  open(options);
  EXPECT_EQ(log->log_end_offset(), base + 4);
}

TEST_F(LogRecovery, absurd_offset_in_a_closed_segment_without_index_is_an_error_for_its_reader) {
  fill();
  const std::string name = "00000000000000000000.log";
  std::string bytes = file_text(name);
  bytes[2 * batch_size() + 1] = '\x42';
  reopen_clean();
  put_file(name, bytes);
  ASSERT_TRUE(run(node->env().disk.remove(kDirectory + "/00000000000000000000.index")).has_value());
  const auto slice = run(log->read(Offset(6), 1000, Offset(60), true));
  ASSERT_FALSE(slice.has_value());
  EXPECT_EQ(slice.error().code, Errc::corrupt);
  EXPECT_TRUE(run(log->read(active_base(), 1000, Offset(60), true)).has_value());
}

class LogRecoveryFromAnIndex : public LogRecovery {
 protected:
  // A clean start over an index of the last segment that has one entry: this offset, relative, at the second batch.
  void open_with_entry(char relative_offset) {
    const auto before = fill();
    ASSERT_TRUE(run(log->close()).has_value());
    const Offset base = active_base();
    std::string index(8, '\0');
    index[3] = relative_offset;
    index[7] = static_cast<char>(batch_size());
    node->restart();
    put_file(offset_file_name(base, kIndexSuffix), index);
    OpenOptions options;
    options.clean_shutdown = true;
    options.recovery_point = Offset(60);
    open(options);
    EXPECT_EQ(log->log_end_offset(), Offset(60));
    EXPECT_EQ(content(), before);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(append(2).has_value());
    EXPECT_EQ(log->log_end_offset(), Offset(100));
  }
};

// Up to 3.9 Apache Kafka enters what a follower appends at once with the last offset of all its batches.
TEST_F(LogRecoveryFromAnIndex, entry_of_a_set_of_batches_is_taken_as_it_is) { open_with_entry(9); }

TEST_F(LogRecoveryFromAnIndex, entry_beyond_the_end_of_the_log_is_not_believed) { open_with_entry(100); }

TEST_F(LogRecovery, producer_state_is_the_same_from_any_snapshot) {
  fill();
  const ProducerState before = log->producers();
  reopen_clean();
  EXPECT_EQ(log->producers(), before);
  kill_and_open(Offset(60));
  EXPECT_EQ(log->producers(), before);
  kill_and_open(Offset(0));
  EXPECT_EQ(log->producers(), before);
  // Damaged ones are passed over.
  for (const std::string& name : names()) {
    if (name.ends_with(".snapshot")) put_file(name, file_text(name).substr(1));
  }
  kill_and_open(Offset(60));
  EXPECT_EQ(log->producers(), before);
}

TEST_F(LogRecovery, retry_of_any_of_the_last_five_is_known_after_a_clean_stop) {
  fill();
  reopen_clean();
  for (int i = 25; i < 30; ++i) {
    const auto retry = header_of(make_batch(Offset(0), 2, 1000, 20, {5, 0, 2 * i}));
    EXPECT_EQ(log->producers().check(retry).value()->base_offset(), Offset(2 * i));
  }
}

TEST_F(LogRecovery, leftovers_of_a_deletion_and_of_unfinished_compaction_go) {
  const auto before = fill();
  node->kill();
  node->restart();
  put_file("00000000000000000500.log.deleted", "x");
  put_file("00000000000000000000.log.cleaned", "x");
  put_file("00000000000000000010.log.swap", "x");  // At or above a .cleaned: not to be trusted.
  put_file("partition.metadata.tmp", "x");
  put_file("00000000000000000999.index", "orphan");
  open();
  EXPECT_EQ(content(), before);
  for (const std::string& name : names()) {
    EXPECT_FALSE(name.ends_with(".deleted") || name.ends_with(".cleaned") || name.ends_with(".swap") ||
                 name.ends_with(".tmp"));
  }
  EXPECT_FALSE(has("00000000000000000999.index"));
}

TEST_F(LogRecovery, finished_compaction_replaces_what_it_covers) {
  config.cleanup_compact = true;
  fill();
  node->kill();
  node->restart();
  // The first batch alone is left of the first segment; its offsets end before the next one.
  const std::string first = file_text("00000000000000000000.log");
  const Buffer merged = make_batch(Offset(8), 2, 1010);
  put_file("00000000000000000000.log.swap", first.substr(0, batch_size()) + std::string(as_text(merged.view())));
  open();
  EXPECT_FALSE(has("00000000000000000000.log.swap"));
  EXPECT_EQ(file_text("00000000000000000000.log").size(), batch_size() + merged.size());
  EXPECT_EQ(run(log->read(Offset(3), 1, Offset(60), true))->first_offset, Offset(8));
  EXPECT_EQ(log->log_end_offset(), Offset(60));
}

TEST_F(LogRecovery, log_start_above_what_was_left_begins_anew_there) {
  fill();
  OpenOptions options;
  options.log_start = Offset(70);
  node->kill();
  node->restart();
  open(options);
  EXPECT_EQ(log->log_start_offset(), Offset(70));
  EXPECT_EQ(log->log_end_offset(), Offset(70));
  ASSERT_TRUE(append(1).has_value());
  EXPECT_EQ(log->log_end_offset(), Offset(71));
}

TEST_F(LogRecovery, leader_epochs_are_found_again) {
  open();
  ASSERT_TRUE(run(log->append(make_batch(Offset(0), 2, 1000, 20, {}, 3))).has_value());
  ASSERT_TRUE(run(log->append(make_batch(Offset(2), 2, 1000, 20, {}, 8))).has_value());
  EXPECT_EQ(file_text("leader-epoch-checkpoint"), "0\n2\n3 0\n8 2\n");
  kill_and_open();
  EXPECT_EQ(log->leader_epochs().to_text(), "0\n2\n3 0\n8 2\n");
  node->kill();
  node->restart();
  put_file("leader-epoch-checkpoint", "garbage");
  open();
  EXPECT_EQ(file_text("leader-epoch-checkpoint"), "0\n2\n3 0\n8 2\n");
}

// A rename that a power cut took back, or a copy of a directory in use.
TEST_F(LogRecovery, checkpoint_that_lags_behind_the_epochs_of_the_log_costs_no_records) {
  open();
  ASSERT_TRUE(run(log->append(make_batch(Offset(0), 2, 1000, 20, {}, 3))).has_value());
  ASSERT_TRUE(run(log->append(make_batch(Offset(2), 2, 1000, 20, {}, 8))).has_value());
  const auto before = content();
  node->kill();
  node->restart();
  put_file("leader-epoch-checkpoint", "0\n1\n3 0\n");
  open();
  EXPECT_EQ(content(), before);
  EXPECT_EQ(file_text("leader-epoch-checkpoint"), "0\n2\n3 0\n8 2\n");
}

// Epochs begin anew when ZooKeeper's data was lost and the logs were not.
TEST_F(LogRecovery, log_whose_epochs_fall_loses_nothing_at_any_recovery) {
  open();
  std::int64_t end = 0;
  for (const int epoch : {3, 1, 3, 0, 2}) {
    ASSERT_TRUE(run(log->append(make_batch(Offset(end), 2, 1000, 20, {}, epoch))).has_value());
    end += 2;
  }
  const auto before = content();
  const std::string epochs = file_text("leader-epoch-checkpoint");
  EXPECT_EQ(epochs, "0\n2\n0 6\n2 8\n");
  for (int i = 0; i < 3; ++i) {
    kill_and_open();
    EXPECT_EQ(content(), before);
    EXPECT_EQ(file_text("leader-epoch-checkpoint"), epochs);
  }
  node->kill();
  node->restart();
  ASSERT_TRUE(run(node->env().disk.remove(kDirectory + "/leader-epoch-checkpoint")).has_value());
  open();
  EXPECT_EQ(content(), before);
  EXPECT_EQ(file_text("leader-epoch-checkpoint"), epochs);
}

TEST_F(LogRecovery, unreadable_topic_id_is_an_error_that_names_the_file) {
  open();
  node->restart();
  log.reset();
  put_file("partition.metadata", "version: 7\n");
  const auto opened = run(PartitionLog::open(node->env(), kDirectory, kOrders, config, {}));
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("partition.metadata"), std::string::npos);
}

TEST_F(LogRecovery, epoch_in_which_nothing_was_written_yet_survives_a_kill) {
  open();
  ASSERT_TRUE(append(2).has_value());
  ASSERT_TRUE(run(log->assign_leader_epoch(LeaderEpoch(4))).has_value());
  kill_and_open();
  EXPECT_EQ(log->leader_epochs().latest(), LeaderEpoch(4));
  EXPECT_EQ(log->leader_epochs().epoch_of(Offset(0)), LeaderEpoch(0));
}

// The page of a sync that failed is clean, and never reached the disk; a later sync does not write it either.
TEST_F(LogRecovery, sync_that_failed_before_a_kill_is_made_up_for_at_the_start) {
  config.flush_messages = 1;
  open();
  ASSERT_TRUE(append(2).has_value());
  node->disk().fail_syncs(".log", 1);
  ASSERT_EQ(append(2).error().code, Errc::storage_failed);
  ASSERT_EQ(log->log_end_offset(), Offset(4));
  kill_and_open(log->recovery_point());
  // It is readable, so it must stay.
  ASSERT_EQ(log->log_end_offset(), Offset(4));
  EXPECT_EQ(log->recovery_point(), Offset(4));
  const auto there = content();
  cut_and_open(log->recovery_point());
  EXPECT_EQ(log->log_end_offset(), Offset(4));
  EXPECT_EQ(content(), there);
}

TEST_F(LogRecovery, closed_segments_of_a_compacted_log_are_durable_although_nothing_is_appended_after_a_kill) {
  config.cleanup_compact = true;
  fill();
  ASSERT_GT(active_base(), Offset(0));
  kill_and_open(Offset(0));
  EXPECT_GE(log->recovery_point(), active_base());
}

// What a power cut left of a snapshot is of no use; and the batches that it was made of may go.
TEST_F(LogRecovery, snapshots_of_segments_that_were_scanned_are_made_anew) {
  config.segment_bytes = 1000;
  open();
  ASSERT_TRUE(append(2, 1000, 20, {6, 0, 0}).has_value());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(append(2, 1000, 20, {5, 0, 2 * i}).has_value());
  node->kill();
  node->restart();
  for (const std::string& name : names()) {
    if (name.ends_with(".snapshot")) put_file(name, "torn");
  }
  open();
  log->set_high_watermark(log->log_end_offset());
  ASSERT_TRUE(run(log->advance_log_start(active_base())).has_value());
  kill_and_open();
  ASSERT_NE(log->producers().find(ProducerId(6)), nullptr);
  EXPECT_EQ(log->producers().find(ProducerId(6))->last_sequence(), 1);
}

}  // namespace
}  // namespace barnabas::log
