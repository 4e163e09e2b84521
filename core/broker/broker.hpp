// One broker: wires the rooms of core together on one node's Env.
#pragma once

#include <functional>
#include <memory>

#include "core/async/task.hpp"
#include "core/base/result.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::replication {
class PartitionTable;
}

namespace barnabas::broker {

class Node;

class Broker {
 public:
  // Told once, as soon as the table of partitions is there and before the broker registers; the table lives as long as
  // the broker. For whoever looks on from outside, as the simulator does.
  using PartitionsOpened = std::function<void(const replication::PartitionTable& partitions)>;

  // Locks and reads the data directory (log.dirs), starts the embedded ZooKeeper in it or opens a session with the one
  // outside, recovers the logs, registers, and listens. When this returns the broker serves, and was told by the
  // controller what there is; what failed before leaves nothing running. Errors name the config key and the remedy:
  // locked, permission_denied, corrupt (another cluster's or another broker's directory), address_in_use,
  // already_exists (a live broker has this id), timed_out (no ZooKeeper), invalid_argument, io_error.
  static Task<Result<std::unique_ptr<Broker>>> start(env::Env env, metadata::Config config,
                                                     PartitionsOpened opened = {});

  // Destroying a broker that was not stopped is a crash: nothing is flushed, frames are destroyed where they
  // are. Not from inside one of its own tasks.
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // The address of the first listener, with the port that was chosen when 0 was asked for.
  env::Endpoint bound() const;

  // The clean end: hands its leaderships over, stops accepting, answers or closes what waits, writes the logs out,
  // leaves the clean-shutdown marker and closes ZooKeeper. Call it once, and only then destroy the broker.
  Task<void> stop();

 private:
  explicit Broker(std::unique_ptr<Node> node);

  std::unique_ptr<Node> node_;
};

}  // namespace barnabas::broker
