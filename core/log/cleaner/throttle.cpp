#include "core/log/cleaner/throttle.hpp"

#include <algorithm>

namespace barnabas::log {

namespace {
constexpr double kLongestNanoseconds = 3600e9;  // A rate of nearly nothing must not overflow a duration.
}

Instant Throttle::reserve(std::size_t bytes, Instant now) {
  const double taken = std::min(static_cast<double>(bytes) / bytes_per_second_ * 1e9, kLongestNanoseconds);
  free_at_ = std::max(free_at_, now) + Duration(static_cast<std::int64_t>(taken));
  return free_at_;
}

}  // namespace barnabas::log
