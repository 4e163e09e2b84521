#include "core/base/prng.hpp"

#include <bit>

#include "core/base/check.hpp"

namespace barnabas {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Prng::Prng(std::uint64_t seed) : seed_(seed) {
  std::uint64_t mix = seed;
  for (auto& word : state_) word = splitmix64(mix);
}

Prng Prng::child(std::string_view name, std::uint64_t index) const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over the name.
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  std::uint64_t mix = seed_ ^ hash;
  const std::uint64_t named = splitmix64(mix);
  mix = named ^ index;
  return Prng(splitmix64(mix));
}

std::uint64_t Prng::next() {
  ++draws_;
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Prng::below(std::uint64_t bound) {
  B_CHECK_OP(bound, >, 0u);
  // Multiply-shift; the bias is below 2^-32 for the bounds used here and the same everywhere.
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

std::int64_t Prng::between(std::int64_t low, std::int64_t high) {
  B_CHECK_OP(low, <=, high);
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t step = width == 0 ? next() : below(width);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
}

bool Prng::chance(Ratio probability) {
  B_CHECK_OP(probability.denominator, >, 0u);
  return below(probability.denominator) < probability.numerator;
}

}  // namespace barnabas
