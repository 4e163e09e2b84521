// Structured concurrency: the owner of coroutines that run beside each other.
#pragma once

#include <cstddef>

#include "core/async/event.hpp"
#include "core/async/task.hpp"

namespace barnabas {

// Every coroutine that is not awaited belongs to a Scope. Destroying the scope destroys the frames that are
// still suspended, last spawned first, without resuming them: that is a cancellation, and in a crash it is the
// crash. A scope must not be destroyed from inside one of its own tasks.
class Scope {
 public:
  explicit Scope(Executor& executor);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  // Starts the task through the executor, not inside this call.
  void spawn(Task<void> task);

  std::size_t size() const { return size_; }
  // Waits until every task has finished by itself.
  Task<void> join() {
    while (size_ > 0) co_await idle_.wait();
  }
  // Destroys what is suspended. Not from inside a task of this scope.
  void cancel();

 private:
  struct Child;

  Executor& executor_;
  Notification idle_;
  IntrusiveList<Child> children_;
  std::size_t size_ = 0;
};

}  // namespace barnabas
