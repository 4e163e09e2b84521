// Connections, sessions and the order of answers; what is answered is in server_answers.cpp.
#include "sim/zookeeper/server.hpp"

#include <algorithm>
#include <array>

#include "core/zookeeper/identity.hpp"
#include "sim/zookeeper/peer.hpp"

namespace barnabas::sim {

namespace zk = zookeeper;
namespace wire = zookeeper::wire;

namespace {

constexpr Duration kPauseNoticed = std::chrono::seconds(2);

zk::Password password_of(zk::SessionId session) {
  Prng draw(static_cast<std::uint64_t>(session.value()));
  zk::Password password;
  for (std::byte& byte : password) byte = static_cast<std::byte>(draw.below(255) + 1);
  return password;
}

zk::Op to_op(const wire::CreateRequest& create, const std::vector<zk::Identity>& identities) {
  const auto acl = zk::resolve_acl(create.acl, identities);
  if (!acl) return zk::RefusedOp{create.path, zk::Code::invalid_acl};
  if (create.flags < 0 || create.flags > 3) return zk::RefusedOp{create.path, zk::Code::bad_arguments};
  return zk::CreateOp{create.path, create.data, static_cast<zk::CreateMode>(create.flags), *acl};
}
zk::Op to_op(const wire::DeleteRequest& remove) { return zk::RemoveOp{remove.path, remove.version}; }
zk::Op to_op(const wire::SetDataRequest& set) { return zk::SetOp{set.path, set.data, set.version}; }
zk::Op to_op(const wire::CheckRequest& check) { return zk::CheckOp{check.path, check.version}; }

// The operations of a request; nothing when it cannot be read.
std::optional<std::vector<zk::Op>> read_ops(wire::OpCode op, Reader& in, const std::vector<zk::Identity>& identities) {
  std::vector<zk::Op> ops;
  if (op == wire::OpCode::create) {
    if (auto create = wire::take_record<wire::CreateRequest>(in)) ops.push_back(to_op(*create, identities));
  } else if (op == wire::OpCode::remove) {
    if (auto remove = wire::take_record<wire::DeleteRequest>(in)) ops.push_back(to_op(*remove));
  } else if (op == wire::OpCode::set_data) {
    if (auto set = wire::take_record<wire::SetDataRequest>(in)) ops.push_back(to_op(*set));
  } else if (op == wire::OpCode::set_acl) {
    if (auto set = wire::take_record<wire::SetAclRequest>(in)) {
      const auto acl = zk::resolve_acl(set->acl, identities);
      ops.push_back(acl ? zk::Op(zk::SetAclOp{set->path, *acl, set->version})
                        : zk::Op(zk::RefusedOp{set->path, zk::Code::invalid_acl}));
    }
  } else {
    const auto multi = wire::take_record<wire::MultiRequest>(in);
    if (!multi) return std::nullopt;
    for (const wire::MultiOp& one : multi->ops) {
      if (const auto* create = std::get_if<wire::CreateRequest>(&one.body)) ops.push_back(to_op(*create, identities));
      if (const auto* remove = std::get_if<wire::DeleteRequest>(&one.body)) ops.push_back(to_op(*remove));
      if (const auto* set = std::get_if<wire::SetDataRequest>(&one.body)) ops.push_back(to_op(*set));
      if (const auto* check = std::get_if<wire::CheckRequest>(&one.body)) ops.push_back(to_op(*check));
    }
    return ops;
  }
  if (ops.empty()) return std::nullopt;
  return ops;
}

}  // namespace

ZooKeeperServer::ZooKeeperServer(World& world, Quorum& quorum, Node& node, std::size_t index)
    : world_(world),
      quorum_(quorum),
      node_(node),
      index_(index),
      stream_(world.stream("zookeeper server").child("lag", index)) {
  quorum_.set_listener(index, {[this] { pump(); }, [this] { forget_everything(); }});
}

void ZooKeeperServer::start() {
  up_ = true;
  quorum_.set_up(index_, true);
  node_.spawn([this](env::Env env) { return serve(env); });
  pump();
}

void ZooKeeperServer::kill() {
  if (!up_) return;
  up_ = false;
  paused_ = false;
  node_.kill();
  quorum_.set_up(index_, false);
  forget_everything();
}

void ZooKeeperServer::pause() {
  if (!up_ || paused_) return;
  paused_ = true;
  pause_epoch_ = quorum_.epoch();
  node_.pause();
  world_.after(Duration(stream_.between(0, kPauseNoticed.count())), [this, pause = ++pauses_] {
    if (paused_ && pause == pauses_) quorum_.set_up(index_, false);
  });
}

void ZooKeeperServer::unpause() {
  if (!up_ || !paused_) return;
  paused_ = false;
  node_.unpause();
  quorum_.set_up(index_, true);
  if (quorum_.epoch() != pause_epoch_) forget_everything();
  pump();
}

void ZooKeeperServer::isolate() {
  if (!up_) return;
  quorum_.set_up(index_, false);
  forget_everything();
}

void ZooKeeperServer::rejoin() {
  if (!up_) return;
  quorum_.set_up(index_, true);
  pump();
}

void ZooKeeperServer::stall(Duration time) { stalled_until_ = std::max(stalled_until_, world_.now() + time); }

void ZooKeeperServer::drop_connections() {
  const auto peers = peers_;
  for (const auto& [id, peer] : peers) close(*peer);
}

void ZooKeeperServer::forget_everything() {
  drop_connections();
  sessions_.clear();
  opening_.clear();
  syncing_.clear();
  ++generation_;
}

Task<void> ZooKeeperServer::serve(env::Env env) {
  env::Endpoint at;
  at.port = kZooKeeperPort;
  auto listener = co_await env.network.listen(std::move(at));
  B_CHECK(listener.has_value());
  Scope scope(env.executor);
  while (true) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    scope.spawn(talk(*this, env, std::move(*stream)));
  }
}

