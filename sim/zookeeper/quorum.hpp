// The order of writes of a simulated ZooKeeper ensemble: what the leader and the majority do together.
//
// The fault model:
//  - All writes, of all servers, are decided one after the other by whoever leads. A decided write is visible to nobody
//    until it is committed, a moment later, if the majority still stands; when the leader is lost before, it and what
//    came after it may be cut off. Nothing that is committed is lost.
//  - Each server applies what is committed in order, each at its own pace: it lags, and what it reads may be stale.
//  - Without a majority of running servers nothing is decided, and every running server closes its connections. A new
//    leader is found after a while; then every session has its whole timeout again.
//  - Sessions expire by the leader's time alone: when nothing was heard through any server for the timeout, or later
//    (`expiry_late`). From then on the session is refused, while its ephemeral znodes stay for up to `removal_late`
//    more.
//  - What a server has forwarded to the leader goes on when the client's connection is gone. But once the session has
//  come
//    back through another server, what still comes from the former one is refused (session_moved).
// Reads, watches and connections: server.hpp. This model shares the znode tree with the embedded server; the rest is
// its own. The contract tests hold it against Apache ZooKeeper.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "core/zookeeper/znode_tree.hpp"
#include "sim/world/world.hpp"

namespace barnabas::sim {

struct EnsembleOptions {
  std::size_t servers = 3;
  Duration min_session_timeout = std::chrono::seconds(1);
  Duration max_session_timeout = std::chrono::seconds(60);
  Duration tick = std::chrono::milliseconds(500);  // How often the leader looks for expired sessions.
  // Drawn up to these.
  Duration channel = std::chrono::milliseconds(3);  // From a server to the leader.
  Duration commit = std::chrono::milliseconds(5);   // From the decision to the majority's agreement.
  Duration apply = std::chrono::milliseconds(5);    // From there to a server's tree: its lag.
  Duration election = std::chrono::seconds(2);
  Duration expiry_late{};
  Duration removal_late{};
};

// A decided write, in its place in the order.
struct LogEntry {
  zookeeper::Transaction transaction;
  zookeeper::MultiResult result;
  std::uint64_t ticket = 0;  // Of the request at the server that forwarded it; 0: the ensemble's own.
  Instant decided{};
  std::vector<zookeeper::Op> asked{};  // Of writes: the operations with their conditions, for who judges them.
};

class Quorum {
 public:
  // A write as a server forwards it.
  struct Proposal {
    std::size_t server = 0;
    std::uint64_t ticket = 0;
    zookeeper::SessionId session;
    std::variant<zookeeper::WriteOps, zookeeper::OpenSession, zookeeper::CloseSession> body;
    std::vector<zookeeper::Identity> identities;
  };
  // The servers' side of it.
  struct Listener {
    std::function<void()> committed;    // There is more to apply.
    std::function<void()> leader_lost;  // Close all connections, forget what was forwarded.
  };

  Quorum(World& world, EnsembleOptions options);
  Quorum(const Quorum&) = delete;
  Quorum& operator=(const Quorum&) = delete;

  void set_listener(std::size_t server, Listener listener) { members_[server].listener = std::move(listener); }

  bool serving() const { return leader_.has_value(); }
  // Whether this server takes part, and there is a leader.
  bool serves(std::size_t server) const { return serving() && members_[server].up; }
  std::optional<std::size_t> leader() const { return leader_; }
  // Rises when a leader is lost.
  std::uint64_t epoch() const { return epoch_; }
  // Committed entries; entry i has zxid i + 1.
  const std::vector<LogEntry>& log() const { return log_; }
  std::size_t committed() const { return committed_; }
  // The tree after everything decided.
  const zookeeper::ZnodeTree& tree() const { return tree_; }
  EnsembleOptions& options() { return options_; }
  // Neither expired nor closed, as far as the leader knows; while there is none, as far as the tree says.
  bool lives(zookeeper::SessionId session) const;
  // Whether a leader has held it to be over, and may have said so. When that leader is lost before the end of the
  // session is committed, the next one takes the session up again (as in ZooKeeper, where the mark of a closing session
  // is the leader's own): it may then live although its client was told the truth.
  bool was_over(zookeeper::SessionId session) const { return declared_over_.contains(session); }
  // Signs of life of it that servers have passed on, and that have not come to the leader.
  std::size_t touches_under_way(zookeeper::SessionId session) const;
  // Called when the leader finds that nothing was heard of a session for its timeout.
  void on_expiry(std::function<void(zookeeper::SessionId)> listener) { on_expiry_ = std::move(listener); }

  // In the order of the calls of one server.
  void propose(Proposal proposal);
  // answer: the number of entries that must be applied before the sync is over.
  void sync(std::size_t server, std::function<void(std::size_t)> answer);
  // A session comes back through a server: whether it lives. Moves it there.
  void revalidate(std::size_t server, zookeeper::SessionId session, std::function<void(bool)> answer);
  // A sign of life.
  void touch(std::size_t server, zookeeper::SessionId session);
  // An id for a session that a server is about to open.
  zookeeper::SessionId new_session_id() { return zookeeper::SessionId(++last_session_); }

  // Fault: the session is over as if nothing had been heard of it for its timeout. Harmless when it is not known.
  void expire(zookeeper::SessionId session);
  // Faults: the server is there, or not (killed, paused, cut off from the others).
  void set_up(std::size_t server, bool up);

 private:
  struct Member {
    bool up = true;
    Listener listener;
    Instant channel_busy{};  // Its requests arrive in order.
  };
  struct Session {
    Duration timeout{};
    Instant deadline{};
    std::optional<std::size_t> owner;
    bool ending = false;
  };

  // Runs the action at the leader, in the order of this server's calls, unless the leader is lost before.
  void at_leader(std::size_t server, std::function<void()> action);
  void decide(Proposal proposal);
  void refuse(const Proposal& proposal, zookeeper::Code code);
  void append(LogEntry entry);
  void commit_up_to(std::size_t count);
  void check_majority();
  void lose_leader();
  void elect();
  void expire_sessions();
  void end_later(zookeeper::SessionId id, Session& session);
  void end_session(zookeeper::SessionId session);
  Duration draw(Duration limit);

  World& world_;
  EnsembleOptions options_;
  Prng stream_;
  std::vector<Member> members_;
  std::optional<std::size_t> leader_;
  std::uint64_t epoch_ = 1;
  bool electing_ = false;
  zookeeper::ZnodeTree tree_;
  std::vector<LogEntry> log_;
  std::size_t committed_ = 0;
  std::int64_t last_session_ = 0x100;
  std::map<zookeeper::SessionId, Session> sessions_;
  std::map<zookeeper::SessionId, std::size_t> touches_;  // Under way.
  std::set<zookeeper::SessionId> declared_over_;
  std::function<void(zookeeper::SessionId)> on_expiry_;
};

}  // namespace barnabas::sim
