// barnabas zookeeper: the embedded ZooKeeper alone, for several brokers on one machine.
#pragma once

#include <CLI/CLI.hpp>

namespace barnabas::tools {

// Declares the subcommand. When it is chosen, the parse runs it and sets exit_code.
void add_zookeeper(CLI::App& app, int& exit_code);

}  // namespace barnabas::tools
