// The simulated network.
#pragma once

#include <string>

#include "core/env/network.hpp"
#include "sim/world/kernel.hpp"

namespace barnabas::sim {

class Process;

class Fabric {
 public:
  explicit Fabric(Kernel& kernel) : kernel_(kernel) {}

  // Called by Process only.
  void process_died(const Process&) {}
  void machine_lost_power(const std::string&) {}
  void machine_up(const std::string&) {}

 private:
  [[maybe_unused]] Kernel& kernel_;
};

// One process's door to it.
class ProcessNetwork final : public env::Network {
 public:
  ProcessNetwork(Fabric&, Process&) {}
  Task<Result<std::unique_ptr<env::Listener>>> listen(env::Endpoint at) override;
  Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint to) override;
};

}  // namespace barnabas::sim
