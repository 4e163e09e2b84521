// Append and fetch through a partition's log on real files, in the directory for temporary files.
//
// Appends go to the page cache unless flush.messages is 1, as in a broker.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/prng.hpp"
#include "core/log/partition_log.hpp"
#include "core/record/batch_builder.hpp"
#include "net/event_loop.hpp"

namespace barnabas::log {
namespace {

// Each benchmark starts with a directory of its own and leaves nothing behind.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / ("barnabas-bench-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_ / "bench-0");
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string partition() const { return (path_ / "bench-0").string(); }

 private:
  std::filesystem::path path_;
};

Buffer sample_batch(std::size_t size) {
  record::BatchBuilder builder;
  const std::string value(std::min<std::size_t>(size, 1000), 'v');
  while (builder.uncompressed_size() < size) builder.append(Timestamp(1'700'000'000'000), {}, as_bytes(value));
  return builder.build();
}

struct Rig {
  explicit Rig(LogConfig config) {
    auto opened = loop.run(PartitionLog::open(loop.env(), scratch.partition(), {"bench", PartitionId(0)}, config, {}));
    B_CHECK(opened.has_value());
    log = *std::move(opened);
  }
  Scratch scratch;
  net::EventLoop loop;
  std::unique_ptr<PartitionLog> log;
};

// The batch is written before append() returns, so that its memory can be used again.
Task<void> append_many(PartitionLog& log, Buffer batch, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    record::assign_offsets(batch.mutable_view(), log.log_end_offset(), LeaderEpoch(0));
    auto appended = co_await log.append(batch);
    B_CHECK(appended.has_value());
  }
}

LogConfig bounded_config(std::int64_t flush_messages) {
  LogConfig config;
  config.segment_bytes = 256 << 20;
  config.flush_messages = flush_messages;
  return config;
}

// Half of each round is not timed: the log is emptied, so that the disk does not fill up.
void run_appends(benchmark::State& state, std::int64_t flush_messages, std::int64_t per_round) {
  const Buffer batch = sample_batch(static_cast<std::size_t>(state.range(0)));
  Rig rig(bounded_config(flush_messages));
  std::int64_t in_log = 0;
  while (state.KeepRunningBatch(per_round)) {
    rig.loop.run(append_many(*rig.log, batch, per_round));
    in_log += per_round * static_cast<std::int64_t>(batch.size());
    if (in_log > (1 << 30)) {
      state.PauseTiming();
      B_CHECK(rig.loop.run(rig.log->truncate_to(Offset(0))).has_value());
      in_log = 0;
      state.ResumeTiming();
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
}

void BM_append(benchmark::State& state) { run_appends(state, LogConfig::kNever, 256); }
BENCHMARK(BM_append)->ArgName("bytes")->Arg(200)->Arg(16 << 10)->Arg(1 << 20)->UseRealTime();

void BM_append_and_sync(benchmark::State& state) { run_appends(state, 1, 1); }
BENCHMARK(BM_append_and_sync)->ArgName("bytes")->Arg(200)->Arg(16 << 10)->UseRealTime();

Task<void> fetch_once(PartitionLog& log, Offset from, bool through_memory, std::size_t& bytes) {
  auto slice = co_await log.read(from, 1 << 20, log.log_end_offset(), true);
  B_CHECK(slice.has_value());
  bytes += slice->size;
  if (!through_memory) co_return;
  auto read = co_await slice->file->read_at(slice->position, slice->size);
  B_CHECK(read.has_value());
}

// Finding the slice at a random offset, and with memory:1 reading it as well.
void BM_fetch(benchmark::State& state) {
  const Buffer batch = sample_batch(16 << 10);
  Rig rig(bounded_config(LogConfig::kNever));
  rig.loop.run(append_many(*rig.log, batch, 8'000));
  Prng prng(1);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto end = static_cast<std::uint64_t>(rig.log->log_end_offset().value());
    const Offset from(static_cast<std::int64_t>(prng.below(end * 9 / 10)));
    rig.loop.run(fetch_once(*rig.log, from, state.range(0) == 1, bytes));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(BM_fetch)->ArgName("memory")->Arg(0)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace barnabas::log
