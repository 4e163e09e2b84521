// One incarnation of a node: a process with its memory, its clocks and doors.
//
// The crash contract. sever() comes first: from then on nothing this process asked for happens and nothing
// of it resumes; whoever still awaits something of its Env waits for ever. Then destroy_frames() destroys its
// coroutines where they are suspended. The object itself stays until the world ends, because tests may
// hold things that refer to its Env; those must be gone before the world is.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "sim/disk/disk.hpp"
#include "sim/network/fabric.hpp"
#include "sim/network/network.hpp"
#include "sim/world/clock_model.hpp"
#include "sim/world/kernel.hpp"
#include "sim/world/node_executor.hpp"

namespace barnabas::sim {

class Process;

class NodeClock final : public env::Clock {
 public:
  NodeClock(Kernel& kernel, Process& process, ClockModel& model)
      : kernel_(kernel), process_(process), model_(model) {}
  Instant now() const override { return model_.monotonic(kernel_.now()); }
  Timestamp wall() const override { return model_.wall(kernel_.now()); }
  Task<void> sleep_until(Instant deadline) override;

 private:
  Kernel& kernel_;
  Process& process_;
  ClockModel& model_;
};

class NodeRandom final : public env::Random {
 public:
  explicit NodeRandom(Prng stream) : stream_(stream) {}
  std::uint64_t next() override { return stream_.next(); }

 private:
  Prng stream_;
};

// Runs the work in one go after 20 microseconds to 2 milliseconds, whether or not its waiter still lives.
class NodeOffload final : public env::Offload {
 public:
  NodeOffload(Kernel& kernel, Process& process, Prng stream)
      : kernel_(kernel), process_(process), stream_(stream) {}
  Task<void> run(std::function<void()> work) override;

 private:
  Kernel& kernel_;
  Process& process_;
  Prng stream_;
};

class NodeHost final : public env::Host {
 public:
  NodeHost(std::string name, std::string boot_id) : name_(std::move(name)), boot_id_(std::move(boot_id)) {}
  std::string name() const override { return name_; }
  std::string boot_id() const override { return boot_id_; }

 private:
  std::string name_;
  std::string boot_id_;
};

// Lines go into the trace with virtual time. An error-level line is kept in Kernel::error_lines.
class NodeLogger final : public env::Logger {
 public:
  NodeLogger(Kernel& kernel, Process& process) : kernel_(kernel), process_(process) {}
  bool enabled(env::LogLevel level) const override;
  void log(env::LogLevel level, std::string_view component, std::string_view line) override;

 private:
  Kernel& kernel_;
  Process& process_;
};

// The parts of a node that outlive its processes.
struct Machine {
  Machine(Kernel& kernel, Fabric& network, std::string node_name, std::uint32_t node_index, bool shuffle_ready);

  Kernel& kernel;
  Fabric& fabric;
  std::string name;
  std::uint32_t index;  // From 1.
  bool shuffle;
  Prng stream;
  ClockModel clock;
  MachineDisk disk;
  std::uint64_t boots = 0;
  std::uint64_t incarnations = 0;
  std::string boot_id;

  void boot();
};

class Process {
 public:
  using Program = std::function<Task<void>(env::Env)>;

  explicit Process(Machine& machine);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  env::Env env();
  void spawn(Program program);
  void spawn(Task<void> task) { scope_.spawn(std::move(task)); }

  void sever(Death death = Death::kill);
  void destroy_frames();
  bool severed() const { return executor_.severed(); }
  NodeExecutor& executor() { return executor_; }
  Machine& machine() { return machine_; }
  const std::string& name() const { return machine_.name; }
  std::uint32_t node() const { return machine_.index; }

 private:
  Machine& machine_;
  Prng stream_;
  NodeExecutor executor_;
  NodeClock clock_;
  NodeRandom random_;
  NodeOffload offload_;
  NodeHost host_;
  NodeLogger logger_;
  ProcessDisk disk_;
  ProcessNetwork network_;
  std::deque<Program> programs_;  // Own what their coroutines captured.
  Scope scope_;                   // Last: its frames go first.
};

}  // namespace barnabas::sim
