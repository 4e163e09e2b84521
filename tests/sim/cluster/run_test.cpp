// Scenarios end to end: real brokers, real clients, simulated nodes.
#include "sim/scenario/run.hpp"

#include <gtest/gtest.h>

namespace barnabas::sim {
namespace {

constexpr std::string_view kCalm = R"(
why = "nothing breaks"
[[topic]]
name = "t"
partitions = 2
[[workload]]
kind = "producer"
topic = "t"
records = 50
idempotent = true
[[workload]]
kind = "consumer"
topic = "t"
[[workload]]
kind = "group"
group = "g"
topic = "t"
clients = 2
[[check]]
name = "no_acked_loss"
[[check]]
name = "offsets_dense"
[[check]]
name = "no_duplicates"
[[check]]
name = "consumed_equals_log"
[[check]]
name = "committed_offsets_survive"
)";

RunResult run(std::string_view text, std::uint64_t seed, std::vector<std::string> overrides = {}) {
  RunOptions options;
  options.seed = seed;
  options.overrides = std::move(overrides);
  auto result = run_scenario(text, options);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result ? *result : RunResult{};
}

std::string told(const RunResult& result) {
  std::string all;
  for (const std::string& line : result.violations) all += line + "\n";
  return all;
}

TEST(RunScenario, a_calm_run_is_ok_and_repeats_itself) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunResult first = run(kCalm, seed);
    EXPECT_EQ(first.result, Outcome::ok) << told(first);
    const RunResult second = run(kCalm, seed);
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.events, second.events);
  }
  EXPECT_NE(run(kCalm, 1).hash, run(kCalm, 2).hash);
}

TEST(RunScenario, a_fault_is_injected_and_survived) {
  const std::string text = std::string(kCalm) + "[[fault]]\nkind = \"kill\"\nat = [\"10ms\", \"1s\"]\ntimes = 3\n";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunResult result = run(text, seed);
    EXPECT_EQ(result.result, Outcome::ok) << told(result);
  }
}

}  // namespace
}  // namespace barnabas::sim
