// Time as core knows it. There is no clock here: env::Clock is the only source.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/strong.hpp"

namespace barnabas {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

// Tag of the monotonic clock: it has no now(), so that nobody can ask it.
struct MonotonicClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

// A point of monotonic time: for timeouts and intervals. Its zero has no meaning.
using Instant = std::chrono::time_point<MonotonicClock, Duration>;

// Wall time in milliseconds since the Unix epoch: for record timestamps and znodes. It may step in either
// direction; never subtract two of them to measure an interval. -1 is none.
using Timestamp = Strong<struct TimestampTag, std::int64_t>;
inline constexpr Timestamp kNoTimestamp{-1};

}  // namespace barnabas
