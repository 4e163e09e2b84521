#include "sim/world/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace barnabas::sim {
namespace {

constexpr Duration kWindow = 10s;

}  // namespace

Scheduler::Scheduler(Prng stream, bool shuffle, Limits limits)
    : stream_(stream), shuffle_(shuffle), limits_(limits) {}

EventId Scheduler::at(Instant when, EventTag tag, std::function<void()> action) {
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].action = std::move(action);
  slots_[slot].tag = tag;
  const EventId id{slot, slots_[slot].generation};
  const std::uint64_t tie = shuffle_ ? stream_.next() : 0;
  heap_.push_back(Entry{std::max(when, now_), tie, ++sequence_, id});
  std::push_heap(heap_.begin(), heap_.end());
  ++live_;
  return id;
}

void Scheduler::cancel(EventId& id) {
  const EventId taken = std::exchange(id, EventId{});
  if (taken.slot == 0 || slots_[taken.slot].generation != taken.generation) return;
  // The action may own the last reference to something that cancels in turn: let go of it last.
  const auto action = std::exchange(slots_[taken.slot].action, nullptr);
  ++slots_[taken.slot].generation;
  free_slots_.push_back(taken.slot);
  --live_;
}

// Brings a live entry to the top of the heap; false when there is none.
bool Scheduler::drop_cancelled() {
  while (!heap_.empty()) {
    const EventId top = heap_.front().id;
    if (slots_[top.slot].generation == top.generation) return true;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }
  return false;
}

void Scheduler::count(const EventTag& tag) {
  ++events_;
  hash_.mix({static_cast<std::uint64_t>(now_.time_since_epoch().count()), tag.node,
             static_cast<std::uint64_t>(tag.kind), tag.payload, stream_.draws()});
  if (now_ - window_start_ >= kWindow) {
    window_start_ = now_;
    resumptions_.clear();
  }
  if (tag.kind == EventKind::resume && ++resumptions_[tag.node] > limits_.resumptions_per_window) {
    livelock_ = true;
    livelock_node_ = tag.node;
  }
}

bool Scheduler::step() { return step_until(Instant::max()); }

bool Scheduler::step_until(Instant limit) {
  if (livelock_) return false;
  const bool any = drop_cancelled();
  if (!any || heap_.front().at > limit) {
    if (limit != Instant::max()) now_ = std::max(now_, limit);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end());
  const Entry entry = heap_.back();
  heap_.pop_back();
  B_CHECK(entry.at >= now_);
  now_ = entry.at;
  const auto action = std::exchange(slots_[entry.id.slot].action, nullptr);
  const EventTag tag = slots_[entry.id.slot].tag;
  count(tag);
  ++slots_[entry.id.slot].generation;
  free_slots_.push_back(entry.id.slot);
  --live_;
  action();
  if (observer_) observer_(tag);
  return true;
}

}  // namespace barnabas::sim
