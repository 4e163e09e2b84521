// The real world behind core/env: one thread that runs one node on sockets, files and the system's clocks.
//
// Boost.Asio does the polling; nothing of it shows here. What could block the thread (syncs, reads that miss the
// page cache, unlinks, name look-ups) runs on small thread pools behind it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "core/async/task.hpp"
#include "core/env/env.hpp"

namespace barnabas::net {

struct LoopOptions {
  env::LogLevel log_level = env::LogLevel::warn;  // Lines below it are dropped. They go to stderr.
  unsigned disk_threads = 2;                      // Syncs and cold reads under way at the same time.
  unsigned offload_threads = 2;                   // env::Offload.
};

// Outlives everything that was given its env(). SIGPIPE is ignored from its construction on. One per thread
// that runs it; not thread-safe.
class EventLoop {
 public:
  explicit EventLoop(LoopOptions options = {});
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  env::Env env();

  // Runs the loop until the task is done; gives its value.
  template <class T>
  T run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      drive(std::move(task));
    } else {
      std::optional<T> result;
      drive(keep(std::move(task), result));
      return std::move(*result);
    }
  }

  // Calls the handler on the loop's thread at each SIGTERM or SIGINT from now on, in place of the system's default. Not
  // to be called twice.
  void on_termination(std::function<void(int signal)> handler);

  void set_log_level(env::LogLevel level);

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
  }
  void drive(Task<void> task);

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace barnabas::net
