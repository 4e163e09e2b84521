// One session after the other: the Client of a process that outlives its sessions.
//
// When a session has expired, `lost` is called: there the owner stops what it may do only in that session (a controller
// resigns). Then another is opened, for as long as it takes, and `renewed` is called for it: there the owner makes its
// ephemeral znodes again and looks at everything anew.
//
// Calls go to the session of the moment they are started in; those that a session takes with it end with
// session_expired, as do calls until there is a next one. So nothing that was begun in one session goes on in the next
// unless its owner begins it again; the recipes do not (write_once.hpp).
// Watches end with their session (WatchEvent::Type::session_over). What is read does not go back from one session to
// the next: opening a session is a write, and its server has applied it, and so all before.
//
// Expiry is only ever what a server said, so while none can be reached the session may be over unknown to us. Who must
// not act then compares the clock with valid_until().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/zookeeper/session_client/session_client.hpp"

namespace barnabas::zookeeper {

class SessionKeeper final : public Client {
 public:
  // Called again after a pause when it fails, until it succeeds or the session is over. former: the session before.
  using Renewed = std::function<Task<Result<void>>(SessionId former)>;

  // The first session; errors as SessionClient::open. It is the caller's to begin with: `renewed` is not called for it.
  static Task<Result<std::unique_ptr<SessionKeeper>>> open(env::Env env, SessionOptions options);
  ~SessionKeeper() override;
  SessionKeeper(const SessionKeeper&) = delete;
  SessionKeeper& operator=(const SessionKeeper&) = delete;

  // Before the first session can expire.
  void on_renewal(Renewed renewed) { renewed_ = std::move(renewed); }
  // Called as soon as a session is over, before another is looked for. Not by close().
  void on_loss(std::function<void()> lost) { lost_ = std::move(lost); }

  SessionId session() const override { return current_->session(); }
  // Only after close().
  barnabas::Event& over() override { return over_; }
  // The session of this moment.
  SessionClient& current() { return *current_; }
  // Of all its sessions, as SessionClient's.
  std::uint64_t disconnects() const { return former_disconnects_ + current_->disconnects(); }
  // Of the session of this moment, as SessionClient's: from then on it may be over.
  Instant valid_until() const { return current_->valid_until(); }

  Task<Result<std::string>> create(std::string path, Data data, CreateMode mode) override;
  Task<Result<NodeData>> get(std::string path, WatchPtr watch = nullptr) override;
  Task<Result<std::optional<Stat>>> exists(std::string path, WatchPtr watch = nullptr) override;
  Task<Result<Children>> children(std::string path, WatchPtr watch = nullptr) override;
  Task<Result<Stat>> set(std::string path, Data data, std::int32_t expected_version) override;
  Task<Result<void>> remove(std::string path, std::int32_t expected_version) override;
  Task<Result<MultiResult>> multi(std::vector<Op> operations) override;
  Task<Result<void>> sync(std::string path) override;
  Task<Result<void>> close() override;

 private:
  using SessionPtr = std::shared_ptr<SessionClient>;

  SessionKeeper(env::Env env, SessionOptions options, SessionPtr first);

  Task<void> run();
  Task<SessionPtr> open_next();
  Task<void> renew(SessionId former);
  void log(std::string_view line) const { env_.logger.log(env::LogLevel::warn, "zookeeper session", line); }

  env::Env env_;
  SessionOptions options_;
  std::uint64_t former_disconnects_ = 0;
  SessionPtr current_;  // Calls under way share it.
  Renewed renewed_;
  std::function<void()> lost_;
  barnabas::Event over_;
  Scope scope_;  // Last: its task uses the rest.
};

}  // namespace barnabas::zookeeper
