#include "tools/barnabas/sim/result_line.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

#include "tools/barnabas/exit_code.hpp"

namespace barnabas::tools {
namespace {

constexpr std::array kOutcomes{sim::Outcome::ok, sim::Outcome::safety, sim::Outcome::liveness, sim::Outcome::crash,
                               sim::Outcome::nondeterminism};

}  // namespace

int exit_code_of(sim::Outcome outcome) {
  switch (outcome) {
    case sim::Outcome::ok: return kOk;
    case sim::Outcome::safety: return kSafety;
    case sim::Outcome::liveness: return kLiveness;
    case sim::Outcome::crash: return kCrash;
    case sim::Outcome::nondeterminism: return kNondeterminism;
  }
  return kCrash;
}

std::size_t ResultLine::format(char* into, std::size_t size) const {
  const int length = std::snprintf(
      into, size, "seed=%" PRIu64 " result=%s events=%" PRIu64 " virtual_s=%.3f wall_s=%.3f hash=%016" PRIx64, seed,
      sim::name_of(result).data(), events, virtual_s, wall_s, hash);
  return std::min(static_cast<std::size_t>(length), size - 1);
}

std::string ResultLine::to_string() const {
  std::array<char, 256> text{};
  return std::string(text.data(), format(text.data(), text.size()));
}

std::string without_wall_time(std::string_view line) {
  constexpr std::string_view kName = "wall_s=";
  const std::size_t begin = line.find(kName);
  if (begin == std::string_view::npos) return std::string(line);
  const std::size_t end = std::min(line.find(' ', begin), line.size() - 1) + 1;
  return std::string(line.substr(0, begin)).append(line.substr(end));
}

std::optional<sim::Outcome> result_of(std::string_view line) {
  constexpr std::string_view kName = " result=";
  const std::size_t begin = line.find(kName);
  if (!line.starts_with("seed=") || begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(begin + kName.size());
  for (const sim::Outcome outcome : kOutcomes) {
    if (rest.substr(0, rest.find(' ')) == sim::name_of(outcome)) return outcome;
  }
  return std::nullopt;
}

}  // namespace barnabas::tools
