// explore: many seeds of many scenarios, each in a process of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barnabas::tools {

struct ExploreOptions {
  std::vector<std::string> files;
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::vector<std::vector<std::uint64_t>> extra_seeds;  // Of each file, beside that range.
  unsigned jobs = 1;
  std::vector<std::string> assignments;  // --set, handed on to each run.
  std::uint64_t twice = 0;               // Every so many-th run is done twice and compared; 0: none.
  std::vector<std::string> command;      // The words before "run": {"build/release/barnabas", "sim"}.
};

// Progress on stderr; on stdout each failing seed with the command that replays it, and a last line with the
// totals. The exit code is that of the first failure in the order of files and seeds.
int explore(const ExploreOptions& options);

}  // namespace barnabas::tools
