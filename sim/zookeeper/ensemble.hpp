// A simulated ZooKeeper ensemble: its servers zk1, zk2, … as nodes of the world, and faults that are about all of it.
#pragma once

#include <memory>
#include <vector>

#include "sim/zookeeper/server.hpp"

namespace barnabas::sim {

class Ensemble {
 public:
  // Adds the nodes to the world and starts them. The world outlives it, and must not be driven without it.
  Ensemble(World& world, EnsembleOptions options);

  std::size_t size() const { return servers_.size(); }
  ZooKeeperServer& server(std::size_t index) { return *servers_[index]; }
  Quorum& quorum() { return quorum_; }
  // "zk1:2181,zk2:2181,…"
  std::string connect_string() const;

  void kill(std::size_t index) { servers_[index]->kill(); }
  void restart(std::size_t index);
  // Starts, wakes and joins again whatever is down; no lag beyond the ordinary.
  void heal();
  // Every server has applied everything.
  bool settled() const;

 private:
  World& world_;
  Quorum quorum_;
  std::vector<std::unique_ptr<ZooKeeperServer>> servers_;
};

}  // namespace barnabas::sim
