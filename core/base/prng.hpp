// A pseudo-random generator with named child streams and integer ratios.
//
// Own code because the std:: distributions differ between standard libraries, and the same seed must give the
// same run everywhere. xoshiro256++ by Blackman and Vigna (2019), seeded through splitmix64. Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace barnabas {

struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
};

class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  // A stream of its own, fixed by this stream's seed (not by its position) and the name: adding a draw in
  // one component does not shift the others.
  Prng child(std::string_view name, std::uint64_t index = 0) const;

  std::uint64_t next();
  // Uniform in [0, bound); bound must be positive.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  bool chance(Ratio probability);

  // How often next() ran: part of the trace hash.
  std::uint64_t draws() const { return draws_; }

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
  std::uint64_t draws_ = 0;
};

}  // namespace barnabas
