// The requests of a connected client, one by one, as ZooKeeper 3.8 answers them.
#include <algorithm>

#include "core/zookeeper/identity.hpp"
#include "core/zookeeper/server/call.hpp"

namespace barnabas::zookeeper {

using wire::OpCode;

namespace {

Op to_create(std::string path, Data data, const std::vector<Acl>& acl, std::int32_t flags,
             const std::vector<Identity>& identities) {
  if (flags < 0 || flags > static_cast<std::int32_t>(CreateMode::persistent_sequential_ttl)) {
    return RefusedOp{std::move(path), Code::bad_arguments};
  }
  const auto mode = static_cast<CreateMode>(flags);
  if (has_ttl(mode)) return RefusedOp{std::move(path), Code::unimplemented};
  auto resolved = resolve_acl(acl, identities);
  if (!resolved) return RefusedOp{std::move(path), Code::invalid_acl};
  return CreateOp{std::move(path), std::move(data), mode, std::move(*resolved)};
}

struct ToOp {
  const std::vector<Identity>& identities;

  Op operator()(wire::CreateRequest& r) const {
    return to_create(std::move(r.path), std::move(r.data), r.acl, r.flags, identities);
  }
  Op operator()(wire::CreateTtlRequest& r) const { return RefusedOp{std::move(r.path), Code::unimplemented}; }
  Op operator()(wire::DeleteRequest& r) const { return RemoveOp{std::move(r.path), r.version}; }
  Op operator()(wire::SetDataRequest& r) const { return SetOp{std::move(r.path), std::move(r.data), r.version}; }
  Op operator()(wire::CheckRequest& r) const { return CheckOp{std::move(r.path), r.version}; }
  Op operator()(wire::ReadRequest& r) const { return RefusedOp{std::move(r.path), Code::bad_arguments}; }
  Op operator()(wire::SetAclRequest& r) const {
    auto resolved = resolve_acl(r.acl, identities);
    if (!resolved) return RefusedOp{std::move(r.path), Code::invalid_acl};
    return SetAclOp{std::move(r.path), std::move(*resolved), r.version};
  }
};

template <class Body>
std::optional<Op> take_op(Reader& in, const std::vector<Identity>& identities) {
  Body body;
  wire::take(in, body);
  if (!in.ok()) return std::nullopt;
  return ToOp{identities}(body);
}

// What a request with this op code, of one operation, asks for; nothing when its bytes are not whole.
std::optional<Op> take_op(OpCode op, Reader& in, const std::vector<Identity>& identities) {
  switch (op) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container: return take_op<wire::CreateRequest>(in, identities);
    case OpCode::create_ttl: return take_op<wire::CreateTtlRequest>(in, identities);
    case OpCode::remove: return take_op<wire::DeleteRequest>(in, identities);
    case OpCode::set_data: return take_op<wire::SetDataRequest>(in, identities);
    case OpCode::set_acl: return take_op<wire::SetAclRequest>(in, identities);
    default: return std::nullopt;
  }
}

wire::MultiResultItem to_item(OpCode op, const OpResult& result, bool applied) {
  if (!applied) return {OpCode::error, wire::ErrorResponse{result.code}};
  switch (op) {
    case OpCode::create: return {op, wire::CreateResponse{result.path}};
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl: return {op, wire::Create2Response{result.path, result.stat}};
    case OpCode::set_data: return {op, wire::StatResponse{result.stat}};
    default: return {op, std::monostate()};
  }
}

std::vector<std::string> names_of(const ZnodeTree::Node& node) { return {node.children.begin(), node.children.end()}; }

}  // namespace

Result<Effects> ServerMachine::handle(ConnectionId connection, ByteView frame, Moment moment, bool may_write) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return Effects{};  // Its session has ended or moved: it is about to be closed.
  Reader in(frame);
  wire::RequestHeader header;
  wire::take(in, header);
  if (!in.ok()) return fail(Errc::invalid_argument, "a request of " + std::to_string(frame.size()) + " bytes");
  const auto session = tree_.session_table().find(found->second.session);
  if (session != tree_.session_table().end()) {
    expiry_.touch(session->first, moment.now, std::chrono::milliseconds(session->second.timeout_ms));
  }
  Call call{connection, found->second, header, in, moment, may_write, tree_};
  B_TRY_VOID((this->*handler_of(header.op))(call));
  return std::move(call.effects);
}

