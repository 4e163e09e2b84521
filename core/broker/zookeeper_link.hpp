// The broker's ZooKeeper: the one embedded in this process, or one session after the other with an ensemble outside.
#pragma once

#include <functional>
#include <memory>

#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"
#include "core/zookeeper/embedded_server.hpp"
#include "core/zookeeper/session_client/session_keeper.hpp"

namespace barnabas::broker {

class ZooKeeperLink {
 public:
  struct Hooks {
    // The session is over and there is no other yet. Never with the embedded one.
    std::function<void()> lost;
    // There is another; tried again until it succeeds.
    zookeeper::SessionKeeper::Renewed renewed;
  };

  // As zookeeper.connect says. Errors name the key and the remedy.
  static Task<Result<std::unique_ptr<ZooKeeperLink>>> open(env::Env env, const metadata::Config& config);

  zookeeper::Client& client() { return *client_; }
  // Before the first session can expire, that is before anything is awaited after open().
  void set_hooks(Hooks hooks);
  struct Counts {
    bool connected = true;
    std::uint64_t disconnects = 0;  // Of sessions that went on, or might have.
    std::uint64_t expired = 0;  // Sessions that ended before their time.
  };
  Counts counts() const;

  // Serves other processes, where zookeeper.embedded.port says so.
  Task<Result<void>> serve_others(env::Env env, const metadata::Config& config);

  // Ends the session, and with it the ephemeral znodes; then the server.
  Task<void> stop();

 private:
  ZooKeeperLink() = default;
  static Task<Result<std::unique_ptr<ZooKeeperLink>>> open_embedded(env::Env env, const metadata::Config& config);
  static Task<Result<std::unique_ptr<ZooKeeperLink>>> open_outside(env::Env env, const metadata::Config& config);

  std::unique_ptr<zookeeper::EmbeddedServer> server_;  // Null: it is outside.
  std::unique_ptr<zookeeper::Client> client_;
  zookeeper::SessionKeeper* keeper_ = nullptr;  // client_, when it is one.
  std::uint64_t expired_ = 0;
};

}  // namespace barnabas::broker
