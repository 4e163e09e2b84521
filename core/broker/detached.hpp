// Work that must not stop half-way when whoever waits for it goes away.
#pragma once

#include <memory>
#include <optional>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"

namespace barnabas::broker {
namespace detail {

template <class T>
struct DetachedState {
  explicit DetachedState(Executor& executor) : done(executor) {}
  Event done;
  std::optional<T> value;
};

template <class T>
Task<void> run_detached(std::shared_ptr<DetachedState<T>> state, Task<T> work) {
  state->value.emplace(co_await std::move(work));
  state->done.set();
}

template <class T>
Task<T> wait_detached(std::shared_ptr<DetachedState<T>> state) {
  co_await state->done.wait();
  co_return std::move(*state->value);
}

}  // namespace detail

// Starts the work in scope, which outlives the caller, when called; the task returned only waits for its value.
// Nothing that the work borrows may belong to the caller.
template <class T>
Task<T> detached(Executor& executor, Scope& scope, Task<T> work) {
  auto state = std::make_shared<detail::DetachedState<T>>(executor);
  scope.spawn(detail::run_detached<T>(state, std::move(work)));
  return detail::wait_detached<T>(std::move(state));
}

}  // namespace barnabas::broker
