// One embedded server on a simulated node, opened, stopped, killed and cut off by hand.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/zookeeper/embedded_server.hpp"
#include "sim/world/world.hpp"

namespace barnabas::zookeeper {

struct ServerNode {
  static constexpr std::string_view kDirectory = "/data/zookeeper";

  ServerNode(std::uint64_t seed, std::uint64_t snapshot)
      : world(seed), node(world.add_node("a")), snapshot_after(snapshot) {}
  ~ServerNode() { drop(); }

  Result<void> open() {
    EmbeddedOptions options{std::string(kDirectory), snapshot_after};
    auto opened = world.run(node, EmbeddedServer::open(node.env(), std::move(options)));
    if (!opened) return std::unexpected(opened.error());
    server = std::move(*opened);
    client = std::move(*server->connect());
    return {};
  }
  void drop() {
    client.reset();
    server.reset();
  }
  void stop() {
    world.run(node, server->stop());
    drop();
  }
  void kill() {
    node.kill();
    drop();
    node.restart();
  }
  void power_cut() {
    node.power_cut();
    drop();
    node.restart();
  }

  sim::World world;
  sim::Node& node;
  std::uint64_t snapshot_after;
  std::unique_ptr<EmbeddedServer> server;
  std::unique_ptr<Client> client;
};

}  // namespace barnabas::zookeeper
