// Damaged record sets: what Kafka's reader, its Produce check and its log validator say, and what ours say.
#include <gtest/gtest.h>

#include "core/record/legacy.hpp"
#include "core/record/validate.hpp"
#include "tests/record/golden.hpp"

namespace barnabas::record::golden {
namespace {

std::vector<Json> corrupt_lines() { return load("records/corrupt.jsonl.gz"); }

// The last part of a Java class name.
std::string short_class(const Json& error) {
  const std::string name = error.at("class");
  return name.substr(name.rfind('.') + 1);
}

// What our verdict must be where Kafka throws this. IllegalArgumentException and KafkaException reach a client as
// UNKNOWN_SERVER_ERROR; ours says what is wrong.
bool fits(Errc code, const Json& error) {
  const std::string name = short_class(error);
  if (name == "CorruptRecordException") return code == Errc::corrupt;
  if (name == "InvalidRecordException") return code == Errc::invalid_record;
  if (name == "IllegalArgumentException") return code == Errc::unsupported_codec || code == Errc::corrupt;
  if (name == "KafkaException") return code == Errc::invalid_record || code == Errc::corrupt;
  return false;
}

// Kafka's reader finds nothing wrong with these, nor anything in them; its broker refuses them, as ours does.
bool nonsense(ByteView batch) {
  const BatchHeader header = load_batch_header(batch);
  return header.last_offset_delta < 0 || (header.record_count == 0 && batch.size() > kBatchHeaderSize);
}

// Batch for batch until Kafka's iteration ends.
void compare_reading(const Json& line, Skipped& skipped) {
  const std::string name = line.at("name");
  const Buffer set = from_hex(line.at("hex").get<std::string>());
  ByteView rest = set.view();
  for (const Json& expected : line.at("batches")) {
    const Result<Extent> extent = parse_extent(rest);
    const bool valid = expected.at("isValid");
    if (!extent) {
      EXPECT_FALSE(valid) << name << ": " << extent.error().to_string();
      return skipped.add("what follows a length below what its magic needs: nothing of ours reads on", name);
    }
    EXPECT_EQ(extent->size, expected.at("sizeInBytes").get<std::size_t>()) << name;
    const bool readable = extent->magic == 2 || parse_message(rest.first(extent->size)).has_value();
    if (extent->magic == 2 && nonsense(rest.first(extent->size))) {
      skipped.add("a right CRC over no records with bytes, or over a last offset below the first: refused", name);
      EXPECT_NE(walk_records(rest.first(extent->size)).error, "") << name;
      rest = rest.subspan(extent->size);
      continue;
    }
    if (expected.contains("headerError") || (!valid && !readable)) {
      skipped.add("fields of a batch that is cut short and has a wrong CRC", name);
    } else {
      EXPECT_EQ(compare_batch(expected, rest.first(extent->size)), "") << name;
    }
    const ByteView bytes = rest.first(extent->size);
    const Result<void> crc = extent->magic == 2 ? verify_crc(bytes) : verify_message_crc(bytes);
    EXPECT_EQ(crc.has_value(), valid) << name;
    if (valid) {
      const Walk walk = walk_records(bytes);
      EXPECT_EQ(walk.error.empty(), expected.at("recordsError").is_null())
          << name << ": " << walk.error << expected.at("recordsError");
      if (walk.error.empty()) EXPECT_EQ(walk.records.size(), expected.at("records").size()) << name;
    } else {
      skipped.add("records of a batch whose CRC is wrong: nothing of ours reads them", name);
      (void)walk_records(bytes);  // It must not crash all the same.
    }
    rest = rest.subspan(extent->size);
  }
  const Result<Extent> next = parse_extent(rest);
  EXPECT_FALSE(next.has_value()) << name;
  if (!next.has_value()) {
    EXPECT_EQ(next.error().code != Errc::truncated, !line.at("batchesError").is_null())
        << name << next.error().to_string();
  }
}

TEST(GoldenCorrupt, the_reader_sees_what_kafkas_reader_sees) {
  Skipped skipped("GoldenCorrupt.reader");
  for (const Json& line : corrupt_lines()) compare_reading(line, skipped);
}

constexpr Timestamp kNow{1750000000000};

// A length below what its magic needs is refused before anything else, so that no field is read that is not there.
// Kafka comes to that later, after a check that fails too.
bool refused_for_length(const ValidationFailure& failure) {
  return failure.code == Errc::corrupt && failure.message.find("message length of") != std::string::npos;
}

void expect_verdict(const Json& line, const std::expected<ValidatedRecords, ValidationFailure>& found,
                    Skipped& skipped) {
  const std::string name = line.at("name");
  const Json& verdict = line.at("brokerAppend");
  const std::string got = found ? "accepted" : found.error().to_string();
  if (verdict.contains("rejectedBy")) {
    const bool crc = verdict.at("rejectedBy") == "UnifiedLog: batch CRC";
    ASSERT_FALSE(found.has_value()) << name << " " << verdict;
    if (refused_for_length(found.error())) return skipped.add("reason of a refusal: the length is refused first", name);
    EXPECT_EQ(found.error().code, crc ? Errc::corrupt : Errc::invalid_record) << name << got << verdict;
  } else if (verdict.contains("empty")) {
    ASSERT_TRUE(found.has_value()) << name << got;
    EXPECT_EQ(found->record_count, 0) << name;
    EXPECT_TRUE(found->batch.empty()) << name;
  } else if (verdict.at("accepted").get<bool>()) {
    ASSERT_TRUE(found.has_value()) << name << ": " << got;
    EXPECT_EQ(found->record_count, verdict.at("nextOffset").get<int>() - 1000) << name;
    EXPECT_EQ(found->max_timestamp.value(), verdict.at("maxTimestampMs").get<std::int64_t>()) << name;
    EXPECT_TRUE(verify_crc(found->batch.view()).has_value()) << name;
  } else {
    ASSERT_FALSE(found.has_value()) << name << verdict;
    EXPECT_TRUE(fits(found.error().code, verdict.at("error"))) << name << ": " << got << verdict;
  }
}

TEST(GoldenCorrupt, the_produce_checks_come_to_kafkas_verdict) {
  const std::vector<Json> lines = corrupt_lines();
  ASSERT_EQ(lines.size(), 1239u);
  Skipped skipped("GoldenCorrupt.produce");
  for (const Json& line : lines) {
    const Buffer set = from_hex(line.at("hex").get<std::string>());
    expect_verdict(line, validate_for_append(set, kAnyMagic, AppendPolicy{.topic_partition = "t-0"}, kNow), skipped);
  }
}

TEST(GoldenCorrupt, produce_version_9_comes_to_kafkas_verdict) {
  Skipped skipped("GoldenCorrupt.produce_9");
  for (const Json& line : corrupt_lines()) {
    const std::string name = line.at("name");
    const Buffer set = from_hex(line.at("hex").get<std::string>());
    AppendPolicy policy{.topic_partition = "t-0"};
    policy.one_batch_required = true;
    const auto found = validate_for_append(set, 2, policy, kNow);
    const Json& error = line.at("produceV9CheckError");
    if (error.is_null()) {
      expect_verdict(line, found, skipped);
    } else {
      ASSERT_FALSE(found.has_value()) << name << error;
      if (refused_for_length(found.error()) && short_class(error) == "InvalidRecordException") {
        skipped.add("reason of a refusal: the length is refused first", name);
        continue;
      }
      EXPECT_TRUE(fits(found.error().code, error)) << name << ": " << found.error().to_string() << error;
    }
  }
}

}  // namespace
}  // namespace barnabas::record::golden
