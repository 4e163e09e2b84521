// A session as a pure machine: no clock, no stream. It is told what happened and says what is to be written.
//
// The shell (session_client.hpp) gives it streams one after the other, and the frames that arrive on them:
//
//   on_stream(now)        the handshake: a new session, or the one there was, by its id and password.
//   on_frame(now, frame)  answers in the order of the requests, events of watches, answers to pings.
//   on_time(now)          pings at a third of the negotiated timeout; at two thirds of silence the stream is given up,
//                         and while there is no session yet, so early that every server can be tried in time.
//   on_stream_lost(now)   every call that was started before has an unknown outcome.
//
// Rules:
//   - The session is over when the servers say so, never because a clock here says that it should be.
//   - A call that was started while there was no session waits for it; one whose waiter is gone by then is dropped.
//     A call that left keeps its place in the order of the answers, whether or not somebody still waits.
//   - On a new connection come, in this order: authentication, the watches with the last zxid seen before, calls. So no
//     answer can overtake the event that it would make late.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/base/time.hpp"
#include "core/zookeeper/session_client/session_watches.hpp"

namespace barnabas::zookeeper {

// What proves to a server whose session it is.
struct Credentials {
  SessionId session;
  Buffer password;
};

struct AuthInfo {
  std::string scheme;  // "digest"
  Buffer auth;         // "user:password"
};

// The server's answer: a code, and the response's record when it is ok.
struct Reply {
  Code code = Code::ok;
  Zxid zxid;
  Buffer body;
};

// One request on its way. Shared by the machine and by whoever waits.
struct Call {
  Call(Executor& executor, wire::OpCode operation, std::vector<std::byte> record)
      : op(operation), body(std::move(record)), done(executor) {}

  wire::OpCode op;
  std::vector<std::byte> body;  // The request's record, encoded.
  std::string server_path;      // For the watch.
  WatchPtr watch;
  std::int32_t xid = 0;
  Instant sent_at{};
  // Valid once done. An error: closed or session_expired, too_large, permission_denied.
  Result<Reply> reply = Reply();
  barnabas::Event done;
};
using CallPtr = std::shared_ptr<Call>;

class SessionMachine {
 public:
  struct Options {
    std::chrono::milliseconds timeout{18'000};  // Asked for; the server may give another.
    std::size_t servers = 1;                    // How many there are to try.
    std::string chroot;
    std::vector<AuthInfo> auth;
    std::optional<Credentials> former;  // To continue a session instead of opening one.
  };
  enum class State : std::uint8_t { disconnected, handshaking, connected, over };

  static constexpr std::size_t kMaxInFlight = 256;
  static constexpr std::size_t kMaxQueued = 100'000;
  // Of one set_watches request.
  static constexpr std::size_t kMaxRearmBytes = std::size_t{128} << 10;
  static constexpr Duration kMaxPingInterval = std::chrono::seconds(10);

  explicit SessionMachine(Options options);

  State state() const { return state_; }
  // Requires state() == over: session_expired, permission_denied (authentication failed), closed.
  const Error& why_over() const { return *why_over_; }
  const std::optional<Credentials>& credentials() const { return credentials_; }
  // Negotiated, once connected; before, what is asked for.
  Duration timeout() const { return timeout_; }
  Zxid last_seen() const { return last_seen_; }
  // The servers have heard of this session then or later: when the newest request was sent that they have answered. (An
  // answer proves nothing of the time at which it is read, nor does a connection on which nobody speaks.)
  Instant heard_at() const { return heard_at_; }
  // From then on the session may be over though nobody could say so; in the past once it is over. Before, it may be
  // over only where a server has answered that lags: a follower answers pings of a session that its leader has ended,
  // until it hears of that. So this tells when to stop; what must not happen then is fenced by the write itself.
  Instant valid_until() const { return state_ == State::over ? Instant() : heard_at_ + timeout_; }

  void on_stream(Instant now);
  // An error: the stream is to be given up, then on_stream_lost.
  Result<void> on_frame(Instant now, ByteView frame);
  Result<void> on_time(Instant now);
  // When on_time has something to do. Requires a stream.
  Instant next_deadline() const;
  void on_stream_lost(std::string_view why);

  // Finishes call->done in the end, unless the machine is destroyed first.
  void start(Instant now, CallPtr call);
  // More authentication, for this connection and all later ones.
  void add_auth(Instant now, AuthInfo auth);
  // The owner gives up: as if the session had ended, though it may live on at the servers.
  void abandon(std::string_view why);

  bool has_output() const { return !output_.empty(); }
  std::vector<std::byte> take_output() { return std::exchange(output_, {}); }

 private:
  Result<void> on_handshake(Instant now, ByteView frame);
  void enter_session(Instant now, const wire::ConnectResponse& response);
  Result<void> on_reply(const wire::ReplyHeader& header, ByteView body);
  Result<void> on_auth_reply(const wire::ReplyHeader& header);
  void on_ping_reply();
  Result<void> on_event(ByteView body);
  void send_waiting(Instant now);
  void send(Instant now, const Call& call);
  void send_frame(Instant now, const std::vector<std::byte>& frame);
  std::int32_t next_xid();
  Duration ping_interval() const;
  // How long this connection may be silent.
  Duration patience() const;
  void end(Errc code, std::string message);
  void fail_all(Errc code, const std::string& message);

  Options options_;
  State state_ = State::disconnected;
  std::optional<Error> why_over_;
  std::optional<Credentials> credentials_;
  Duration timeout_;
  Zxid last_seen_{0};
  std::int32_t last_xid_ = 0;
  Instant heard_at_{};
  Instant hello_at_{};          // When this stream's handshake was sent.
  std::deque<Instant> pings_;   // When those were sent that have no answer yet.
  Instant frame_at_{};          // Of the last frame that came on this stream, or of its beginning.
  Instant sent_at_{};
  SessionWatches watches_;
  std::deque<CallPtr> in_flight_;  // Sent, in the order of their xids.
  std::deque<CallPtr> waiting_;
  std::vector<std::byte> output_;
};

}  // namespace barnabas::zookeeper