ServerMachine::Handler ServerMachine::handler_of(OpCode op) {
  switch (op) {
    case OpCode::ping: return &ServerMachine::ping;
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
    case OpCode::remove:
    case OpCode::set_data:
    case OpCode::set_acl: return &ServerMachine::write_one;
    case OpCode::multi: return &ServerMachine::write_multi;
    case OpCode::close_session: return &ServerMachine::end;
    case OpCode::get_data: return &ServerMachine::get_data;
    case OpCode::exists: return &ServerMachine::exists;
    case OpCode::get_children:
    case OpCode::get_children2: return &ServerMachine::get_children;
    case OpCode::get_acl: return &ServerMachine::get_acl;
    case OpCode::get_all_children_number: return &ServerMachine::count_children;
    case OpCode::get_ephemerals: return &ServerMachine::list_ephemerals;
    case OpCode::who_am_i: return &ServerMachine::who_am_i;
    case OpCode::sync: return &ServerMachine::sync;
    case OpCode::multi_read: return &ServerMachine::multi_read;
    case OpCode::auth: return &ServerMachine::authenticate;
    case OpCode::set_watches:
    case OpCode::set_watches2: return &ServerMachine::set_watches;
    case OpCode::add_watch: return &ServerMachine::add_watch;
    case OpCode::check_watches:
    case OpCode::remove_watches: return &ServerMachine::change_watches;
    case OpCode::error:
    case OpCode::check:
    case OpCode::reconfig:
    case OpCode::sasl: break;
  }
  return &ServerMachine::refuse;
}

Result<void> ServerMachine::ping(Call& call) { return call.answer(); }

Result<void> ServerMachine::refuse(Call& call) {
  if (call.header.op == OpCode::reconfig) return call.refuse(Code::reconfig_disabled);
  if (call.header.op == OpCode::sasl) return call.refuse(Code::auth_failed);
  return call.refuse(Code::unimplemented);
}

Result<void> ServerMachine::write_one(Call& call) {
  auto op = take_op(call.header.op, call.in, call.connection.identities);
  if (!op) return malformed(call.header.op);
  if (!call.may_write) return call.refuse(Code::system_error);
  if (!has_room_for(call)) return call.refuse(Code::quota_exceeded);
  WriteOps ops;
  ops.ops.push_back(std::move(*op));
  const Request request{call.connection.session, call.moment.wall, std::move(ops), &call.connection.identities};
  const MultiResult result = commit(request, call.effects);
  const OpResult& only = result.results.front();
  if (only.code != Code::ok) return call.refuse(only.code);
  switch (call.header.op) {
    case OpCode::create: return call.answer(wire::CreateResponse{only.path});
    case OpCode::create2:
    case OpCode::create_container: return call.answer(wire::Create2Response{only.path, only.stat});
    case OpCode::remove: return call.answer();
    default: return call.answer(wire::StatResponse{only.stat});
  }
}

Result<void> ServerMachine::write_multi(Call& call) {
  auto asked = call.take<wire::MultiRequest>();
  if (!asked) return malformed(call.header.op);
  if (!call.may_write) return call.refuse(Code::system_error);
  if (!has_room_for(call)) return call.refuse(Code::quota_exceeded);
  WriteOps writes;
  const ToOp to_op{call.connection.identities};
  for (wire::MultiOp& op : asked->ops) writes.ops.push_back(std::visit(to_op, op.body));
  const Request request{call.connection.session, call.moment.wall, std::move(writes), &call.connection.identities};
  const MultiResult result = commit(request, call.effects);
  wire::MultiResponse response;
  const bool applied = result.applied();
  for (std::size_t i = 0; i < asked->ops.size(); ++i) {
    response.results.push_back(to_item(asked->ops[i].op, result.results[i], applied));
  }
  return call.answer(response);
}

bool ServerMachine::has_room_for(const Call& call) const {
  return call.header.op == OpCode::remove || tree_.memory() + call.in.position() <= limits_.max_tree_bytes;
}

Result<void> ServerMachine::end(Call& call) {
  if (!call.may_write) return call.refuse(Code::system_error);
  (void)end_session(call.connection.session, call.moment, call.effects);
  (void)call.answer();
  call.effects.outputs.back().close = true;
  return {};
}

Result<void> ServerMachine::get_data(Call& call) {
  const auto request = call.take<wire::ReadRequest>();
  if (!request) return malformed(call.header.op);
  const ZnodeTree::Node* node = tree_.find(request->path);
  if (node == nullptr) return call.refuse(Code::no_node);
  if (!call.may(*node, static_cast<int>(Perm::read))) return call.refuse(Code::no_auth);
  if (request->watch) watches_.add(call.id, request->path, kDataWatch);
  (void)call.answer(wire::GetDataResponse{node->data, node->stat()});
  return check_watch_bytes(call.id);
}

Result<void> ServerMachine::exists(Call& call) {
  const auto request = call.take<wire::ReadRequest>();
  if (!request) return malformed(call.header.op);
  if (request->watch) watches_.add(call.id, request->path, kDataWatch);
  const ZnodeTree::Node* node = tree_.find(request->path);
  (void)(node == nullptr ? call.refuse(Code::no_node) : call.answer(wire::StatResponse{node->stat()}));
  return check_watch_bytes(call.id);
}

Result<void> ServerMachine::get_children(Call& call) {
  const auto request = call.take<wire::ReadRequest>();
  if (!request) return malformed(call.header.op);
  const ZnodeTree::Node* node = tree_.find(request->path);
  if (node == nullptr) return call.refuse(Code::no_node);
  if (!call.may(*node, static_cast<int>(Perm::read))) return call.refuse(Code::no_auth);
  if (request->watch) watches_.add(call.id, request->path, kChildWatch);
  const bool with_stat = call.header.op == OpCode::get_children2;
  (void)(with_stat ? call.answer(wire::Children2Response{names_of(*node), node->stat()})
                   : call.answer(wire::ChildrenResponse{names_of(*node)}));
  return check_watch_bytes(call.id);
}

