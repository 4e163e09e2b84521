// The messages of the data path, decoded and encoded as a broker does it.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "core/protocol/codec.hpp"
#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/protocol/messages/03_metadata.hpp"

namespace barnabas::protocol {
namespace {

// Stands for a slice of a segment file.
class Slice : public ExternalRecords {
 public:
  std::size_t size() const override { return 1 << 20; }
};

void BM_decode_produce_request(benchmark::State& state) {
  const std::string records(64 * 1024, 'r');
  ProduceRequest request;
  request.acks = -1;
  request.topic_data.emplace_back().name = String("orders");
  for (std::int32_t i = 0; i < state.range(0); ++i) {
    auto& partition = request.topic_data[0].partition_data.emplace_back();
    partition.index = i;
    partition.records = Records(as_bytes(records));
  }
  Writer out;
  encode(out, request, 9);
  for (auto _ : state) {
    auto decoded = decode<ProduceRequest>(out.view(), 9);
    B_CHECK(decoded.has_value());
    benchmark::DoNotOptimize(decoded);
  }
}
BENCHMARK(BM_decode_produce_request)->ArgName("partitions")->Arg(1)->Arg(32);

void BM_encode_fetch_response(benchmark::State& state) {
  FetchResponse response;
  auto& topic = response.responses.emplace_back();
  for (std::int32_t i = 0; i < state.range(0); ++i) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = i;
    partition.records = Records(std::make_shared<Slice>());
  }
  for (auto _ : state) benchmark::DoNotOptimize(encode_fragments({}, response, 13));
}
BENCHMARK(BM_encode_fetch_response)->ArgName("partitions")->Arg(1)->Arg(32);

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
