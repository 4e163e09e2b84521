// What decoding allocates: one piece of memory for each array, none for each field, and no more than a message's size
// justifies.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "core/protocol/codec.hpp"
#include "core/protocol/messages/00_produce.hpp"
#include "core/protocol/messages/03_metadata.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"

namespace {
std::size_t allocations = 0;
std::size_t largest = 0;  // Of these, in bytes.
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  largest = std::max(largest, size);
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

// Groups of these names, without topics.
Buffer offset_fetch_of(std::size_t groups, std::string_view name) {
  Writer out;
  out.unsigned_varint(static_cast<std::uint32_t>(groups + 1));
  for (std::size_t i = 0; i < groups; ++i) {
    out.unsigned_varint(static_cast<std::uint32_t>(name.size() + 1));
    out.bytes(as_bytes(name));
    out.unsigned_varint(0);
    out.unsigned_varint(0);
  }
  out.i8(0);
  out.unsigned_varint(0);
  return out.to_buffer();
}

template <class M>
void expect_refused_unallocated(const Buffer& body, std::int16_t version) {
  largest = 0;
  const auto request = decode<M>(body.view(), version);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, Errc::corrupt) << request.error().message;
  EXPECT_NE(request.error().message.find("too much memory"), std::string::npos) << request.error().message;
  EXPECT_LE(largest, 16 * body.size());
}

TEST(Allocations, an_array_of_nothing_but_empty_elements_is_refused_before_it_is_allocated) {
  expect_refused_unallocated<OffsetFetchRequest>(offset_fetch_of(100'000, ""), 8);
  EXPECT_LT(largest, 4096u);
}

TEST(Allocations, no_message_takes_more_than_a_fixed_sum) {
  expect_refused_unallocated<OffsetFetchRequest>(offset_fetch_of(3'000'000, "a-group"), 8);
  EXPECT_LT(largest, 4096u);
}

TEST(Allocations, unknown_tags_without_content_are_refused) {
  Writer out;
  out.unsigned_varint(0);  // All topics.
  out.zeros(2);
  out.unsigned_varint(100'000);
  for (int i = 0; i < 100'000; ++i) {
    out.unsigned_varint(5);
    out.unsigned_varint(0);
  }
  expect_refused_unallocated<MetadataRequest>(out.to_buffer(), 12);
}

TEST(Allocations, ten_thousand_topics_of_short_names_are_not_too_many) {
  MetadataRequest request;
  request.topics.emplace();
  for (int i = 0; i < 10'000; ++i) request.topics->emplace_back().name = "t" + std::to_string(i);
  for (const std::int16_t version : {std::int16_t{8}, std::int16_t{9}, std::int16_t{12}}) {
    EXPECT_EQ(allocations_of_decoding(request, version), 1u);
  }
}

}  // namespace
}  // namespace barnabas::protocol
