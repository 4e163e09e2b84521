// A ZooKeeper in this process: the znode tree, its journal, and sessions of callers in the same process.
//
// Writes are answered when they survive a power cut; reads come from memory, but never show a write that is not
// durable yet. Sessions are of this process: those found at the start belonged to a process that is gone, and are
// ended, so that their ephemerals do not block the restarted broker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/env/env.hpp"
#include "core/zookeeper/client.hpp"
#include "core/zookeeper/journal.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

struct EmbeddedOptions {
  std::string directory;  // Created when missing; its parent too. By custom <data directory>/zookeeper.
  std::uint64_t snapshot_after_bytes = std::uint64_t{8} << 20;
};

class EmbeddedServer {
 public:
  // Recovers what is there. locked: another process uses the directory. corrupt: it cannot be read as a whole; the
  // message says which file. And the disk's errors.
  static Task<Result<std::unique_ptr<EmbeddedServer>>> open(env::Env env, EmbeddedOptions options);

  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;

  // A new session. The server must outlive the client. Never expires.
  Result<std::unique_ptr<Client>> connect();

  const RecoveryReport& recovery() const { return report_; }
  const ZnodeTree& tree() const { return tree_; }

  // Writes what is queued and ends; every later call fails with `closed`. Close the clients before it.
  Task<void> stop();

 private:
  friend class LocalClient;

  explicit EmbeddedServer(env::Env env) : env_(env) {}

  // One request as the ensemble would do it: decided, applied, journaled, answered when durable.
  Task<Result<MultiResult>> submit(SessionId session, std::vector<Op> ops);
  Task<Result<void>> end_session(SessionId session);
  // Ends when what was visible at the call is durable.
  Task<Result<void>> settle(SessionId session);
  MultiResult execute(const Request& request);
  Result<void> check_running() const;

  env::Env env_;
  ZnodeTree tree_;
  RecoveryReport report_;
  bool stopped_ = false;
  std::unique_ptr<Journal> journal_;  // After the tree, which it refers to.
};

}  // namespace barnabas::zookeeper
