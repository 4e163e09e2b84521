// CRC-32C, codecs, record walk, validation and conversion, on batches of a producer's usual shape.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>

#include "core/base/checksum.hpp"
#include "core/base/prng.hpp"
#include "core/record/batch_builder.hpp"
#include "core/record/convert.hpp"
#include "core/record/validate.hpp"

namespace barnabas::record {
namespace {

constexpr Timestamp kNow{1'700'000'000'000};

// Text-like bytes that compress about four to one, the same in every run.
std::string sample(std::size_t size, std::uint64_t seed = 1) {
  static constexpr std::string_view kWords[] = {"order",   "customer", "timestamp", "Barnabas", "castle", "letter",
                                                "village", "amount",   "currency",  "true",     "null",   "messenger"};
  Prng prng(seed);
  std::string text;
  while (text.size() < size) {
    text += kWords[prng.below(std::size(kWords))];
    text += "\":" + std::to_string(prng.below(10'000)) + ",\"";
  }
  text.resize(size);
  return text;
}

// About 64 KiB of records with the value size given, out of text.
Buffer build_batch(Codec codec, std::size_t value_size, std::string_view text) {
  BatchBuilder builder({.codec = codec});
  std::size_t at = 0;
  while (builder.uncompressed_size() < 64 * 1024) {
    const std::string key = "key-" + std::to_string(builder.count());
    builder.append(kNow + builder.count(), as_bytes(key), as_bytes(text.substr(at, value_size)));
    at += value_size;
  }
  return builder.build();
}
Buffer sample_batch(Codec codec, std::size_t value_size) { return build_batch(codec, value_size, sample(1 << 17)); }

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void set_records(benchmark::State& state, std::int32_t records) {
  state.counters["records"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * records, benchmark::Counter::kIsRate);
}

void BM_memcpy(benchmark::State& state) {
  const std::string from = sample(static_cast<std::size_t>(state.range(0)));
  std::string to(from.size(), '\0');
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, from.size());
}
BENCHMARK(BM_memcpy)->Arg(1 << 10)->Arg(1 << 16)->Arg(1 << 20);

void BM_crc32c(benchmark::State& state) {
  const std::string data = sample(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(as_bytes(data)));
  set_bytes(state, data.size());
}
BENCHMARK(BM_crc32c)->Arg(100)->Arg(1 << 10)->Arg(1 << 16)->Arg(1 << 20);

void codec_args(benchmark::internal::Benchmark* bench) {
  for (int codec = 0; codec <= 4; ++codec) bench->Args({codec, 100})->Args({codec, 1000});
  bench->ArgNames({"codec", "value"});
}

Codec codec_of(const benchmark::State& state) { return static_cast<Codec>(state.range(0)); }

void BM_compress(benchmark::State& state) {
  const Codec codec = codec_of(state);
  const std::string data = sample(64 * 1024);
  std::size_t size = 0;
  for (auto _ : state) size = compress(codec, as_bytes(data)).size();
  state.SetLabel(std::string(name_of(codec)) + " to " + std::to_string(size * 100 / data.size()) + " %");
  set_bytes(state, data.size());
}
BENCHMARK(BM_compress)->ArgName("codec")->DenseRange(1, 4);

void BM_decompress(benchmark::State& state) {
  const Codec codec = codec_of(state);
  const std::string data = sample(64 * 1024);
  const Buffer compressed = compress(codec, as_bytes(data));
  for (auto _ : state) benchmark::DoNotOptimize(decompress(codec, compressed.view()));
  state.SetLabel(std::string(name_of(codec)));
  set_bytes(state, data.size());
}
BENCHMARK(BM_decompress)->ArgName("codec")->DenseRange(1, 4);

// What a leader does with every produced batch; the copy stands for the network buffer that it would own.
void BM_validate(benchmark::State& state) {
  const Buffer batch = sample_batch(codec_of(state), static_cast<std::size_t>(state.range(1)));
  const std::int32_t records = parse_batch_header(batch.view())->record_count;
  Buffer mine = Buffer::copy_of(batch.view());
  for (auto _ : state) {
    auto result = validate_for_append(mine, 2, {}, kNow);
    B_CHECK(result.has_value());
    benchmark::DoNotOptimize(result);
  }
  state.SetLabel(std::string(name_of(codec_of(state))));
  set_bytes(state, batch.size());
  set_records(state, records);
}
BENCHMARK(BM_validate)->Apply(codec_args);

void BM_validate_and_recompress(benchmark::State& state) {
  const Buffer batch = sample_batch(codec_of(state), 100);
  AppendPolicy policy;
  policy.codec = Codec::lz4;
  for (auto _ : state) benchmark::DoNotOptimize(validate_for_append(batch, 2, policy, kNow));
  state.SetLabel(std::string(name_of(codec_of(state))) + " to lz4");
  set_bytes(state, batch.size());
}
BENCHMARK(BM_validate_and_recompress)->ArgName("codec")->Arg(0)->Arg(4);

void BM_record_walk(benchmark::State& state) {
  const Buffer batch = sample_batch(Codec::none, static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) {
    B_CHECK(
        for_each_record(batch.view(), [&](const RecordView& record) { bytes += record.value->size(); }).has_value());
  }
  benchmark::DoNotOptimize(bytes);
  set_bytes(state, batch.size());
  set_records(state, parse_batch_header(batch.view())->record_count);
}
BENCHMARK(BM_record_walk)->ArgName("value")->Arg(10)->Arg(100)->Arg(1000);

void BM_build_batch(benchmark::State& state) {
  const Codec codec = codec_of(state);
  const auto value_size = static_cast<std::size_t>(state.range(1));
  const std::string text = sample(1 << 17);
  std::size_t size = 0;
  for (auto _ : state) size = build_batch(codec, value_size, text).size();
  state.SetLabel(std::string(name_of(codec)));
  set_bytes(state, size);
}
BENCHMARK(BM_build_batch)->ArgNames({"codec", "value"})->Args({0, 100})->Args({0, 1000});

void BM_down_convert(benchmark::State& state) {
  const Buffer batch = sample_batch(codec_of(state), 100);
  for (auto _ : state) benchmark::DoNotOptimize(down_convert(batch.view(), 1, Offset(0)));
  state.SetLabel(std::string(name_of(codec_of(state))));
  set_bytes(state, batch.size());
}
BENCHMARK(BM_down_convert)->ArgName("codec")->Arg(0)->Arg(3);

void BM_up_convert(benchmark::State& state) {
  const Buffer old = *down_convert(sample_batch(codec_of(state), 100).view(), 1, Offset(0));
  for (auto _ : state) benchmark::DoNotOptimize(up_convert(old.view(), {.codec = codec_of(state)}));
  state.SetLabel(std::string(name_of(codec_of(state))));
  set_bytes(state, old.size());
}
BENCHMARK(BM_up_convert)->ArgName("codec")->Arg(0)->Arg(3);

}  // namespace
}  // namespace barnabas::record
