#include "core/zookeeper/session_client/session_machine.hpp"

#include <algorithm>
#include <limits>

#include "core/base/mutant.hpp"

namespace barnabas::zookeeper {

namespace {

std::string hex(SessionId session) {
  static constexpr char kDigits[] = "0123456789abcdef";
  auto rest = static_cast<std::uint64_t>(session.value());
  std::string text;
  do {
    text.insert(text.begin(), kDigits[rest % 16]);
    rest /= 16;
  } while (rest != 0);
  return "0x" + text;
}

void finish(Call& call, Result<Reply> reply) {
  call.reply = std::move(reply);
  call.done.set();
}

// Which table a successful read, or an exists that found nothing, puts its watch into.
std::optional<WatchKind> watch_kind(wire::OpCode op, Code code) {
  switch (op) {
    case wire::OpCode::get_data: return code == Code::ok ? std::optional(WatchKind::data) : std::nullopt;
    case wire::OpCode::get_children2: return code == Code::ok ? std::optional(WatchKind::child) : std::nullopt;
    case wire::OpCode::exists:
      if (code == Code::ok) return WatchKind::data;
      return code == Code::no_node ? std::optional(WatchKind::exist) : std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace

SessionMachine::SessionMachine(Options options)
    : options_(std::move(options)),
      credentials_(options_.former),
      timeout_(options_.timeout),
      watches_(options_.chroot) {}

void SessionMachine::on_stream(Instant now) {
  B_CHECK(state_ == State::disconnected);
  if (BARNABAS_MUTANT(expiry_by_local_clock) && credentials_ && now >= heard_at_ + timeout_) {
    return end(Errc::session_expired, "the ZooKeeper session has expired by this clock");
  }
  state_ = State::handshaking;
  frame_at_ = hello_at_ = now;
  pings_.clear();
  wire::ConnectRequest request;
  request.last_zxid_seen = last_seen_;
  request.timeout_ms = static_cast<std::int32_t>(options_.timeout.count());
  request.read_only = false;
  if (credentials_) {
    request.session = credentials_->session;
    request.password = credentials_->password;
  } else {
    Buffer zeros = Buffer::allocate(wire::kPasswordSize);
    std::ranges::fill(zeros.mutable_view(), std::byte{0});
    request.password = std::move(zeros);
  }
  send_frame(now, wire::frame_of(request));
}

Result<void> SessionMachine::on_frame(Instant now, ByteView frame) {
  B_CHECK(state_ == State::handshaking || state_ == State::connected);
  frame_at_ = now;
  if (state_ == State::handshaking) return on_handshake(now, frame);
  Reader in(frame);
  B_TRY(const auto header, wire::take_record<wire::ReplyHeader>(in));
  const ByteView body = in.rest();
  switch (header.xid) {
    case wire::kPingXid: on_ping_reply(); return {};
    case wire::kNotificationXid: return on_event(body);
    case wire::kAuthXid: return on_auth_reply(header);
    case wire::kSetWatchesXid:
      if (header.err == Code::ok) return {};
      return fail(Errc::io_error, "the server refused to arm the watches: " + std::string(name_of(header.err)));
    default: break;
  }
  B_TRY_VOID(on_reply(header, body));
  if (state_ == State::connected) send_waiting(now);
  return {};
}

Result<void> SessionMachine::on_handshake(Instant now, ByteView frame) {
  Reader in(frame);
  B_TRY(const auto response, wire::take_record<wire::ConnectResponse>(in));
  if (response.session == kNoSession || response.timeout_ms <= 0) {
    if (!credentials_) return fail(Errc::connection_refused, "the server opened no session");
    end(Errc::session_expired, "the ZooKeeper session " + hex(credentials_->session) + " has expired");
    return {};
  }
  if (credentials_ && response.session != credentials_->session) {
    return fail(Errc::io_error, "the server answered for another session");
  }
  if (!response.password || response.password->size() != wire::kPasswordSize) {
    return fail(Errc::io_error, "the server sent no password of 16 bytes");
  }
  enter_session(now, response);
  return {};
}

void SessionMachine::enter_session(Instant now, const wire::ConnectResponse& response) {
  state_ = State::connected;
  heard_at_ = std::max(heard_at_, hello_at_);
  timeout_ = std::chrono::milliseconds(response.timeout_ms);
  credentials_ = Credentials{response.session, *response.password};
  for (const AuthInfo& auth : options_.auth) {
    send_frame(now, wire::frame_of(wire::RequestHeader{wire::kAuthXid, wire::OpCode::auth},
                                   wire::AuthPacket{0, auth.scheme, auth.auth}));
  }
  const Zxid seen = BARNABAS_MUTANT(rearm_without_zxid) ? Zxid(0) : last_seen_;
  for (const wire::SetWatches& request : watches_.rearm(seen, kMaxRearmBytes)) {
    send_frame(now, wire::frame_of(wire::RequestHeader{wire::kSetWatchesXid, wire::OpCode::set_watches}, request));
  }
  send_waiting(now);
}

Result<void> SessionMachine::on_reply(const wire::ReplyHeader& header, ByteView body) {
  if (in_flight_.empty() || in_flight_.front()->xid != header.xid) {
    return fail(Errc::io_error, "the server answered xid " + std::to_string(header.xid) + " out of turn");
  }
  last_seen_ = std::max(last_seen_, header.zxid);
  if (header.err == Code::session_expired) {
    end(Errc::session_expired, "the ZooKeeper session " + hex(credentials_->session) + " has expired");
    return {};
  }
  // Answered by a server that this session has left: whatever it says was decided elsewhere.
  if (header.err == Code::session_moved) return fail(Errc::closed, "the session has moved to another server");
  const CallPtr call = std::move(in_flight_.front());
  in_flight_.pop_front();
  heard_at_ = std::max(heard_at_, call->sent_at);
  if (call->watch != nullptr) {
    if (const auto kind = watch_kind(call->op, header.err)) watches_.add(*kind, call->server_path, call->watch);
  }
  finish(*call, Reply{header.err, header.zxid, Buffer::copy_of(body)});
  if (call->op == wire::OpCode::close_session) end(Errc::closed, "the ZooKeeper session is closed");
  return {};
}

Result<void> SessionMachine::on_auth_reply(const wire::ReplyHeader& header) {
  if (header.err == Code::ok) return {};
  end(Errc::permission_denied, "ZooKeeper refused the authentication: " + std::string(name_of(header.err)));
  return {};
}

void SessionMachine::on_ping_reply() {
  if (pings_.empty()) return;
  heard_at_ = std::max(heard_at_, pings_.front());
  pings_.pop_front();
}

Result<void> SessionMachine::on_event(ByteView body) {
  Reader in(body);
  B_TRY(const auto event, wire::take_record<wire::WatcherEvent>(in));
  watches_.on_event(event);
  return {};
}

Duration SessionMachine::ping_interval() const { return std::min<Duration>(timeout_ / 3, kMaxPingInterval); }
Duration SessionMachine::patience() const {
  const Duration patience = timeout_ * 2 / 3;
  if (state_ == State::connected) return patience;
  return std::min<Duration>(patience, timeout_ / static_cast<std::int64_t>(options_.servers));
}

Instant SessionMachine::next_deadline() const {
  const Instant silence = frame_at_ + patience();
  return state_ == State::connected ? std::min(silence, sent_at_ + ping_interval()) : silence;
}

Result<void> SessionMachine::on_time(Instant now) {
  if (state_ != State::handshaking && state_ != State::connected) return {};
  if (now >= frame_at_ + patience()) return fail(Errc::timed_out, "nothing was heard of the server");
  if (state_ == State::connected && now >= sent_at_ + ping_interval()) {
    send_frame(now, wire::frame_of(wire::RequestHeader{wire::kPingXid, wire::OpCode::ping}));
    pings_.push_back(now);
  }
  return {};
}

void SessionMachine::on_stream_lost(std::string_view why) {
  if (state_ == State::over) return;
  const bool had_session = state_ == State::connected;
  state_ = State::disconnected;
  output_.clear();
  // Those that did not leave yet as well: had a later one effect and an earlier one not, their order were lost.
  if (had_session) fail_all(Errc::closed, "the connection to ZooKeeper was lost: " + std::string(why));
}

void SessionMachine::start(Instant now, CallPtr call) {
  if (state_ == State::over) return finish(*call, fail(why_over_->code, why_over_->message));
  if (call->body.size() + sizeof(std::int32_t) * 2 > wire::kMaxRequestFrame) {
    return finish(*call, fail(Errc::too_large,
                              "a ZooKeeper request of more than " + std::to_string(wire::kMaxRequestFrame) + " bytes"));
  }
  if (waiting_.size() >= kMaxQueued) {
    return finish(*call, fail(Errc::too_large, std::to_string(kMaxQueued) + " requests to ZooKeeper wait already"));
  }
  waiting_.push_back(std::move(call));
  if (state_ == State::connected) send_waiting(now);
}

void SessionMachine::add_auth(Instant now, AuthInfo auth) {
  if (state_ == State::connected) {
    send_frame(now, wire::frame_of(wire::RequestHeader{wire::kAuthXid, wire::OpCode::auth},
                                   wire::AuthPacket{0, auth.scheme, auth.auth}));
  }
  options_.auth.push_back(std::move(auth));
}

void SessionMachine::send_waiting(Instant now) {
  while (!waiting_.empty() && in_flight_.size() < kMaxInFlight) {
    CallPtr call = std::move(waiting_.front());
    waiting_.pop_front();
    if (call.use_count() == 1) continue;  // Its waiter is gone.
    call->xid = next_xid();
    call->sent_at = now;
    send(now, *call);
    in_flight_.push_back(std::move(call));
  }
}

void SessionMachine::send(Instant now, const Call& call) {
  Writer out(call.body.size() + 12);
  out.i32(static_cast<std::int32_t>(call.body.size() + sizeof(std::int32_t) * 2));
  wire::put(out, wire::RequestHeader{call.xid, call.op});
  out.bytes(call.body);
  send_frame(now, std::move(out).take());
}

void SessionMachine::send_frame(Instant now, const std::vector<std::byte>& frame) {
  output_.insert(output_.end(), frame.begin(), frame.end());
  sent_at_ = now;
}

std::int32_t SessionMachine::next_xid() {
  last_xid_ = last_xid_ == std::numeric_limits<std::int32_t>::max() ? 1 : last_xid_ + 1;
  return last_xid_;
}

void SessionMachine::abandon(std::string_view why) {
  if (state_ != State::over) end(Errc::closed, std::string(why));
}

void SessionMachine::end(Errc code, std::string message) {
  state_ = State::over;
  output_.clear();
  why_over_ = Error{code, std::move(message)};
  watches_.end_all();
  fail_all(code, why_over_->message);
}

void SessionMachine::fail_all(Errc code, const std::string& message) {
  for (const CallPtr& call : std::exchange(in_flight_, {})) finish(*call, fail(code, message));
  for (const CallPtr& call : std::exchange(waiting_, {})) finish(*call, fail(code, message));
}

}  // namespace barnabas::zookeeper
