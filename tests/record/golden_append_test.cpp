// What lands in the log: Kafka's LogValidator on good input, and MemoryRecords.downConvert.
#include <gtest/gtest.h>

#include "core/record/convert.hpp"
#include "core/record/legacy.hpp"
#include "core/record/validate.hpp"
#include "tests/record/golden.hpp"

namespace barnabas::record::golden {
namespace {

AppendPolicy policy_of(const Json& line) {
  AppendPolicy policy{.topic_partition = "t-0"};
  const std::string compression = line.at("topicCompressionType");
  if (compression == "uncompressed") policy.codec = Codec::none;
  if (compression != "uncompressed" && compression != "producer") policy.codec = codec_named(compression);
  if (line.at("messageTimestampType") == "LogAppendTime") policy.timestamp_type = TimestampType::log_append_time;
  policy.compacted = line.at("compacted");
  return policy;
}

// Everything but what depends on the compressor: sizes, CRCs and compressed bytes.
void expect_same_content(const std::string& name, Json expected, ByteView bytes) {
  expected["sizeInBytes"] = bytes.size();
  const bool batch = bytes[kMagicPosition] == std::byte{2};
  expected["crc"] = batch ? load_batch_header(bytes).crc : parse_message(bytes)->crc;
  EXPECT_EQ(compare_batch(expected, bytes), "") << name;
  const Walk walk = walk_records(bytes);
  ASSERT_EQ(walk.error, "") << name;
  ASSERT_EQ(walk.records.size(), expected.at("records").size()) << name;
  for (std::size_t i = 0; i < walk.records.size(); ++i) {
    for (const auto& [key, value] : walk.records[i].items()) {
      EXPECT_EQ(value, expected.at("records")[i].at(key)) << name << " record " << i << " " << key;
    }
  }
}

void expect_rejection(const Json& line, const ValidationFailure& failure) {
  const std::string name = line.at("name");
  const std::string message = line.at("result").at("error").at("message");
  ASSERT_FALSE(failure.record_errors.empty()) << name << failure.to_string();
  EXPECT_EQ(failure.code, Errc::invalid_record) << name;
  // Kafka counts within each outer message, of which an uncompressed old set has one a record; ours within the set.
  const bool plain_messages = name.starts_with("magic0-none") || name.starts_with("magic1-none");
  const int index = plain_messages ? 0 : failure.record_errors[0].index;
  const std::string first = "[RecordError(batchIndex=" + std::to_string(index) + ",";
  EXPECT_NE(message.find(first), std::string::npos) << name << first << message;
  const std::string count = "due to " + std::to_string(failure.record_errors.size()) + " record errors";
  EXPECT_NE(message.find(count), std::string::npos) << name << count << message;
}

TEST(GoldenAppend, what_lands_in_the_log_is_what_kafka_writes) {
  const std::vector<Json> lines = load("records/append.jsonl.gz");
  ASSERT_EQ(lines.size(), 156u);
  std::size_t identical = 0;
  for (const Json& line : lines) {
    const std::string name = line.at("name");
    const Buffer in = from_hex(line.at("inHex").get<std::string>());
    const std::byte* memory = in.data();
    const Timestamp now(line.at("nowMs").get<std::int64_t>());
    auto found = validate_for_append(in, kAnyMagic, policy_of(line), now);
    const Json& result = line.at("result");
    if (!result.at("accepted").get<bool>()) {
      ASSERT_FALSE(found.has_value()) << name;
      expect_rejection(line, found.error());
      continue;
    }
    ASSERT_TRUE(found.has_value()) << name << ": " << found.error().to_string();
    const std::int64_t first = line.at("firstOffset");
    assign_offsets(found->batch.mutable_view(), Offset(first), LeaderEpoch(line.at("leaderEpoch").get<std::int32_t>()));
    EXPECT_EQ(first + found->record_count, result.at("nextOffset").get<std::int64_t>()) << name;
    EXPECT_EQ(found->max_timestamp.value(), result.at("maxTimestampMs").get<std::int64_t>()) << name;
    EXPECT_EQ(found->rebuilt, result.at("sizeMaybeChanged").get<bool>()) << name;
    EXPECT_EQ(found->rebuilt, found->batch.data() != memory) << name << ": a batch kept must be the memory given";
    ASSERT_EQ(line.at("outBatches").size(), 1u) << name;
    if (!found->rebuilt || found->header.codec() == Codec::none) {
      EXPECT_EQ(to_hex(found->batch.view()), line.at("outHex").get<std::string>()) << name;
      ++identical;
    }
    expect_same_content(name, line.at("outBatches")[0], found->batch.view());
  }
  EXPECT_GT(identical, 40u);
  std::printf("GoldenAppend: %zu of %zu compared byte for byte; the others are compressed here, not by Java\n",
              identical, lines.size());
}

TEST(GoldenDownConvert, old_fetchers_get_what_kafka_gives_them) {
  const std::vector<Json> lines = load("records/downconvert.jsonl.gz");
  ASSERT_EQ(lines.size(), 60u);
  std::size_t identical = 0;
  for (const Json& line : lines) {
    const std::string name = line.at("name");
    const Buffer in = from_hex(line.at("inHex").get<std::string>());
    const Result<Buffer> out = down_convert(in.view(), line.at("toMagic").get<std::int8_t>(),
                                            Offset(line.at("firstOffset").get<std::int64_t>()));
    ASSERT_TRUE(out.has_value()) << name << ": " << out.error().to_string();
    bool compressed = false;
    ByteView rest = out->view();
    for (const Json& expected : line.at("outBatches")) {
      const Result<Extent> extent = parse_extent(rest);
      ASSERT_TRUE(extent.has_value()) << name << ": " << extent.error().to_string();
      compressed = compressed || expected.at("compression") != "none";
      expect_same_content(name, expected, rest.first(extent->size));
      rest = rest.subspan(extent->size);
    }
    EXPECT_TRUE(rest.empty()) << name;
    if (!compressed) {
      EXPECT_EQ(to_hex(out->view()), line.at("outHex").get<std::string>()) << name;
      ++identical;
    }
  }
  std::printf("GoldenDownConvert: %zu of %zu compared byte for byte\n", identical, lines.size());
}

}  // namespace
}  // namespace barnabas::record::golden
