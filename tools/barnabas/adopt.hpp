// barnabas adopt: makes a data directory of Apache Kafka servable by this broker alone.
#pragma once

#include <CLI/CLI.hpp>

namespace barnabas::tools {

// Declares the subcommand. When it is chosen, the parse runs it and sets exit_code.
void add_adopt(CLI::App& app, int& exit_code);

}  // namespace barnabas::tools
