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

constexpr std::string_view kCluster = R"(
why = "three brokers"
[cluster]
brokers = 3
config = { "zookeeper.session.timeout.ms" = 3000 }
[[topic]]
name = "t"
config = { "min.insync.replicas" = 2 }
[[workload]]
kind = "producer"
topic = "t"
records = 100
idempotent = true
[[check]]
name = "no_acked_loss"
)";

// The faults that struck, in order.
std::vector<std::string> struck(std::string_view text) {
  std::vector<std::string> found;
  RunOptions options;
  options.seed = 1;
  options.trace = [&](std::string_view line) {
    if (line.find("\"event\":\"fault\"") != std::string_view::npos) found.emplace_back(line);
  };
  const auto result = run_scenario(text, options);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  if (result) EXPECT_EQ(result->result, Outcome::ok) << told(*result);
  return found;
}

TEST(RunScenario, a_fault_that_waits_for_a_moment_strikes_then_and_not_before) {
  const std::string then = "[[fault]]\nkind = \"pause\"\non = \"subject\"\nwhen = \"elected:t/0\"\n"
                           "at = [\"0ms\", \"5s\"]\n";
  EXPECT_TRUE(struck(std::string(kCluster) + then).empty());
  const std::string kill = "[[fault]]\nkind = \"kill\"\non = \"leader:t/0\"\nat = \"500ms\"\nlasts = \"1s\"\n";
  const auto both = struck(std::string(kCluster) + then + kill);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_NE(both[0].find("kill"), std::string::npos) << both[0];
  EXPECT_NE(both[1].find("pause"), std::string::npos) << both[1];
}

}  // namespace
}  // namespace barnabas::sim
