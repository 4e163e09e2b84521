// One broker: wires the rooms of core together on one node's Env.
#pragma once

#include <memory>

#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::broker {

class Node;

class Broker {
 public:
  // Locks and reads the data directory (log.dirs), recovers the logs, starts the embedded ZooKeeper in it,
  // registers, and listens. When this returns the broker serves; what failed before leaves nothing running.
  // Errors name the config key and the remedy: locked, permission_denied, corrupt (another cluster's or
  // another broker's directory), address_in_use, invalid_argument, io_error.
  static Task<Result<std::unique_ptr<Broker>>> start(env::Env env, metadata::Config config);

  // Destroying a broker that was not stopped is a crash: nothing is flushed, frames are destroyed where they
  // are. Not from inside one of its own tasks.
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // The address of the first listener, with the port that was chosen when 0 was asked for.
  env::Endpoint bound() const;

  // The clean end: stops accepting, answers or closes what waits, writes the logs out, leaves the
  // clean-shutdown marker and closes ZooKeeper. Call it once, and only then destroy the broker.
  Task<void> stop();

 private:
  explicit Broker(std::unique_ptr<Node> node);

  std::unique_ptr<Node> node_;
};

}  // namespace barnabas::broker
