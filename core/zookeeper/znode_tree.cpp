#include "core/zookeeper/znode_tree.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "core/zookeeper/path.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::string_view kSystemPaths[] = {"/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"};

bool is_system_path(std::string_view path) { return std::ranges::find(kSystemPaths, path) != std::end(kSystemPaths); }

std::string refusal(std::string_view path, Code code) {
  return "znode " + std::string(path) + ": " + std::string(name_of(code));
}

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

  Overlay(const ZnodeTree& tree, SessionId session) : tree_(tree), session_(session) {}

  Verdict decide(const CreateOp& op) {
    // A sequential prefix may end in '/': the digits are the name then.
    const bool sequential = is_sequential(op.mode);
    if (!is_valid_path(sequential ? op.path + "0" : op.path)) return refused(op.path, Code::bad_arguments);
    if (op.data && op.data->size() > kMaxDataSize) return refused(op.path, Code::marshalling_error);
    const std::string parent_path(op.path == "/" ? "/" : parent_of(op.path));
    Facts& parent = look(parent_path);
    if (!parent.exists) return refused(op.path, Code::no_node);
    std::string path = sequential ? with_sequence(op.path, parent.creates) : op.path;
    Facts& node = look(path);
    if (node.exists) return refused(op.path, Code::node_exists);
    if (parent.owner != kNoSession) return refused(op.path, Code::no_children_for_ephemerals);
    ++parent.creates;
    ++parent.children;
    const SessionId owner = is_ephemeral(op.mode) ? session_ : kNoSession;
    node = {.exists = true, .version = 0, .owner = owner, .children = 0, .creates = 0};
    return {Code::ok, CreateChange{path, op.data, owner}, path};
  }

  Verdict decide(const SetOp& op) {
    if (!is_valid_path(op.path)) return refused(op.path, Code::bad_arguments);
    if (op.data && op.data->size() > kMaxDataSize) return refused(op.path, Code::marshalling_error);
    Facts& node = look(op.path);
    if (const Code code = check(node, op.version); code != Code::ok) return refused(op.path, code);
    ++node.version;
    return {Code::ok, SetChange{op.path, op.data}, op.path};
  }

  Verdict decide(const RemoveOp& op) {
    if (!is_valid_path(op.path) || is_system_path(op.path)) return refused(op.path, Code::bad_arguments);
    Facts& node = look(op.path);
    if (const Code code = check(node, op.version); code != Code::ok) return refused(op.path, code);
    if (node.children > 0) return refused(op.path, Code::not_empty);
    node = {};
    --look(parent_of(op.path)).children;
    return {Code::ok, RemoveChange{op.path}, op.path};
  }

  Verdict decide(const CheckOp& op) {
    if (!is_valid_path(op.path)) return refused(op.path, Code::bad_arguments);
    if (const Code code = check(look(op.path), op.version); code != Code::ok) return refused(op.path, code);
    return {Code::ok, std::nullopt, op.path};
  }

 private:
  struct Facts {
    bool exists = false;
    std::int32_t version = 0;
    SessionId owner;
    std::size_t children = 0;
    std::int32_t creates = 0;
  };

  static Verdict refused(const std::string& path, Code code) { return {code, std::nullopt, path}; }

  static Code check(const Facts& node, std::int32_t version) {
    if (!node.exists) return Code::no_node;
    return version == kAnyVersion || version == node.version ? Code::ok : Code::bad_version;
  }

  // References stay valid while others are looked up.
  Facts& look(std::string_view path) {
    if (const auto seen = seen_.find(path); seen != seen_.end()) return seen->second;
    Facts facts;
    if (const Node* node = tree_.find(path)) {
      facts = {true, node->version, node->ephemeral_owner, node->children.size(), node->creates};
    }
    return seen_.emplace(path, facts).first->second;
  }

  const ZnodeTree& tree_;
  SessionId session_;
  std::map<std::string, Facts, std::less<>> seen_;
};

