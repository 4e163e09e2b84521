// One seed: clients that write, read and watch through real session clients on a simulated ensemble, under faults.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/zookeeper/session_history.hpp"

namespace barnabas::zookeeper {

struct SessionRunResult {
  std::vector<std::string> broken;
  std::uint64_t hash = 0;
  std::size_t operations = 0;
  std::size_t unknown = 0;
  std::size_t expired = 0;
  std::size_t watches_fired = 0;
};

SessionRunResult run_sessions(std::uint64_t seed);

}  // namespace barnabas::zookeeper
