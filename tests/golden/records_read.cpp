// Record sets that Kafka wrote, and damaged ones: what its reader sees in them, and what ours sees.
#include "core/record/legacy.hpp"
#include "tests/golden/checks.hpp"
#include "tests/golden/record_description.hpp"
#include "tests/golden/records_verdict.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using namespace record;

Result<void> verify(const Extent& extent, ByteView bytes) {
  return extent.magic == 2 ? verify_crc(bytes) : verify_message_crc(bytes);
}

// Kafka's reader finds nothing wrong with these, nor anything in them; its broker refuses them, as ours does.
bool nonsense(ByteView batch) {
  const BatchHeader header = load_batch_header(batch);
  return header.last_offset_delta < 0 || (header.record_count == 0 && batch.size() > kBatchHeaderSize);
}

void compare_damaged(Line& line, const Json& expected, const Extent& extent, ByteView bytes) {
  const bool valid = expected.at("isValid");
  if (extent.magic == 2 && nonsense(bytes)) {
    line.not_compared("a right CRC over no records with bytes, or over a last offset below the first: refused");
    line.expect(!walk_records(bytes).error.empty(), "was read");
    return;
  }
  const bool readable = extent.magic == 2 || parse_message(bytes).has_value();
  if (expected.contains("headerError") || (!valid && !readable)) {
    line.not_compared("fields of a batch that is cut short and has a wrong CRC");
  } else {
    line.equal(compare_batch(expected, bytes), "", "batch");
  }
  line.equal(verify(extent, bytes).has_value(), valid, "isValid");
  const Walk walk = walk_records(bytes);  // It must not crash, whatever the CRC.
  if (!valid) return line.not_compared("records of a batch whose CRC is wrong: nothing of ours reads them");
  line.equal(walk.error.empty(), expected.at("recordsError").is_null(), "records readable (" + walk.error + ")");
  if (walk.error.empty()) line.equal(walk.records.size(), expected.at("records").size(), "count of records");
}

// Batch for batch until Kafka's iteration ends.
void compare_reading(Line& line, ByteView rest) {
  for (const Json& expected : line["batches"]) {
    const Result<Extent> extent = parse_extent(rest);
    if (!extent) {
      line.expect(!expected.at("isValid").get<bool>(), "batch refused: " + extent.error().to_string());
      return line.not_compared("what follows a length below what its magic needs: nothing of ours reads on");
    }
    line.equal(extent->size, expected.at("sizeInBytes").get<std::size_t>(), "sizeInBytes");
    compare_damaged(line, expected, *extent, rest.first(extent->size));
    rest = rest.subspan(extent->size);
  }
  const Result<Extent> next = parse_extent(rest);
  if (!line.expect(!next.has_value(), "reads on where Kafka's reader ends")) return;
  line.equal(next.error().code != Errc::truncated, !line["batchesError"].is_null(), next.error().to_string());
}

}  // namespace

void check_valid_records(Line& line) {
  const Buffer set = from_hex(line["hex"].get<std::string>());
  ByteView rest = set.view();
  bool control = false;
  for (const Json& expected : line["batches"]) {
    const Result<Extent> extent = parse_extent(rest);
    if (!extent) return line.fail("batch refused: " + extent.error().to_string());
    const ByteView bytes = rest.first(extent->size);
    line.equal(set.size() - rest.size(), expected.at("position").get<std::size_t>(), "position");
    line.equal(compare_batch(expected, bytes), "", "batch");
    line.expect(verify(*extent, bytes).has_value(), "CRC");
    compare_records(line, expected.at("records"), walk_records(bytes));
    for (const Json& record : expected.at("records")) control = control || record.contains("control");
    rest = rest.subspan(extent->size);
  }
  line.expect(rest.empty(), "bytes after the last batch");
  if (control) line.not_compared("the meaning of a control record's key and value");
}

void check_corrupt_records(Line& line) {
  const Buffer set = from_hex(line["hex"].get<std::string>());
  compare_reading(line, set.view());
  compare_produce_verdicts(line);
}

}  // namespace barnabas::golden
