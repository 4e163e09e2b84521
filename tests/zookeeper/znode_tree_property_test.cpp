// The tree against a dumb twin: a list of znodes, copied whole for every request and thrown away when it is refused.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdio>

#include "core/zookeeper/codec.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {
namespace {

struct TwinNode {
  std::string path;
  std::string data;
  std::int64_t created = 0, modified = 0, children_modified = 0;
  int version = 0, creates = 0;
  std::int64_t owner = 0;
};

class Twin {
 public:
  std::vector<TwinNode> nodes{{"/", "", 0, 0, 0, 0, 0, 0}};
  std::vector<std::int64_t> sessions;
  std::int64_t zxid = 0;

  TwinNode* find(const std::string& path) {
    for (TwinNode& node : nodes) {
      if (node.path == path) return &node;
    }
    return nullptr;
  }
  static std::string parent(const std::string& path) {
    const std::string up = path.substr(0, path.rfind('/'));
    return up.empty() ? "/" : up;
  }
  int children(const std::string& path) const {
    return static_cast<int>(std::ranges::count_if(
        nodes, [&](const TwinNode& node) { return node.path != "/" && parent(node.path) == path; }));
  }

  // The code of each operation, and the path a create made.
  std::vector<std::pair<Code, std::string>> write(std::int64_t session, const std::vector<Op>& ops) {
    ++zxid;
    std::vector<std::pair<Code, std::string>> results;
    const std::vector<TwinNode> before = nodes;
    bool bad = false;
    for (const Op& op : ops) {
      std::string path = path_of(op);
      Code code = bad ? Code::runtime_inconsistency : step(session, op, path);
      if (!bad && code != Code::ok) bad = true;
      results.emplace_back(code, path);
    }
    if (bad) nodes = before;
    return results;
  }
  void close(std::int64_t session) {
    ++zxid;
    if (std::erase(sessions, session) == 0) return;
    for (std::size_t i = 0; i < nodes.size();) {
      if (nodes[i].owner != session) {
        ++i;
        continue;
      }
      find(parent(nodes[i].path))->children_modified = zxid;
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

 private:
  Code step(std::int64_t session, const Op& op, std::string& path) {
    if (std::ranges::find(sessions, session) == sessions.end()) return Code::session_expired;
    if (const auto* create = std::get_if<CreateOp>(&op)) {
      TwinNode* up = find(parent(path));
      if (up == nullptr) return Code::no_node;
      if (is_sequential(create->mode)) {
        char digits[16];
        std::snprintf(digits, sizeof digits, "%010d", up->creates);
        path += digits;
      }
      if (find(path) != nullptr) return Code::node_exists;
      if (up->owner != 0) return Code::no_children_for_ephemerals;
      ++up->creates;
      up->children_modified = zxid;
      nodes.push_back({path, std::string(as_text(create->data->view())), zxid, zxid, zxid, 0, 0,
                       is_ephemeral(create->mode) ? session : 0});
      return Code::ok;
    }
    TwinNode* node = find(path);
    if (node == nullptr) return Code::no_node;
    const auto mismatch = [&](int expected) { return expected != kAnyVersion && expected != node->version; };
    if (const auto* set = std::get_if<SetOp>(&op)) {
      if (mismatch(set->version)) return Code::bad_version;
      node->data = std::string(as_text(set->data->view()));
      node->modified = zxid;
      ++node->version;
      return Code::ok;
    }
    if (const auto* check = std::get_if<CheckOp>(&op)) return mismatch(check->version) ? Code::bad_version : Code::ok;
    if (mismatch(std::get<RemoveOp>(op).version)) return Code::bad_version;
    if (children(path) > 0) return Code::not_empty;
    find(parent(path))->children_modified = zxid;
    std::erase_if(nodes, [&](const TwinNode& n) { return n.path == path; });
    return Code::ok;
  }
};

std::string random_path() {
  static const std::vector<std::string> kPaths = {"/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/deep"};
  return *rc::gen::elementOf(kPaths);
}
std::int32_t random_version() { return *rc::gen::weightedElement<std::int32_t>({{6, -1}, {2, 0}, {2, 1}, {1, 2}}); }
Data random_data() { return Buffer::copy_of(as_bytes(*rc::gen::elementOf(std::vector<std::string>{"", "1", "22"}))); }

Op random_op() {
  switch (*rc::gen::weightedElement<int>({{6, 0}, {3, 1}, {3, 2}, {1, 3}})) {
    case 0: return CreateOp{random_path(), random_data(), static_cast<CreateMode>(*rc::gen::inRange(0, 4))};
    case 1: return SetOp{random_path(), random_data(), random_version()};
    case 2: return RemoveOp{random_path(), random_version()};
    default: return CheckOp{random_path(), random_version()};
  }
}

void compare(const ZnodeTree& tree, Twin& twin) {
  RC_ASSERT(tree.last_zxid().value() == twin.zxid);
  RC_ASSERT(tree.size() == twin.nodes.size() + 3);  // /zookeeper and its two, which the twin leaves out.
  for (const TwinNode& node : twin.nodes) {
    if (node.path == "/") continue;
    const auto found = tree.get(node.path);
    RC_ASSERT(found.has_value());
    RC_ASSERT(as_text(found->data->view()) == node.data);
    RC_ASSERT(found->stat.czxid.value() == node.created);
    RC_ASSERT(found->stat.mzxid.value() == node.modified);
    RC_ASSERT(found->stat.pzxid.value() == node.children_modified);
    RC_ASSERT(found->stat.version == node.version);
    RC_ASSERT(found->stat.ephemeral_owner.value() == node.owner);
    RC_ASSERT(found->stat.num_children == twin.children(node.path));
    RC_ASSERT(found->stat.cversion == 2 * node.creates - twin.children(node.path));
  }
}

RC_GTEST_PROP(ZnodeTreeProperty, does_what_a_dumb_twin_does, ()) {
  ZnodeTree tree;
  ZnodeTree replayed;
  Twin twin;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const std::int64_t session = *rc::gen::inRange<std::int64_t>(1, 4);
    Request request{SessionId(session), Timestamp(i), CloseSession{}};
    const bool known = tree.has_session(SessionId(session));
    const int kind = *rc::gen::weightedElement<int>({{12, 0}, {1, 1}});
    if (!known && kind == 0) {
      request.body = OpenSession{1};
      twin.sessions.push_back(session);
      ++twin.zxid;
    } else if (kind == 0) {
      WriteOps writes;
      const int count = *rc::gen::weightedElement<int>({{5, 1}, {2, 2}, {1, 5}});
      for (int n = 0; n < count; ++n) writes.ops.push_back(random_op());
      request.body = std::move(writes);
    } else {
      twin.close(session);
    }
    const auto executed = tree.execute(request);
    if (const auto* writes = std::get_if<WriteOps>(&request.body)) {
      const auto expected = twin.write(session, writes->ops);
      for (std::size_t n = 0; n < expected.size(); ++n) {
        RC_ASSERT(executed.decision.result.results[n].code == expected[n].first);
        if (expected[n].first == Code::ok) RC_ASSERT(executed.decision.result.results[n].path == expected[n].second);
      }
    }
    compare(tree, twin);
    // What recovery does: the transaction, through its bytes, on another tree.
    Writer writer;
    encode(writer, executed.decision.transaction);
    const auto read = decode_transaction(writer.view());
    RC_ASSERT(read.has_value());
    RC_ASSERT(replayed.apply(*read).has_value());
  }
  RC_ASSERT(tree.serialize() == replayed.serialize());
  auto copy = ZnodeTree::deserialize(tree.serialize());
  RC_ASSERT(copy.has_value());
  RC_ASSERT(copy->serialize() == tree.serialize());
}

}  // namespace
}  // namespace barnabas::zookeeper
