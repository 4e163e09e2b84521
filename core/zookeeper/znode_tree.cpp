#include "core/zookeeper/znode_tree.hpp"

#include <algorithm>

#include "core/zookeeper/path.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr std::string_view kSystemPaths[] = {"/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"};

std::string refusal(std::string_view path, Code code) {
  return "znode " + std::string(path) + ": " + std::string(name_of(code));
}

std::size_t size_of(const Data& data) { return data ? data->size() : 0; }

}  // namespace

bool ZnodeTree::is_system_path(std::string_view path) {
  return std::ranges::find(kSystemPaths, path) != std::end(kSystemPaths);
}

ZnodeTree::ZnodeTree() {
  for (const std::string_view path : kSystemPaths) {
    Node& node = nodes_[std::string(path)];
    node.data = Buffer();
    data_size_ += path.size();
    if (path != "/") nodes_.find(parent_of(path))->second.children.insert(std::string(name_of_path(path)));
  }
}

Result<std::vector<Event>> ZnodeTree::apply(const Transaction& transaction, std::vector<Stat>* stats) {
  if (transaction.zxid != last_zxid_ + 1) {
    return fail(Errc::corrupt,
                "zxid " + std::to_string(transaction.zxid.value()) + " follows " + std::to_string(last_zxid_.value()));
  }
  using enum Transaction::Kind;
  if (transaction.kind == open_session) {
    sessions_[transaction.session] = {transaction.timeout_ms, transaction.password, {}, 0};
  }
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
  if (change.ephemeral_owner == kContainerOwner) {
    containers_.insert(change.path);
  } else if (change.ephemeral_owner != kNoSession) {
    const auto session = sessions_.find(change.ephemeral_owner);
    if (session == sessions_.end()) return fail(Errc::corrupt, change.path + " belongs to no session");
    session->second.ephemerals.insert(change.path);
    session->second.ephemeral_bytes += change_cost(change.path);
  }
  ++parent->second.creates;
  parent->second.pzxid = transaction.zxid;
  parent->second.children.insert(std::string(name_of_path(change.path)));
  Node node;
  node.data = change.data;
  node.czxid = node.mzxid = node.pzxid = transaction.zxid;
  node.ctime = node.mtime = transaction.time;
  node.ephemeral_owner = change.ephemeral_owner;
  node.acl = change.acl;
  data_size_ += change.path.size() + size_of(change.data);
  const Stat stat = nodes_.emplace(change.path, std::move(node)).first->second.stat();
  events.push_back({Event::Type::created, change.path, change.acl});
  events.push_back({Event::Type::children_changed, parent->first, parent->second.acl});
  return stat;
}

Result<Stat> ZnodeTree::apply_change(const Transaction& transaction, const SetChange& change,
                                     std::vector<Event>& events) {
  const auto found = nodes_.find(change.path);
  if (found == nodes_.end()) return fail(Errc::corrupt, "set of " + change.path + " does not fit the tree");
  Node& node = found->second;
  data_size_ += size_of(change.data);
  data_size_ -= size_of(node.data);
  node.data = change.data;
  node.mzxid = transaction.zxid;
  node.mtime = transaction.time;
  ++node.version;
  events.push_back({Event::Type::data_changed, change.path, node.acl});
  return node.stat();
}

Result<Stat> ZnodeTree::apply_change(const Transaction& transaction, const SetAclChange& change,
                                     std::vector<Event>& events) {
  (void)transaction, (void)events;  // An ACL is nothing that is watched, and leaves the zxids of the znode alone.
  const auto found = nodes_.find(change.path);
  if (found == nodes_.end()) return fail(Errc::corrupt, "ACL of " + change.path + " does not fit the tree");
  Node& node = found->second;
  node.acl = change.acl;
  ++node.aversion;
  return node.stat();
}

Result<Stat> ZnodeTree::apply_change(const Transaction& transaction, const RemoveChange& change,
                                     std::vector<Event>& events) {
  const auto found = nodes_.find(change.path);
  if (found == nodes_.end() || !found->second.children.empty() || is_system_path(change.path)) {
    return fail(Errc::corrupt, "removal of " + change.path + " does not fit the tree");
  }
  const Stat stat = found->second.stat();
  const AclList acl = found->second.acl;
  data_size_ -= change.path.size() + size_of(found->second.data);
  containers_.erase(change.path);
  if (const auto session = sessions_.find(found->second.ephemeral_owner); session != sessions_.end()) {
    session->second.ephemerals.erase(change.path);
    session->second.ephemeral_bytes -= change_cost(change.path);
  }
  nodes_.erase(found);
  const auto parent = nodes_.find(parent_of(change.path));
  B_CHECK(parent != nodes_.end());
  parent->second.children.erase(std::string(name_of_path(change.path)));
  parent->second.pzxid = transaction.zxid;
  events.push_back({Event::Type::deleted, change.path, acl});
  events.push_back({Event::Type::children_changed, parent->first, parent->second.acl});
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
  return NodeData{node->data, node->stat()};
}

Result<Children> ZnodeTree::children(std::string_view path) const {
  if (!is_valid_path(path)) return fail(Errc::invalid_argument, refusal(path, Code::bad_arguments));
  const Node* node = find(path);
  if (node == nullptr) return fail(Errc::not_found, refusal(path, Code::no_node));
  return Children{{node->children.begin(), node->children.end()}, node->stat()};
}

Result<std::optional<Stat>> ZnodeTree::exists(std::string_view path) const {
  if (!is_valid_path(path)) return fail(Errc::invalid_argument, refusal(path, Code::bad_arguments));
  const Node* node = find(path);
  return node == nullptr ? std::optional<Stat>() : node->stat();
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

std::size_t ZnodeTree::count_below(std::string_view path) const {
  const std::string prefix = join(path, "");
  std::size_t count = 0;
  for (auto it = nodes_.upper_bound(prefix); it != nodes_.end() && it->first.starts_with(prefix); ++it) ++count;
  return count;
}

std::vector<std::string> ZnodeTree::empty_containers() const {
  std::vector<std::string> paths;
  std::size_t size = 0;
  for (const std::string& path : containers_) {
    const Node* node = find(path);
    if (node->creates == 0 || !node->children.empty()) continue;
    size += change_cost(path);
    if (paths.size() == kMaxContainers || size > kMaxChangeSize) break;
    paths.push_back(path);
  }
  return paths;
}

Stat ZnodeTree::Node::stat() const {
  Stat made;
  made.czxid = czxid;
  made.mzxid = mzxid;
  made.pzxid = pzxid;
  made.ctime = ctime;
  made.mtime = mtime;
  made.version = version;
  made.aversion = aversion;
  made.num_children = static_cast<std::int32_t>(children.size());
  made.cversion = creates * 2 - made.num_children;
  made.ephemeral_owner = ephemeral_owner;
  made.data_length = data ? static_cast<std::int32_t>(data->size()) : 0;
  return made;
}

void fill_stats(const Request& request, MultiResult& result, const std::vector<Stat>& stats) {
  const auto* writes = std::get_if<WriteOps>(&request.body);
  if (writes == nullptr || !result.applied()) return;
  std::size_t change = 0;
  for (std::size_t i = 0; i < writes->ops.size(); ++i) {
    if (std::holds_alternative<CheckOp>(writes->ops[i])) continue;
    B_CHECK_OP(change, <, stats.size());
    if (!std::holds_alternative<RemoveOp>(writes->ops[i])) result.results[i].stat = stats[change];
    ++change;
  }
}

}  // namespace barnabas::zookeeper
