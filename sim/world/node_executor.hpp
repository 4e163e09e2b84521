// The ready queue of one incarnation of a node.
//
// One waiter is resumed per event; each resumption costs the node 1 to 20 microseconds drawn from the seed, in
// which it runs nothing else (other nodes do), so that a busy loop moves the clock. Ready waiters are dealt into a few
// lanes by the seed, and the seed picks the lane that runs next: neighbours overtake each other, none starves.
#pragma once

#include <array>
#include <cstdint>

#include "core/async/executor.hpp"
#include "core/base/prng.hpp"
#include "sim/world/kernel.hpp"

namespace barnabas::sim {

class NodeExecutor final : public Executor {
 public:
  NodeExecutor(Kernel& kernel, std::uint32_t node, Prng stream, bool shuffle);

  void schedule(Waiter& waiter) override;

  // Nothing runs while paused; what becomes ready stays ready.
  void pause();
  void unpause();
  // Nothing runs any more, ever.
  void sever();
  bool severed() const { return severed_; }
  // One of this node's coroutines is running right now.
  bool running() const { return running_; }

 private:
  static constexpr std::size_t kLanesMax = 4;

  bool any_ready();
  void kick();
  void run_one();

  Kernel& kernel_;
  std::uint32_t node_;
  Prng stream_;
  std::size_t lane_count_;
  std::array<IntrusiveList<Waiter>, kLanesMax> lanes_;
  EventId next_run_;
  Instant busy_until_{};
  bool scheduled_ = false;
  bool paused_ = false;
  bool severed_ = false;
  bool running_ = false;
};

}  // namespace barnabas::sim
