// Judges the judge: with one bug on purpose in the controller, some storm must end in disorder.
#include <gtest/gtest.h>

#include "core/base/mutant.hpp"
#include "tests/controller/storm.hpp"

namespace {

constexpr std::uint64_t kSeeds = 300;

std::string_view switched_on;

}  // namespace

namespace barnabas {

bool mutant_is_reached(std::string_view name) { return name == switched_on; }
void mutant_differs(std::string_view) {}

namespace controller {
namespace {

class ControllerMutants : public testing::TestWithParam<std::string> {};

TEST_P(ControllerMutants, some_seed_fails) {
  switched_on = GetParam();
  std::uint64_t seed = 0;
  std::vector<std::string> broken;
  while (broken.empty() && seed < kSeeds) broken = run_storm(++seed).broken;
  switched_on = {};
  ASSERT_FALSE(broken.empty()) << "not noticed in " << kSeeds << " seeds";
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), broken.front().c_str());
}

TEST(ControllerWithoutMutants, no_seed_fails) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const std::string& what : run_storm(seed).broken) ADD_FAILURE() << "seed " << seed << ": " << what;
  }
}

INSTANTIATE_TEST_SUITE_P(Mutants, ControllerMutants,
                         testing::Values("bounce_unseen", "watch_after_read",
                                         "lost_reply_not_read_back", "resigned_controller_goes_on",
                                         "controller_writes_unfenced", "leader_comeback_keeps_epoch",
                                         "metadata_only_with_leaders", "node_exists_is_success",
                                         "isr_without_broker_epochs"),
                         [](const auto& mutant) { return mutant.param; });

}  // namespace
}  // namespace controller
}  // namespace barnabas
