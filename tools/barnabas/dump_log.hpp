// barnabas dump-log: what is in the files of a partition's directory.
#pragma once

#include <CLI/CLI.hpp>

namespace barnabas::tools {

// Declares the subcommand. When it is chosen, the parse runs it and sets exit_code: kFailed when a file cannot be read
// or is damaged.
void add_dump_log(CLI::App& app, int& exit_code);

}  // namespace barnabas::tools
