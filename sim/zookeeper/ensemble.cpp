#include "sim/zookeeper/ensemble.hpp"

#include <algorithm>

namespace barnabas::sim {

Ensemble::Ensemble(World& world, EnsembleOptions options) : world_(world), quorum_(world, options) {
  for (std::size_t i = 0; i < options.servers; ++i) {
    Node& node = world_.add_node("zk" + std::to_string(i + 1));
    servers_.push_back(std::make_unique<ZooKeeperServer>(world_, quorum_, node, i));
  }
  for (const auto& server : servers_) server->start();
}

std::string Ensemble::connect_string() const {
  std::string text;
  for (const auto& server : servers_) {
    if (!text.empty()) text += ',';
    text += server->node().name() + ":" + std::to_string(kZooKeeperPort);
  }
  return text;
}

void Ensemble::restart(std::size_t index) {
  ZooKeeperServer& server = *servers_[index];
  if (server.node().alive()) return;
  server.node().restart();
  server.start();
}

void Ensemble::heal() {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i]->unpause();
    restart(i);
    servers_[i]->rejoin();
  }
}

bool Ensemble::settled() const {
  return std::ranges::all_of(servers_, [&](const auto& server) { return server->applied() == quorum_.log().size(); });
}

}  // namespace barnabas::sim
