// The end of something that happens outside a node's coroutines: a disk operation, a timer, offloaded work.
//
// Shared between the event that brings it about and the frame that waits. Either may be gone first.
#pragma once

#include <memory>
#include <optional>

#include "core/async/executor.hpp"

namespace barnabas::sim {

template <class T>
class Completion {
 public:
  void complete(Executor& executor, T value) {
    value_.emplace(std::move(value));
    while (Waiter* waiter = waiters_.pop_front()) executor.schedule(*waiter);
  }

  // Await once: auto value = co_await completion->wait().
  auto wait() {
    struct Awaiter : Waiter {
      explicit Awaiter(Completion& c) : completion(c) {}
      Completion& completion;
      bool await_ready() const noexcept { return completion.value_.has_value(); }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        handle = h;
        completion.waiters_.push_back(*this);
      }
      T await_resume() { return std::move(*completion.value_); }
    };
    return Awaiter(*this);
  }

 private:
  IntrusiveList<Waiter> waiters_;
  std::optional<T> value_;
};

struct Nothing {};

// What a severed process gets when it asks for anything: no answer.
struct Never {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

}  // namespace barnabas::sim
