#include "core/base/checksum.hpp"

namespace barnabas {

std::int32_t murmur2(ByteView data) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr std::uint32_t kSeed = 0x9747b28c;
  const std::size_t length = data.size();
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(data[i]); };

  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(length);
  const std::size_t blocks = length / 4;
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t i = block * 4;
    std::uint32_t word = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  const std::size_t tail = blocks * 4;
  const std::size_t left = length - tail;
  if (left == 3) hash ^= at(tail + 2) << 16;
  if (left >= 2) hash ^= at(tail + 1) << 8;
  if (left >= 1) {
    hash ^= at(tail);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

std::int32_t java_string_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  const auto add_unit = [&](std::uint32_t unit) { hash = hash * 31 + unit; };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<std::uint8_t>(utf8[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = size == 1 ? lead : lead & (0xffu >> (size + 1));
    for (std::size_t k = 1; k < size && i + k < utf8.size(); ++k) {
      point = point << 6 | (static_cast<std::uint8_t>(utf8[i + k]) & 0x3f);
    }
    i += size;
    if (point >= 0x10000) {
      add_unit(0xd800 + ((point - 0x10000) >> 10));
      add_unit(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      add_unit(point);
    }
  }
  return static_cast<std::int32_t>(hash);
}

}  // namespace barnabas
