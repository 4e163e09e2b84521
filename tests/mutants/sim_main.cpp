// barnabas-sim with mutants: barnabas-sim-mutants [--mutant NAME] run|explore …
#include <CLI/CLI.hpp>
#include <cstring>

#include "tests/mutants/switch.hpp"
#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/sim_commands.hpp"

int main(int argc, char** argv) {
  using namespace barnabas::tools;
  int exit_code = kOk;
  std::string mutant;
  CLI::App app("The simulator of a broker with one bug on purpose", "barnabas-sim-mutants");
  app.add_option("--mutant", mutant, "A name of tests/mutants/catalogue.toml")->type_name("NAME");
  app.require_subcommand(1);
  // Before the command: explore starts this program anew with these words.
  std::vector<std::string> words{argv[0]};
  if (argc > 2 && std::strcmp(argv[1], "--mutant") == 0) {
    words.insert(words.end(), {argv[1], argv[2]});
    barnabas::switch_mutant_on(argv[2]);
  }
  add_sim_commands(app, words, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return exit_code;
}
