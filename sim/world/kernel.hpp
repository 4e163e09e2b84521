// What the parts of one simulated world share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/prng.hpp"
#include "sim/world/scheduler.hpp"
#include "sim/world/trace.hpp"

namespace barnabas::sim {

struct Kernel {
  Kernel(std::uint64_t seed, bool shuffle, Scheduler::Limits limits)
      : root(seed), scheduler(root.child("ties"), shuffle, limits) {}

  Prng root;  // Only to derive named child streams from.
  Scheduler scheduler;
  Trace trace;
  std::vector<std::string> error_lines;  // Logged at level error.

  Instant now() const { return scheduler.now(); }
};

}  // namespace barnabas::sim
