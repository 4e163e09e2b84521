// Deciding a request against the tree: the rules, and what they yield. Nothing here changes the tree.
#include <array>
#include <cstdio>
#include <optional>

#include "core/zookeeper/identity.hpp"
#include "core/zookeeper/path.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

namespace {

std::size_t size_of(const Data& data) { return data ? data->size() : 0; }

std::size_t size_of(const AclList& acl) {
  std::size_t size = 0;
  if (acl == nullptr) return size;
  for (const Acl& entry : *acl) size += entry.scheme.size() + entry.id.size() + 3 * sizeof(std::int32_t);
  return size;
}

struct ChangeSize {
  std::size_t operator()(const CreateChange& c) const { return change_cost(c.path) + size_of(c.data) + size_of(c.acl); }
  std::size_t operator()(const SetChange& c) const { return change_cost(c.path) + size_of(c.data); }
  std::size_t operator()(const RemoveChange& c) const { return change_cost(c.path); }
  std::size_t operator()(const SetAclChange& c) const { return change_cost(c.path) + size_of(c.acl); }
};

std::string with_sequence(std::string_view prefix, std::int32_t number) {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%010d", number);
  return std::string(prefix) + digits.data();
}

}  // namespace

// What later operations of a multi need to know of the earlier ones: the tree, seen through the changes so far.
class ZnodeTree::Overlay {
 public:
  // A change with the code that refuses it; a check that holds changes nothing and has neither.
  struct Verdict {
    Code code = Code::ok;
    std::optional<Change> change;
    std::string path;
  };

  Overlay(const ZnodeTree& tree, const Request& request)
      : tree_(tree), session_(request.session), identities_(request.identities) {
    const auto session = tree_.sessions_.find(session_);
    if (session != tree_.sessions_.end()) ephemeral_bytes_ = session->second.ephemeral_bytes;
  }

  Verdict decide(const CreateOp& op) {
    // A sequential prefix may end in '/': the digits are the name then.
    if (has_ttl(op.mode)) return refused(op.path, Code::unimplemented);
    const bool sequential = is_sequential(op.mode);
    if (!is_valid_path(sequential ? op.path + "0" : op.path)) return refused(op.path, Code::bad_arguments);
    if (op.data && op.data->size() > kMaxDataSize) return refused(op.path, Code::marshalling_error);
    const std::string parent_path(op.path == "/" ? "/" : parent_of(op.path));
    Facts& parent = look(parent_path);
    if (!parent.exists) return refused(op.path, Code::no_node);
    if (!allowed(parent, Perm::create)) return refused(op.path, Code::no_auth);
    std::string path = sequential ? with_sequence(op.path, parent.creates) : op.path;
    Facts& node = look(path);
    if (node.exists) return refused(op.path, Code::node_exists);
    if (parent.owner != kNoSession && parent.owner != kContainerOwner)
      return refused(op.path, Code::no_children_for_ephemerals);
    if (is_ephemeral(op.mode) && (ephemeral_bytes_ += change_cost(path)) > kMaxEphemeralPaths) {
      return refused(op.path, Code::marshalling_error);
    }
    ++parent.creates;
    ++parent.children;
    SessionId owner = is_ephemeral(op.mode) ? session_ : kNoSession;
    if (op.mode == CreateMode::container) owner = kContainerOwner;
    node = {.exists = true, .owner = owner, .acl = op.acl};
    return {Code::ok, CreateChange{path, op.data, owner, op.acl}, path};
  }

  Verdict decide(const SetOp& op) {
    if (!is_valid_path(op.path)) return refused(op.path, Code::bad_arguments);
    if (op.data && op.data->size() > kMaxDataSize) return refused(op.path, Code::marshalling_error);
    Facts& node = look(op.path);
    if (const Code code = check(node, op.version, Perm::write); code != Code::ok) return refused(op.path, code);
    ++node.version;
    return {Code::ok, SetChange{op.path, op.data}, op.path};
  }

  Verdict decide(const RemoveOp& op) {
    if (!is_valid_path(op.path) || is_system_path(op.path)) return refused(op.path, Code::bad_arguments);
    Facts& node = look(op.path);
    if (!node.exists) return refused(op.path, Code::no_node);
    Facts& parent = look(parent_of(op.path));
    if (!allowed(parent, Perm::remove)) return refused(op.path, Code::no_auth);
    if (!matches(op.version, node.version)) return refused(op.path, Code::bad_version);
    if (node.children > 0) return refused(op.path, Code::not_empty);
    node = {};
    --parent.children;
    return {Code::ok, RemoveChange{op.path}, op.path};
  }

  Verdict decide(const CheckOp& op) {
    if (!is_valid_path(op.path)) return refused(op.path, Code::bad_arguments);
    const Code code = check(look(op.path), op.version, Perm::read);
    if (code != Code::ok) return refused(op.path, code);
    return {Code::ok, std::nullopt, op.path};
  }

