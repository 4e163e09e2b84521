// Brokers die at any moment, links are cut, leaders change: what was acknowledged by all stays, and the logs agree.
// More seeds: --gtest_shuffle --gtest_random_seed=N.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/prng.hpp"
#include "tests/replication/cluster.hpp"

namespace barnabas::replication {
namespace {

class Storm {
 public:
  Storm(std::uint64_t seed, bool power_cuts) : cluster_(seed), prng_(seed * 7 + 1), power_cuts_(power_cuts) {
    cluster_.min_insync_replicas = 2;
    // What a power cut must not take is synced before it is told of.
    if (power_cuts_) cluster_.config.flush_messages = 1;
    cluster_.config.segment_bytes = 1500;
    cluster_.options.max_lag = 4s;
    for (std::int32_t id = 1; id <= 3; ++id) cluster_.start(id);
    cluster_.create(kId, {1, 2, 3});
    cluster_.elect(1, {1, 2, 3});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    settle();
    check();
  }

  std::size_t acknowledged() const { return promised_.size(); }

 private:
  using Appends = std::vector<std::pair<std::int64_t, Offset>>;

  PartitionState& state() { return cluster_.controller.partitions.at(kId); }
  std::int32_t any() { return 1 + static_cast<std::int32_t>(prng_.below(3)); }
  std::string name(std::int32_t id) { return "b" + std::to_string(id); }

  static Task<void> append(std::shared_ptr<Partition> partition, std::int64_t producer, Appends& promised) {
    const Producer one{ProducerId(producer), ProducerEpoch(0)};
    auto appending = partition->append_as_leader(batch_of(1 + static_cast<int>(producer % 4), one, 0), Acks::all);
    const auto appended = co_await std::move(appending);
    if (appended) promised.emplace_back(producer, appended->base_offset);
  }

  void produce() {
    const std::int32_t leader = state().leader;
    if (!cluster_.running(leader)) return;
    const auto partition = cluster_.member(leader).partition();
    if (partition) cluster_.member(leader).node.spawn_task(append(partition, next_++, promised_));
  }

  void stop_one() {
    const std::int32_t id = any();
    if (!cluster_.running(id)) return;
    if (power_cuts_ && prng_.chance({1, 2})) {
      cluster_.power_cut(id);
    } else {
      cluster_.kill(id);
    }
  }

  void start_one(std::int32_t id) {
    if (cluster_.running(id)) return;
    cluster_.start(id);
    cluster_.tell_registrations();
    if (id != state().leader) cluster_.tell(id);
  }

  // A clean election: of one that is in sync and runs.
  void elect() {
    const std::vector<std::int32_t> isr = state().isr;
    std::vector<std::int32_t> candidates;
    for (const std::int32_t id : isr) {
      if (cluster_.running(id)) candidates.push_back(id);
    }
    if (!candidates.empty()) cluster_.elect(candidates[prng_.below(candidates.size())], isr);
  }

  void step() {
    switch (prng_.below(12)) {
      case 0: stop_one(); break;
      case 1:
      case 2: start_one(any()); break;
      case 3: elect(); break;
      case 4: cluster_.world.network().cut(name(any()), name(any())); break;
      case 5: cluster_.world.network().break_connections(name(any()), name(any())); break;
      case 6: cluster_.world.network().heal_all(); break;
      case 7: cluster_.controller.lose_answers = 1; break;
      default: produce();
    }
    if (!cluster_.running(state().leader)) elect();
    cluster_.world.run_for(std::chrono::milliseconds(prng_.below(400)));
  }

  void settle() {
    cluster_.world.network().heal_all();
    cluster_.controller.lose_answers = 0;
    for (std::int32_t id = 1; id <= 3; ++id) start_one(id);
    elect();
    cluster_.world.run_for(1s);  // What waits to be appended is.
    ASSERT_TRUE(cluster_.wait([&] { return state().isr.size() == 3; })) << "the ISR stays small";
    const auto ends = [&](std::int32_t id) { return cluster_.member(id).partition()->log_end_offset(); };
    ASSERT_TRUE(cluster_.wait([&] { return ends(1) == ends(2) && ends(2) == ends(3); }));
    const auto leader = cluster_.member(state().leader).partition();
    ASSERT_TRUE(cluster_.wait([&] { return leader->high_watermark() == leader->log_end_offset(); }));
  }

  static std::vector<std::string> batches_of(const std::vector<std::byte>& log) {
    std::vector<std::string> batches;
    const auto walked = record::for_each_batch(log, [&](const record::BatchHeader& header, ByteView) {
      batches.push_back(std::to_string(header.base_offset.value()) + " of epoch " +
                        std::to_string(header.leader_epoch.value()) + " by " +
                        std::to_string(header.producer_id.value()));
      return Result<void>();
    });
    EXPECT_TRUE(walked.has_value());
    return batches;
  }
  static std::string where_differs(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
    const auto left = batches_of(a);
    const auto right = batches_of(b);
    const auto at = std::ranges::mismatch(left, right);
    return (at.in1 == left.end() ? std::string("the end") : *at.in1) + " is " +
           (at.in2 == right.end() ? std::string("the end") : *at.in2);
  }

  void check() {
    if (::testing::Test::HasFatalFailure()) return;
    const auto log = cluster_.content(1);
    for (const std::int32_t id : {2, 3}) {
      if (cluster_.content(id) != log) ADD_FAILURE() << where_differs(log, cluster_.content(id)) << " of broker " << id;
    }
    std::map<Offset, std::int64_t> producers;
    const auto walked = record::for_each_batch(log, [&](const record::BatchHeader& header, ByteView) {
      producers[header.base_offset] = header.producer_id.value();
      return Result<void>();
    });
    EXPECT_TRUE(walked.has_value());
    for (const auto& [producer, offset] : promised_) {
      const auto found = producers.find(offset);
      ASSERT_NE(found, producers.end()) << "offset " << offset.value();
      EXPECT_EQ(found->second, producer) << "offset " << offset.value();
    }
  }

  Appends promised_;
  Cluster cluster_;
  Prng prng_;
  bool power_cuts_;
  std::int64_t next_ = 1;
};

std::uint64_t first_seed() {
  return 1000 * static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed());
}

TEST(ReplicationStorm, what_all_acknowledged_survives_killed_processes) {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = first_seed() + 1; seed <= first_seed() + 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Storm storm(seed, false);
    storm.run(120);
    if (HasFailure()) return;
    acknowledged += storm.acknowledged();
  }
  EXPECT_GT(acknowledged, 100u);
  RecordProperty("acknowledged", static_cast<int>(acknowledged));
}

TEST(ReplicationStorm, what_all_acknowledged_survives_power_cuts_where_each_message_is_flushed) {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = first_seed() + 101; seed <= first_seed() + 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Storm storm(seed, true);
    storm.run(120);
    if (HasFailure()) return;
    acknowledged += storm.acknowledged();
  }
  EXPECT_GT(acknowledged, 50u);
  RecordProperty("acknowledged", static_cast<int>(acknowledged));
}

}  // namespace
}  // namespace barnabas::replication
