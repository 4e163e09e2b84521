#include "net/reactor.hpp"

#include <algorithm>

namespace barnabas::net {
namespace {

// Ready coroutines resumed between two looks at the sockets.
constexpr int kResumesPerTurn = 128;
// Operations that one coroutine may complete without suspending.
constexpr int kOperationsPerResume = 32;
constexpr Duration kLongestWait = 1h;

}  // namespace

Reactor::Reactor(unsigned disk_threads, unsigned offload_threads)
    : io_(1),  // One thread runs it; others only post.
      keep_running_(asio::make_work_guard(io_)),
      clock_(*this),
      offload_pool_(offload_threads),
      disk_pool_(disk_threads) {}

void Reactor::run_until(const bool& done) {
  while (!done) turn(done);
}

void Reactor::turn(const bool& done) {
  if (ready_.empty()) {
    clock_.advance();
    const auto deadline = clock_.next_deadline();
    if (!ready_.empty()) {
      io_.poll();
    } else if (deadline) {
      if (io_.run_one_for(std::min(*deadline - clock_.now(), kLongestWait)) > 0) io_.poll();
    } else {
      io_.run_one();
      io_.poll();
    }
  } else {
    io_.poll();
  }
  clock_.advance();
  for (int i = 0; i < kResumesPerTurn && !done; ++i) {
    Waiter* waiter = ready_.pop_front();
    if (waiter == nullptr) break;
    budget_ = kOperationsPerResume;
    waiter->handle.resume();
  }
}

}  // namespace barnabas::net
