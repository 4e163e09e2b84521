// One seed: controllers under faults of every kind, with orders in between; then peace, and everything must be in
// order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barnabas::controller {

struct StormResult {
  std::vector<std::string> broken;  // What does not hold, in words.
  std::uint64_t hash = 0;
  std::size_t terms = 0;
  std::size_t elections = 0;
  std::size_t suspicions = 0;
};

StormResult run_storm(std::uint64_t seed);

}  // namespace barnabas::controller
