// A thousand partitions: in few requests and few writes.
#include "tests/controller/cluster_fixture.hpp"

namespace barnabas::controller {
namespace {

using namespace std::chrono_literals;

constexpr std::int32_t kPartitions = 1000;

class Scale : public ControllerTest {
 protected:
  std::size_t led_by(std::int32_t id) {
    std::size_t count = 0;
    for (std::int32_t i = 0; i < kPartitions; ++i) count += state(at("wide", i))->leader == BrokerId(id) ? 1U : 0U;
    return count;
  }
  std::size_t requests_of(FakeBroker& to, const std::string& what) {
    return static_cast<std::size_t>(std::ranges::count_if(
        to.requests, [&](const std::string& request) { return request.starts_with(what); }));
  }
};

TEST_F(Scale, a_wide_topic_takes_few_requests_and_few_writes) {
  start(3);
  std::vector<std::vector<std::int32_t>> replicas;
  for (std::int32_t i = 0; i < kPartitions; ++i) replicas.push_back({i % 3 + 1, (i + 1) % 3 + 1, (i + 2) % 3 + 1});
  for (const auto& one : brokers_) one->requests.clear();
  std::size_t before = ensemble_.quorum().log().size();
  create("wide", replicas);
  EXPECT_LE(ensemble_.quorum().log().size() - before, 5U);
  ASSERT_TRUE(until([&] { return all_know(at("wide", 0)) && all_know(at("wide", kPartitions - 1)); }));
  for (const auto& one : brokers_) {
    EXPECT_LE(requests_of(*one, "LeaderAndIsr"), 3U);
    EXPECT_LE(requests_of(*one, "UpdateMetadata"), 4U);
    EXPECT_EQ(one->replicas.size(), static_cast<std::size_t>(kPartitions));
    one->requests.clear();
  }
  const std::size_t led = led_by(2);
  EXPECT_GT(led, 300U);
  before = ensemble_.quorum().log().size();
  const Instant killed = world_.now();
  broker(2).kill();
  ASSERT_TRUE(until([&] { return led_by(2) == 0; }, 10s));
  EXPECT_LT(world_.now() - killed, 1s);
  EXPECT_LE(ensemble_.quorum().log().size() - before, 4U);
  ASSERT_TRUE(until([&] { return all_know(at("wide", 1)) && all_know(at("wide", kPartitions - 3)); }));
  EXPECT_LE(requests_of(broker(3), "LeaderAndIsr"), 4U);
  // The controller, too: its successor reads everything first.
  broker(2).restart();
  ASSERT_TRUE(until([&] { return broker(2).ready() && broker(1).live_brokers.contains(2); }));
  ASSERT_GT(led_by(1), 300U);
  const Instant again = world_.now();
  broker(1).kill();
  ASSERT_TRUE(until([&] { return led_by(1) == 0; }, 10s));
  EXPECT_LT(world_.now() - again, 1s);
}

}  // namespace
}  // namespace barnabas::controller
