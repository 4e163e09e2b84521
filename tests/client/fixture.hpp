// A world with a fake broker on one node and a client on another.
#pragma once

#include <gtest/gtest.h>

#include "core/client/cluster.hpp"
#include "sim/world/world.hpp"
#include "tests/client/fake_broker.hpp"

namespace barnabas::client {

struct ClientWorld {
  explicit ClientWorld(std::uint64_t seed = 42)
      : world(seed),
        server(world.add_node("server")),
        node(world.add_node("client")),
        broker("server", {{"orders", 3}, {"payments", 1}}),
        cluster(node.env(), broker.client_options()) {
    start_server();
  }

  void start_server() {
    server.spawn([this](env::Env env) { return broker.serve(env); });
  }

  template <class T>
  T run(Task<T> task) {
    return world.run(node, std::move(task));
  }

  sim::World world;
  sim::Node& server;
  sim::Node& node;
  FakeBroker broker;
  Cluster cluster;
};

}  // namespace barnabas::client
