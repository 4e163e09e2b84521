// Checksums and hashes that Kafka's formats prescribe.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace barnabas {

// CRC-32C (Castagnoli), as in record batches v2. crc is the value so far, to continue over several pieces.
std::uint32_t crc32c(ByteView data, std::uint32_t crc = 0);

// murmur2 with Kafka's seed, over the key's bytes: what Kafka's default partitioner uses (KIP-480 keeps it).
std::int32_t murmur2(ByteView data);

// Java's String.hashCode of a UTF-8 text: over UTF-16 units, wrapping. A group's coordinator partition is
// abs(java_string_hash(group)) % partitions, where abs(INT32_MIN) is 0 (Kafka's Utils.abs).
std::int32_t java_string_hash(std::string_view utf8);
constexpr std::int32_t kafka_abs(std::int32_t n) { return n == INT32_MIN ? 0 : (n < 0 ? -n : n); }

}  // namespace barnabas
