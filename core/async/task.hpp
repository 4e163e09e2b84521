// A lazily started coroutine with one awaiter.
//
// A Task starts when it is awaited (or spawned in a Scope), and owns its frame: destroying a Task destroys the
// frame and, through it, every Task it was awaiting. That is also how work is cancelled: there are no stop
// tokens. Whatever is suspended can be destroyed at any suspension point, because every awaitable unlinks
// itself (executor.hpp). Two rules follow:
//   - destructors of things that live in frames do no I/O and resume nobody inline; a clean end is an explicit
//     co_await stop();
//   - a sequence that must not stop half-way (append, then publish) runs in a Scope that outlives its waiters.
// A Task must not be destroyed while it is running, so not from itself.
//
// Exceptions do not steer core. One that leaves a coroutine (std::bad_alloc, say) ends the process.
//
// Not symmetric transfer alone: g++ at -O0 and under sanitizers does not turn it into a jump, so a loop that
// is always ready could grow the stack. Awaitables that complete at once do not suspend (await_ready), and
// everything else resumes through an Executor, which unwinds first.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "core/base/check.hpp"

namespace barnabas {

template <class T>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      return finished.promise().continuation;
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;

  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { reset(); }

  // Destroys the frame, wherever it is suspended.
  void reset() {
    if (Handle handle = std::exchange(handle_, {})) handle.destroy();
  }
  bool done() const { return handle_ && handle_.done(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle task;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        task.promise().continuation = awaiting;
        return task;
      }
      T await_resume() {
        if constexpr (!std::is_void_v<T>) return std::move(*task.promise().value);
      }
    };
    B_CHECK(handle_ && !handle_.done());
    return Awaiter{handle_};
  }

  // For Scope and for the loops that drive coroutines: starts the task; on_done resumes when it is done.
  void start(std::coroutine_handle<> on_done) {
    handle_.promise().continuation = on_done;
    handle_.resume();
  }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace detail
}  // namespace barnabas
