// The last line of a run: seed=… result=… events=… virtual_s=… wall_s=… hash=…
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario/run.hpp"

namespace barnabas::tools {

int exit_code_of(sim::Outcome outcome);

struct ResultLine {
  std::uint64_t seed = 0;
  sim::Outcome result = sim::Outcome::ok;
  std::uint64_t events = 0;
  double virtual_s = 0;
  double wall_s = 0;
  std::uint64_t hash = 0;

  // Writes the line, without its end, to `into` and gives its length. Allocates nothing: a run that crashed
  // says it as well.
  std::size_t format(char* into, std::size_t size) const;
  std::string to_string() const;
};

// The text of a result line without its wall_s, which is all that two runs of a seed may differ in.
std::string without_wall_time(std::string_view line);
// What the line says of the result; null when it is no result line.
std::optional<sim::Outcome> result_of(std::string_view line);

}  // namespace barnabas::tools
