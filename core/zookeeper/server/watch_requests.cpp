// The requests about watches: setting them again after a connection was lost, persistent ones, and taking them away.
#include "core/zookeeper/server/call.hpp"

namespace barnabas::zookeeper {

using wire::OpCode;

Result<void> ServerMachine::set_watches(Call& call) {
  wire::SetWatches2 wanted;
  if (call.header.op == OpCode::set_watches2) {
    wire::take(call.in, wanted);
  } else {
    wire::SetWatches old;
    wire::take(call.in, old);
    wanted = {old.relative_zxid, std::move(old.data), std::move(old.exist), std::move(old.child), {}, {}};
  }
  if (!call.in.ok()) return malformed(call.header.op);
  rearm(call.id, wanted, call.effects);
  (void)call.answer();
  return check_watch_bytes(call.id);
}

// What has changed since the client saw the tree is told at once; all other watches stand as if never gone.
void ServerMachine::rearm(ConnectionId connection, const wire::SetWatches2& wanted, Effects& effects) {
  using enum Event::Type;
  for (const std::string& path : wanted.data) {
    const ZnodeTree::Node* node = tree_.find(path);
    if (node == nullptr) {
      tell(connection, {deleted, path}, effects);
    } else if (node->mzxid > wanted.relative_zxid) {
      tell(connection, {data_changed, path}, effects);
    } else {
      watches_.add(connection, path, kDataWatch);
    }
  }
  for (const std::string& path : wanted.exist) {
    if (tree_.find(path) != nullptr) {
      tell(connection, {created, path}, effects);
    } else {
      watches_.add(connection, path, kDataWatch);
    }
  }
  for (const std::string& path : wanted.child) {
    const ZnodeTree::Node* node = tree_.find(path);
    if (node == nullptr) {
      tell(connection, {deleted, path}, effects);
    } else if (node->pzxid > wanted.relative_zxid) {
      tell(connection, {children_changed, path}, effects);
    } else {
      watches_.add(connection, path, kChildWatch);
    }
  }
  for (const std::string& path : wanted.persistent) watches_.add(connection, path, kPersistentWatch);
  for (const std::string& path : wanted.persistent_recursive) watches_.add(connection, path, kRecursiveWatch);
}

Result<void> ServerMachine::add_watch(Call& call) {
  const auto request = call.take<wire::AddWatchRequest>();
  if (!request) return malformed(call.header.op);
  switch (request->mode) {
    case wire::AddWatchMode::persistent: watches_.add(call.id, request->path, kPersistentWatch); break;
    case wire::AddWatchMode::persistent_recursive: watches_.add(call.id, request->path, kRecursiveWatch); break;
    default: return call.refuse(Code::bad_arguments);
  }
  (void)call.answer(wire::ErrorResponse{Code::ok});
  return check_watch_bytes(call.id);
}

Result<void> ServerMachine::change_watches(Call& call) {
  const auto request = call.take<wire::WatchesRequest>();
  if (!request) return malformed(call.header.op);
  WatchMask kinds = 0;
  switch (request->type) {
    case wire::WatcherType::children: kinds = kChildWatch; break;
    case wire::WatcherType::data: kinds = kDataWatch; break;
    case wire::WatcherType::any: kinds = kAnyWatch; break;
    case wire::WatcherType::persistent: kinds = kPersistentWatch; break;
    case wire::WatcherType::persistent_recursive: kinds = kRecursiveWatch; break;
  }
  if (kinds == 0) return call.refuse(Code::bad_arguments);
  const bool found = call.header.op == OpCode::remove_watches ? watches_.remove(call.id, request->path, kinds)
                                                              : watches_.has(call.id, request->path, kinds);
  return found ? call.answer() : call.refuse(Code::no_watcher);
}

Result<void> ServerMachine::check_watch_bytes(ConnectionId connection) const {
  if (watches_.bytes_of(connection) > kMaxWatchBytes) {
    return fail(Errc::too_large,
                "the watches of one connection cost more than " + std::to_string(kMaxWatchBytes) + " bytes");
  }
  if (watches_.bytes() > limits_.max_watch_bytes) {
    return fail(Errc::too_large,
                "the watches of all connections cost more than " + std::to_string(limits_.max_watch_bytes) + " bytes");
  }
  return {};
}

}  // namespace barnabas::zookeeper