  Verdict decide(const SetAclOp& op) {
    if (!is_valid_path(op.path)) return refused(op.path, Code::bad_arguments);
    Facts& node = look(op.path);
    if (!node.exists) return refused(op.path, Code::no_node);
    if (!allowed(node, Perm::admin)) return refused(op.path, Code::no_auth);
    if (!matches(op.version, node.aversion)) return refused(op.path, Code::bad_version);
    ++node.aversion;
    node.acl = op.acl;
    return {Code::ok, SetAclChange{op.path, op.acl}, op.path};
  }

  Verdict decide(const RefusedOp& op) { return refused(op.path, op.code); }

 private:
  struct Facts {
    bool exists = false;
    std::int32_t version = 0;
    std::int32_t aversion = 0;
    SessionId owner{};
    std::size_t children = 0;
    std::int32_t creates = 0;
    AclList acl{};
  };

  static Verdict refused(const std::string& path, Code code) { return {code, std::nullopt, path}; }

  static bool matches(std::int32_t expected, std::int32_t version) {
    return expected == kAnyVersion || expected == version;
  }
  bool allowed(const Facts& node, Perm perm) const { return is_allowed(node.acl, perm, identities_); }
  Code check(const Facts& node, std::int32_t version, Perm perm) const {
    if (!node.exists) return Code::no_node;
    if (!allowed(node, perm)) return Code::no_auth;
    return matches(version, node.version) ? Code::ok : Code::bad_version;
  }

  // References stay valid while others are looked up.
  Facts& look(std::string_view path) {
    if (const auto seen = seen_.find(path); seen != seen_.end()) return seen->second;
    Facts facts;
    if (const Node* node = tree_.find(path)) {
      facts = {true,          node->version, node->aversion, node->ephemeral_owner, node->children.size(),
               node->creates, node->acl};
    }
    return seen_.emplace(path, facts).first->second;
  }

  const ZnodeTree& tree_;
  SessionId session_;
  const std::vector<Identity>* identities_;
  std::size_t ephemeral_bytes_ = 0;
  std::map<std::string, Facts, std::less<>> seen_;
};

Decision ZnodeTree::decide(const Request& request) const {
  Decision decision;
  Transaction& transaction = decision.transaction;
  transaction.zxid = last_zxid_ + 1;
  transaction.time = request.time;
  transaction.session = request.session;
  if (const auto* open = std::get_if<OpenSession>(&request.body)) {
    B_CHECK(request.session != kNoSession);
    B_CHECK(!has_session(request.session));
    transaction.kind = Transaction::Kind::open_session;
    transaction.timeout_ms = open->timeout_ms;
    transaction.password = open->password;
    return decision;
  }
  if (const auto* containers = std::get_if<RemoveContainers>(&request.body)) {
    transaction.kind = Transaction::Kind::write;
    for (const std::string& path : containers->paths) {
      const Node* node = find(path);
      const bool done = node != nullptr && node->ephemeral_owner == kContainerOwner && node->creates > 0;
      if (done && node->children.empty()) transaction.changes.push_back(RemoveChange{path});
    }
    return decision;
  }
  const auto* writes = std::get_if<WriteOps>(&request.body);
  const auto session = sessions_.find(request.session);
  if (session == sessions_.end()) {
    const std::size_t count = writes != nullptr ? writes->ops.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string path = writes != nullptr ? path_of(writes->ops[i]) : "/";
      decision.result.results.push_back({i == 0 ? Code::session_expired : Code::runtime_inconsistency, path, {}});
    }
  } else if (writes != nullptr) {
    decide_writes(request, *writes, decision);
  } else {
    transaction.kind = Transaction::Kind::close_session;
    for (const std::string& path : session->second.ephemerals) transaction.changes.push_back(RemoveChange{path});
  }
  return decision;
}

void ZnodeTree::decide_writes(const Request& request, const WriteOps& writes, Decision& decision) const {
  Overlay overlay(*this, request);
  std::vector<OpResult>& results = decision.result.results;
  bool refused = false;
  std::size_t size = 0;
  for (const Op& op : writes.ops) {
    if (refused) {
      results.push_back({Code::runtime_inconsistency, path_of(op), {}});
      continue;
    }
    auto verdict = std::visit([&](const auto& any) { return overlay.decide(any); }, op);
    if (verdict.change) size += std::visit(ChangeSize(), *verdict.change);
    if (size > kMaxChangeSize) verdict = {Code::marshalling_error, std::nullopt, path_of(op)};
    refused = verdict.code != Code::ok;
    if (verdict.change) decision.transaction.changes.push_back(std::move(*verdict.change));
    results.push_back({verdict.code, std::move(verdict.path), {}});
  }
  decision.transaction.kind = refused ? Transaction::Kind::refused : Transaction::Kind::write;
  if (refused) decision.transaction.changes.clear();
}

bool is_allowed(const AclList& acl, Perm perm, const std::vector<Identity>* identities) {
  if (acl == nullptr || identities == nullptr || acl->empty()) return true;
  for (const Acl& entry : *acl) {
    if ((entry.perms & static_cast<std::int32_t>(perm)) == 0) continue;
    if (entry.scheme == "world" && entry.id == "anyone") return true;
    for (const Identity& identity : *identities) {
      if (identity.scheme == entry.scheme && identity_matches(identity, entry)) return true;
    }
  }
  return false;
}

}  // namespace barnabas::zookeeper
