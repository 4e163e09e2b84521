#include "sim/world/world.hpp"

#include "core/base/check.hpp"

namespace barnabas::sim {

World::World(std::uint64_t seed) : World(seed, Options{}) {}

World::World(std::uint64_t seed, Options options)
    : options_(options), kernel_(seed, options.shuffle, options.limits), fabric_(kernel_) {}

World::~World() {
  kernel_.trace.set_sink({});  // The run is over; what the sink and the observer refer to may be gone.
  kernel_.scheduler.set_observer({});
  // Every node dies before any of them is taken apart: they hold each other's streams through the network.
  for (const auto& node : nodes_) node->kill();
}

Node& World::add_node(std::string name) {
  const auto index = static_cast<std::uint32_t>(nodes_.size() + 1);
  nodes_.push_back(std::make_unique<Node>(kernel_, fabric_, std::move(name), index, options_.shuffle));
  fabric_.machine_up(nodes_.back()->name());
  return *nodes_.back();
}

Node& World::node(std::string_view name) {
  for (const auto& node : nodes_) {
    if (node->name() == name) return *node;
  }
  check_failed(__FILE__, __LINE__, "the node exists", name);
}

const std::string& World::livelock_node() const {
  static const std::string kNobody;
  if (!livelock()) return kNobody;
  return nodes_.at(kernel_.scheduler.livelock_node() - 1)->name();
}

void World::at(Instant when, std::function<void()> action) {
  kernel_.scheduler.at(when, {EventKind::world, 0, 0}, std::move(action));
}

bool World::step() { return kernel_.scheduler.step(); }

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now() + limit;
  while (!done()) {
    if (!kernel_.scheduler.step_until(end)) return done();
  }
  return true;
}

void World::run_for(Duration time) {
  const Instant end = now() + time;
  while (kernel_.scheduler.step_until(end)) {
  }
}

void World::drive(const std::function<bool()>& done, const Node& node, Duration limit) {
  const std::size_t errors_before = kernel_.error_lines.size();
  const Instant end = now() + limit;
  while (!done()) {
    if (!node.alive()) throw Stuck("node " + node.name() + " died while the task ran");
    if (kernel_.scheduler.empty()) throw Stuck("deadlock: the task waits, and nothing is left to happen");
    if (kernel_.scheduler.step_until(end)) continue;
    if (kernel_.scheduler.livelock()) throw Stuck("livelock: a node is never idle");
    throw Stuck("the task was not done within the limit of virtual time");
  }
  if (options_.error_lines_fail && kernel_.error_lines.size() > errors_before) {
    throw Stuck("a node logged an error: " + kernel_.error_lines[errors_before]);
  }
}

}  // namespace barnabas::sim
