// A simulated world: nodes with disks and clocks, a network between them, one seed.
//
//   sim::World world(42);
//   sim::Node& a = world.add_node("a");
//   auto result = world.run(a, some_task(a.env()));   // Drives everything until the task is done.
//
// Same seed, same run: hash() tells two runs apart. Destroying the world kills every node.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "sim/network/fabric.hpp"
#include "sim/world/kernel.hpp"
#include "sim/world/node.hpp"

namespace barnabas::sim {

// Thrown by World::run when its task can't end: a deadlock, a livelock, the limit, a dead node, an error line.
class Stuck : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class World {
 public:
  struct Options {
    bool shuffle = true;           // False: events of equal time and ready coroutines run first in, first out.
    bool error_lines_fail = true;  // run() throws when a node logged at level error.
    Scheduler::Limits limits{};
  };

  explicit World(std::uint64_t seed);
  World(std::uint64_t seed, Options options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // Alive, with nothing running on it. The reference stays valid.
  Node& add_node(std::string name);
  Node& node(std::string_view name);
  const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }

  Instant now() const { return kernel_.now(); }
  Duration elapsed() const { return kernel_.now().time_since_epoch(); }
  Trace& trace() { return kernel_.trace; }
  Fabric& network() { return fabric_; }
  Kernel& kernel() { return kernel_; }
  std::uint64_t hash() { return kernel_.scheduler.hash().value(); }
  std::uint64_t events() const { return kernel_.scheduler.events(); }
  const std::vector<std::string>& error_lines() const { return kernel_.error_lines; }
  bool livelock() const { return kernel_.scheduler.livelock(); }
  // Who spins; empty: nobody.
  const std::string& livelock_node() const;
  // A child stream of the seed, for what a test or scenario decides by itself.
  Prng stream(std::string_view name) const { return kernel_.root.child(name); }

  // Runs the action at a point of virtual time, outside every node: faults, mostly.
  void at(Instant when, std::function<void()> action);
  void after(Duration delay, std::function<void()> action) { at(now() + delay, std::move(action)); }

  // One event. False when there is nothing to do, or a livelock was found.
  bool step();
  // Until done() (asked before each event) is true. False when the limit passed or nothing is left to happen first.
  bool run_until(const std::function<bool()>& done, Duration limit);
  // All that happens in the next `time`; the time passes in any case.
  void run_for(Duration time);

  // Drives the world until the task, run on the node, is done. Throws Stuck.
  template <class T>
  T run(Node& node, Task<T> task, Duration limit = std::chrono::hours(1)) {
    auto result = std::make_shared<std::optional<Kept<T>>>();
    node.spawn_task(keep<T>(std::move(task), result));
    drive([&] { return result->has_value(); }, node, limit);
    if constexpr (!std::is_void_v<T>) return *std::move(*result);
  }

 private:
  template <class T>
  using Kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  template <class T>
  static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<Kept<T>>> result) {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      result->emplace();
    } else {
      auto value = co_await std::move(task);
      result->emplace(std::move(value));
    }
  }
  void drive(const std::function<bool()>& done, const Node& node, Duration limit);

  Options options_;
  Kernel kernel_;
  Fabric fabric_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace barnabas::sim
