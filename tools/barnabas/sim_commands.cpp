#include "tools/barnabas/sim_commands.hpp"

#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "sim/scenario/run.hpp"
#include "tools/barnabas/exit_code.hpp"
#include "tools/barnabas/read_text.hpp"
#include "tools/barnabas/sim/check_history.hpp"
#include "tools/barnabas/sim/explore.hpp"
#include "tools/barnabas/sim/run.hpp"

namespace barnabas::tools {
namespace {

constexpr const char* kResults =
    "Exit codes: 0 ok, 2 usage, 10 safety, 11 liveness, 12 crash, 13 nondeterminism.\n"
    "The keys of a scenario file: scenarios/README.md\n";

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "A..B", both included.
std::string parse_seeds(const std::string& text, ExploreOptions& options) {
  const std::size_t dots = text.find("..");
  const auto first = parse_number(std::string_view(text).substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_number(std::string_view(text).substr(dots + 2));
  if (!first || !last || *last < *first) return "expected a range of seeds, such as 1..200, in place of " + text;
  options.first_seed = *first;
  options.last_seed = *last;
  return {};
}

int explore_checked(ExploreOptions options) {
  for (const std::string& file : options.files) {
    const Result<std::string> text = read_text(file);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().message.c_str());
      return kUsage;
    }
    if (const auto checked = sim::check_scenario(*text, options.assignments); !checked) {
      std::fprintf(stderr, "%s: %s\n", file.c_str(), checked.error().message.c_str());
      return kUsage;
    }
    // What once failed is always tried again.
    const auto seeds = sim::seeds_of_scenario(*text);
    options.extra_seeds.push_back(seeds ? *seeds : std::vector<std::uint64_t>());
  }
  return explore(options);
}

void add_run(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<RunCommand>();
  CLI::App* command = parent.add_subcommand("run", "Run one scenario with one seed");
  command->add_option("scenario", options->file, "A scenario file (TOML)")->type_name("FILE")->required();
  command
      ->add_option_function<std::string>(
          "--seed",
          [options](const std::string& text) {
            const auto seed = parse_number(text);
            // Not CLI11's own conversion, which takes -1 and whatever is too large for the largest number.
            if (!seed) throw CLI::ValidationError("--seed", "expected a number from 0 to 2^64-1 in place of " + text);
            options->seed = *seed;
          },
          "The same seed gives the same run; 1 unless given")
      ->type_name("N");
  command
      ->add_option("--set", options->assignments,
                   "Set one key of the scenario, such as cluster.brokers=3; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  CLI::Option* trace = command->add_option("--trace", options->trace_file, "Write every event, one JSON object a line")
                           ->type_name("FILE");
  command->add_flag("--seccomp", options->seccomp, "Let the kernel kill any system call but memory and output")
      ->excludes(trace);
  command->footer(std::string("The last line on stdout tells the result.\n") + kResults);
  command->callback([options, &exit_code] { exit_code = run_scenario_file(*options); });
}

void add_explore(CLI::App& parent, std::vector<std::string> words, int& exit_code) {
  auto options = std::make_shared<ExploreOptions>();
  options->command = std::move(words);
  options->jobs = std::max(1U, std::thread::hardware_concurrency());
  CLI::App* command = parent.add_subcommand("explore", "Run scenarios with many seeds, and show those that fail");
  command->add_option("scenarios", options->files, "Scenario files (TOML)")->type_name("FILE")->required();
  command
      ->add_option_function<std::string>(
          "--seeds",
          [options](const std::string& text) {
            const std::string problem = parse_seeds(text, *options);
            if (!problem.empty()) throw CLI::ValidationError("--seeds", problem);
          },
          "The seeds, both ends included; the seeds listed in a scenario are run as well")
      ->type_name("A..B")
      ->required();
  command->add_option("--jobs", options->jobs, "Runs at the same time; one per processor unless given")
      ->type_name("N")
      ->check(CLI::Range(1U, 1024U));
  command->add_option("--set", options->assignments, "Set one key of each scenario; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--twice", options->twice, "Do every Nth run a second time and compare the two; 1: all")
      ->type_name("N");
  command->footer(kResults);
  command->callback([options, &exit_code] { exit_code = explore_checked(*options); });
}

void add_check_history(CLI::App& parent, int& exit_code) {
  auto options = std::make_shared<CheckHistoryCommand>();
  CLI::App* command =
      parent.add_subcommand("check-history", "Judge what clients of real brokers were told, with the same checks");
  command->add_option("history", options->file, "JSON lines, as tests/cluster writes them")
      ->type_name("FILE")
      ->required();
  command->add_option("--logs", options->logs, "The data directory of a stopped broker; once for each")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->required();
  command->footer("The last line on stdout tells the result. Exit codes: 0 ok, 2 usage, 10 safety.\n");
  command->callback([options, &exit_code] { exit_code = check_history(*options); });
}

}  // namespace

void add_sim_commands(CLI::App& parent, std::vector<std::string> words, int& exit_code) {
  add_run(parent, exit_code);
  add_explore(parent, std::move(words), exit_code);
  add_check_history(parent, exit_code);
}

}  // namespace barnabas::tools
