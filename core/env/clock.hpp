// Time, as one node sees it.
#pragma once

#include "core/async/task.hpp"
#include "core/base/time.hpp"

namespace barnabas::env {

class Clock {
 public:
  virtual ~Clock() = default;

  // Monotonic; constant or rising, and unrelated to wall().
  virtual Instant now() const = 0;
  // Milliseconds since the epoch. May step in either direction.
  virtual Timestamp wall() const = 0;
  // Resumes when now() >= deadline; at once, but still through the executor, when that is past already.
  virtual Task<void> sleep_until(Instant deadline) = 0;

  Task<void> sleep_for(Duration duration) { return sleep_until(now() + duration); }
};

}  // namespace barnabas::env
