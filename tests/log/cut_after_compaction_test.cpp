// A log that was compacted, then cut at or above what was compacted, then recovered: what is left of it must tell the
// producers' state by itself.
#include "core/log/producer_state.hpp"
#include "tests/log/log_twin.hpp"

namespace barnabas::log {
namespace {

class CutAfterCompaction : public LogTest {
 protected:
  CutAfterCompaction() {
    config.segment_bytes = 1000;
    config.flush_messages = 1;
    config.cleanup_compact = true;
    config.min_cleanable_ratio = 0;
    config.delete_retention_ms = 0;
    open();
  }
  static constexpr std::size_t kLarge = 300;  // Two such values fill most of a segment.

  void put(const std::string& key, std::size_t size, Producer producer = {}, bool transactional = false) {
    record::BatchOptions options;
    options.base_offset = log->log_end_offset();
    options.leader_epoch = LeaderEpoch(0);
    options.producer_id = ProducerId(producer.id);
    options.producer_epoch = ProducerEpoch(producer.epoch);
    options.base_sequence = producer.sequence;
    options.transactional = transactional;
    record::BatchBuilder builder(options);
    const std::string value(size, 'v');
    builder.append(Timestamp(1000), as_bytes(key), as_bytes(value));
    ASSERT_TRUE(run(log->append(builder.build())).has_value());
  }
  void commit(Producer producer) {
    const Buffer marker = make_marker(log->log_end_offset(), producer, true, 0);
    ASSERT_TRUE(run(log->append(marker)).has_value());
  }
  void compact_all_but_the_active_segment() {
    log->set_high_watermark(log->log_end_offset());
    Throttle throttle(1e300);
    const auto outcome = run(clean_once(node->env(), *log, CleaningLimits{}, throttle, std::nullopt));
    ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
    ASSERT_EQ(outcome->cleaned_to, log->active_base());
  }
  // The segment that was compacted last becomes the active one, and recovery reads it.
  void cut_to_the_active_base_and_recover() {
    const Offset end = log->active_base();
    ASSERT_TRUE(run(log->truncate_to(end)).has_value());
    kill_and_open(end);
    ASSERT_EQ(log->log_end_offset(), end);
    log->set_high_watermark(end);
  }
};

TEST_F(CutAfterCompaction, sequence_of_a_producer_that_wrote_more_is_known) {
  put("k", 20, {7, 0, 0});
  put("a", kLarge);
  put("k", 20);
  put("b", kLarge);
  put("c", kLarge);
  put("k", 20, {7, 0, 1});
  ASSERT_EQ(log->active_base(), Offset(4));
  compact_all_but_the_active_segment();
  cut_to_the_active_base_and_recover();
  ASSERT_NE(log->producers().find(ProducerId(7)), nullptr);
  EXPECT_EQ(log->producers().find(ProducerId(7))->last_sequence(), 0);
}

TEST_F(CutAfterCompaction, transaction_whose_marker_was_cut_off_is_open_again) {
  put("a", kLarge);
  put("k", 20, {7, 0, 0}, true);
  put("other", 20, {7, 0, 1}, true);
  put("k", 20);
  put("b", kLarge);
  commit({7, 0, -1});
  ASSERT_EQ(log->active_base(), Offset(4));
  compact_all_but_the_active_segment();
  cut_to_the_active_base_and_recover();
  EXPECT_EQ(log->last_stable_offset(), Offset(1));
}

TEST_F(CutAfterCompaction, transaction_that_had_ended_stays_so) {
  put("a", kLarge);
  put("k", 20, {7, 0, 0}, true);
  put("b", kLarge);
  put("c", kLarge);  // The snapshot at its offset, 3, tells of the transaction as open.
  commit({7, 0, -1});
  put("k", 20);
  put("q", 20, {7, 0, 1}, true);
  put("d", kLarge);
  put("e", kLarge);
  commit({7, 0, -1});
  ASSERT_EQ(log->active_base(), Offset(8));
  // The first pass takes the data of the first transaction, the second dates its marker, the third has no use for it.
  for (int i = 0; i < 3; ++i) compact_all_but_the_active_segment();
  cut_to_the_active_base_and_recover();
  EXPECT_EQ(log->last_stable_offset(), Offset(6));
}

}  // namespace
}  // namespace barnabas::log
