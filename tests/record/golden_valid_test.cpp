// Record sets that Kafka wrote: every field of every batch and every byte of every record.
#include <gtest/gtest.h>

#include "core/record/legacy.hpp"
#include "tests/record/golden.hpp"

namespace barnabas::record::golden {
namespace {

// "150*1024 bytes, byte i = "0123456789abcdef"[(i/64)%16]": the one rule in use.
std::string multi_block_value_hex() {
  std::string value;
  for (std::size_t i = 0; i < 150 * 1024; ++i) value += "0123456789abcdef"[(i / 64) % 16];
  return to_hex(as_bytes(value));
}

void expect_records(const Json& expected, const Walk& found, const std::string& name) {
  ASSERT_EQ(found.error, "") << name;
  ASSERT_EQ(found.records.size(), expected.size()) << name;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (const auto& [key, value] : found.records[i].items()) {
      const bool rule = key == "value" && expected[i].contains("valueRule");
      EXPECT_EQ(value, rule ? Json(multi_block_value_hex()) : expected[i].at(key))
          << name << " record " << i << " " << key;
    }
  }
}

TEST(GoldenValid, every_batch_and_record_is_read_as_kafka_reads_it) {
  Skipped skipped("GoldenValid");
  const std::vector<Json> lines = load("records/valid.jsonl.gz");
  ASSERT_EQ(lines.size(), 240u);
  std::size_t batches = 0;
  for (const Json& line : lines) {
    const std::string name = line.at("name");
    const Buffer set = from_hex(line.at("hex").get<std::string>());
    ByteView rest = set.view();
    for (const Json& expected : line.at("batches")) {
      const Result<Extent> extent = parse_extent(rest);
      ASSERT_TRUE(extent.has_value()) << name << ": " << extent.error().to_string();
      const ByteView bytes = rest.first(extent->size);
      EXPECT_EQ(set.size() - rest.size(), expected.at("position").get<std::size_t>()) << name;
      EXPECT_EQ(compare_batch(expected, bytes), "") << name;
      EXPECT_TRUE((extent->magic == 2 ? verify_crc(bytes) : verify_message_crc(bytes)).has_value()) << name;
      expect_records(expected.at("records"), walk_records(bytes), name);
      for (const Json& record : expected.at("records")) {
        if (record.contains("control")) skipped.add("the meaning of a control record's key and value", name);
      }
      rest = rest.subspan(extent->size);
      ++batches;
    }
    EXPECT_TRUE(rest.empty()) << name;
  }
  EXPECT_GT(batches, 240u);
}

}  // namespace
}  // namespace barnabas::record::golden
