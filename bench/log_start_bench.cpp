// What a start costs: recovering a log, opening many, and the memory of those that do nothing. And durable appends by
// several producers at once, against the disk's own fdatasync.
#include <fcntl.h>
#include <malloc.h>

#include <chrono>

#include "bench/log_rig.hpp"
#include "core/async/gather.hpp"
#include "core/async/scope.hpp"
#include "core/log/log_manager.hpp"

namespace barnabas::log {
namespace {

using Clock = std::chrono::steady_clock;

// The whole log is scanned, as after a crash without a checkpoint. ratio: to the time of a plain read of its files.
void BM_recovery(benchmark::State& state) {
  const Buffer batch = sample_batch(static_cast<std::size_t>(state.range(0)));
  Rig rig(bounded_config(LogConfig::kNever));
  const std::int64_t total = 512 << 20;
  rig.loop.run(append_many(*rig.log, batch, total / static_cast<std::int64_t>(batch.size())));
  const LogConfig config = rig.log->config();
  Clock::duration recovering{};
  Clock::duration reading{};
  for (auto _ : state) {
    state.PauseTiming();
    const auto start = Clock::now();
    for (const auto& entry : std::filesystem::directory_iterator(rig.scratch.partition())) {
      if (entry.path().extension() == ".log") PlainReader(entry.path().string()).read_all(1 << 20);
    }
    reading += Clock::now() - start;
    rig.log.reset();
    state.ResumeTiming();
    const auto begin = Clock::now();
    auto opened = rig.loop.run(
        PartitionLog::open(rig.loop.env(), rig.scratch.partition(), {"bench", PartitionId(0)}, config, {}));
    B_CHECK(opened.has_value());
    rig.log = *std::move(opened);
    recovering += Clock::now() - begin;
  }
  const double recovery_seconds = std::chrono::duration<double>(recovering).count();
  const double plain_seconds = std::chrono::duration<double>(reading).count();
  const auto total_bytes = static_cast<double>(state.iterations() * rig.log->size_in_bytes());
  state.counters["plain_GB/s"] = total_bytes / 1e9 / plain_seconds;
  state.counters["GB/s"] = total_bytes / 1e9 / recovery_seconds;
  state.counters["ratio"] = recovery_seconds / plain_seconds;
}
BENCHMARK(BM_recovery)->ArgName("batch")->Arg(1000)->Arg(16 << 10)->Arg(1 << 20)->UseRealTime();

Task<Result<void>> make_log(LogManager& logs, std::int32_t partition, Buffer batch) {
  const TopicPartition id{"bench", PartitionId(partition)};
  const Uuid topic_id = Uuid::from_random(1, 2);
  B_CO_TRY(PartitionLog* const log, co_await logs.create(id, topic_id, LogConfig{}));
  B_CO_TRY_VOID(co_await log->append(std::move(batch)));
  co_return Result<void>{};
}

Task<Result<void>> make_logs(env::Env env, LogManager& logs, std::int32_t count) {
  Buffer batch = sample_batch(100);
  record::assign_offsets(batch.mutable_view(), Offset(0), LeaderEpoch(0));
  std::vector<Task<Result<void>>> making;
  for (std::int32_t i = 0; i < count; ++i) making.push_back(make_log(logs, i, batch));
  co_return co_await gather(env.executor, std::move(making), 32);
}

// A clean start with this many partitions, each with one small batch. bytes/partition: of the heap, once they are open.
void BM_open_partitions(benchmark::State& state) {
  Scratch scratch;
  net::EventLoop loop;
  LogManagerOptions options;
  options.data_dirs = {(scratch.path() / "data").string()};
  options.broker_id = BrokerId(1);
  options.cluster_id = "bench";
  auto opened = loop.run(LogManager::open(loop.env(), options));
  B_CHECK(opened.has_value());
  std::unique_ptr<LogManager> logs = *std::move(opened);
  B_CHECK(loop.run(make_logs(loop.env(), *logs, static_cast<std::int32_t>(state.range(0)))).has_value());
  std::size_t before = 0;
  for (auto _ : state) {
    state.PauseTiming();
    B_CHECK(loop.run(logs->stop()).has_value());
    logs.reset();
    before = ::mallinfo2().uordblks;
    state.ResumeTiming();
    auto again = loop.run(LogManager::open(loop.env(), options));
    B_CHECK(again.has_value() && (*again)->started_clean());
    logs = *std::move(again);
  }
  const std::size_t after = ::mallinfo2().uordblks;
  state.counters["bytes/partition"] = static_cast<double>(after - before) / static_cast<double>(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_open_partitions)->ArgName("partitions")->Arg(1'000)->Arg(10'000)->Iterations(2)->UseRealTime();

Task<void> produce_durably(PartitionLog& log, Semaphore& order, Buffer batch, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    Offset end{0};
    {
      const Semaphore::Units turn = co_await order.acquire();
      record::assign_offsets(batch.mutable_view(), log.log_end_offset(), LeaderEpoch(0));
      auto written = co_await log.write(batch);
      B_CHECK(written.has_value());
      end = written->last_offset + 1;
    }
    B_CHECK((co_await log.make_durable(end)).has_value());
  }
}

Task<void> produce_together(env::Env env, PartitionLog& log, std::int64_t producers, std::int64_t each) {
  Semaphore order(env.executor, 1);
  Scope scope(env.executor);
  const Buffer sample = sample_batch(1000);
  for (std::int64_t i = 0; i < producers; ++i) {
    scope.spawn(produce_durably(log, order, Buffer::copy_of(sample.view()), each));
  }
  co_await scope.join();
}

// flush.messages=1 with this many producers, each waiting for its batch before the next. ratio: batches made durable
// per fdatasync that the disk would do alone, one after the other, in the same time.
void BM_durable_appends(benchmark::State& state) {
  constexpr std::int64_t kEach = 20;
  Rig rig(bounded_config(1));
  const std::string path = rig.scratch.partition() + "/plain";
  const int plain = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  B_CHECK(plain >= 0);
  const std::string bytes(1000, 'x');
  Clock::duration appending{};
  Clock::duration syncing{};
  std::int64_t syncs = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    rig.loop.run(produce_together(rig.loop.env(), *rig.log, state.range(0), kEach));
    appending += Clock::now() - begin;
    state.PauseTiming();
    for (int i = 0; i < 20; ++i, ++syncs) {
      const auto from = Clock::now();
      B_CHECK(::write(plain, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
      B_CHECK(::fdatasync(plain) == 0);
      syncing += Clock::now() - from;
    }
    state.ResumeTiming();
  }
  ::close(plain);
  const auto batches = static_cast<double>(state.iterations() * state.range(0) * kEach);
  const double per_second = batches / std::chrono::duration<double>(appending).count();
  const double syncs_per_second = static_cast<double>(syncs) / std::chrono::duration<double>(syncing).count();
  state.counters["batches/s"] = per_second;
  state.counters["fdatasync/s"] = syncs_per_second;
  state.counters["ratio"] = per_second / syncs_per_second;
}
BENCHMARK(BM_durable_appends)->ArgName("producers")->Arg(1)->Arg(8)->Arg(64)->UseRealTime();

}  // namespace
}  // namespace barnabas::log
