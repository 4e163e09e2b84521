// A ZooKeeper in this process: the znode tree, its journal, sessions of callers in the same process, and, where it is
// told to listen, of others on ZooKeeper's wire protocol. One order of writes for all of them.
//
// Writes are answered when they survive a power cut; reads come from memory, but never show a write that is not
// durable yet. Sessions of this process found at the start belonged to one that is gone, and are ended, so that their
// ephemerals do not block the restarted broker; those of other processes go on, with their whole timeout.
//
// A full disk refuses writes (no_space) until there is room again; reads that would show a write that waits for room
// wait with it. A disk that fails otherwise ends the server: every later call fails with `closed`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/env/env.hpp"
#include "core/zookeeper/client.hpp"
#include "core/zookeeper/server/engine.hpp"
#include "core/zookeeper/server/wire_server.hpp"

namespace barnabas::zookeeper {

struct EmbeddedOptions {
  std::string directory;  // Created when missing; its parent too. By custom <data directory>/zookeeper.
  std::uint64_t snapshot_after_bytes = std::uint64_t{8} << 20;
  SessionLimits limits{};
};

class EmbeddedServer {
 public:
  // Recovers what is there. locked: another process uses the directory. corrupt: it cannot be read as a whole; the
  // message says which file. And the disk's errors.
  static Task<Result<std::unique_ptr<EmbeddedServer>>> open(env::Env env, EmbeddedOptions options);

  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;
  ~EmbeddedServer();

  // A new session. The server must outlive the client. Never expires.
  Result<std::unique_ptr<Client>> connect();
  // Serves other processes from now on; the address bound. Once only.
  Task<Result<env::Endpoint>> listen(WireOptions options);

  const RecoveryReport& recovery() const { return engine_->recovery(); }
  const ZnodeTree& tree() const { return engine_->machine().tree(); }

  // Closes the connections, writes what is queued and ends; every later call fails with `closed`. Close the clients
  // before it.
  Task<void> stop();

 private:
  explicit EmbeddedServer(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<WireServer> wire_;  // After the engine, which it refers to.
};

}  // namespace barnabas::zookeeper
