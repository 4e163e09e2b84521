#include "core/replication/replication_throttle.hpp"

#include <gtest/gtest.h>

namespace barnabas::replication {
namespace {

Instant at(Duration since) { return Instant(since + 1000s); }

TEST(ReplicationThrottle, without_a_rate_nothing_is_too_much) {
  ReplicationThrottle throttle;
  throttle.record(std::size_t{1} << 40, at(0s));
  EXPECT_FALSE(throttle.exceeded(at(0s)));
}

TEST(ReplicationThrottle, what_was_moved_lately_is_measured_by_the_second) {
  ReplicationThrottle throttle;
  throttle.set_rate(1000);
  throttle.record(999, at(0s));
  EXPECT_FALSE(throttle.exceeded(at(0s)));
  throttle.record(2, at(100ms));
  EXPECT_TRUE(throttle.exceeded(at(200ms)));
  EXPECT_FALSE(throttle.exceeded(at(2s)));
  throttle.record(5000, at(2s));
  EXPECT_TRUE(throttle.exceeded(at(3s)));
  EXPECT_FALSE(throttle.exceeded(at(8s)));
}

TEST(ReplicationThrottle, what_is_long_past_is_forgotten) {
  ReplicationThrottle throttle;
  throttle.set_rate(10);
  throttle.record(1'000'000, at(0s));
  EXPECT_TRUE(throttle.exceeded(at(9s)));
  EXPECT_FALSE(throttle.exceeded(at(12s)));
}

}  // namespace
}  // namespace barnabas::replication
