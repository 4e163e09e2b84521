// Waiting with a limit.
#pragma once

#include <optional>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/env/clock.hpp"

namespace barnabas::env {

namespace detail {

template <class T>
Task<void> run_into(Task<Result<T>> task, std::optional<Result<T>>& result, Event& finished) {
  auto value = co_await std::move(task);
  if (!finished.is_set()) result.emplace(std::move(value));
  finished.set();
}
inline Task<void> set_at(Clock& clock, Instant deadline, Event& finished) {
  co_await clock.sleep_until(deadline);
  finished.set();
}

}  // namespace detail

// The task's result, or timed_out when the deadline passes first; then the task is destroyed where it is.
template <class T>
Task<Result<T>> with_deadline(Executor& executor, Clock& clock, Instant deadline, Task<Result<T>> task) {
  std::optional<Result<T>> result;
  Event finished(executor);
  Scope scope(executor);
  scope.spawn(detail::run_into<T>(std::move(task), result, finished));
  scope.spawn(detail::set_at(clock, deadline, finished));
  co_await finished.wait();
  scope.cancel();
  if (!result) co_return fail(Errc::timed_out, "no answer in time");
  co_return std::move(*result);
}

// Waits for the notification or the deadline, whichever comes first; the caller looks which. The deadline
// wakes every waiter of the notification, all of which look again by themselves.
inline Task<void> wait_until(Executor& executor, Clock& clock, Notification& notification, Instant deadline) {
  const auto ring = [](Clock& source, Instant at, Notification& bell) -> Task<void> {
    co_await source.sleep_until(at);
    bell.notify_all();
  };
  Scope scope(executor);
  scope.spawn(ring(clock, deadline, notification));
  co_await notification.wait();
}

}  // namespace barnabas::env
