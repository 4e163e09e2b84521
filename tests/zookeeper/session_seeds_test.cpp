// Session clients on a simulated ensemble under all faults, seed after seed (session_run.hpp).
// BARNABAS_SEEDS=first..last runs others than the first 300.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/zookeeper/session_run.hpp"

namespace barnabas::zookeeper {
namespace {

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 300;
};

Seeds seeds() {
  Seeds seeds;
  if (const char* given = std::getenv("BARNABAS_SEEDS")) {
    unsigned long long first = 0;
    unsigned long long last = 0;
    if (std::sscanf(given, "%llu..%llu", &first, &last) == 2) seeds = {first, last};
  }
  return seeds;
}

TEST(SessionSeeds, what_clients_are_told_fits_the_order_of_writes) {
  const Seeds range = seeds();
  SessionRunResult sum;
  std::size_t failed = 0;
  for (std::uint64_t seed = range.first; seed <= range.last && failed < 10; ++seed) {
    const SessionRunResult result = run_sessions(seed);
    sum.operations += result.operations;
    sum.unknown += result.unknown;
    sum.expired += result.expired;
    sum.watches_fired += result.watches_fired;
    if (!result.broken.empty()) ++failed;
    for (const std::string& line : result.broken) ADD_FAILURE() << "seed " << seed << ": " << line;
  }
  std::printf("%llu seeds: %zu operations, %zu of unknown outcome, %zu sessions expired, %zu watches fired\n",
              static_cast<unsigned long long>(range.last - range.first + 1), sum.operations, sum.unknown, sum.expired,
              sum.watches_fired);
  // The faults reach what they are for.
  EXPECT_GT(sum.unknown, 0U);
  EXPECT_GT(sum.watches_fired, 0U);
}

TEST(SessionSeeds, the_same_seed_gives_the_same_run) {
  EXPECT_EQ(run_sessions(7).hash, run_sessions(7).hash);
  EXPECT_NE(run_sessions(7).hash, run_sessions(8).hash);
}

}  // namespace
}  // namespace barnabas::zookeeper
