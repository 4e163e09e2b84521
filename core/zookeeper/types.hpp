// The words of ZooKeeper: ids, stats, operations and result codes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/strong.hpp"
#include "core/base/time.hpp"

namespace barnabas::zookeeper {

// Number of a write attempt, failed ones included, in the order of the whole ensemble. Strictly rising.
using Zxid = Strong<struct ZxidTag, std::int64_t>;
// Names a session; 0 is none, and the owner of a znode that is not ephemeral.
using SessionId = Strong<struct SessionIdTag, std::int64_t>;

inline constexpr SessionId kNoSession{0};
// The owner that a container shows.
inline constexpr SessionId kContainerOwner{INT64_MIN};
inline constexpr std::int32_t kAnyVersion = -1;

// What a znode holds. Null (nullopt) and the empty buffer are different values: Kafka pre-creates znodes with
// null to say "no value yet".
using Data = std::optional<Buffer>;

// Largest data of one znode, and largest sum of paths and data of one multi. The first is ZooKeeper's own
// default (jute.maxbuffer).
inline constexpr std::size_t kMaxDataSize = 0xfffff;
inline constexpr std::size_t kMaxMultiSize = std::size_t{16} << 20;
// Most bytes that one write may put down (paths, data, ACLs as they were resolved), and that the paths of one session's
// ephemerals may have: its end lists them all. More is refused with marshalling_error.
inline constexpr std::size_t kMaxChangeSize = std::size_t{32} << 20;
inline constexpr std::size_t kMaxEphemeralPaths = std::size_t{16} << 20;

// By their numbers on the wire. A container is removed by the server once its last child is gone. The modes with a time
// to live are refused (unimplemented), as Apache's server refuses them unless it is told otherwise.
enum class CreateMode : std::uint8_t {
  persistent = 0,
  ephemeral = 1,
  sequential = 2,
  ephemeral_sequential = 3,
  container = 4,
  persistent_ttl = 5,
  persistent_sequential_ttl = 6,
};

constexpr bool has_ttl(CreateMode mode) { return static_cast<int>(mode) > 4; }
constexpr bool is_ephemeral(CreateMode mode) { return !has_ttl(mode) && (static_cast<int>(mode) & 1) != 0; }
constexpr bool is_sequential(CreateMode mode) { return !has_ttl(mode) && (static_cast<int>(mode) & 2) != 0; }

// As ZooKeeper reports it on the wire.
struct Stat {
  Zxid czxid;  // Write that created the znode. Of /brokers/ids/<id> it is the broker epoch.
  Zxid mzxid;  // Write that last set its data.
  Zxid pzxid;  // Write that last created or deleted a child.
  Timestamp ctime;
  Timestamp mtime;
  std::int32_t version = 0;   // How often the data was set.
  std::int32_t cversion = 0;  // How often a child was created or deleted.
  std::int32_t aversion = 0;  // How often the ACL was set.
  SessionId ephemeral_owner;  // kNoSession unless ephemeral.
  std::int32_t data_length = 0;
  std::int32_t num_children = 0;

  bool operator==(const Stat&) const = default;
};

struct NodeData {
  Data data;
  Stat stat;
};

struct Children {
  std::vector<std::string> names;  // Last path segments, sorted (ZooKeeper itself promises no order).
  Stat stat;
};

// Who may do what with a znode: the schemes are world, auth, digest, ip and sasl; perms is a sum of Perm.
struct Acl {
  std::int32_t perms = 0;
  std::string scheme;
  std::string id;

  bool operator==(const Acl&) const = default;
};
enum class Perm : std::int32_t { read = 1, write = 2, create = 4, remove = 8, admin = 16, all = 31 };

// A list of them, shared by the znodes that have it. Null is the open one: world:anyone may do everything.
using AclList = std::shared_ptr<const std::vector<Acl>>;
std::vector<Acl> to_vector(const AclList& list);
AclList to_list(std::vector<Acl> acls);

// Who somebody has proved to be: a scheme and an id in it.
struct Identity {
  std::string scheme;
  std::string id;

  bool operator==(const Identity&) const = default;
};

// ZooKeeper's result codes, by their numbers on the wire. Another server may send numbers that are not here.
enum class Code : std::int32_t {
  ok = 0,
  system_error = -1,           // The server cannot: its disk is full.
  runtime_inconsistency = -2,  // In a refused multi: an operation after the one that failed.
  connection_loss = -4,        // Made by clients.
  marshalling_error = -5,      // Also: too large.
  unimplemented = -6,
  operation_timeout = -7,
  bad_arguments = -8,
  api_error = -100,
  no_node = -101,
  no_auth = -102,
  bad_version = -103,
  no_children_for_ephemerals = -108,
  node_exists = -110,
  not_empty = -111,
  session_expired = -112,
  invalid_acl = -114,
  auth_failed = -115,
  session_moved = -118,
  not_read_only = -119,
  no_watcher = -121,
  request_timeout = -122,
  reconfig_disabled = -123,
  session_closed_require_sasl = -124,
  quota_exceeded = -125,
  throttled = -127,
};

// The Errc that stands for a refusal: no_node -> not_found, node_exists -> already_exists, and so on. `unsupported`
// for a number that has no name here.
Errc to_errc(Code code);
std::string_view name_of(Code code);

struct CreateOp {
  std::string path;  // With a sequential mode, a prefix: ten digits are appended.
  Data data;
  CreateMode mode = CreateMode::persistent;
  AclList acl{};
};
struct SetOp {
  std::string path;
  Data data;
  std::int32_t version = kAnyVersion;
};
struct RemoveOp {
  std::string path;
  std::int32_t version = kAnyVersion;
};
// Changes nothing; refuses the multi unless the znode exists with this version.
struct CheckOp {
  std::string path;
  std::int32_t version = kAnyVersion;
};
// version: of the ACL, Stat::aversion.
struct SetAclOp {
  std::string path;
  AclList acl;
  std::int32_t version = kAnyVersion;
};
// What was refused before it came to the tree (an ACL that is not valid), in its place among the other operations.
struct RefusedOp {
  std::string path;
  Code code = Code::bad_arguments;
};
using Op = std::variant<CreateOp, SetOp, RemoveOp, CheckOp, SetAclOp, RefusedOp>;

const std::string& path_of(const Op& op);

struct OpResult {
  Code code = Code::ok;
  std::string path;  // create: the path made, with the sequence number. Else the path asked for.
  Stat stat;         // create, set and set_acl, when applied.
};

// The answer to a multi, whether it was applied or refused. As on the wire: when one operation fails, those
// before it have `ok`, it has its code, and those after it have runtime_inconsistency; nothing was changed.
struct [[nodiscard]] MultiResult {
  std::vector<OpResult> results;  // One for each operation, in order.

  bool applied() const { return !failed().has_value(); }
  // Index of the operation that was refused.
  std::optional<std::size_t> failed() const;
  // The refusal as an error that names the path; success when applied.
  Result<void> outcome() const;
};

}  // namespace barnabas::zookeeper
