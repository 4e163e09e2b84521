// The hashes that choose partitions and guard records.
#include "core/base/checksum.hpp"
#include "core/base/writer.hpp"
#include "core/record/legacy.hpp"
#include "tests/golden/checks.hpp"
#include "tests/golden/vector_file.hpp"

namespace barnabas::golden {

void check_partitioner(Line& line) {
  const std::int32_t hash = murmur2(from_hex(line["keyHex"].get<std::string>()).view());
  line.equal(hash, line["murmur2"].get<std::int32_t>(), "murmur2");
  line.equal(hash & 0x7fffffff, line["toPositive"].get<std::int32_t>(), "toPositive");
  for (const auto& [count, partition] : line["partition"].items()) {
    line.equal((hash & 0x7fffffff) % std::stoi(count), partition.get<std::int32_t>(), "partition of " + count);
  }
}

void check_coordinator_partition(Line& line) {
  const Buffer id = from_hex(line["idUtf8Hex"].get<std::string>());
  const std::int32_t hash = java_string_hash(as_text(id.view()));
  line.equal(hash, line["javaHashCode"].get<std::int32_t>(), "hashCode");
  line.equal(kafka_abs(hash), line["abs"].get<std::int32_t>(), "abs");
  for (const auto& [count, partition] : line["partition"].items()) {
    line.equal(kafka_abs(hash) % std::stoi(count), partition.get<std::int32_t>(), "partition of " + count);
  }
}

void check_crc(Line& line) {
  const Buffer data = from_hex(line["dataHex"].get<std::string>());
  const auto expected = line["crc32c"].get<std::uint32_t>();
  line.equal(crc32c(data.view()), expected, "crc32c");
  const std::size_t half = data.size() / 2;
  line.equal(crc32c(data.view().subspan(half), crc32c(data.view().first(half))), expected, "crc32c in two pieces");
  if (data.empty()) return line.not_compared("the CRC-32 of nothing: no message is that short");
  // As it guards a message of magic 0 or 1: twelve bytes, the CRC, and what it covers.
  Writer message;
  message.zeros(12);
  message.i32(static_cast<std::int32_t>(line["crc32"].get<std::uint32_t>()));
  message.bytes(data.view());
  line.expect(record::verify_message_crc(message.view()).has_value(), "crc32");
}

}  // namespace barnabas::golden
