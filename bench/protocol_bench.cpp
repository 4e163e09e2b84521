// The messages of the data path, decoded and encoded as a broker does it.
#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <vector>

#include "core/protocol/frame.hpp"
#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/03_metadata.hpp"

namespace barnabas::protocol {
namespace {

// What bench/jvm measures of the JVM client: one topic of 100 partitions, each with a record set.
constexpr int kPartitions = 100;
constexpr std::size_t kRecordBytes = 4096;

void count_partitions(benchmark::State& state) {
  state.counters["per_partition"] =
      benchmark::Counter(kPartitions, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

template <class M>
Buffer encoded(const M& message, std::int16_t version) {
  Writer out;
  encode(out, message, version);
  return out.to_buffer();
}

Buffer some_records() { return Buffer::copy_of(as_bytes(std::string(kRecordBytes, 'r'))); }

ProduceRequest produce_request() {
  ProduceRequest request;
  request.acks = -1;
  request.topic_data.emplace_back().name = String("orders");
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    auto& partition = request.topic_data[0].partition_data.emplace_back();
    partition.index = i;
    partition.records = Records(some_records());
  }
  return request;
}

ProduceResponse produce_response() {
  ProduceResponse response;
  response.responses.emplace_back().name = String("orders");
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    auto& partition = response.responses[0].partition_responses.emplace_back();
    partition.index = i;
    partition.base_offset = 1'000'000 + i;
    partition.log_start_offset = 0;
  }
  return response;
}

FetchRequest fetch_request() {
  FetchRequest request;
  request.topics.emplace_back().topic = String("orders");
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    auto& partition = request.topics[0].partitions.emplace_back();
    partition.partition = i;
    partition.fetch_offset = 1'000'000 + i;
    partition.partition_max_bytes = 1 << 20;
  }
  return request;
}

FetchResponse fetch_response() {
  FetchResponse response;
  response.responses.emplace_back().topic = String("orders");
  for (std::int32_t i = 0; i < kPartitions; ++i) {
    auto& partition = response.responses[0].partitions.emplace_back();
    partition.partition_index = i;
    partition.high_watermark = 1'000'000 + i;
    partition.records = Records(some_records());
  }
  return response;
}

template <class M>
void decode_all(benchmark::State& state, const M& message, std::int16_t version) {
  const Buffer bytes = encoded(message, version);
  for (auto _ : state) {
    auto decoded = decode<M>(bytes.view(), version);
    B_CHECK(decoded.has_value());
    benchmark::DoNotOptimize(decoded);
  }
  count_partitions(state);
}

void BM_produce_v9_request_decode(benchmark::State& state) { decode_all(state, produce_request(), 9); }
void BM_produce_v9_response_decode(benchmark::State& state) { decode_all(state, produce_response(), 9); }
void BM_fetch_v12_request_decode(benchmark::State& state) { decode_all(state, fetch_request(), 12); }
void BM_fetch_v12_response_decode(benchmark::State& state) { decode_all(state, fetch_response(), 12); }
BENCHMARK(BM_produce_v9_request_decode);
BENCHMARK(BM_produce_v9_response_decode);
BENCHMARK(BM_fetch_v12_request_decode);
BENCHMARK(BM_fetch_v12_response_decode);

// As they are sent: with size and header, record sets not copied.
template <class M>
void encode_requests(benchmark::State& state, const M& request, std::int16_t version) {
  const std::optional<String> client_id = String("bench");
  for (auto _ : state) benchmark::DoNotOptimize(encode_request_frame(request, version, 1, client_id));
  count_partitions(state);
}
template <class M>
void encode_responses(benchmark::State& state, const M& response, std::int16_t version) {
  for (auto _ : state) benchmark::DoNotOptimize(encode_response_frame(response, version, 1));
  count_partitions(state);
}

void BM_produce_v9_request_encode(benchmark::State& state) { encode_requests(state, produce_request(), 9); }
void BM_produce_v9_response_encode(benchmark::State& state) { encode_responses(state, produce_response(), 9); }
void BM_fetch_v12_request_encode(benchmark::State& state) { encode_requests(state, fetch_request(), 12); }
void BM_fetch_v12_response_encode(benchmark::State& state) { encode_responses(state, fetch_response(), 12); }
BENCHMARK(BM_produce_v9_request_encode);
BENCHMARK(BM_produce_v9_response_encode);
BENCHMARK(BM_fetch_v12_request_encode);
BENCHMARK(BM_fetch_v12_response_encode);

void BM_encode_metadata_response(benchmark::State& state) {
  MetadataResponse response;
  for (std::int64_t t = 0; t < state.range(0); ++t) {
    auto& topic = response.topics.emplace_back();
    topic.name = String("topic-" + std::to_string(t));
    for (std::int32_t i = 0; i < 10; ++i) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = i;
      partition.replica_nodes = {1, 2, 3};
      partition.isr_nodes = {1, 2, 3};
    }
  }
  std::size_t size = 0;
  for (auto _ : state) {
    Writer out;
    encode(out, response, 12);
    size = out.size();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(BM_encode_metadata_response)->ArgName("topics")->Arg(10)->Arg(1000);

}  // namespace
}  // namespace barnabas::protocol
