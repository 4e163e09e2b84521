// A session with the servers of a connect string, over the network: the port Client and what is only on the wire.
//
// One session, however many connections it takes: when a connection is lost the next server is tried, after a pause
// that grows and is drawn from the node's entropy, until the servers say that the session is over. The rules are in
// session_machine.hpp; this is the shell that waits and does the I/O.
//
// The client must outlive its calls. Destroying it sends nothing: the session then expires by itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "core/zookeeper/client.hpp"
#include "core/zookeeper/session_client/connect_string.hpp"
#include "core/zookeeper/session_client/session_machine.hpp"
#include "core/zookeeper/wire/multi.hpp"

namespace barnabas::zookeeper {

struct SessionOptions {
  ConnectString servers;
  // zookeeper.session.timeout.ms: asked for; the servers may give another (Apache: 2 to 20 ticks of 3 s).
  std::chrono::milliseconds session_timeout{18'000};
  // zookeeper.connection.timeout.ms: how long open() tries to reach a server, for the former session and for its own.
  Duration connection_timeout = std::chrono::seconds(18);
  std::vector<AuthInfo> auth;
  // Where the session's id and password are kept (session_file.hpp); empty: nowhere. open() first ends the session it
  // finds there.
  std::string session_file;
  // The chroot of the connect string and its parents are created when missing.
  bool create_chroot = true;
};

class SessionClient final : public Client {
 public:
  // timed_out: no server could be reached; the message names them. permission_denied: the authentication was refused.
  static Task<Result<std::unique_ptr<SessionClient>>> open(env::Env env, SessionOptions options);
  ~SessionClient() override;
  SessionClient(const SessionClient&) = delete;
  SessionClient& operator=(const SessionClient&) = delete;

  SessionId session() const override { return machine_.credentials()->session; }
  barnabas::Event& over() override { return over_; }
  // Requires over().is_set().
  const Error& why_over() const { return machine_.why_over(); }

  Task<Result<std::string>> create(std::string path, Data data, CreateMode mode) override;
  Task<Result<NodeData>> get(std::string path, WatchPtr watch = nullptr) override;
  Task<Result<std::optional<Stat>>> exists(std::string path, WatchPtr watch = nullptr) override;
  Task<Result<Children>> children(std::string path, WatchPtr watch = nullptr) override;
  Task<Result<Stat>> set(std::string path, Data data, std::int32_t expected_version) override;
  Task<Result<void>> remove(std::string path, std::int32_t expected_version) override;
  Task<Result<MultiResult>> multi(std::vector<Op> operations) override;
  Task<Result<void>> sync(std::string path) override;
  // Tries until the session's timeout has passed, which ends the session in any case.
  Task<Result<void>> close() override;

  Task<Result<std::string>> create_with_acl(std::string path, Data data, CreateMode mode, AclList acl);
  Task<Result<AclList>> get_acl(std::string path);
  // expected_version: of the ACL, Stat::aversion.
  Task<Result<Stat>> set_acl(std::string path, AclList acl, std::int32_t expected_version);
  // From now on, on every connection. A server that refuses it ends the session for this client.
  void add_auth(AuthInfo auth);

  bool connected() const { return machine_.state() == SessionMachine::State::connected; }
  // Connections that were lost while the session was not over.
  std::uint64_t disconnects() const { return disconnects_; }
  const Credentials& credentials() const { return *machine_.credentials(); }
  Duration timeout() const { return machine_.timeout(); }
  // The servers have heard of this session then or later.
  Instant heard_at() const { return machine_.heard_at(); }
  // From then on the session may be over without anybody having been able to say so: who must not act without one
  // looks here, and fences its writes besides (session_machine.hpp). In the past once it is over.
  Instant valid_until() const { return machine_.valid_until(); }

 private:
  class Connection;

  SessionClient(env::Env env, const SessionOptions& options, std::optional<Credentials> former);

  static Task<Result<void>> end_former(env::Env env, SessionOptions options);
  Task<Result<void>> wait_for_session(Instant deadline);
  Task<Result<void>> make_chroot();

  Task<void> run();
  Task<Result<std::unique_ptr<env::Stream>>> connect_next();
  Task<void> pause(std::uint32_t attempt);
  // After anything that may have made the machine do something.
  void poke();
  void log(env::LogLevel level, std::string_view line) const { env_.logger.log(level, "zookeeper session", line); }

  Task<Result<Reply>> call(wire::OpCode op, std::vector<std::byte> body);
  Task<Result<Reply>> read(wire::OpCode op, std::string path, WatchPtr watch);
  std::string server_path(const std::string& path) const;
  std::string client_path(std::string path) const;
  MultiResult to_result(const std::vector<Op>& operations, const wire::MultiResponse& response) const;

  env::Env env_;
  std::string names_;  // Of the servers, for messages.
  std::string chroot_;
  ServerList servers_;
  std::uint64_t disconnects_ = 0;
  std::string why_not_;  // What the last attempt to connect came to.
  SessionMachine machine_;
  barnabas::Event over_;
  Notification output_;   // The machine has something to write, or is over.
  Notification changed_;  // The machine's state changed.
  Scope scope_;           // Last: its tasks use the rest.
};

}  // namespace barnabas::zookeeper
