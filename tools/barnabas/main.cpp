// The barnabas command.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "core/broker/api_reference.hpp"
#include "core/metadata/config.hpp"
#include "tools/barnabas/adopt.hpp"
#include "tools/barnabas/dump_log.hpp"
#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/serve.hpp"
#include "tools/barnabas/sim_commands.hpp"
#include "tools/barnabas/zookeeper.hpp"

namespace {

int run(int argc, char** argv) {
  using namespace barnabas::tools;
  int exit_code = kOk;
  CLI::App app("A Kafka-compatible message broker, and the simulator that tests it", "barnabas");
  app.set_version_flag("--version", std::string("barnabas " BARNABAS_VERSION " (" BARNABAS_COMPILER ")"));
  app.require_subcommand(1);
  app.footer(
      "Try:\n"
      "  barnabas serve --data-dir ./data\n"
      "  barnabas sim run scenarios/power_cut.toml --seed 42\n"
      "  barnabas COMMAND --help\n");
  add_serve(app, exit_code);
  add_zookeeper(app, exit_code);
  add_dump_log(app, exit_code);
  add_adopt(app, exit_code);
  CLI::App* sim = app.add_subcommand("sim", "Run scenarios in the simulator");
  sim->require_subcommand(1);
  add_sim_commands(*sim, {argv[0], "sim"}, exit_code);
  app.add_subcommand("config-reference", "Print the reference of all configuration keys, as Markdown")->callback([] {
    std::fputs(barnabas::metadata::reference_markdown().c_str(), stdout);
  });
  app.add_subcommand("protocol-reference", "Print the reference of all protocol versions, as Markdown")->callback([] {
    std::fputs(barnabas::broker::protocol_reference_markdown().c_str(), stdout);
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
