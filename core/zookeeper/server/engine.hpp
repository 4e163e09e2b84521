// One server at work: the machine, its journal, and who is told what the machine says.
//
// Whoever calls the machine gives what it returns to perform() before anything else happens, so that the journal has
// the transactions in their order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/env/env.hpp"
#include "core/zookeeper/journal.hpp"
#include "core/zookeeper/server/machine.hpp"

namespace barnabas::zookeeper {

// One connection, as the engine sees it.
class Recipient {
 public:
  virtual ~Recipient() = default;
  // after: the output may be shown once the transactions up to it are durable.
  virtual void receive(Output output, Zxid after) = 0;
};

class Engine {
 public:
  // Recovers the directory. Errors as Journal::open.
  static Task<Result<std::unique_ptr<Engine>>> open(env::Env env, std::string directory,
                                                    std::uint64_t snapshot_after_bytes, SessionLimits limits);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const env::Env& env() const { return env_; }
  ServerMachine& machine() { return *machine_; }
  const ServerMachine& machine() const { return *machine_; }
  Journal& journal() { return *journal_; }
  const RecoveryReport& recovery() const { return report_; }
  Moment moment() const { return {env_.clock.now(), env_.clock.wall()}; }

  // A number for a connection, from now until remove().
  ConnectionId add(Recipient& recipient);
  // The recipient gets nothing more. Its session goes on.
  void remove(ConnectionId connection);

  // Writes down what was changed, and hands out what is to be said.
  void perform(Effects effects);
  // False while the disk is full.
  bool may_write() const { return !journal_->full(); }
  // closed once it has stopped, or the journal has failed.
  Result<void> check_running() const;
  bool running() const { return check_running().has_value(); }

  // Writes what is queued and ends.
  Task<void> stop();

 private:
  explicit Engine(env::Env env)
      : env_(env), deadlines_changed_(env.executor), has_containers_(env.executor), scope_(env.executor) {}

  Task<void> expire_sessions();
  Task<void> sweep_containers();

  env::Env env_;
  ZnodeTree tree_;
  RecoveryReport report_;
  bool stopped_ = false;
  std::unique_ptr<ServerMachine> machine_;
  std::unique_ptr<Journal> journal_;  // After the tree, which it refers to.
  std::map<ConnectionId, Recipient*> recipients_;
  std::uint64_t last_connection_ = 0;
  Instant asleep_until_ = Instant::max();  // Of expire_sessions().
  Notification deadlines_changed_;         // There is a deadline before it.
  Notification has_containers_;
  Scope scope_;  // Last: its tasks use the rest.
};

}  // namespace barnabas::zookeeper
