// Transactions as the log sees them: the last stable offset and the aborted list.
#include <algorithm>

#include "core/log/file_names.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

constexpr Producer kOne{1, 0, 0};
constexpr Producer kTwo{2, 0, 0};

class TransactionTest : public LogTest {
 protected:
  TransactionTest() {
    config.segment_bytes = 400;
    open();
  }
  void data(Producer producer) {
    const Buffer batch = make_batch(log->log_end_offset(), 2, 1000, 20, producer, 0, true);
    ASSERT_TRUE(run(log->append(batch)).has_value());
  }
  void marker(Producer producer, bool committed) {
    const Buffer batch = make_marker(log->log_end_offset(), producer, committed, 0);
    ASSERT_TRUE(run(log->append(batch)).has_value());
  }
  void all_final() { log->set_high_watermark(log->log_end_offset()); }
  std::vector<AbortedTransaction> aborted(Offset from, Offset upper) {
    return run(log->aborted_transactions(from, upper)).value();
  }
  // One aborts, two commits, one aborts again.
  void three_transactions() {
    data(kOne);           // 0, 1
    data(kTwo);           // 2, 3
    data({1, 0, 2});      // 4, 5
    marker(kOne, false);  // 6
    marker(kTwo, true);   // 7
    data({1, 0, 4});      // 8, 9
    marker(kOne, false);  // 10
  }
  const std::vector<AbortedTransaction> kExpected{{ProducerId(1), Offset(0), Offset(6), Offset(2)},
                                                  {ProducerId(1), Offset(8), Offset(10), Offset(11)}};
};

TEST_F(TransactionTest, last_stable_offset_waits_for_the_oldest_open_transaction) {
  data(kOne);
  data(kTwo);
  all_final();
  EXPECT_EQ(log->last_stable_offset(), Offset(0));
  marker(kOne, true);
  all_final();
  EXPECT_EQ(log->last_stable_offset(), Offset(2));
  marker(kTwo, false);
  all_final();
  EXPECT_EQ(log->last_stable_offset(), Offset(6));
}

TEST_F(TransactionTest, last_stable_offset_waits_until_the_marker_is_below_the_high_watermark) {
  data(kOne);
  all_final();
  marker(kOne, true);
  EXPECT_EQ(log->last_stable_offset(), Offset(0));
  log->set_high_watermark(Offset(3));
  EXPECT_EQ(log->last_stable_offset(), Offset(3));
}

TEST_F(TransactionTest, aborted_list_holds_what_overlaps) {
  three_transactions();
  EXPECT_EQ(aborted(Offset(0), Offset(11)), kExpected);
  EXPECT_EQ(aborted(Offset(7), Offset(11)), std::vector{kExpected[1]});
  EXPECT_EQ(aborted(Offset(0), Offset(2)), std::vector{kExpected[0]});
  EXPECT_TRUE(aborted(Offset(11), Offset(11)).empty());
}

TEST_F(TransactionTest, aborted_list_of_a_slice_ends_with_it) {
  config.segment_bytes = 10'000;
  log->set_config(config);
  three_transactions();
  const std::size_t one = header_of(make_batch(Offset(0), 2, 1000, 20, kOne, 0, true)).total_size();
  const LogSlice first = run(log->read(Offset(0), one, Offset(11), true)).value();
  EXPECT_EQ(run(log->aborted_transactions(first, Offset(11))).value(), std::vector{kExpected[0]});
  const LogSlice second = run(log->read(Offset(2), one, Offset(11), true)).value();
  EXPECT_EQ(run(log->aborted_transactions(second, Offset(11))).value(), std::vector{kExpected[0]});
  const LogSlice all = run(log->read(Offset(0), 10'000, Offset(11), true)).value();
  EXPECT_EQ(run(log->aborted_transactions(all, Offset(11))).value(), kExpected);
  EXPECT_TRUE(run(log->aborted_transactions(LogSlice{}, Offset(11))).value().empty());
}

TEST_F(TransactionTest, aborted_list_survives_rolls_kills_power_cuts_and_clean_restarts) {
  three_transactions();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(2).has_value());
  EXPECT_GT(names().size(), 9u);
  EXPECT_EQ(aborted(Offset(0), Offset(11)), kExpected);
  kill_and_open();
  EXPECT_EQ(aborted(Offset(0), Offset(11)), kExpected);
  reopen_clean();
  EXPECT_EQ(aborted(Offset(0), Offset(11)), kExpected);
  const Offset synced = log->recovery_point();
  cut_and_open(synced);
  EXPECT_EQ(aborted(Offset(0), Offset(11)), kExpected);
}

TEST_F(TransactionTest, segment_without_aborted_transactions_has_no_file_of_them) {
  data(kOne);
  marker(kOne, true);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(append(2).has_value());
  reopen_clean();
  for (const std::string& name : names()) EXPECT_FALSE(name.ends_with(kTransactionIndexSuffix)) << name;
}

TEST_F(TransactionTest, truncation_forgets_aborts_that_were_cut_off) {
  three_transactions();
  ASSERT_TRUE(run(log->truncate_to(Offset(10))).has_value());
  EXPECT_EQ(aborted(Offset(0), Offset(11)), std::vector{kExpected[0]});
  all_final();
  EXPECT_EQ(log->last_stable_offset(), Offset(8));
  ASSERT_TRUE(run(log->truncate_to(Offset(6))).has_value());
  EXPECT_TRUE(aborted(Offset(0), Offset(11)).empty());
  reopen_clean();
  EXPECT_TRUE(aborted(Offset(0), Offset(11)).empty());
}

TEST(TransactionIndex, damaged_file_is_refused) {
  TransactionIndex index;
  index.append({ProducerId(1), Offset(100), Offset(106), Offset(102)});
  index.append({ProducerId(1), Offset(108), Offset(110), Offset(111)});
  const std::vector<std::byte> whole = index.encode();
  ASSERT_EQ(whole.size(), 2 * TransactionIndex::kEntrySize);
  const auto decoded = TransactionIndex::decode(Offset(100), whole);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(std::ranges::equal(decoded->entries(), index.entries()));
  EXPECT_FALSE(TransactionIndex::decode(Offset(100), ByteView(whole).first(67)).has_value());
  EXPECT_FALSE(TransactionIndex::decode(Offset(107), whole).has_value());
  std::vector<std::byte> version = whole;
  version[1] = std::byte{9};
  EXPECT_FALSE(TransactionIndex::decode(Offset(100), version).has_value());
}

TEST_F(TransactionTest, deleted_segments_stay_for_the_delay_and_then_go) {
  config.file_delete_delay_ms = 500;
  log->set_config(config);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(2).has_value());
  all_final();
  ASSERT_TRUE(run(log->advance_log_start(Offset(20))).has_value());
  const auto deleted = [&] {
    return std::ranges::count_if(names(), [](const std::string& name) { return name.ends_with(kDeletedSuffix); });
  };
  EXPECT_GT(deleted(), 0);
  EXPECT_EQ(names().front(), "00000000000000000000.index.deleted");
  run(node->env().clock.sleep_for(std::chrono::milliseconds(501)));
  EXPECT_EQ(deleted(), 0);
  ASSERT_TRUE(append(1).has_value());
}

}  // namespace
}  // namespace barnabas::log