Task<void> ZooKeeperServer::talk(ZooKeeperServer& server, env::Env env, std::unique_ptr<env::Stream> stream) {
  const auto peer = std::make_shared<Peer>(env.executor, zk::ConnectionId(++server.last_connection_));
  server.peers_.emplace(peer->id, peer);
  Scope scope(env.executor);
  scope.spawn(write_output(*stream, peer));
  std::vector<std::byte> bytes;
  Buffer piece = Buffer::allocate(4096);
  while (peer->open) {
    const Result<std::size_t> read = co_await stream->read_some(piece.mutable_view());
    if (!read || !peer->open) break;
    const ByteView fresh = piece.view().first(*read);
    bytes.insert(bytes.end(), fresh.begin(), fresh.end());
    while (peer->open && bytes.size() >= 4) {
      const auto size = load_big_endian<std::int32_t>(bytes.data());
      if (size < 0 || static_cast<std::size_t>(size) > wire::kMaxRequestFrame) {
        server.close(*peer);
        break;
      }
      const auto length = static_cast<std::size_t>(size);
      if (bytes.size() - 4 < length) break;
      if (!server.take_frame(peer, ByteView(bytes).subspan(4, length))) server.close(*peer);
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(4 + length));
    }
  }
  server.close(*peer);
  co_await scope.join();
}

Task<void> ZooKeeperServer::write_output(env::Stream& stream, PeerPtr peer) {
  while (true) {
    while (peer->open && peer->output.empty()) co_await peer->changed.wait();
    if (peer->output.empty()) break;
    const std::vector<std::byte> bytes = std::exchange(peer->output, {});
    const std::array<ByteView, 1> parts{ByteView(bytes)};
    const Result<void> written = co_await stream.write(parts);
    if (!written) break;
  }
  stream.close();
}

void ZooKeeperServer::close(Peer& peer) {
  if (!peer.open) return;
  peer.open = false;
  peer.changed.notify_all();
  watches_.drop(peer.id);
  peers_.erase(peer.id);
}

bool ZooKeeperServer::take_frame(const PeerPtr& peer, ByteView frame) {
  if (!quorum_.serves(index_)) return false;
  if (peer->session != zk::kNoSession) return take_request(peer, frame);
  return !std::exchange(peer->asked, true) && open_session(peer, frame);
}

