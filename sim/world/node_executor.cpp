#include "sim/world/node_executor.hpp"

namespace barnabas::sim {

NodeExecutor::NodeExecutor(Kernel& kernel, std::uint32_t node, Prng stream, bool shuffle)
    : kernel_(kernel), node_(node), stream_(stream), lane_count_(1) {
  // Some runs are first in, first out, as the real loop is.
  if (shuffle) lane_count_ = 1 + stream_.below(kLanesMax);
}

void NodeExecutor::schedule(Waiter& waiter) {
  const std::size_t lane = lane_count_ == 1 ? 0 : stream_.below(lane_count_);
  lanes_[lane].push_back(waiter);
  kick();
}

void NodeExecutor::pause() {
  paused_ = true;
  kernel_.scheduler.cancel(next_run_);
  scheduled_ = false;
}

void NodeExecutor::unpause() {
  paused_ = false;
  if (any_ready()) kick();
}

void NodeExecutor::sever() {
  severed_ = true;
  kernel_.scheduler.cancel(next_run_);
  scheduled_ = false;
}

bool NodeExecutor::any_ready() {
  for (auto& lane : lanes_) {
    if (!lane.empty()) return true;
  }
  return false;
}

void NodeExecutor::kick() {
  if (scheduled_ || paused_ || severed_) return;
  scheduled_ = true;
  const EventTag tag{EventKind::resume, node_, stream_.draws()};
  next_run_ = kernel_.scheduler.at(busy_until_, tag, [this] { run_one(); });
}

void NodeExecutor::run_one() {
  scheduled_ = false;
  const std::size_t start = lane_count_ == 1 ? 0 : stream_.below(lane_count_);
  for (std::size_t i = 0; i < lane_count_; ++i) {
    Waiter* waiter = lanes_[(start + i) % lane_count_].pop_front();
    if (waiter == nullptr) continue;
    busy_until_ = kernel_.now() + Duration(stream_.between(1'000, 20'000));
    running_ = true;
    waiter->handle.resume();
    running_ = false;
    if (any_ready()) kick();
    return;
  }
}

}  // namespace barnabas::sim
