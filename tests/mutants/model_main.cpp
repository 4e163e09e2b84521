// The model tests as a program: mutant-models MODEL FIRST_SEED SEEDS [MUTANT] runs seed after seed until one of them
// finds something. Each seed is named on stdout before its run, so that it is known of one that crashes; what was found
// is the line after it. Exit code 1: something was found; 2: usage.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/controller/storm.hpp"
#include "tests/log/log_history.hpp"
#include "tests/mutants/switch.hpp"
#include "tests/zookeeper/session_run.hpp"

namespace {

// Empty: nothing found.
using Model = std::string (*)(std::uint64_t seed);

std::string run_zookeeper_sessions(std::uint64_t seed) {
  const auto broken = barnabas::zookeeper::run_sessions(seed).broken;
  return broken.empty() ? "" : broken.front();
}

std::string run_controllers(std::uint64_t seed) {
  const auto broken = barnabas::controller::run_storm(seed).broken;
  return broken.empty() ? "" : broken.front();
}

struct Entry {
  std::string_view name;
  Model model;
};
constexpr Entry kModels[] = {
    {"log", [](std::uint64_t seed) { return barnabas::log::run_log_history(seed).problem; }},
    {"zookeeper_sessions", &run_zookeeper_sessions},
    {"controllers", &run_controllers},
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  Model model = nullptr;
  for (const Entry& entry : kModels) {
    if (argc >= 4 && entry.name == argv[1]) model = entry.model;
  }
  if (model == nullptr) {
    std::fprintf(stderr, "usage: mutant-models MODEL FIRST_SEED SEEDS [MUTANT]\nmodels:");
    for (const Entry& entry : kModels) std::fprintf(stderr, " %s", entry.name.data());
    std::fprintf(stderr, "\n");
    return 2;
  }
  if (argc > 4) barnabas::switch_mutant_on(argv[4]);
  const std::uint64_t first = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t seeds = std::strtoull(argv[3], nullptr, 10);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    std::printf("seed=%llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    const std::string problem = model(seed);
    if (problem.empty()) continue;
    std::printf("%s: %s\n", argv[1], problem.c_str());
    return 1;
  }
  return 0;
}
