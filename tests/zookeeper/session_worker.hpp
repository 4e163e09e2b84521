// What one client does in one session, written into the history.
#pragma once

#include <functional>
#include <string>

#include "core/base/prng.hpp"
#include "core/zookeeper/recipes/write_once.hpp"
#include "core/zookeeper/session_client/session_client.hpp"
#include "tests/zookeeper/session_history.hpp"

namespace barnabas::zookeeper {

// What the workers of one session share. Outlives them.
struct WorkerContext {
  env::Env env;
  sim::World& world;  // Its time is the history's.
  sim::Quorum& quorum;
  SessionHistory& history;
  SessionClient& client;
  std::string chroot;
  std::string name;  // Unique in the run.
  const bool& stopping;
  std::uint64_t& tags;
};

// Random operations until the session is over or `stopping`.
Task<void> work(WorkerContext& context, Prng draw);
// The registration of this node for this session; false when it could not be had yet.
Task<bool> register_node(WorkerContext& context, std::string path, SessionId former);

}  // namespace barnabas::zookeeper
