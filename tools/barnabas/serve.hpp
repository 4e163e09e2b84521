// barnabas serve: one broker on this machine.
#pragma once

#include <CLI/CLI.hpp>

namespace barnabas::tools {

// Declares the subcommand. When it is chosen, the parse runs it and sets exit_code.
void add_serve(CLI::App& app, int& exit_code);

}  // namespace barnabas::tools
