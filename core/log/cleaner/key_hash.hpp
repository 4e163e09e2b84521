// The hash under which compaction remembers a key: SipHash-2-4 of 128 bits (Aumasson and Bernstein, 2012).
//
// Two keys with one hash would cost the older one its record, so the hash must not be one that a client can steer:
// it is keyed with entropy of this process. Kafka takes MD5, with the same length and the same risk by accident.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace barnabas::log {

struct HashSecret {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

struct KeyHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const KeyHash&) const = default;
};

KeyHash hash_of_key(const HashSecret& secret, ByteView key);

}  // namespace barnabas::log