bool ZooKeeperServer::open_session(const PeerPtr& peer, ByteView frame) {
  Reader in(frame);
  const auto request = wire::take_record<wire::ConnectRequest>(in);
  if (!request || request->last_zxid_seen > tree_.last_zxid()) return false;
  const auto& options = quorum_.options();
  if (request->session == zk::kNoSession) {
    const Duration asked = std::chrono::milliseconds(request->timeout_ms);
    const Duration timeout = std::clamp(asked, options.min_session_timeout, options.max_session_timeout);
    zk::OpenSession open;
    open.timeout_ms = static_cast<std::int32_t>(timeout / std::chrono::milliseconds(1));
    const zk::SessionId session = quorum_.new_session_id();
    open.password = password_of(session);
    const std::uint64_t ticket = new_ticket();
    opening_.emplace(ticket, Opening{peer, open.timeout_ms});
    quorum_.propose({index_, ticket, session, open, {}});
    return true;
  }
  const bool right = request->password && std::ranges::equal(request->password->view(), password_of(request->session));
  const auto known = tree_.session_table().find(request->session);
  if (!right) {
    answer_connect(*peer, zk::kNoSession, 0);
    close(*peer);
    return true;
  }
  // A server that lags may not know the session yet, the leader does.
  const std::int32_t timeout = known == tree_.session_table().end() ? request->timeout_ms : known->second.timeout_ms;
  quorum_.revalidate(index_, request->session,
                     [this, timeout, session = request->session, weak = std::weak_ptr<Peer>(peer),
                      generation = generation_](bool lives) {
                       const PeerPtr waiting = weak.lock();
                       if (waiting == nullptr || !waiting->open || generation != generation_ || paused_) return;
                       if (lives) return attach(waiting, session, timeout);
                       answer_connect(*waiting, zk::kNoSession, 0);
                       close(*waiting);
                     });
  return true;
}

void ZooKeeperServer::attach(const PeerPtr& peer, zk::SessionId session, std::int32_t timeout_ms) {
  const auto others = peers_;
  for (const auto& [id, other] : others) {
    if (other->session == session) close(*other);
  }
  peer->session = session;
  answer_connect(*peer, session, timeout_ms);
}

void ZooKeeperServer::answer_connect(Peer& peer, zk::SessionId session, std::int32_t timeout_ms) {
  wire::ConnectResponse response;
  response.timeout_ms = timeout_ms;
  response.session = session;
  const zk::Password password = session == zk::kNoSession ? zk::Password{} : password_of(session);
  response.password = Buffer::copy_of(password);
  response.read_only = false;
  peer.send(wire::frame_of(response));
}

bool ZooKeeperServer::take_request(const PeerPtr& peer, ByteView frame) {
  Reader in(frame);
  const auto header = wire::take_record<wire::RequestHeader>(in);
  if (!header) return false;
  quorum_.touch(index_, peer->session);
  if (header->op == wire::OpCode::ping) {
    reply(*peer, *header, tree_.last_zxid(), zk::Code::ok);
    return true;
  }
  if (header->op == wire::OpCode::auth) return authenticate(*peer, *header, in);
  Waiting waiting;
  waiting.header = *header;
  waiting.peer = peer;
  const ByteView body = in.rest();
  waiting.body.assign(body.begin(), body.end());
  if (!forward(peer, waiting)) return false;
  sessions_[peer->session].push_back(std::move(waiting));
  drain(peer->session);
  return true;
}

bool ZooKeeperServer::authenticate(Peer& peer, const wire::RequestHeader& header, Reader& in) {
  const auto packet = wire::take_record<wire::AuthPacket>(in);
  if (!packet) return false;
  const std::string secret(packet->auth ? as_text(packet->auth->view()) : std::string_view());
  const auto id = packet->scheme == "digest" ? zk::digest_identity(secret) : std::nullopt;
  reply(peer, header, tree_.last_zxid(), id ? zk::Code::ok : zk::Code::auth_failed);
  if (!id) {
    close(peer);
    return true;
  }
  peer.identities.push_back({"digest", *id});
  return true;
}

