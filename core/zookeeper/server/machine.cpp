// Sessions: how they begin, move, expire and end. The requests are in requests.cpp.
#include "core/zookeeper/server/machine.hpp"

#include <algorithm>
#include <utility>

namespace barnabas::zookeeper {

namespace {

Duration timeout_of(const ZnodeTree::Session& session) { return std::chrono::milliseconds(session.timeout_ms); }

bool is_local(const ZnodeTree::Session& session) { return session.password == Password{}; }

bool same_password(const Data& given, const Password& wanted) {
  return given && std::ranges::equal(given->view(), wanted);
}

// A whole tick, as Apache has it, would let a dead broker's session live on for 1.5 s in the mean.
Duration expiry_interval(Duration tick) { return tick / 10; }

}  // namespace

ServerMachine::ServerMachine(ZnodeTree& tree, SessionLimits limits, Instant now)
    : tree_(tree), limits_(limits), expiry_(expiry_interval(limits.tick)) {
  for (const auto& [id, session] : tree_.session_table()) {
    if (!is_local(session)) expiry_.touch(id, now, timeout_of(session));
  }
}

Result<Effects> ServerMachine::connect(ConnectionId connection, const wire::ConnectRequest& request, std::string host,
                                       Moment moment, const Password& entropy, bool may_write) {
  B_CHECK(!connections_.contains(connection));
  if (request.last_zxid_seen > tree_.last_zxid()) {
    return fail(Errc::invalid_argument, "the client has seen zxid " + std::to_string(request.last_zxid_seen.value()) +
                                            ", but this server is at " + std::to_string(tree_.last_zxid().value()) +
                                            ": it has talked to another ensemble, or this one lost data");
  }
  if (request.session != kNoSession) return reattach(connection, request, std::move(host), moment);
  if (!may_write) return fail(Errc::no_space, "no new session while the disk is full");
  if (tree_.session_table().size() >= limits_.max_sessions) {
    return fail(Errc::too_large, "there are " + std::to_string(limits_.max_sessions) + " sessions already");
  }
  return open(connection, request, std::move(host), moment, entropy);
}

Result<Effects> ServerMachine::open(ConnectionId connection, const wire::ConnectRequest& request, std::string host,
                                    Moment moment, const Password& entropy) {
  const Duration asked = std::chrono::milliseconds(request.timeout_ms);
  const Duration timeout = std::clamp(asked, limits_.min_timeout, limits_.max_timeout);
  OpenSession body;
  body.timeout_ms = static_cast<std::int32_t>(timeout / 1ms);
  body.password = entropy;
  const SessionId session = new_session_id(moment.wall);
  Effects effects;
  (void)commit({session, moment.wall, body}, effects);
  attach(connection, session, std::move(host), moment);
  effects.outputs.push_back({connection, connect_frame(request, session)});
  return effects;
}

Result<Effects> ServerMachine::reattach(ConnectionId connection, const wire::ConnectRequest& request, std::string host,
                                        Moment moment) {
  Effects effects;
  const auto session = tree_.session_table().find(request.session);
  const bool known = session != tree_.session_table().end() && !is_local(session->second) &&
                     same_password(request.password, session->second.password);
  if (!known) {
    effects.outputs.push_back({connection, connect_frame(request, kNoSession), true});
    return effects;
  }
  if (const auto before = attached_.find(request.session); before != attached_.end()) {
    const ConnectionId old = before->second;
    disconnect(old);
    effects.outputs.push_back({old, std::vector<std::byte>(), true});
  }
  attach(connection, request.session, std::move(host), moment);
  effects.outputs.push_back({connection, connect_frame(request, request.session)});
  return effects;
}

void ServerMachine::attach(ConnectionId connection, SessionId session, std::string host, Moment moment) {
  connections_[connection] = {session, {{"ip", std::move(host)}}, false};
  attached_[session] = connection;
  expiry_.touch(session, moment.now, timeout_of(tree_.session_table().at(session)));
}

std::vector<std::byte> ServerMachine::connect_frame(const wire::ConnectRequest& request, SessionId session) const {
  wire::ConnectResponse response;
  response.session = session;
  Password password{};
  if (session != kNoSession) {
    const ZnodeTree::Session& found = tree_.session_table().at(session);
    response.timeout_ms = found.timeout_ms;
    password = found.password;
  }
  response.password = Buffer::copy_of(password);
  if (request.read_only) response.read_only = false;
  return wire::frame_of(response);
}

void ServerMachine::disconnect(ConnectionId connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  attached_.erase(found->second.session);
  connections_.erase(found);
  watches_.drop(connection);
}

SessionId ServerMachine::session_of(ConnectionId connection) const {
  const auto found = connections_.find(connection);
  return found == connections_.end() ? kNoSession : found->second.session;
}

// As Apache's server makes them: its number in the highest byte, then the time of its start; here that of the session.
SessionId ServerMachine::new_session_id(Timestamp wall) const {
  const std::uint64_t time = static_cast<std::uint64_t>(wall.value()) << 24 >> 8;
  SessionId session(static_cast<std::int64_t>(time | std::uint64_t{1} << 56));
  while (tree_.has_session(session)) ++session;
  return session;
}

ServerMachine::LocalSession ServerMachine::open_local(ConnectionId connection, Moment moment) {
  LocalSession opened;
  opened.session = new_session_id(moment.wall);
  (void)commit({opened.session, moment.wall, OpenSession{}}, opened.effects);
  connections_[connection] = {opened.session, {}, true};
  attached_[opened.session] = connection;
  return opened;
}

ServerMachine::Written ServerMachine::write(ConnectionId connection, std::vector<Op> ops, Moment moment) {
  Written written;
  written.result = commit({session_of(connection), moment.wall, WriteOps{std::move(ops)}}, written.effects);
  return written;
}

ServerMachine::Written ServerMachine::close_session(ConnectionId connection, Moment moment) {
  Written written;
  written.result = end_session(session_of(connection), moment, written.effects);
  return written;
}

Effects ServerMachine::end_orphans(Moment moment) {
  Effects effects;
  for (const SessionId session : tree_.sessions()) {
    if (is_local(tree_.session_table().at(session))) (void)end_session(session, moment, effects);
  }
  return effects;
}

Effects ServerMachine::expire(Moment moment, bool may_write) {
  Effects effects;
  for (const SessionId session : expiry_.take_expired(moment.now)) {
    if (!may_write) {
      expiry_.touch(session, moment.now, timeout_of(tree_.session_table().at(session)));
      continue;
    }
    const auto attached = attached_.find(session);
    const ConnectionId connection = attached == attached_.end() ? ConnectionId() : attached->second;
    (void)end_session(session, moment, effects);
    if (connection != ConnectionId()) effects.outputs.push_back({connection, std::vector<std::byte>(), true});
  }
  return effects;
}

Effects ServerMachine::sweep_containers(Moment moment) {
  Effects effects;
  std::vector<std::string> paths = tree_.empty_containers();
  if (!paths.empty()) (void)commit({kNoSession, moment.wall, RemoveContainers{std::move(paths)}}, effects);
  return effects;
}

MultiResult ServerMachine::end_session(SessionId session, Moment moment, Effects& effects) {
  MultiResult result = commit({session, moment.wall, CloseSession{}}, effects);
  expiry_.remove(session);
  // Only now: the session's own watches are told of the end of its ephemerals.
  if (const auto attached = attached_.find(session); attached != attached_.end()) disconnect(attached->second);
  return result;
}

MultiResult ServerMachine::commit(Request request, Effects& effects) {
  Decision decision = tree_.decide(request);
  std::vector<Stat> stats;
  const auto events = tree_.apply(decision.transaction, &stats);
  B_CHECK(events.has_value());
  fill_stats(request, decision.result, stats);
  effects.transactions.push_back(std::move(decision.transaction));
  for (const Event& event : *events) tell(event, effects);
  return std::move(decision.result);
}

void ServerMachine::tell(const Event& event, Effects& effects) {
  for (const ConnectionId connection : watches_.fire(event)) tell(connection, event, effects);
}

// As in ZooKeeper since 3.8.4 (CVE-2024-23944): a watch, above all a recursive one, may have been set where the znode
// that an event is about was not there, or could be read. Who may not read it is not told.
void ServerMachine::tell(ConnectionId connection, const Event& event, Effects& effects) {
  const Connection& to = connections_.at(connection);
  if (to.local) {
    effects.outputs.push_back({connection, event});
    return;
  }
  if (!is_allowed(event.acl, Perm::read, &to.identities)) return;
  const wire::ReplyHeader header{wire::kNotificationXid, Zxid(-1), Code::ok};
  const wire::WatcherEvent record{static_cast<wire::EventType>(event.type), wire::kSyncConnected, event.path};
  effects.outputs.push_back({connection, wire::frame_of(header, record)});
}

}  // namespace barnabas::zookeeper
