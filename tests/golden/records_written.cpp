// What lands in the log: Kafka's LogValidator on good input, and MemoryRecords.downConvert.
#include "core/record/convert.hpp"
#include "core/record/legacy.hpp"
#include "core/record/validate.hpp"
#include "tests/golden/checks.hpp"
#include "tests/golden/record_description.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using namespace record;

constexpr const char* kOtherCompressor =
    "compressed bytes, their sizes and CRCs: ours are compressed here, not by Java";

AppendPolicy policy_of(const Line& line) {
  AppendPolicy policy{.topic_partition = "t-0"};
  const std::string compression = line["topicCompressionType"];
  if (compression == "uncompressed") policy.codec = Codec::none;
  if (compression != "uncompressed" && compression != "producer") policy.codec = codec_named(compression);
  if (line["messageTimestampType"] == "LogAppendTime") policy.timestamp_type = TimestampType::log_append_time;
  policy.compacted = line["compacted"];
  return policy;
}

// Everything but what depends on the compressor: sizes, CRCs and compressed bytes.
void compare_content(Line& line, Json expected, ByteView bytes) {
  expected["sizeInBytes"] = bytes.size();
  const bool batch = bytes[kMagicPosition] == std::byte{2};
  expected["crc"] = batch ? load_batch_header(bytes).crc : parse_message(bytes)->crc;
  line.equal(compare_batch(expected, bytes), "", "batch");
  compare_records(line, expected.at("records"), walk_records(bytes));
}

void compare_rejection(Line& line, const ValidationFailure& failure) {
  const std::string name = line["name"];
  const std::string message = line["result"].at("error").at("message");
  line.expect(failure.code == Errc::invalid_record, failure.to_string());
  if (!line.expect(!failure.record_errors.empty(), "no record errors")) return;
  // Kafka counts within each outer message, of which an uncompressed old set has one a record; ours within the set.
  const bool plain_messages = name.starts_with("magic0-none") || name.starts_with("magic1-none");
  const int index = plain_messages ? 0 : failure.record_errors[0].index;
  const std::string first = "[RecordError(batchIndex=" + std::to_string(index) + ",";
  line.expect(message.find(first) != std::string::npos, first + " is not in: " + message);
  const std::string count = "due to " + std::to_string(failure.record_errors.size()) + " record errors";
  line.expect(message.find(count) != std::string::npos, count + " is not in: " + message);
}

}  // namespace

void check_append(Line& line) {
  const Buffer in = from_hex(line["inHex"].get<std::string>());
  const std::byte* memory = in.data();
  auto found = validate_for_append(in, kAnyMagic, policy_of(line), Timestamp(line["nowMs"].get<std::int64_t>()));
  const Json& result = line["result"];
  if (!result.at("accepted").get<bool>()) {
    if (found) return line.fail("accepted");
    return compare_rejection(line, found.error());
  }
  if (!found) return line.fail("refused: " + found.error().to_string());
  const std::int64_t first = line["firstOffset"];
  assign_offsets(found->batch.mutable_view(), Offset(first), LeaderEpoch(line["leaderEpoch"].get<std::int32_t>()));
  line.equal(first + found->record_count, result.at("nextOffset").get<std::int64_t>(), "nextOffset");
  line.equal(found->max_timestamp.value(), result.at("maxTimestampMs").get<std::int64_t>(), "maxTimestampMs");
  line.equal(found->rebuilt, result.at("sizeMaybeChanged").get<bool>(), "sizeMaybeChanged");
  line.expect(found->rebuilt == (found->batch.data() != memory), "a batch kept must be the memory given");
  if (!line.equal(line["outBatches"].size(), std::size_t{1}, "count of batches")) return;
  if (!found->rebuilt || found->header.codec() == Codec::none) {
    line.equal(to_hex(found->batch.view()), line["outHex"].get<std::string>(), "bytes");
  } else {
    line.not_compared(kOtherCompressor);
  }
  compare_content(line, line["outBatches"][0], found->batch.view());
}

void check_down_conversion(Line& line) {
  const Buffer in = from_hex(line["inHex"].get<std::string>());
  const Result<Buffer> out =
      down_convert(in.view(), line["toMagic"].get<std::int8_t>(), Offset(line["firstOffset"].get<std::int64_t>()));
  if (!out) return line.fail("refused: " + out.error().to_string());
  bool compressed = false;
  ByteView rest = out->view();
  for (const Json& expected : line["outBatches"]) {
    const Result<Extent> extent = parse_extent(rest);
    if (!extent) return line.fail("cannot be read: " + extent.error().to_string());
    compressed = compressed || expected.at("compression") != "none";
    compare_content(line, expected, rest.first(extent->size));
    rest = rest.subspan(extent->size);
  }
  line.expect(rest.empty(), "bytes after the last batch");
  if (compressed) return line.not_compared(kOtherCompressor);
  line.equal(to_hex(out->view()), line["outHex"].get<std::string>(), "bytes");
}

}  // namespace barnabas::golden
