#include "core/log/cleaner/key_hash.hpp"

#include <bit>

namespace barnabas::log {

namespace {

constexpr std::size_t kWord = 8;

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  }
  void compress(std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
  std::uint64_t finish() {
    round(), round(), round(), round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// Little-endian, up to eight bytes.
std::uint64_t word_of(ByteView bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) word |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return word;
}

}  // namespace

KeyHash hash_of_key(const HashSecret& secret, ByteView key) {
  State state{0x736f6d6570736575 ^ secret.low, 0x646f72616e646f6d ^ secret.high ^ 0xee, 0x6c7967656e657261 ^ secret.low,
              0x7465646279746573 ^ secret.high};
  const std::uint64_t length = static_cast<std::uint64_t>(key.size()) << 56;
  for (; key.size() >= kWord; key = key.subspan(kWord)) state.compress(word_of(key.first(kWord)));
  state.compress(length | word_of(key));
  KeyHash hash;
  state.v2 ^= 0xee;
  hash.low = state.finish();
  state.v1 ^= 0xdd;
  hash.high = state.finish();
  return hash;
}

}  // namespace barnabas::log