Result<void> ServerMachine::get_acl(Call& call) {
  const auto request = call.take<wire::PathRequest>();
  if (!request) return malformed(call.header.op);
  const ZnodeTree::Node* node = tree_.find(request->path);
  if (node == nullptr) return call.refuse(Code::no_node);
  const bool is_admin = call.may(*node, static_cast<int>(Perm::admin));
  if (!is_admin && !call.may(*node, static_cast<int>(Perm::read))) return call.refuse(Code::no_auth);
  auto acl = to_vector(node->acl);
  if (!is_admin) acl = without_secrets(std::move(acl));
  return call.answer(wire::GetAclResponse{std::move(acl), node->stat()});
}

Result<void> ServerMachine::count_children(Call& call) {
  const auto request = call.take<wire::PathRequest>();
  if (!request) return malformed(call.header.op);
  const ZnodeTree::Node* node = tree_.find(request->path);
  if (node == nullptr) return call.refuse(Code::no_node);
  if (!call.may(*node, static_cast<int>(Perm::read))) return call.refuse(Code::no_auth);
  return call.answer(wire::CountResponse{static_cast<std::int32_t>(tree_.count_below(request->path))});
}

Result<void> ServerMachine::list_ephemerals(Call& call) {
  const auto request = call.take<wire::PathRequest>();
  if (!request) return malformed(call.header.op);
  const bool all = request->path.empty() || request->path == "/";
  wire::StringsResponse response;
  const auto session = tree_.session_table().find(call.connection.session);
  if (session != tree_.session_table().end()) {
    for (const std::string& path : session->second.ephemerals) {
      if (all || path.starts_with(request->path)) response.strings.push_back(path);
    }
  }
  return call.answer(response);
}

Result<void> ServerMachine::who_am_i(Call& call) {
  wire::WhoAmIResponse response;
  for (const Identity& identity : call.connection.identities) {
    const std::size_t end = identity.scheme == "digest" ? identity.id.find(':') : std::string::npos;
    response.clients.push_back({identity.scheme, identity.id.substr(0, end)});
  }
  return call.answer(response);
}

Result<void> ServerMachine::sync(Call& call) {
  const auto request = call.take<wire::PathRequest>();
  if (!request) return malformed(call.header.op);
  return call.answer(wire::SyncResponse{request->path});
}

wire::MultiResultItem ServerMachine::read_item(const wire::MultiOp& op, const std::vector<Identity>& identities) const {
  const auto* request = std::get_if<wire::ReadRequest>(&op.body);
  if (request == nullptr) return {OpCode::error, wire::ErrorResponse{Code::bad_arguments}};
  const ZnodeTree::Node* node = tree_.find(request->path);
  if (node == nullptr) return {OpCode::error, wire::ErrorResponse{Code::no_node}};
  if (!is_allowed(node->acl, Perm::read, &identities)) return {OpCode::error, wire::ErrorResponse{Code::no_auth}};
  if (op.op == OpCode::get_data) return {op.op, wire::GetDataResponse{node->data, node->stat()}};
  return {op.op, wire::ChildrenResponse{names_of(*node)}};
}

Result<void> ServerMachine::multi_read(Call& call) {
  const auto asked = call.take<wire::MultiRequest>();
  if (!asked) return malformed(call.header.op);
  wire::MultiResponse response;
  std::size_t size = 0;
  for (const wire::MultiOp& op : asked->ops) {
    response.results.push_back(read_item(op, call.connection.identities));
    // A small request can ask for the same large znode many times over.
    if (const auto* data = std::get_if<wire::GetDataResponse>(&response.results.back().body)) {
      size += data->data ? data->data->size() : 0;
    } else if (const auto* names = std::get_if<wire::ChildrenResponse>(&response.results.back().body)) {
      for (const std::string& name : names->children) size += name.size() + sizeof(std::int32_t);
    }
    if (size > wire::kMaxReplyFrame) return fail(Errc::too_large, "the answer to a multi_read would be too large");
  }
  return call.answer(response);
}

Result<void> ServerMachine::authenticate(Call& call) {
  const auto packet = call.take<wire::AuthPacket>();
  if (!packet) return malformed(call.header.op);
  std::vector<Identity>& identities = call.connection.identities;
  std::optional<std::string> id;
  const bool fits = packet->auth && packet->auth->size() <= kMaxAuthSize && identities.size() < kMaxIdentities;
  if (packet->scheme == "digest" && fits) id = digest_identity(as_text(packet->auth->view()));
  // The address is known without being told.
  if (!id && packet->scheme != "ip") {
    (void)call.refuse(Code::auth_failed);
    call.effects.outputs.back().close = true;
    return {};
  }
  if (id) {
    Identity identity{"digest", std::move(*id)};
    if (std::ranges::find(identities, identity) == identities.end()) identities.push_back(std::move(identity));
  }
  return call.answer();
}

}  // namespace barnabas::zookeeper
