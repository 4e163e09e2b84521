// A produced record set: whatever the bytes, validation ends within its memory, and what it accepts is what readers,
// old and new, can read.
//
// Input: a byte of switches, then the record set of any magic. Switch 1 mends the CRC of the first batch, which a
// mutation never hits; the others choose the topic's policy.
#include <cstdint>
#include <string>

#include "core/base/check.hpp"
#include "core/record/convert.hpp"
#include "core/record/record_reader.hpp"
#include "core/record/validate.hpp"

namespace barnabas::record {
namespace {

// A bomb must stop here, not at the end of the machine's memory.
constexpr std::size_t kMaxDecompressed = 4 << 20;

enum Switch : unsigned {
  mend_crc = 1,
  log_append_time = 2,
  compacted = 4,
  only_one_batch = 8,
  from_coordinator = 16,
  // Bits 5 to 7: compression.type, of the codecs, else "producer".
};

AppendPolicy policy_of(unsigned switches) {
  AppendPolicy policy;
  policy.topic_partition = "fuzz-0";
  if (const unsigned codec = switches >> 5; codec <= 4) policy.codec = static_cast<Codec>(codec);
  if ((switches & log_append_time) != 0) policy.timestamp_type = TimestampType::log_append_time;
  policy.compacted = (switches & compacted) != 0;
  policy.one_batch_required = (switches & only_one_batch) != 0;
  if ((switches & from_coordinator) != 0) policy.origin = AppendOrigin::coordinator;
  policy.max_decompressed_bytes = kMaxDecompressed;
  return policy;
}

void mend(MutableByteView set) {
  const auto header = parse_batch_header(set);
  if (!header) return;
  BatchHeader mended = *header;
  mended.crc = compute_crc(set.first(header->total_size()));
  store_batch_header(set, mended);
}

void read_back(const ValidatedRecords& accepted, const AppendPolicy& policy) {
  const ByteView batch = accepted.batch.view();
  B_CHECK(verify_crc(batch).has_value());
  B_CHECK_OP(accepted.header.record_count, ==, accepted.record_count);
  B_CHECK_OP(accepted.header.total_size(), ==, batch.size());
  std::int32_t count = 0;
  std::size_t headers = 0;
  const auto walked = for_each_record(
      batch,
      [&](const RecordView& record) {
        B_CHECK_OP(record.offset, ==, accepted.header.base_offset + count);
        B_CHECK(!policy.compacted || record.key.has_value());
        for (const Header& header : record.headers) headers += header.key.size();
        ++count;
      },
      kMaxDecompressed);
  B_CHECK(walked.has_value());
  B_CHECK_OP(count, ==, accepted.record_count);
  for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
    const auto converted = down_convert(batch, magic, accepted.header.base_offset, SIZE_MAX, kMaxDecompressed);
    B_CHECK(converted.has_value() || converted.error().code == Errc::unsupported_codec);
  }
}

}  // namespace
}  // namespace barnabas::record

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace barnabas;
  if (size < 1) return 0;
  const unsigned switches = data[0];
  Buffer set = Buffer::copy_of(std::as_bytes(std::span(data, size)).subspan(1));
  if ((switches & record::mend_crc) != 0) record::mend(set.mutable_view());
  const record::AppendPolicy policy = record::policy_of(switches);
  const auto accepted = record::validate_for_append(std::move(set), record::kAnyMagic, policy, Timestamp(1'000));
  if (accepted && !accepted->batch.empty()) record::read_back(*accepted, policy);
  return 0;
}
