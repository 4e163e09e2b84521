// Swarm testing: every seed draws a cluster, its configuration, its workloads and which kinds of faults there are at
// all (Groce et al., "Swarm Testing", 2012). Some seeds have none: what needs quiet to go wrong needs calm runs, too.
#pragma once

#include <cstdint>
#include <string>

namespace barnabas::sim {

struct SwarmScenario {
  std::string toml;    // A scenario as any other.
  std::string vector;  // What was drawn, in one line.
};

// The same for the same arguments. with_disks: disks fail as well, and all else is as without.
SwarmScenario draw_swarm(std::uint64_t seed, bool with_disks);

}  // namespace barnabas::sim
