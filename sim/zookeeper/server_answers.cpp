// What a simulated ZooKeeper server answers.
#include "sim/zookeeper/peer.hpp"
#include "sim/zookeeper/server.hpp"

namespace barnabas::sim {

namespace zk = zookeeper;
namespace wire = zookeeper::wire;

void ZooKeeperServer::answer(Peer& peer, Waiting& waiting) {
  switch (waiting.header.op) {
    case wire::OpCode::create:
    case wire::OpCode::remove:
    case wire::OpCode::set_data:
    case wire::OpCode::set_acl:
    case wire::OpCode::multi:
    case wire::OpCode::close_session:
      if (lost_answers_ > 0) {
        --lost_answers_;
        return close(peer);
      }
      return answer_write(peer, waiting);
    default: return answer_read(peer, waiting);
  }
}

void ZooKeeperServer::answer_write(Peer& peer, const Waiting& waiting) {
  if (waiting.header.op == wire::OpCode::close_session) {
    reply(peer, waiting.header, waiting.zxid, zk::Code::ok);
    return close(peer);
  }
  // A multi's own refusals stand in its results; others are of the whole.
  const auto& results = waiting.result.results;
  const bool whole = results.size() == 1 &&
                     (results[0].code == zk::Code::session_expired || results[0].code == zk::Code::session_moved);
  if (waiting.header.op == wire::OpCode::multi && !whole) return answer_multi(peer, waiting);
  const zk::OpResult& only = results.front();
  if (only.code != zk::Code::ok) return reply(peer, waiting.header, waiting.zxid, only.code);
  switch (waiting.header.op) {
    case wire::OpCode::create:
      return reply(peer, waiting.header, waiting.zxid, zk::Code::ok, wire::CreateResponse{only.path});
    case wire::OpCode::remove: return reply(peer, waiting.header, waiting.zxid, zk::Code::ok);
    default: return reply(peer, waiting.header, waiting.zxid, zk::Code::ok, wire::StatResponse{only.stat});
  }
}

void ZooKeeperServer::answer_multi(Peer& peer, const Waiting& waiting) {
  Reader in(waiting.body);
  const auto request = wire::take_record<wire::MultiRequest>(in);
  wire::MultiResponse response;
  const bool applied = waiting.result.applied();
  for (std::size_t i = 0; i < waiting.result.results.size(); ++i) {
    const zk::OpResult& result = waiting.result.results[i];
    wire::MultiResultItem& item = response.results.emplace_back();
    if (!applied) {
      item.body = wire::ErrorResponse{result.code};
      continue;
    }
    item.op = request->ops[i].op;
    if (item.op == wire::OpCode::create) item.body = wire::CreateResponse{result.path};
    if (item.op == wire::OpCode::set_data) item.body = wire::StatResponse{result.stat};
  }
  reply(peer, waiting.header, waiting.zxid, zk::Code::ok, response);
}

void ZooKeeperServer::answer_read(Peer& peer, const Waiting& waiting) {
  Reader in(waiting.body);
  const wire::RequestHeader& header = waiting.header;
  if (header.op == wire::OpCode::set_watches) {
    if (const auto watches = wire::take_record<wire::SetWatches>(in)) rearm(peer, *watches);
    return reply_read(peer, waiting);
  }
  wire::ReadRequest read;
  wire::take(in, read.path);
  if (!in.at_end()) wire::take(in, read.watch);
  const bool known = header.op == wire::OpCode::sync || header.op == wire::OpCode::exists ||
                     header.op == wire::OpCode::get_data || header.op == wire::OpCode::get_children2 ||
                     header.op == wire::OpCode::get_acl;
  if (!known) return reply(peer, header, tree_.last_zxid(), zk::Code::unimplemented);
  if (header.op == wire::OpCode::sync) return reply_read(peer, waiting, wire::SyncResponse{read.path});
  const zk::ZnodeTree::Node* node = tree_.find(read.path);
  if (read.watch && (node != nullptr || header.op == wire::OpCode::exists)) {
    watches_.add(peer.id, read.path, header.op == wire::OpCode::get_children2 ? zk::kChildWatch : zk::kDataWatch);
  }
  if (node == nullptr) return reply(peer, header, tree_.last_zxid(), zk::Code::no_node);
  if (header.op == wire::OpCode::exists) return reply_read(peer, waiting, wire::StatResponse{node->stat()});
  if (!zk::is_allowed(node->acl, zk::Perm::read, &peer.identities)) {
    return reply(peer, header, tree_.last_zxid(), zk::Code::no_auth);
  }
  if (header.op == wire::OpCode::get_data) {
    return reply_read(peer, waiting, wire::GetDataResponse{node->data, node->stat()});
  }
  if (header.op == wire::OpCode::get_acl) {
    return reply_read(peer, waiting, wire::GetAclResponse{zk::to_vector(node->acl), node->stat()});
  }
  const std::vector<std::string> names(node->children.begin(), node->children.end());
  return reply_read(peer, waiting, wire::Children2Response{names, node->stat()});
}

void ZooKeeperServer::rearm(Peer& peer, const wire::SetWatches& watches) {
  using enum zk::Event::Type;
  for (const std::string& path : watches.data) {
    const auto* node = tree_.find(path);
    if (node != nullptr && node->mzxid <= watches.relative_zxid) {
      watches_.add(peer.id, path, zk::kDataWatch);
    } else {
      tell(peer.id, {node == nullptr ? deleted : data_changed, path});
    }
  }
  for (const std::string& path : watches.exist) {
    if (tree_.find(path) == nullptr) {
      watches_.add(peer.id, path, zk::kDataWatch);
    } else {
      tell(peer.id, {created, path});
    }
  }
  for (const std::string& path : watches.child) {
    const auto* node = tree_.find(path);
    if (node != nullptr && node->pzxid <= watches.relative_zxid) {
      watches_.add(peer.id, path, zk::kChildWatch);
    } else {
      tell(peer.id, {node == nullptr ? deleted : children_changed, path});
    }
  }
}

}  // namespace barnabas::sim
