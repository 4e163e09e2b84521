#include "net/clock.hpp"

#include <chrono>

namespace barnabas::net {
namespace {

Instant read_steady() {
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace

struct LoopClock::Sleeper : Waiter {
  Sleeper(LoopClock& c, Instant d) : clock(c), deadline(d) {}
  ~Sleeper() {
    if (asleep) clock.sleepers_.erase(place);
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    handle = h;
    if (deadline <= clock.advanced_) return clock.executor_.schedule(*this);
    place = clock.sleepers_.emplace(deadline, this);
    asleep = true;
  }
  void await_resume() const noexcept {}

  LoopClock& clock;
  Instant deadline;
  Sleepers::iterator place;
  bool asleep = false;
};

LoopClock::LoopClock(Executor& executor) : executor_(executor), advanced_(read_steady()) {}

Instant LoopClock::now() const { return read_steady(); }

Timestamp LoopClock::wall() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

Task<void> LoopClock::sleep_until(Instant deadline) { co_await Sleeper(*this, deadline); }

void LoopClock::advance() {
  advanced_ = read_steady();
  while (!sleepers_.empty() && sleepers_.begin()->first <= advanced_) {
    Sleeper& sleeper = *sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    sleeper.asleep = false;
    executor_.schedule(sleeper);
  }
}

std::optional<Instant> LoopClock::next_deadline() const {
  if (sleepers_.empty()) return std::nullopt;
  return sleepers_.begin()->first;
}

}  // namespace barnabas::net
