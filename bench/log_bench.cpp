// Append and fetch through a partition's log on real files, in the directory for temporary files.
//
// Appends go to the page cache unless flush.messages is 1, as in a broker.
#include <chrono>

#include "bench/log_rig.hpp"
#include "core/base/prng.hpp"
#include "core/record/validate.hpp"

namespace barnabas::log {
namespace {

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

// From the start of the log to its end, in slices of 1 MiB.
Task<void> fetch_all(PartitionLog& log, bool through_memory, std::size_t& bytes) {
  for (Offset from(0); from < log.log_end_offset();) {
    auto slice = co_await log.read(from, 1 << 20, log.log_end_offset(), true);
    B_CHECK(slice.has_value() && slice->size > 0);
    bytes += slice->size;
    if (through_memory) {
      auto read = co_await slice->file->read_at(slice->position, slice->size);
      B_CHECK(read.has_value());
    }
    const auto per_batch = static_cast<std::int64_t>(slice->size / slice->first_batch_size);
    const auto header = co_await slice->file->read_at(slice->position, record::kBatchHeaderSize);
    from = slice->first_offset + per_batch * record::parse_batch_header_prefix(header->view())->record_count;
  }
}

void BM_fetch_in_sequence(benchmark::State& state) {
  const Buffer batch = sample_batch(16 << 10);
  Rig rig(bounded_config(LogConfig::kNever));
  rig.loop.run(append_many(*rig.log, batch, 8'000));
  std::size_t bytes = 0;
  for (auto _ : state) rig.loop.run(fetch_all(*rig.log, state.range(0) == 1, bytes));
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(BM_fetch_in_sequence)->ArgName("memory")->Arg(0)->Arg(1)->UseRealTime();

// Random fetches of 1 MiB, or the whole log in sequence, through memory, against plain reads of as many bytes from the
// same file, by turns: `ratio` is how many times as long they take. Each reads at places of its own: what the other has
// just read is in the processor's cache.
void BM_fetch_against_plain_read(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kAtATime = 1 << 20;
  const bool in_sequence = state.range(0) == 1;
  const Buffer batch = sample_batch(16 << 10);
  Rig rig(bounded_config(LogConfig::kNever));
  rig.loop.run(append_many(*rig.log, batch, 8'000));
  PlainReader plain(rig.scratch.partition() + "/00000000000000000000.log");
  Prng prng(1);
  Clock::duration fetching{};
  Clock::duration reading{};
  std::size_t fetched = 0;
  std::size_t read = 0;
  const auto size = static_cast<std::uint64_t>(rig.log->size_in_bytes());
  for (auto _ : state) {
    const std::uint64_t at = prng.below(900);  // Thousandths of the log.
    const std::uint64_t plain_at = prng.below(900);
    const auto begin = Clock::now();
    if (in_sequence) {
      rig.loop.run(fetch_all(*rig.log, true, fetched));
    } else {
      const Offset from(rig.log->log_end_offset().value() * static_cast<std::int64_t>(at) / 1000);
      rig.loop.run(fetch_once(*rig.log, from, true, fetched));
    }
    const auto middle = Clock::now();
    read += in_sequence ? plain.read_all(kAtATime) : plain.read(size * plain_at / 1000, kAtATime);
    fetching += middle - begin;
    reading += Clock::now() - middle;
  }
  const double fetch_speed = static_cast<double>(fetched) / std::chrono::duration<double>(fetching).count();
  const double plain_speed = static_cast<double>(read) / std::chrono::duration<double>(reading).count();
  state.counters["fetch_MB/s"] = fetch_speed / 1e6;
  state.counters["plain_MB/s"] = plain_speed / 1e6;
  state.counters["ratio"] = plain_speed / fetch_speed;
}
BENCHMARK(BM_fetch_against_plain_read)->ArgName("in_sequence")->Arg(0)->Arg(1)->UseRealTime();

Task<void> append_validated(PartitionLog& log, Buffer batch, std::int64_t count) {
  record::AppendPolicy policy;
  for (std::int64_t i = 0; i < count; ++i) {
    record::assign_offsets(batch.mutable_view(), Offset(0), LeaderEpoch(0));
    auto validated = record::validate_for_append(batch, 2, policy, Timestamp(1'700'000'000'000));
    B_CHECK(validated.has_value());
    record::assign_offsets(validated->batch.mutable_view(), log.log_end_offset(), LeaderEpoch(0));
    auto appended = co_await log.append(validated->batch);
    B_CHECK(appended.has_value());
  }
}

Task<void> write_plain(env::File& file, Buffer batch, std::int64_t count, std::uint64_t& position) {
  const ByteView parts[] = {batch.view()};
  for (std::int64_t i = 0; i < count; ++i) {
    B_CHECK((co_await file.write_at(position, parts)).has_value());
    position += batch.size();
  }
}

// What a produced batch costs, CRC included, against a plain write of the same bytes, by turns: `ratio` is how many
// times as long it takes.
void BM_append_against_plain_write(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kRound = 128;
  const Buffer batch = sample_batch(static_cast<std::size_t>(state.range(0)));
  Rig rig(bounded_config(LogConfig::kNever));
  auto opened = rig.loop.run(rig.loop.env().disk.open(rig.scratch.partition() + "/plain", env::OpenMode::create));
  B_CHECK(opened.has_value());
  std::uint64_t position = 0;
  Clock::duration appending{};
  Clock::duration writing{};
  for (auto _ : state) {
    const auto begin = Clock::now();
    rig.loop.run(append_validated(*rig.log, batch, kRound));
    const auto middle = Clock::now();
    rig.loop.run(write_plain(**opened, batch, kRound, position));
    appending += middle - begin;
    writing += Clock::now() - middle;
    state.PauseTiming();
    if (position > (1u << 29)) {
      B_CHECK(rig.loop.run(rig.log->truncate_to(Offset(0))).has_value());
      B_CHECK(rig.loop.run((*opened)->truncate(0)).has_value());
      position = 0;
    }
    state.ResumeTiming();
  }
  state.counters["ratio"] = std::chrono::duration<double>(appending) / std::chrono::duration<double>(writing);
  const auto bytes = static_cast<double>(state.iterations() * kRound) * static_cast<double>(batch.size());
  state.counters["append_MB/s"] = bytes / 1e6 / std::chrono::duration<double>(appending).count();
  state.counters["plain_MB/s"] = bytes / 1e6 / std::chrono::duration<double>(writing).count();
}
BENCHMARK(BM_append_against_plain_write)->ArgName("bytes")->Arg(1000)->Arg(16 << 10)->Arg(512 << 10)->UseRealTime();

}  // namespace
}  // namespace barnabas::log
