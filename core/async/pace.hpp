// Long work gives way.
#pragma once

#include "core/async/executor.hpp"

namespace barnabas {

// Counts the steps of a loop whose length somebody else has chosen; every kSteps of them, whoever else is ready runs
// first. What the loop looks at may change whenever it gives way.
//   Pace pace(executor);
//   for (...) { co_await pace.step(); ... }
class Pace {
 public:
  // Of a microsecond or so each: a turn of the event loop, which resumes up to 128 coroutines, stays at milliseconds.
  static constexpr unsigned kSteps = 32;

  explicit Pace(Executor& executor) : executor_(executor) {}

  auto step() {
    struct Awaiter : Waiter {
      explicit Awaiter(Pace& p) : pace(p) {}
      Pace& pace;
      bool await_ready() const noexcept {
        if (++pace.taken_ < kSteps) return true;
        pace.taken_ = 0;
        return false;
      }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        handle = h;
        pace.executor_.schedule(*this);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter(*this);
  }

 private:
  Executor& executor_;
  unsigned taken_ = 0;
};

}  // namespace barnabas
