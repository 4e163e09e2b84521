// Doing several things at once and waiting for all of them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/base/result.hpp"

namespace barnabas {
namespace detail {

inline Task<void> run_counted(Task<Result<void>> task, Semaphore& slots, Result<void>& first_error) {
  const Semaphore::Units slot = co_await slots.acquire();
  Result<void> result = co_await std::move(task);
  if (!result && first_error) first_error = std::move(result);
}

}  // namespace detail

// Runs all the tasks, at most `at_once` of them at a time, and returns when every one has ended: the error of the
// first that failed, if one did. Destroying it destroys what is under way.
inline Task<Result<void>> gather(Executor& executor, std::vector<Task<Result<void>>> tasks, std::int64_t at_once) {
  Result<void> first_error;
  Semaphore slots(executor, at_once);
  Scope scope(executor);
  for (Task<Result<void>>& task : tasks) scope.spawn(detail::run_counted(std::move(task), slots, first_error));
  tasks.clear();
  co_await scope.join();
  co_return first_error;
}

}  // namespace barnabas
