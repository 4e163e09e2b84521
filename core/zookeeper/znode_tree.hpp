// The znode tree of one server as a pure machine: no clock, no disk, no connections.
//
// A request is decided against the present tree and yields results and a transaction: the plain changes, with
// sequence numbers and owners filled in. Only applying a transaction changes the tree. Whoever owns the tree writes
// the transaction down, applies it, and answers when it is durable; recovery applies the same transactions again
// and decides nothing.
//
//   Decision decision = tree.decide(request);
//   journal.append(decision.transaction);  Applied applied = *tree.apply(decision.transaction);
//
// Semantics are ZooKeeper 3.8's, as a client sees them: every attempt consumes a zxid, refused ones too; a
// sequence number is the number of children ever created under the parent; cversion is creates plus deletes; null
// data is not empty data; a session's end removes its ephemerals in one zxid; a multi is all or nothing.
// ACLs are not kept: everything is world:anyone. Watches belong to connections, not to the tree: apply() returns
// the events from which whoever keeps them notifies.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/zookeeper/types.hpp"

namespace barnabas::zookeeper {

// What can be asked. `ops` of a request that is no multi has exactly one entry.
struct OpenSession {
  std::int32_t timeout_ms = 0;
};
struct CloseSession {};
struct WriteOps {
  std::vector<Op> ops;
};

struct Request {
  SessionId session;  // Who asks; for OpenSession the id of the new one, which the caller chose.
  Timestamp time;
  std::variant<WriteOps, OpenSession, CloseSession> body;
};

// What was decided. Changes have no conditions left in them.
struct CreateChange {
  std::string path;
  Data data;
  SessionId ephemeral_owner;
};
struct SetChange {
  std::string path;
  Data data;
};
struct RemoveChange {
  std::string path;
};
using Change = std::variant<CreateChange, SetChange, RemoveChange>;

struct Transaction {
  enum class Kind : std::uint8_t { refused = 0, write = 1, open_session = 2, close_session = 3 };

  Zxid zxid;
  Timestamp time;
  SessionId session;
  Kind kind = Kind::refused;    // refused: nothing but the zxid.
  std::int32_t timeout_ms = 0;  // open_session only.
  std::vector<Change> changes;  // write, and close_session: the ephemerals that go.
};

struct Decision {
  Transaction transaction;
  MultiResult result;  // One for each op. Stats of sets come with fill_stats().
};

// For watches, in the order in which they happened.
struct Event {
  enum class Type : std::uint8_t { created = 1, deleted = 2, data_changed = 3, children_changed = 4 };
  Type type;
  std::string path;

  bool operator==(const Event&) const = default;
};

class ZnodeTree {
 public:
  // The tree of a new server: the root and /zookeeper with its two children. zxid 0.
  ZnodeTree();

  // Decides; changes nothing.
  Decision decide(const Request& request) const;

  // Applies what decide() returned, or what recovery read. zxids must follow each other without a gap. `corrupt` when
  // the transaction does not fit the tree: only possible for one that was read from a disk; the tree is unusable then.
  // stats: if not null, gets the Stat after each change (that of the removed znode before, for removes).
  Result<std::vector<Event>> apply(const Transaction& transaction, std::vector<Stat>* stats = nullptr);

  // decide, apply, and the stats filled in: for callers that need no journal in between (tests).
  struct Executed {
    Decision decision;
    std::vector<Event> events;
  };
  Executed execute(const Request& request);

  // Reads. no_node and bad_arguments are refused as a Client refuses them.
  Result<NodeData> get(std::string_view path) const;
  Result<Children> children(std::string_view path) const;
  Result<std::optional<Stat>> exists(std::string_view path) const;

  Zxid last_zxid() const { return last_zxid_; }
  std::size_t size() const { return nodes_.size(); }
  bool has_session(SessionId session) const { return sessions_.contains(session); }
  std::vector<SessionId> sessions() const;

  // The whole state as bytes, and back. The format is described in FORMAT.md ("Snapshot", the part after the
  // header). Equal trees have equal images.
  std::vector<std::byte> serialize() const;
  static Result<ZnodeTree> deserialize(ByteView image);

 private:
  struct Node {
    Data data;
    Zxid czxid, mzxid, pzxid;
    Timestamp ctime{0}, mtime{0};
    std::int32_t version = 0;
    std::int32_t creates = 0;  // Children ever created; ZooKeeper's internal cversion.
    SessionId ephemeral_owner;
    std::set<std::string, std::less<>> children;
  };
  struct Session {
    std::int32_t timeout_ms = 0;
    std::set<std::string, std::less<>> ephemerals;
  };
  class Overlay;

  const Node* find(std::string_view path) const;
  // Puts a node read from an image into place; false when it does not fit.
  bool adopt(std::string path, Node node);
  static Stat stat_of(const Node& node);
  void decide_writes(const Request& request, const WriteOps& writes, Decision& decision) const;
  Result<Stat> apply_change(const Transaction& transaction, const CreateChange& change, std::vector<Event>& events);
  Result<Stat> apply_change(const Transaction& transaction, const SetChange& change, std::vector<Event>& events);
  Result<Stat> apply_change(const Transaction& transaction, const RemoveChange& change, std::vector<Event>& events);

  std::map<std::string, Node, std::less<>> nodes_;
  std::map<SessionId, Session> sessions_;
  Zxid last_zxid_{0};
};

// Puts the stats that apply() gave into the results of the sets.
void fill_stats(const Request& request, MultiResult& result, const std::vector<Stat>& stats);

}  // namespace barnabas::zookeeper