ZnodeTree::ZnodeTree() {
  for (const std::string_view path : kSystemPaths) {
    Node& node = nodes_[std::string(path)];
    node.data = Buffer();
    if (path != "/") nodes_.find(parent_of(path))->second.children.insert(std::string(name_of_path(path)));
  }
}

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
  Overlay overlay(*this, request.session);
  std::vector<OpResult>& results = decision.result.results;
  bool refused = false;
  for (const Op& op : writes.ops) {
    if (refused) {
      results.push_back({Code::runtime_inconsistency, path_of(op), {}});
      continue;
    }
    auto verdict = std::visit([&](const auto& any) { return overlay.decide(any); }, op);
    refused = verdict.code != Code::ok;
    if (verdict.change) decision.transaction.changes.push_back(std::move(*verdict.change));
    results.push_back({verdict.code, std::move(verdict.path), {}});
  }
  decision.transaction.kind = refused ? Transaction::Kind::refused : Transaction::Kind::write;
  if (refused) decision.transaction.changes.clear();
}

Result<std::vector<Event>> ZnodeTree::apply(const Transaction& transaction, std::vector<Stat>* stats) {
  if (transaction.zxid != last_zxid_ + 1) {
    return fail(Errc::corrupt,
                "zxid " + std::to_string(transaction.zxid.value()) + " follows " + std::to_string(last_zxid_.value()));
  }
  using enum Transaction::Kind;
  if (transaction.kind == open_session) sessions_[transaction.session] = {transaction.timeout_ms, {}};
  std::vector<Event> events;
  for (const Change& change : transaction.changes) {
    B_TRY(const Stat stat, std::visit([&](const auto& any) { return apply_change(transaction, any, events); }, change));
    if (stats != nullptr) stats->push_back(stat);
  }
  if (transaction.kind == close_session) sessions_.erase(transaction.session);
  last_zxid_ = transaction.zxid;
  return events;
}

Result<Stat> ZnodeTree::apply_change(const Transaction& transaction, const CreateChange& change,
                                     std::vector<Event>& events) {
  const bool fits = is_valid_path(change.path) && change.path != "/";
  const auto parent = fits ? nodes_.find(parent_of(change.path)) : nodes_.end();
  if (parent == nodes_.end() || nodes_.contains(change.path)) {
    return fail(Errc::corrupt, "create of " + change.path + " does not fit the tree");
  }
  if (change.ephemeral_owner != kNoSession) {
    const auto session = sessions_.find(change.ephemeral_owner);
    if (session == sessions_.end()) return fail(Errc::corrupt, change.path + " belongs to no session");
    session->second.ephemerals.insert(change.path);
  }
  ++parent->second.creates;
  parent->second.pzxid = transaction.zxid;
  parent->second.children.insert(std::string(name_of_path(change.path)));
  Node node;
  node.data = change.data;
  node.czxid = node.mzxid = node.pzxid = transaction.zxid;
  node.ctime = node.mtime = transaction.time;
  node.ephemeral_owner = change.ephemeral_owner;
  const Stat stat = stat_of(nodes_.emplace(change.path, std::move(node)).first->second);
  events.push_back({Event::Type::created, change.path});
  events.push_back({Event::Type::children_changed, parent->first});
  return stat;
}

Result<Stat> ZnodeTree::apply_change(const Transaction& transaction, const SetChange& change,
                                     std::vector<Event>& events) {
  const auto found = nodes_.find(change.path);
  if (found == nodes_.end()) return fail(Errc::corrupt, "set of " + change.path + " does not fit the tree");
  Node& node = found->second;
  node.data = change.data;
  node.mzxid = transaction.zxid;
  node.mtime = transaction.time;
  ++node.version;
  events.push_back({Event::Type::data_changed, change.path});
  return stat_of(node);
}

