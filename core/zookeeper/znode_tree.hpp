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
// data is not empty data; a session's end removes its ephemerals in one zxid; a multi is all or nothing; ACLs are
// kept, and enforced for whoever shows identities. Watches belong to connections, not to the tree: apply() returns the
// events from which whoever keeps them notifies.
#pragma once

#include <array>
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

// What a change costs in a transaction besides its path, data and ACL, at most.
inline constexpr std::size_t kChangeOverhead = 32;
inline std::size_t change_cost(std::string_view path) { return path.size() + kChangeOverhead; }

// What can be asked. `ops` of a request that is no multi has exactly one entry.
// password: what a client must know to come back to the session. All zero: nobody can, because it lives in the
// server's own process and ends with it.
using Password = std::array<std::byte, 16>;
struct OpenSession {
  std::int32_t timeout_ms = 0;
  Password password{};
};
struct CloseSession {};
struct WriteOps {
  std::vector<Op> ops;
};
// The server's own: removes the containers among these that have had children and have none now.
struct RemoveContainers {
  std::vector<std::string> paths;
};

struct Request {
  SessionId session;  // Who asks; for OpenSession the id of the new one, which the caller chose.
  Timestamp time;
  std::variant<WriteOps, OpenSession, CloseSession, RemoveContainers> body;
  // Whom ACLs are held against; null: nobody, everything is allowed. Outlives the call.
  const std::vector<Identity>* identities = nullptr;
};

// What was decided. Changes have no conditions left in them.
struct CreateChange {
  std::string path;
  Data data;
  SessionId ephemeral_owner;  // kContainerOwner: a container.
  AclList acl{};
};
struct SetChange {
  std::string path;
  Data data;
};
struct RemoveChange {
  std::string path;
};
struct SetAclChange {
  std::string path;
  AclList acl;
};
using Change = std::variant<CreateChange, SetChange, RemoveChange, SetAclChange>;

struct Transaction {
  enum class Kind : std::uint8_t { refused = 0, write = 1, open_session = 2, close_session = 3 };

  Zxid zxid;
  Timestamp time;
  SessionId session;
  Kind kind = Kind::refused;    // refused: nothing but the zxid.
  std::int32_t timeout_ms = 0;  // open_session only, as is the password.
  Password password{};
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
  AclList acl{};  // Of the znode at the path then: who may not read it is not told. Null: everybody is.

  bool operator==(const Event& other) const { return type == other.type && path == other.path; }
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

  // What a server reads without the detour over a Client's errors. Null when there is no such znode.
  struct Node {
    Data data;
    Zxid czxid, mzxid, pzxid;
    Timestamp ctime{0}, mtime{0};
    std::int32_t version = 0;
    std::int32_t aversion = 0;
    std::int32_t creates = 0;  // Children ever created; ZooKeeper's internal cversion.
    SessionId ephemeral_owner;
    AclList acl;
    std::set<std::string, std::less<>> children;

    Stat stat() const;
  };
  const Node* find(std::string_view path) const;
  // How many znodes are below path, at any depth.
  std::size_t count_below(std::string_view path) const;

  struct Session {
    std::int32_t timeout_ms = 0;
    Password password{};
    std::set<std::string, std::less<>> ephemerals;
    std::size_t ephemeral_bytes = 0;  // What they cost in the transaction that ends the session, about.
  };
  const std::map<SessionId, Session>& session_table() const { return sessions_; }
  // Some of the containers that have had children and have none now, as many as one transaction may remove.
  std::vector<std::string> empty_containers() const;
  bool has_containers() const { return !containers_.empty(); }

  Zxid last_zxid() const { return last_zxid_; }
  std::size_t size() const { return nodes_.size(); }
  bool has_session(SessionId session) const { return sessions_.contains(session); }
  std::vector<SessionId> sessions() const;
  static constexpr std::size_t kNodeOverhead = 400;
  // Most containers that one RemoveContainers takes; the rest is for the next.
  static constexpr std::size_t kMaxContainers = 1'000;
  // Bytes of all paths and data.
  std::size_t data_size() const { return data_size_; }
  // What the tree takes in memory, about.
  std::size_t memory() const { return data_size_ + nodes_.size() * kNodeOverhead; }

  // The whole state as bytes, and back. The format is described in FORMAT.md ("Snapshot", the part after the
  // header). Equal trees have equal images.
  std::vector<std::byte> serialize() const;
  static Result<ZnodeTree> deserialize(ByteView image);

 private:
  class Overlay;

  // The root and /zookeeper with its own, which nobody removes.
  static bool is_system_path(std::string_view path);
  // Puts a node read from an image into place; false when it does not fit.
  bool adopt(std::string path, Node node);
  void decide_writes(const Request& request, const WriteOps& writes, Decision& decision) const;
  Result<Stat> apply_change(const Transaction& transaction, const CreateChange& change, std::vector<Event>& events);
  Result<Stat> apply_change(const Transaction& transaction, const SetChange& change, std::vector<Event>& events);
  Result<Stat> apply_change(const Transaction& transaction, const RemoveChange& change, std::vector<Event>& events);
  Result<Stat> apply_change(const Transaction& transaction, const SetAclChange& change, std::vector<Event>& events);

  std::map<std::string, Node, std::less<>> nodes_;
  std::map<SessionId, Session> sessions_;
  std::set<std::string, std::less<>> containers_;
  Zxid last_zxid_{0};
  std::size_t data_size_ = 0;
};

// Whether one of the identities may do that; a null list allows everything, as does no identities at all.
bool is_allowed(const AclList& acl, Perm perm, const std::vector<Identity>* identities);

// Puts the stats that apply() gave into the results.
void fill_stats(const Request& request, MultiResult& result, const std::vector<Stat>& stats);

}  // namespace barnabas::zookeeper
