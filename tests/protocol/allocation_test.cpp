// What decoding allocates: one piece of memory for each array, none for each field.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "core/protocol/codec.hpp"
#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/03_metadata.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace barnabas::protocol {
namespace {

template <class M>
std::size_t allocations_of_decoding(const M& message, std::int16_t version) {
  Writer out;
  encode(out, message, version);
  const std::size_t before = allocations;
  const auto decoded = decode<M>(out.view(), version);
  EXPECT_TRUE(decoded.has_value());
  return allocations - before;
}

TEST(Allocations, a_produce_request_costs_one_for_each_array) {
  const std::string records(4096, 'r');
  ProduceRequest request;
  request.transactional_id = "a transactional id that is longer than a short string";
  for (int t = 0; t < 3; ++t) {
    auto& topic = request.topic_data.emplace_back();
    topic.name = "a topic name that is longer than a short string";
    for (std::int32_t i = 0; i < 100; ++i) {
      topic.partition_data.emplace_back().records = Records(as_bytes(records));
    }
  }
  // The topics, and the partitions of each.
  EXPECT_EQ(allocations_of_decoding(request, 3), 4u);
  EXPECT_EQ(allocations_of_decoding(request, 9), 4u);
}

TEST(Allocations, a_list_of_names_costs_one) {
  MetadataRequest request;
  request.topics.emplace();
  for (int i = 0; i < 1000; ++i) {
    request.topics->emplace_back().name = "a topic name that is longer than a short string " + std::to_string(i);
  }
  EXPECT_EQ(allocations_of_decoding(request, 12), 1u);
}

}  // namespace
}  // namespace barnabas::protocol
