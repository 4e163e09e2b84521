// Segments come, go and are cut off while the machine loses power: whatever a directory that was not synced keeps of
// new entries, renames and removals, in whatever order, what is left of the log is right.
#include <algorithm>

#include "tests/log/support.hpp"

namespace barnabas::log {
namespace {

constexpr Producer kProducer{1, 0, 0};

Task<void> delete_below(PartitionLog& log, Offset offset) { (void)co_await log.advance_log_start(offset); }
Task<void> truncate(PartitionLog& log, Offset offset) { (void)co_await log.truncate_to(offset); }
Task<void> append_all(PartitionLog& log, std::vector<Buffer> batches) {
  for (Buffer& batch : batches) (void)co_await log.append(std::move(batch));
}
Task<void> flush_now_and_then(env::Env env, PartitionLog& log) {
  for (int i = 0; i < 200; ++i) {
    co_await env.clock.sleep_for(100us);
    (void)co_await log.flush();
  }
}

// Twelve transactions of two records each, all of them aborted, in as many segments as they take. All is synced.
class Interrupted : public LogTest {
 public:
  explicit Interrupted(std::uint64_t seed) : LogTest(seed) {
    config.segment_bytes = 450;
    config.flush_messages = 1;
    open();
    run(append_all(*log, transactions(0)));
    log->set_high_watermark(log->log_end_offset());
    EXPECT_TRUE(run(log->flush()).has_value());
    EXPECT_EQ(log->recovery_point(), kEnd);
    EXPECT_GT(log->segment_count(), 4u);
  }
  void TestBody() override {}

  // The power goes when this many events of the work have happened. The checkpoint of the recovery point was written
  // just then, or while what was to be cut off was still there.
  void cut_during(Task<void> work, int steps) {
    node->spawn_task(std::move(work));
    for (int i = 0; i < steps; ++i) world.step();
    cut_and_open(std::max(kEnd, log->recovery_point()));
  }

  // From here on nothing waits for a sync; one comes now and then.
  void flush_beside() {
    config.flush_messages = LogConfig::kNever;
    log->set_config(config);
    node->spawn_task(flush_now_and_then(node->env(), *log));
  }

  // The batches of as many more transactions.
  static std::vector<Buffer> transactions(int first) {
    std::vector<Buffer> batches;
    for (int i = first; i < first + kTransactions; ++i) {
      batches.push_back(make_batch(Offset(3 * i), 2, 1000, 20, {1, 0, 2 * i}, 0, true));
      batches.push_back(make_marker(Offset(3 * i + 2), kProducer, false, 0));
    }
    return batches;
  }

  // All batches up to the log end are there, and whatever is in them is known to be aborted.
  void expect_no_gap_and_all_aborted() {
    const auto bytes = run(read_all(*log, log->log_start_offset(), 10'000));
    ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
    const auto aborted = run(log->aborted_transactions(log->log_start_offset(), log->log_end_offset()));
    ASSERT_TRUE(aborted.has_value());
    Offset next = log->log_start_offset();
    (void)record::for_each_batch(*bytes, [&](const record::BatchHeader& header, ByteView) -> Result<void> {
      EXPECT_LE(header.base_offset, next);
      next = header.next_offset();
      if (header.is_control() || next == log->log_end_offset()) return {};  // Not aborted yet.
      const auto covers = [&](const AbortedTransaction& t) { return t.first_offset == header.base_offset; };
      EXPECT_TRUE(std::ranges::any_of(*aborted, covers)) << header.base_offset.value();
      return {};
    });
    EXPECT_EQ(next, log->log_end_offset());
  }

  PartitionLog& partition() { return *log; }

  static constexpr int kTransactions = 12;
  static constexpr Offset kEnd{3 * kTransactions};
};

constexpr std::uint64_t kSeeds = 40;
constexpr int kMostSteps = 120;

// cut(log, steps) for a log of each seed.
template <class Cut>
void for_each_seed(std::uint64_t seeds, int most_steps, Cut cut) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Interrupted log(seed);
    cut(log, static_cast<int>(seed * 7 % static_cast<std::uint64_t>(most_steps)));
    log.expect_no_gap_and_all_aborted();
  }
}

void cut_while_rolling(Interrupted& log, int steps) {
  log.cut_during(append_all(log.partition(), Interrupted::transactions(Interrupted::kTransactions)), steps);
  EXPECT_GE(log.partition().log_end_offset(), Interrupted::kEnd);
}

TEST(InterruptedRoll, leaves_no_segment_without_its_aborted_transactions) {
  for_each_seed(10 * kSeeds, 4 * kMostSteps, cut_while_rolling);
}

TEST(InterruptedRoll, recovery_point_does_not_pass_it) {
  for_each_seed(10 * kSeeds, 2 * kMostSteps, [](Interrupted& log, int steps) {
    log.flush_beside();
    cut_while_rolling(log, steps);
  });
}

TEST(InterruptedRemoval, deletion_leaves_no_segment_without_its_aborted_transactions) {
  for_each_seed(kSeeds, kMostSteps, [](Interrupted& log, int steps) {
    log.cut_during(delete_below(log.partition(), Offset(20)), steps);
    EXPECT_EQ(log.partition().log_end_offset(), Interrupted::kEnd);
  });
}

TEST(InterruptedRemoval, truncation_leaves_a_log_that_only_ends_earlier) {
  for_each_seed(kSeeds, kMostSteps, [](Interrupted& log, int steps) {
    log.cut_during(truncate(log.partition(), Offset(6)), steps);
    EXPECT_GE(log.partition().log_end_offset(), Offset(6));
  });
}

}  // namespace
}  // namespace barnabas::log
