// What a broker does for each produced batch once it is validated: a partition that leads alone, on real files.
#include <deque>

#include "bench/log_rig.hpp"
#include "core/replication/partition.hpp"

namespace barnabas::replication {
namespace {

constexpr std::int64_t kPerRound = 1024;

record::ValidatedRecords validated(const Buffer& sample) {
  record::ValidatedRecords records;
  records.batch = Buffer::copy_of(sample.view());
  records.header = *record::parse_batch_header(sample.view());
  records.record_count = records.header.record_count;
  return records;
}

// As many producers as `window` would, each with one batch under way.
Task<void> produce(Partition& partition, const Buffer& sample, std::int64_t count, std::size_t window) {
  std::deque<Task<Result<Appended>>> under_way;
  for (std::int64_t i = 0; i < count; ++i) {
    under_way.push_back(partition.append_as_leader(validated(sample), Acks::all));
    if (under_way.size() < window) continue;
    auto oldest = std::move(under_way.front());
    under_way.pop_front();
    B_CHECK((co_await std::move(oldest)).has_value());
  }
  for (auto& task : under_way) B_CHECK((co_await std::move(task)).has_value());
}

void BM_produce_to_a_lone_leader(benchmark::State& state) {
  const Buffer sample = log::sample_batch(static_cast<std::size_t>(state.range(0)));
  log::Rig rig(log::bounded_config(log::LogConfig::kNever));
  Partition partition(rig.loop.env(), rig.log->id(), Uuid(), BrokerId(1), *rig.log, nullptr);
  Leadership leadership;
  leadership.epoch = LeaderEpoch(0);
  leadership.replicas = {BrokerId(1)};
  leadership.isr = {{BrokerId(1), 1}};
  const LeaderLimits limits;
  B_CHECK(rig.loop.run(partition.lead(std::move(leadership), 1, limits)).has_value());
  std::int64_t in_log = 0;
  while (state.KeepRunningBatch(kPerRound)) {
    rig.loop.run(produce(partition, sample, kPerRound, static_cast<std::size_t>(state.range(1))));
    in_log += kPerRound * static_cast<std::int64_t>(sample.size());
    if (in_log < (1 << 30)) continue;
    state.PauseTiming();
    B_CHECK(rig.loop.run(rig.log->advance_log_start(rig.log->log_end_offset())).has_value());
    in_log = 0;
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample.size()));
}
BENCHMARK(BM_produce_to_a_lone_leader)
    ->ArgNames({"bytes", "window"})
    ->Args({200, 1})
    ->Args({200, 16})
    ->Args({16 << 10, 16})
    ->UseRealTime();

}  // namespace
}  // namespace barnabas::replication
