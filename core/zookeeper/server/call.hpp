// One request on its way through the server machine. For requests.cpp and watch_requests.cpp.
#pragma once

#include <optional>
#include <string>

#include "core/zookeeper/server/machine.hpp"

namespace barnabas::zookeeper {

struct ServerMachine::Call {
  ConnectionId id;
  Connection& connection;  // Gone once its session has ended.
  wire::RequestHeader header;
  Reader in;
  Moment moment;
  bool may_write;
  const ZnodeTree& tree;
  Effects effects{};

  template <class Request>
  std::optional<Request> take() {
    Request request;
    wire::take(in, request);
    if (!in.ok()) return std::nullopt;
    return request;
  }
  template <class... Body>
  Result<void> answer(const Body&... body) {
    const wire::ReplyHeader reply{header.xid, tree.last_zxid(), Code::ok};
    effects.outputs.push_back({id, wire::frame_of(reply, body...)});
    return {};
  }
  Result<void> refuse(Code code) {
    const wire::ReplyHeader reply{header.xid, tree.last_zxid(), code};
    effects.outputs.push_back({id, wire::frame_of(reply)});
    return {};
  }
  bool may(const ZnodeTree::Node& node, int perms) const {
    return is_allowed(node.acl, static_cast<Perm>(perms), &connection.identities);
  }
};

inline std::unexpected<Error> malformed(wire::OpCode op) {
  return fail(Errc::invalid_argument, "the bytes are no " + std::string(wire::name_of(op)) + " request");
}

}  // namespace barnabas::zookeeper
