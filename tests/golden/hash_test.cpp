// The hashes of core/base against Kafka's.
#include <gtest/gtest.h>

#include "core/base/checksum.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using Json = nlohmann::json;

TEST(GoldenHash, murmur2_chooses_the_partitions_that_kafka_chooses) {
  for_each_vector("hash/murmur2-partitioner", [](const Json& vector) {
    const std::int32_t hash = murmur2(from_hex(vector.at("keyHex").get<std::string>()).view());
    EXPECT_EQ(hash, vector.at("murmur2").get<std::int32_t>());
    EXPECT_EQ(hash & 0x7fffffff, vector.at("toPositive").get<std::int32_t>());
    for (const auto& [count, partition] : vector.at("partition").items()) {
      EXPECT_EQ((hash & 0x7fffffff) % std::stoi(count), partition.get<std::int32_t>());
    }
  });
}

TEST(GoldenHash, java_string_hash_finds_the_coordinator_that_kafka_finds) {
  for_each_vector("hash/coordinator-partition", [](const Json& vector) {
    const Buffer id = from_hex(vector.at("idUtf8Hex").get<std::string>());
    const std::int32_t hash = java_string_hash(as_text(id.view()));
    EXPECT_EQ(hash, vector.at("javaHashCode").get<std::int32_t>()) << vector.dump();
    EXPECT_EQ(kafka_abs(hash), vector.at("abs").get<std::int32_t>());
    for (const auto& [count, partition] : vector.at("partition").items()) {
      EXPECT_EQ(kafka_abs(hash) % std::stoi(count), partition.get<std::int32_t>());
    }
  });
}

// The file's crc32 column is for magic 0 and 1 and belongs to core/record.
TEST(GoldenHash, crc32c_agrees_with_java) {
  for_each_vector("hash/crc", [](const Json& vector) {
    const Buffer data = from_hex(vector.at("dataHex").get<std::string>());
    EXPECT_EQ(crc32c(data.view()), vector.at("crc32c").get<std::uint32_t>());
    const std::size_t half = data.size() / 2;
    const std::uint32_t first = crc32c(data.view().first(half));
    EXPECT_EQ(crc32c(data.view().subspan(half), first), vector.at("crc32c").get<std::uint32_t>());
  });
}

}  // namespace
}  // namespace barnabas::golden