bool ZooKeeperServer::forward(const PeerPtr& peer, Waiting& waiting) {
  Reader in(waiting.body);
  switch (waiting.header.op) {
    case wire::OpCode::create:
    case wire::OpCode::remove:
    case wire::OpCode::set_data:
    case wire::OpCode::set_acl:
    case wire::OpCode::multi:
    case wire::OpCode::close_session: {
      if (lost_requests_ > 0) return --lost_requests_, false;
      waiting.ticket = new_ticket();
      waiting.ready = false;
      Quorum::Proposal proposal{index_, waiting.ticket, peer->session, zk::CloseSession{}, peer->identities};
      if (waiting.header.op != wire::OpCode::close_session) {
        auto ops = read_ops(waiting.header.op, in, peer->identities);
        if (!ops) return false;
        proposal.body = zk::WriteOps{std::move(*ops)};
      }
      quorum_.propose(std::move(proposal));
      return true;
    }
    case wire::OpCode::sync:
      waiting.ticket = new_ticket();
      waiting.ready = false;
      quorum_.sync(index_, [this, ticket = waiting.ticket, session = peer->session,
                            generation = generation_](std::size_t target) {
        if (generation == generation_) wait_for_sync(session, ticket, target);
      });
      return true;
    default: return true;
  }
}

void ZooKeeperServer::wait_for_sync(zk::SessionId session, std::uint64_t ticket, std::size_t target) {
  syncing_.push_back({session, ticket, target});
  finish_syncs();
}

void ZooKeeperServer::pump() {
  if (pumping_ || !up_ || paused_ || applied_ >= quorum_.committed()) return;
  pumping_ = true;
  const Duration lag = Duration(stream_.between(0, std::max<std::int64_t>(quorum_.options().apply.count(), 1)));
  world_.at(std::max(world_.now() + lag, stalled_until_), [this] {
    pumping_ = false;
    if (!up_ || paused_ || !quorum_.serves(index_)) return;
    if (world_.now() >= stalled_until_ && applied_ < quorum_.committed()) apply_one();
    pump();
  });
}

void ZooKeeperServer::apply_one() {
  const LogEntry entry = quorum_.log()[applied_++];
  const auto events = tree_.apply(entry.transaction);
  B_CHECK(events.has_value());
  for (const zk::Event& event : *events) {
    for (const zk::ConnectionId to : watches_.fire(event)) tell(to, event);
  }
  finish(entry);
  finish_syncs();
}

void ZooKeeperServer::finish(const LogEntry& entry) {
  const zk::SessionId session = entry.transaction.session;
  if (const auto opening = opening_.extract(entry.ticket); !opening.empty()) {
    const PeerPtr peer = opening.mapped().peer.lock();
    if (peer != nullptr && peer->open) attach(peer, session, opening.mapped().timeout_ms);
  }
  if (const auto found = sessions_.find(session); found != sessions_.end()) {
    for (Waiting& waiting : found->second) {
      if (entry.ticket == 0 || waiting.ticket != entry.ticket) continue;
      waiting.ready = true;
      waiting.zxid = entry.transaction.zxid;
      waiting.result = entry.result;
    }
    drain(session);
  }
  if (entry.transaction.kind != zk::Transaction::Kind::close_session) return;
  sessions_.erase(session);
  const auto peers = peers_;
  for (const auto& [id, peer] : peers) {
    if (peer->session == session) close(*peer);
  }
}

void ZooKeeperServer::finish_syncs() {
  std::vector<Syncing> done;
  std::vector<Syncing> rest;
  for (const Syncing& sync : syncing_) (sync.target > applied_ ? rest : done).push_back(sync);
  syncing_ = std::move(rest);
  for (const Syncing& sync : done) {
    for (Waiting& waiting : sessions_[sync.session]) {
      if (waiting.ticket == sync.ticket) waiting.ready = true;
    }
    drain(sync.session);
  }
}

void ZooKeeperServer::drain(zk::SessionId session) {
  auto& queue = sessions_[session];
  while (!queue.empty() && queue.front().ready) {
    Waiting waiting = std::move(queue.front());
    queue.pop_front();
    const PeerPtr peer = waiting.peer.lock();
    if (peer != nullptr && peer->open) answer(*peer, waiting);
  }
}

void ZooKeeperServer::tell(zk::ConnectionId to, const zk::Event& event) {
  const auto peer = peers_.find(to);
  if (peer == peers_.end() || !zk::is_allowed(event.acl, zk::Perm::read, &peer->second->identities)) return;
  wire::WatcherEvent watcher;
  watcher.type = static_cast<wire::EventType>(event.type);
  watcher.path = event.path;
  peer->second->send(wire::frame_of(wire::ReplyHeader{wire::kNotificationXid, zk::Zxid(-1), zk::Code::ok}, watcher));
}

}  // namespace barnabas::sim
