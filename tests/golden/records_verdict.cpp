#include "tests/golden/records_verdict.hpp"

#include "core/record/validate.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {
namespace {

using namespace record;
using Verdict = std::expected<ValidatedRecords, ValidationFailure>;

constexpr Timestamp kNow{1750000000000};
constexpr const char* kLengthFirst = "the reason of a refusal: ours refuses the length first, Kafka later";

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

// A length below what its magic needs is refused before anything else, so that no field is read that is not there.
// Kafka comes to that later, after a check that fails too.
bool refused_for_length(const ValidationFailure& failure) {
  return failure.code == Errc::corrupt && failure.message.find("message length of") != std::string::npos;
}

void compare_accepted(Line& line, const Verdict& found, const Json& verdict) {
  if (!found) return line.fail("refused: " + found.error().to_string());
  if (verdict.contains("empty")) {
    line.expect(found->record_count == 0 && found->batch.empty(), "not taken for empty");
    return;
  }
  line.equal(found->record_count, verdict.at("nextOffset").get<int>() - 1000, "count of records");
  line.equal(found->max_timestamp.value(), verdict.at("maxTimestampMs").get<std::int64_t>(), "maxTimestampMs");
  line.expect(verify_crc(found->batch.view()).has_value(), "CRC of what lands in the log");
}

void compare_verdict(Line& line, const Verdict& found) {
  const Json& verdict = line["brokerAppend"];
  if (verdict.contains("rejectedBy")) {
    if (found) return line.fail("accepted; " + verdict.dump());
    if (refused_for_length(found.error())) return line.not_compared(kLengthFirst);
    const bool crc = verdict.at("rejectedBy") == "UnifiedLog: batch CRC";
    line.expect(found.error().code == (crc ? Errc::corrupt : Errc::invalid_record), found.error().to_string());
  } else if (verdict.contains("empty") || verdict.at("accepted").get<bool>()) {
    compare_accepted(line, found, verdict);
  } else {
    if (found) return line.fail("accepted; " + verdict.dump());
    line.expect(fits(found.error().code, verdict.at("error")), found.error().to_string() + verdict.dump());
  }
}

}  // namespace

void compare_produce_verdicts(Line& line) {
  const std::string hex = line["hex"];
  AppendPolicy policy{.topic_partition = "t-0"};
  compare_verdict(line, validate_for_append(from_hex(hex), kAnyMagic, policy, kNow));

  policy.one_batch_required = true;
  const Verdict found = validate_for_append(from_hex(hex), 2, policy, kNow);
  const Json& error = line["produceV9CheckError"];
  if (error.is_null()) return compare_verdict(line, found);
  if (found) return line.fail("accepted as Produce v9; " + error.dump());
  if (refused_for_length(found.error()) && short_class(error) == "InvalidRecordException") {
    return line.not_compared(kLengthFirst);
  }
  line.expect(fits(found.error().code, error), found.error().to_string() + error.dump());
}

}  // namespace barnabas::golden
