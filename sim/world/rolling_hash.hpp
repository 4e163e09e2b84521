// A hash over everything that happened, in order: two runs of one seed must end with the same.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace barnabas::sim {

class RollingHash {
 public:
  void mix(std::initializer_list<std::uint64_t> words);
  void mix(std::string_view text);
  std::uint64_t value() const { return value_; }

  // A hash of some bytes alone, for event payloads.
  static std::uint64_t of(std::string_view text);

 private:
  std::uint64_t value_ = 0;
};

}  // namespace barnabas::sim
