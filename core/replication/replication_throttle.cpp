#include "core/replication/replication_throttle.hpp"

#include <algorithm>

namespace barnabas::replication {
namespace {

std::int64_t window_of(Instant at, Duration window) { return at.time_since_epoch() / window; }

}  // namespace

void ReplicationThrottle::record(std::size_t bytes, Instant now) {
  const std::int64_t number = window_of(now, kWindow);
  Window& window = windows_[static_cast<std::uint64_t>(number) % kWindows];
  if (window.number != number) window = {number, 0};
  window.bytes += static_cast<std::int64_t>(bytes);
}

bool ReplicationThrottle::exceeded(Instant now) const {
  if (!rate_) return false;
  const std::int64_t current = window_of(now, kWindow);
  std::int64_t bytes = 0;
  std::int64_t oldest = current;
  for (const Window& window : windows_) {
    if (window.number < 0 || current - window.number >= static_cast<std::int64_t>(kWindows)) continue;
    bytes += window.bytes;
    oldest = std::min(oldest, window.number);
  }
  const Duration elapsed = std::max(kWindow, now.time_since_epoch() - oldest * kWindow);
  const double seconds = std::chrono::duration<double>(elapsed).count();
  return static_cast<double>(bytes) / seconds > static_cast<double>(*rate_);
}

}  // namespace barnabas::replication
