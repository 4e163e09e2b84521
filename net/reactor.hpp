// The heart of the event loop: ready coroutines, readiness of sockets, and work that came back from a pool.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/async/executor.hpp"
#include "core/async/task.hpp"
#include "net/clock.hpp"
#include "net/heap_trim.hpp"

namespace barnabas::net {

namespace asio = boost::asio;

// Threads that start when they are first needed. Its destruction waits for the work it was given.
class Pool {
 public:
  explicit Pool(unsigned threads) : threads_(threads) {}
  ~Pool() {
    if (pool_) pool_->join();
  }

  // From any thread.
  template <class F>
  void post(F&& work) {
    std::call_once(started_, [this] { pool_.emplace(threads_); });
    asio::post(*pool_, std::forward<F>(work));
  }

 private:
  unsigned threads_;
  std::once_flag started_;
  std::optional<asio::thread_pool> pool_;
};

class Reactor final : public Executor {
 public:
  Reactor(unsigned disk_threads, unsigned offload_threads);

  void schedule(Waiter& waiter) override { ready_.push_back(waiter); }
  void run_until(const bool& done);

  asio::io_context& io() { return io_; }
  LoopClock& clock() { return clock_; }
  Pool& disk_pool() { return disk_pool_; }
  Pool& offload_pool() { return offload_pool_; }
  // Streams tell it.
  HeapTrim& heap_trim() { return heap_trim_; }

  // An operation that can complete at once asks before it tries. False: this coroutine did many such
  // operations without suspending; co_await pass() first, so that others get their turn.
  bool may_proceed() { return budget_-- > 0; }
  // To the end of the ready queue.
  auto pass() {
    struct Awaiter : Waiter {
      explicit Awaiter(Reactor& r) : reactor(r) {}
      Reactor& reactor;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) noexcept {
        handle = h;
        reactor.schedule(*this);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter(*this);
  }

  // Runs work on the pool and gives its (non-void) value. When the waiting frame is destroyed the work still
  // runs: it owns all that it touches.
  template <class F>
  Task<std::invoke_result_t<F&>> run_on(Pool& pool, F work);

 private:
  template <class R>
  struct Handover {
    Waiter* waiter = nullptr;  // Null once the frame that waited is gone. Only the loop's thread touches it.
    std::optional<R> result;
  };

  void turn(const bool& done);

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_;
  LoopClock clock_;
  IntrusiveList<Waiter> ready_;
  int budget_ = 0;
  HeapTrim heap_trim_;
  Pool offload_pool_;
  Pool disk_pool_;
};

template <class F>
Task<std::invoke_result_t<F&>> Reactor::run_on(Pool& pool, F work) {
  using State = Handover<std::invoke_result_t<F&>>;
  struct Awaiter : Waiter {
    explicit Awaiter(State& s) : state(s) {}
    ~Awaiter() { state.waiter = nullptr; }
    State& state;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) noexcept {
      handle = h;
      state.waiter = this;
    }
    void await_resume() const noexcept {}
  };

  auto state = std::make_shared<State>();
  pool.post([this, state, work = std::move(work)]() mutable {
    state->result.emplace(work());
    asio::post(io_, [this, state = std::move(state)] {
      if (state->waiter != nullptr) schedule(*state->waiter);
    });
  });
  co_await Awaiter(*state);
  co_return std::move(*state->result);
}

}  // namespace barnabas::net