Result<Stat> ZnodeTree::apply_change(const Transaction& transaction, const RemoveChange& change,
                                     std::vector<Event>& events) {
  const auto found = nodes_.find(change.path);
  if (found == nodes_.end() || !found->second.children.empty() || is_system_path(change.path)) {
    return fail(Errc::corrupt, "removal of " + change.path + " does not fit the tree");
  }
  const Stat stat = stat_of(found->second);
  if (const auto session = sessions_.find(found->second.ephemeral_owner); session != sessions_.end()) {
    session->second.ephemerals.erase(change.path);
  }
  nodes_.erase(found);
  const auto parent = nodes_.find(parent_of(change.path));
  B_CHECK(parent != nodes_.end());
  parent->second.children.erase(std::string(name_of_path(change.path)));
  parent->second.pzxid = transaction.zxid;
  events.push_back({Event::Type::deleted, change.path});
  events.push_back({Event::Type::children_changed, parent->first});
  return stat;
}

ZnodeTree::Executed ZnodeTree::execute(const Request& request) {
  Executed executed{decide(request), {}};
  std::vector<Stat> stats;
  auto events = apply(executed.decision.transaction, &stats);
  B_CHECK(events.has_value());
  executed.events = std::move(*events);
  fill_stats(request, executed.decision.result, stats);
  return executed;
}

Result<NodeData> ZnodeTree::get(std::string_view path) const {
  if (!is_valid_path(path)) return fail(Errc::invalid_argument, refusal(path, Code::bad_arguments));
  const Node* node = find(path);
  if (node == nullptr) return fail(Errc::not_found, refusal(path, Code::no_node));
  return NodeData{node->data, stat_of(*node)};
}

Result<Children> ZnodeTree::children(std::string_view path) const {
  if (!is_valid_path(path)) return fail(Errc::invalid_argument, refusal(path, Code::bad_arguments));
  const Node* node = find(path);
  if (node == nullptr) return fail(Errc::not_found, refusal(path, Code::no_node));
  return Children{{node->children.begin(), node->children.end()}, stat_of(*node)};
}

Result<std::optional<Stat>> ZnodeTree::exists(std::string_view path) const {
  if (!is_valid_path(path)) return fail(Errc::invalid_argument, refusal(path, Code::bad_arguments));
  const Node* node = find(path);
  return node == nullptr ? std::optional<Stat>() : stat_of(*node);
}

std::vector<SessionId> ZnodeTree::sessions() const {
  std::vector<SessionId> ids;
  for (const auto& [id, session] : sessions_) ids.push_back(id);
  return ids;
}

const ZnodeTree::Node* ZnodeTree::find(std::string_view path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

Stat ZnodeTree::stat_of(const Node& node) {
  Stat stat;
  stat.czxid = node.czxid;
  stat.mzxid = node.mzxid;
  stat.pzxid = node.pzxid;
  stat.ctime = node.ctime;
  stat.mtime = node.mtime;
  stat.version = node.version;
  stat.num_children = static_cast<std::int32_t>(node.children.size());
  stat.cversion = node.creates * 2 - stat.num_children;
  stat.ephemeral_owner = node.ephemeral_owner;
  stat.data_length = node.data ? static_cast<std::int32_t>(node.data->size()) : 0;
  return stat;
}

void fill_stats(const Request& request, MultiResult& result, const std::vector<Stat>& stats) {
  const auto* writes = std::get_if<WriteOps>(&request.body);
  if (writes == nullptr || !result.applied()) return;
  std::size_t change = 0;
  for (std::size_t i = 0; i < writes->ops.size(); ++i) {
    if (std::holds_alternative<CheckOp>(writes->ops[i])) continue;
    B_CHECK_OP(change, <, stats.size());
    if (std::holds_alternative<SetOp>(writes->ops[i])) result.results[i].stat = stats[change];
    ++change;
  }
}

}  // namespace barnabas::zookeeper
