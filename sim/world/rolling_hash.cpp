#include "sim/world/rolling_hash.hpp"

#include <xxhash.h>

namespace barnabas::sim {

void RollingHash::mix(std::initializer_list<std::uint64_t> words) {
  value_ = XXH3_64bits_withSeed(words.begin(), words.size() * sizeof(std::uint64_t), value_);
}

void RollingHash::mix(std::string_view text) { value_ = XXH3_64bits_withSeed(text.data(), text.size(), value_); }

std::uint64_t RollingHash::of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace barnabas::sim
