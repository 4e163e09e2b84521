// The system's clocks and the sleepers of one loop.
#pragma once

#include <map>
#include <optional>

#include "core/async/executor.hpp"
#include "core/env/clock.hpp"

namespace barnabas::net {

// now() reads the system's clock each time, so that what takes part of a turn of the loop can be measured; sleepers
// wake when the loop calls advance(), at the start of each turn.
class LoopClock final : public env::Clock {
 public:
  explicit LoopClock(Executor& executor);

  Instant now() const override;
  Timestamp wall() const override;
  Task<void> sleep_until(Instant deadline) override;

  // Reads the clock and makes ready whoever slept until now: the earliest deadline first, and those of one
  // deadline in the order they came.
  void advance();
  std::optional<Instant> next_deadline() const;

 private:
  struct Sleeper;
  using Sleepers = std::multimap<Instant, Sleeper*>;

  Executor& executor_;
  Instant advanced_;  // When advance() was last called.
  Sleepers sleepers_;
};

}  // namespace barnabas::net
