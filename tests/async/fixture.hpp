// A simulated node to run coroutines on.
#pragma once

#include "sim/world/world.hpp"

namespace barnabas {

struct AsyncFixture {
  explicit AsyncFixture(std::uint64_t seed = 1) : world(seed), node(world.add_node("a")), env(node.env()) {}

  template <class T>
  T run(Task<T> task) {
    return world.run(node, std::move(task));
  }
  // Everything that is ready, and what becomes ready from it.
  void settle() { world.run_for(1s); }

  sim::World world;
  sim::Node& node;
  env::Env env;
};

// Counts those of it that live.
struct Alive {
  explicit Alive(int& counter) : count(counter) { ++count; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  ~Alive() { --count; }
  int& count;
};

}  // namespace barnabas
