#include "tests/property/protocol_model.hpp"

#include <gtest/gtest.h>

namespace barnabas::controller {
namespace {

// Of each configuration, 3,000 steps each. Every rule of the machines, taken away, is missed within these.
constexpr std::uint64_t kSeeds = 800;

void explore(ModelOptions options) {
  std::int64_t committed = 0;
  int elections = 0;
  int power_cuts = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ProtocolModel model(seed, options);
    const std::string broken = model.run();
    ASSERT_EQ(broken, "") << "seed " << seed;
    committed += model.committed();
    elections += model.elections();
    power_cuts += model.power_cuts();
  }
  // A model in which nothing happens proves nothing.
  EXPECT_GT(committed, static_cast<std::int64_t>(kSeeds) * 20);
  EXPECT_GT(elections, static_cast<int>(kSeeds) * 3);
  EXPECT_EQ(power_cuts > static_cast<int>(kSeeds), options.power_cuts);
}

TEST(ReplicationProtocol, three_replicas_keep_what_two_in_sync_promised) { explore({}); }
TEST(ReplicationProtocol, five_replicas_keep_what_three_in_sync_promised) {
  explore({.brokers = 5, .min_insync_replicas = 3});
}
// With one in sync nobody promises anything about the power: the last copy may be lost with it (waiver W2).
TEST(ReplicationProtocol, one_in_sync_is_enough_while_only_processes_die) {
  explore({.min_insync_replicas = 1, .power_cuts = false});
}

}  // namespace
}  // namespace barnabas::controller
