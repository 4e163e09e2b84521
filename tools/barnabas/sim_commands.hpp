// run and explore: scenarios in the simulator.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace barnabas::tools {

// Declares both below `parent`. words are what a person types for the parent, for the lines that replay a seed.
// When one is chosen, the parse runs it and sets exit_code.
void add_sim_commands(CLI::App& parent, std::vector<std::string> words, int& exit_code);

}  // namespace barnabas::tools
