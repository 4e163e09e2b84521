// barnabas-sim: the sim commands alone, which need core and sim and nothing of the real world. Both compilers build it.
#include <CLI/CLI.hpp>

#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/sim_commands.hpp"

int main(int argc, char** argv) {
  using namespace barnabas::tools;
  int exit_code = kOk;
  CLI::App app("The simulator of the Barnabas broker", "barnabas-sim");
  app.set_version_flag("--version", std::string("barnabas-sim " BARNABAS_VERSION " (" BARNABAS_COMPILER ")"));
  app.require_subcommand(1);
  add_sim_commands(app, {argv[0]}, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return exit_code;
}
