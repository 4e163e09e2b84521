// A bounded first-in first-out queue between coroutines of one node.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "core/async/event.hpp"
#include "core/async/task.hpp"

namespace barnabas {

template <class T>
class Queue {
 public:
  Queue(Executor& executor, std::size_t capacity) : not_empty_(executor), not_full_(executor), capacity_(capacity) {}

  std::size_t size() const { return items_.size(); }
  bool closed() const { return closed_; }

  // Waits for room. False when the queue was closed: the item is dropped.
  Task<bool> push(T item) {
    while (!closed_ && items_.size() >= capacity_) co_await not_full_.wait();
    if (closed_) co_return false;
    items_.push_back(std::move(item));
    not_empty_.notify_all();
    co_return true;
  }
  // Without waiting; false when full or closed.
  bool try_push(T item) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    not_empty_.notify_all();
    return true;
  }
  // Waits for an item; empty once the queue is closed and drained.
  Task<std::optional<T>> pop() {
    while (!closed_ && items_.empty()) co_await not_empty_.wait();
    if (items_.empty()) co_return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    not_full_.notify_all();
    co_return std::optional<T>(std::move(item));
  }
  // No more pushes; what is inside can still be popped.
  void close() {
    closed_ = true;
    not_empty_.notify_all();
    not_full_.notify_all();
  }

 private:
  Notification not_empty_;
  Notification not_full_;
  std::deque<T> items_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace barnabas
