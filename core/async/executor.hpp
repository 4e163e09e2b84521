// Where suspended coroutines go to be resumed.
#pragma once

#include <coroutine>

#include "core/base/intrusive_list.hpp"

namespace barnabas {

// A suspended coroutine that waits in some list: of an Event, a Semaphore, or an Executor's ready queue. It
// lives in the coroutine's own frame, so when the frame is destroyed the hook unlinks itself and nothing is
// left that could resume it. Every awaitable of core, net and sim is built on it; this is the whole of the
// crash contract (ARCHITECTURE.md, "Crash").
struct Waiter : ListHook {
  std::coroutine_handle<> handle;
};

// The ready queue of one node. Single-threaded: schedule() is called only from the thread that runs it.
class Executor {
 public:
  virtual ~Executor() = default;

  // Resumes waiter.handle later, never inside this call. The waiter must be in no list. In the real world
  // first in, first out; in the simulator the seed decides among the ready ones.
  virtual void schedule(Waiter& waiter) = 0;
};

}  // namespace barnabas
