// A node: a machine with a disk, and the one process that may run on it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/world/process.hpp"

namespace barnabas::sim {

class Node {
 public:
  using Program = Process::Program;

  Node(Kernel& kernel, Fabric& fabric, std::string name, std::uint32_t index, bool shuffle);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  const std::string& name() const { return machine_.name; }
  bool alive() const { return !process_->severed(); }
  bool paused() const { return paused_; }

  // Of the present incarnation; after a kill, of the dead one, on which nothing ever happens.
  env::Env env() { return process_->env(); }

  // Runs on the present incarnation and dies with it. The program's captures are kept as long. The node must be
  // alive.
  void spawn(Program program);
  void spawn_task(Task<void> task);

  // The process dies where it is: see process.hpp. Its page cache stays, its peers see resets. Harmless when dead.
  // May be called from anywhere: when one of this node's own coroutines is running, its frames go right after.
  void kill();
  // As kill, and the machine loses power: what was not synced may be lost or torn (file_system.hpp), peers hear
  // nothing. The boot id changes.
  void power_cut();
  // A new process on the same disk. Kills what still runs. With a program: spawns it.
  void restart();
  void restart(Program program);

  // Stops the process without its knowledge, as SIGSTOP does: timers, disk and network go on, nothing runs.
  void pause();
  void unpause();

  MachineDisk& disk() { return machine_.disk; }
  ClockModel& clock() { return machine_.clock; }
  Machine& machine() { return machine_; }

 private:
  void stop(Death death);

  Machine machine_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Process>> dead_;
  bool paused_ = false;
};

}  // namespace barnabas::sim
