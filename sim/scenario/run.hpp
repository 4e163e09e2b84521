// Runs one scenario with one seed: the entry point of the simulator for tools and tests.
//
// The text is TOML; its keys are described in scenarios/README.md. The same text, seed and overrides give the same
// RunResult, hash included, in any process and with either compiler. Opens no file and asks no clock.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "sim/world/trace.hpp"

namespace barnabas::sim {

class World;

enum class Outcome : std::uint8_t {
  ok,
  safety,          // A check found a guarantee broken.
  liveness,        // Something that must end did not: a workload, a start, a drain; or a deadlock or livelock.
  crash,           // Never returned: a failed B_CHECK ends the process with SIGABRT, and the tool says so.
  nondeterminism,  // Never returned: who runs a seed twice compares the hashes.
};

// "ok", "safety", "liveness", "crash", "nondeterminism".
std::string_view name_of(Outcome outcome);

struct RunOptions {
  std::uint64_t seed = 0;
  // Each "key=value", as after --set: "cluster.start_within=60s", "workload.0.records=500". The value is TOML, or
  // a plain string when it does not parse as TOML.
  std::vector<std::string> overrides;
  // Gets every event as it happens, each one JSON object; may be empty.
  Trace::Sink trace;
  // Gets the world before anything happens in it, for who must tell how far a run came that ends the process. The
  // world lives until run_scenario returns. May be empty.
  std::function<void(World&)> on_start;
};

struct RunResult {
  Outcome result = Outcome::ok;
  std::uint64_t events = 0;
  Duration virtual_time{};
  std::uint64_t hash = 0;
  // Of a cluster: records that had been below a high watermark and were lost legally, and elections that allow it.
  std::uint64_t excused = 0;
  std::uint64_t unclean_elections = 0;
  // Of a swarm: what the seed has drawn, in one line.
  std::string vector;
  // One line each: the name of the check and what it found. The first decides the outcome.
  std::vector<std::string> violations;
  // The last lines of the trace when something was found, each a JSON object.
  std::vector<std::string> last_lines;
};

// Only the text: every key known, every value in range, at least one check. invalid_argument names the place.
Result<void> check_scenario(std::string_view text, const std::vector<std::string>& overrides = {});
// The seeds listed in the scenario, which once failed.
Result<std::vector<std::uint64_t>> seeds_of_scenario(std::string_view text);

// Fails (invalid_argument) only when the text or an override is wrong.
Result<RunResult> run_scenario(std::string_view text, const RunOptions& options);

}  // namespace barnabas::sim
