#include "core/zookeeper/wire/records.hpp"

namespace barnabas::zookeeper::wire {

namespace {

// The last field of the connect records, which a peer of before 3.4 leaves out.
void put_read_only(Writer& out, const std::optional<bool>& value) {
  if (value) put(out, *value);
}
void take_read_only(Reader& in, std::optional<bool>& value) {
  value.reset();
  if (!in.ok() || in.at_end()) return;
  take(in, value.emplace());
}

}  // namespace

std::string_view name_of(OpCode op) {
  switch (op) {
    case OpCode::close_session: return "close_session";
    case OpCode::error: return "error";
    case OpCode::create: return "create";
    case OpCode::remove: return "remove";
    case OpCode::exists: return "exists";
    case OpCode::get_data: return "get_data";
    case OpCode::set_data: return "set_data";
    case OpCode::get_acl: return "get_acl";
    case OpCode::set_acl: return "set_acl";
    case OpCode::get_children: return "get_children";
    case OpCode::sync: return "sync";
    case OpCode::ping: return "ping";
    case OpCode::get_children2: return "get_children2";
    case OpCode::check: return "check";
    case OpCode::multi: return "multi";
    case OpCode::create2: return "create2";
    case OpCode::reconfig: return "reconfig";
    case OpCode::check_watches: return "check_watches";
    case OpCode::remove_watches: return "remove_watches";
    case OpCode::create_container: return "create_container";
    case OpCode::create_ttl: return "create_ttl";
    case OpCode::multi_read: return "multi_read";
    case OpCode::auth: return "auth";
    case OpCode::set_watches: return "set_watches";
    case OpCode::sasl: return "sasl";
    case OpCode::get_ephemerals: return "get_ephemerals";
    case OpCode::get_all_children_number: return "get_all_children_number";
    case OpCode::set_watches2: return "set_watches2";
    case OpCode::add_watch: return "add_watch";
    case OpCode::who_am_i: return "who_am_i";
  }
  return "?";
}

void put(Writer& out, const ConnectRequest& record) {
  put(out, record.protocol_version);
  put(out, record.last_zxid_seen);
  put(out, record.timeout_ms);
  put(out, record.session);
  put(out, record.password);
  put_read_only(out, record.read_only);
}
void take(Reader& in, ConnectRequest& record) {
  take(in, record.protocol_version);
  take(in, record.last_zxid_seen);
  take(in, record.timeout_ms);
  take(in, record.session);
  take(in, record.password);
  take_read_only(in, record.read_only);
}

void put(Writer& out, const ConnectResponse& record) {
  put(out, record.protocol_version);
  put(out, record.timeout_ms);
  put(out, record.session);
  put(out, record.password);
  put_read_only(out, record.read_only);
}
void take(Reader& in, ConnectResponse& record) {
  take(in, record.protocol_version);
  take(in, record.timeout_ms);
  take(in, record.session);
  take(in, record.password);
  take_read_only(in, record.read_only);
}

}  // namespace barnabas::zookeeper::wire
