// ZooKeeper's server as a pure machine over the znode tree: sessions, watches, and the answer to every request. No
// clock, disk or socket: whoever owns it says what time it is, writes the transactions down, and sends what is to be
// sent once they are durable.
//
// Everything happens in the order of the calls. The outputs of a call are in the order in which they must leave: the
// events of a change stand before the answer to the request that caused it. An output shows the tree as it is after
// the transactions of its own call and all before, so it may leave when those are durable, and not before what was to
// be sent earlier on the same connection.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/zookeeper/server/expiry_queue.hpp"
#include "core/zookeeper/server/watch_table.hpp"
#include "core/zookeeper/wire/multi.hpp"
#include "core/zookeeper/wire/records.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

// Apache's defaults: a timeout is between 2 and 20 ticks. The bounds of memory are our own: a session more is not
// opened, what would make the tree larger is refused with quota_exceeded, and who asks for a watch more is closed.
struct SessionLimits {
  Duration tick = 3s;
  Duration min_timeout = 6s;
  Duration max_timeout = 60s;
  std::size_t max_sessions = 100'000;
  std::size_t max_tree_bytes = std::size_t{4} << 30;
  std::size_t max_watch_bytes = std::size_t{1} << 30;
};

// What the watches of one connection may cost, in bytes; one that asks for more is closed.
inline constexpr std::size_t kMaxWatchBytes = std::size_t{64} << 20;
// Identities that one connection may collect with auth.
inline constexpr std::size_t kMaxIdentities = 16;
inline constexpr std::size_t kMaxAuthSize = 512;

struct Moment {
  Instant now;
  Timestamp wall;
};

struct Output {
  ConnectionId to;
  // A frame for a socket; an event for a session in this process.
  std::variant<std::vector<std::byte>, Event> what;
  bool close = false;  // After it, the connection is to be closed. The frame may be empty then.
};

struct Effects {
  std::vector<Transaction> transactions;  // Applied to the tree already.
  std::vector<Output> outputs;
};

class ServerMachine {
 public:
  // The sessions that are in the tree get their whole timeout from now on. The tree outlives this, and is changed by
  // nobody else.
  ServerMachine(ZnodeTree& tree, SessionLimits limits, Instant now);

  // What a socket says first. host: where it comes from. entropy: for the password of a new session. may_write: false
  // refuses whatever would have to be written down (the disk is full). An error: the connection is to be closed with
  // it.
  Result<Effects> connect(ConnectionId connection, const wire::ConnectRequest& request, std::string host, Moment moment,
                          const Password& entropy, bool may_write);
  // One request. An error: the connection is to be closed with it.
  Result<Effects> handle(ConnectionId connection, ByteView frame, Moment moment, bool may_write);
  // The connection is gone; its session goes on.
  void disconnect(ConnectionId connection);

  // A session in this process: it never expires and may do everything.
  struct LocalSession {
    SessionId session;
    Effects effects;
  };
  LocalSession open_local(ConnectionId connection, Moment moment);
  struct Written {
    MultiResult result;
    Effects effects;
  };
  Written write(ConnectionId connection, std::vector<Op> ops, Moment moment);
  // The session of a connection ends. session_expired when it had before.
  Written close_session(ConnectionId connection, Moment moment);
  // Sets a watch for a session in this process.
  void watch(ConnectionId connection, std::string_view path, WatchMask kind) { watches_.add(connection, path, kind); }

  // Ends sessions that were of a process, and that process is gone.
  Effects end_orphans(Moment moment);
  bool has_deadlines() const { return !expiry_.empty(); }
  Instant next_deadline() const { return expiry_.next(); }
  // Ends what has expired. With may_write false, sessions that should are given their timeout once more.
  Effects expire(Moment moment, bool may_write);
  // Removes containers whose last child is gone.
  Effects sweep_containers(Moment moment);

  const ZnodeTree& tree() const { return tree_; }
  const WatchTable& watches() const { return watches_; }
  const SessionLimits& limits() const { return limits_; }
  // No session: not connected yet.
  SessionId session_of(ConnectionId connection) const;

 private:
  struct Connection {
    SessionId session;
    std::vector<Identity> identities;
    bool local = false;
  };
  struct Call;  // One request on its way: call.hpp.

  SessionId new_session_id(Timestamp wall) const;
  Result<Effects> open(ConnectionId connection, const wire::ConnectRequest& request, std::string host, Moment moment,
                       const Password& entropy);
  Result<Effects> reattach(ConnectionId connection, const wire::ConnectRequest& request, std::string host,
                           Moment moment);
  void attach(ConnectionId connection, SessionId session, std::string host, Moment moment);
  std::vector<std::byte> connect_frame(const wire::ConnectRequest& request, SessionId session) const;

  MultiResult commit(Request request, Effects& effects);
  MultiResult end_session(SessionId session, Moment moment, Effects& effects);
  void tell(const Event& event, Effects& effects);
  void tell(ConnectionId connection, const Event& event, Effects& effects);

  // How a request is answered. An error closes the connection.
  using Handler = Result<void> (ServerMachine::*)(Call&);
  static Handler handler_of(wire::OpCode op);
  Result<void> ping(Call& call);
  Result<void> write_one(Call& call);
  Result<void> write_multi(Call& call);
  Result<void> end(Call& call);
  Result<void> get_data(Call& call);
  Result<void> exists(Call& call);
  Result<void> get_children(Call& call);
  Result<void> get_acl(Call& call);
  Result<void> count_children(Call& call);
  Result<void> list_ephemerals(Call& call);
  Result<void> who_am_i(Call& call);
  Result<void> sync(Call& call);
  Result<void> multi_read(Call& call);
  Result<void> authenticate(Call& call);
  Result<void> set_watches(Call& call);
  Result<void> add_watch(Call& call);
  Result<void> change_watches(Call& call);
  Result<void> refuse(Call& call);
  wire::MultiResultItem read_item(const wire::MultiOp& op, const std::vector<Identity>& identities) const;
  void rearm(ConnectionId connection, const wire::SetWatches2& wanted, Effects& effects);
  bool has_room_for(const Call& call) const;
  Result<void> check_watch_bytes(ConnectionId connection) const;

  ZnodeTree& tree_;
  SessionLimits limits_;
  WatchTable watches_;
  ExpiryQueue expiry_;
  std::map<ConnectionId, Connection> connections_;
  std::map<SessionId, ConnectionId> attached_;  // Which connection a session has at the moment.
};

}  // namespace barnabas::zookeeper
