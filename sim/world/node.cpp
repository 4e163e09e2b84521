#include "sim/world/node.hpp"

#include "core/base/check.hpp"

namespace barnabas::sim {

Node::Node(Kernel& kernel, Fabric& fabric, std::string name, std::uint32_t index, bool shuffle)
    : machine_(kernel, fabric, std::move(name), index, shuffle), process_(std::make_unique<Process>(machine_)) {}

Node::~Node() = default;

void Node::spawn(Program program) {
  B_CHECK(alive());
  process_->spawn(std::move(program));
}

void Node::spawn_task(Task<void> task) {
  B_CHECK(alive());
  process_->spawn(std::move(task));
}

void Node::stop(Death death) {
  Kernel& kernel = machine_.kernel;
  const std::string_view event = death == Death::kill ? "kill" : "power_cut";
  kernel.trace.note(kernel.now(), name(), event);
  kernel.scheduler.hash().mix(event);
  paused_ = false;
  process_->sever(death);
  if (process_->executor().running()) {
    kernel.scheduler.at(kernel.now(), {EventKind::fault, machine_.index, 0},
                        [process = process_.get()] { process->destroy_frames(); });
  } else {
    process_->destroy_frames();
  }
}

void Node::kill() {
  if (alive()) stop(Death::kill);
}

void Node::power_cut() {
  if (alive()) stop(Death::power_cut);
  machine_.fabric.machine_down(machine_.name);
  machine_.disk.power_cut();
  machine_.boot();
}

void Node::restart() {
  kill();
  machine_.kernel.trace.note(machine_.kernel.now(), name(), "start");
  dead_.push_back(std::move(process_));
  process_ = std::make_unique<Process>(machine_);
  machine_.fabric.machine_up(machine_.name);
}

void Node::restart(Program program) {
  restart();
  spawn(std::move(program));
}

void Node::pause() {
  if (!alive() || paused_) return;
  paused_ = true;
  machine_.kernel.trace.note(machine_.kernel.now(), name(), "pause");
  process_->executor().pause();
}

void Node::unpause() {
  if (!paused_) return;
  paused_ = false;
  machine_.kernel.trace.note(machine_.kernel.now(), name(), "unpause");
  process_->executor().unpause();
}

}  // namespace barnabas::sim
