// The tree as bytes, and back: the body of a snapshot (FORMAT.md).
#include "core/zookeeper/codec.hpp"
#include "core/zookeeper/path.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

std::vector<std::byte> ZnodeTree::serialize() const {
  Writer writer;
  writer.i64(last_zxid_.value());
  writer.i32(static_cast<std::int32_t>(sessions_.size()));
  for (const auto& [id, session] : sessions_) {
    writer.i64(id.value());
    writer.i32(session.timeout_ms);
    writer.bytes(session.password);
  }
  writer.i32(static_cast<std::int32_t>(nodes_.size()));
  for (const auto& [path, node] : nodes_) {  // Sorted, so that a parent stands before its children.
    write_string(writer, path);
    write_data(writer, node.data);
    writer.i64(node.czxid.value());
    writer.i64(node.mzxid.value());
    writer.i64(node.pzxid.value());
    writer.i64(node.ctime.value());
    writer.i64(node.mtime.value());
    writer.i32(node.version);
    writer.i32(node.aversion);
    writer.i32(node.creates);
    writer.i64(node.ephemeral_owner.value());
    write_acl(writer, node.acl);
  }
  return std::move(writer).take();
}

Result<ZnodeTree> ZnodeTree::deserialize(ByteView image) {
  Reader reader(image);
  ZnodeTree tree;
  tree.nodes_.clear();
  tree.data_size_ = 0;
  tree.last_zxid_ = Zxid(reader.i64());
  const std::int32_t session_count = reader.i32();
  for (std::int32_t i = 0; i < session_count && reader.ok(); ++i) {
    const SessionId id(reader.i64());
    Session& session = tree.sessions_[id];
    session.timeout_ms = reader.i32();
    session.password = read_password(reader);
  }
  const std::int32_t node_count = reader.i32();
  for (std::int32_t i = 0; i < node_count && reader.ok(); ++i) {
    std::string path = read_string(reader);
    Node node;
    node.data = read_data(reader);
    node.czxid = Zxid(reader.i64());
    node.mzxid = Zxid(reader.i64());
    node.pzxid = Zxid(reader.i64());
    node.ctime = Timestamp(reader.i64());
    node.mtime = Timestamp(reader.i64());
    node.version = reader.i32();
    node.aversion = reader.i32();
    node.creates = reader.i32();
    node.ephemeral_owner = SessionId(reader.i64());
    node.acl = read_acl(reader);
    if (!tree.adopt(std::move(path), std::move(node))) reader.set_failed();
  }
  if (!reader.ok() || !reader.at_end() || tree.find("/") == nullptr) {
    return fail(Errc::corrupt, "the bytes are no image of a znode tree");
  }
  return tree;
}

bool ZnodeTree::adopt(std::string path, Node node) {
  if (!is_valid_path(path)) return false;
  if (path != "/") {
    const auto parent = nodes_.find(parent_of(path));
    if (parent == nodes_.end()) return false;
    parent->second.children.insert(std::string(name_of_path(path)));
  }
  if (node.ephemeral_owner == kContainerOwner) {
    containers_.insert(path);
  } else if (node.ephemeral_owner != kNoSession) {
    const auto owner = sessions_.find(node.ephemeral_owner);
    if (owner == sessions_.end()) return false;
    owner->second.ephemerals.insert(path);
    owner->second.ephemeral_bytes += change_cost(path);
  }
  data_size_ += path.size() + (node.data ? node.data->size() : 0);
  return nodes_.emplace(std::move(path), std::move(node)).second;
}

}  // namespace barnabas::zookeeper
