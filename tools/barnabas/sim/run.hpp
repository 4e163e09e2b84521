// run: one scenario with one seed, in this process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barnabas::tools {

struct RunCommand {
  std::string file;
  std::uint64_t seed = 1;
  std::vector<std::string> assignments;
  std::string trace_file;  // Empty: none.
  bool seccomp = false;
};

// What was found broken, then the result line as the last of stdout, also when a check of our own fails (SIGABRT)
// or the program dies of a signal. The exit code is the result's.
int run_scenario_file(const RunCommand& command);

}  // namespace barnabas::tools
