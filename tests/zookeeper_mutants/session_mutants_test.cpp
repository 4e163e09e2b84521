// Judges the judge: with one bug on purpose in the session client or the recipes, some seed must fail.
#include <gtest/gtest.h>

#include "core/base/mutant.hpp"
#include "tests/zookeeper/session_run.hpp"

namespace {

constexpr std::uint64_t kSeeds = 100;

std::string_view switched_on;

}  // namespace

namespace barnabas {

bool mutant_is_on(std::string_view name) { return name == switched_on; }

namespace zookeeper {
namespace {

class SessionMutants : public testing::TestWithParam<std::string> {};

TEST_P(SessionMutants, some_seed_fails) {
  switched_on = GetParam();
  std::uint64_t seed = 0;
  std::vector<std::string> broken;
  while (broken.empty() && seed < kSeeds) broken = run_sessions(++seed).broken;
  switched_on = {};
  ASSERT_FALSE(broken.empty()) << "not noticed in " << kSeeds << " seeds";
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), broken.front().c_str());
}

INSTANTIATE_TEST_SUITE_P(Mutants, SessionMutants,
                         testing::Values("node_exists_is_success", "watch_after_read", "rearm_without_zxid",
                                         "expiry_by_local_clock"),
                         [](const auto& mutant) { return mutant.param; });

}  // namespace
}  // namespace zookeeper
}  // namespace barnabas
