// One connection to a broker: frames, correlation ids, pipelining, time limits.
//
// Requests leave in the order in which begin() was called, responses come back in that order. A request that is
// not answered in time, an answer that is not the expected one, or a stream that breaks, ends the connection:
// every request under way then fails, and whoever owns the connection makes a new one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "core/protocol/frame.hpp"
#include "core/protocol/messages/18_api_versions.hpp"

namespace barnabas::protocol {
struct ProduceRequest;
struct OffsetCommitRequest;
struct OffsetFetchRequest;
}  // namespace barnabas::protocol

namespace barnabas::client {

struct ConnectionOptions {
  std::string client_id = "barnabas";
  Duration connect_timeout = std::chrono::seconds(10);  // Including the exchange of versions.
  Duration request_timeout = std::chrono::seconds(30);  // From begin() to the response.
  std::size_t max_response_bytes = 100 * 1024 * 1024;
  std::size_t max_in_flight = 100;  // Requests begun and not answered.
};

// A response and the frame that its strings and records borrow from.
template <class Response>
struct Reply {
  Buffer frame;
  Response message;
  std::int16_t version = 0;

  const Response* operator->() const { return &message; }
  const Response& operator*() const { return message; }
};

// The state of a request; for Connection.
struct Exchange {
  explicit Exchange(Executor& executor) : done(executor) {}

  std::vector<protocol::Fragment> frame;
  std::int32_t correlation_id = 0;
  std::int16_t version = 0;
  bool expects_response = true;
  bool sent = false;
  Instant deadline{};
  Result<Buffer> response = Buffer();
  Event done;
};

// A request under way. Keep it until it is finished; dropping it discards the answer.
using Ticket = std::shared_ptr<Exchange>;

// The newest version of a request that this client speaks. Later ones of these name topics by id alone (KIP-516).
template <class Request>
inline constexpr std::int16_t kNewestSpoken = Request::kMaxVersion;
template <>
inline constexpr std::int16_t kNewestSpoken<protocol::ProduceRequest> = 12;
template <>
inline constexpr std::int16_t kNewestSpoken<protocol::OffsetCommitRequest> = 9;
template <>
inline constexpr std::int16_t kNewestSpoken<protocol::OffsetFetchRequest> = 9;

class Connection {
 public:
  // Connects and asks for the broker's versions (ApiVersions v3, then v0 for a broker that knows no v3).
  static Task<Result<std::shared_ptr<Connection>>> connect(env::Env env, env::Endpoint to, ConnectionOptions options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const env::Endpoint& endpoint() const { return endpoint_; }
  bool broken() const { return failure_.has_value(); }
  // Why it broke. Requires broken().
  const Error& failure() const { return *failure_; }
  std::size_t in_flight() const { return to_write_.size() + waiting_.size(); }

  // The highest version of Request that both sides know, at most `cap`. unsupported when there is none.
  template <class Request>
  Result<std::int16_t> version_of(std::int16_t cap = Request::kMaxVersion) const {
    return negotiated(Request::kApiKey, Request::kMinVersion, std::min(cap, kNewestSpoken<Request>));
  }

  // Queues the request to be written. Nothing was sent when this fails (closed, too_large, unsupported).
  // timeout: in place of the connection's own, for requests that the broker may hold.
  template <class Request>
  Result<Ticket> begin(const Request& request, std::int16_t version, std::optional<Duration> timeout = {}) {
    B_TRY_VOID(may_begin());
    auto exchange = std::make_shared<Exchange>(env_.executor);
    exchange->correlation_id = take_id();
    exchange->version = version;
    exchange->deadline = env_.clock.now() + timeout.value_or(options_.request_timeout);
    exchange->frame = protocol::encode_request_frame(request, version, exchange->correlation_id, client_id_);
    return enqueue(std::move(exchange));
  }
  // The same for a request that gets no response (Produce with acks=0); it is finished when it was written.
  template <class Request>
  Result<Ticket> begin_without_response(const Request& request, std::int16_t version) {
    B_TRY_VOID(may_begin());
    auto exchange = std::make_shared<Exchange>(env_.executor);
    exchange->correlation_id = take_id();
    exchange->version = version;
    exchange->deadline = env_.clock.now() + options_.request_timeout;
    exchange->expects_response = false;
    exchange->frame = protocol::encode_request_frame(request, version, exchange->correlation_id, client_id_);
    return enqueue(std::move(exchange));
  }

  // Waits for the response. The connection must stay alive meanwhile. timed_out, connection_reset,
  // end_of_stream, corrupt: it is not known whether the request took effect, unless was_sent() is false.
  template <class Response>
  Task<Result<Reply<Response>>> finish(Ticket ticket) {
    B_CO_TRY(Buffer frame, co_await wait_for(ticket));
    co_return read_reply<Response>(std::move(frame), ticket->version);
  }
  Task<Result<void>> finish_without_response(Ticket ticket);
  // False: not a byte of it was written, so it can't have taken effect.
  static bool was_sent(const Exchange& exchange) { return exchange.sent; }

  // begin and finish at the highest common version, at most `cap`. Waits while max_in_flight is reached.
  template <class Request>
  Task<Result<Reply<typename Request::Response>>> call(Request request, std::int16_t cap = Request::kMaxVersion,
                                                       std::optional<Duration> timeout = {}) {
    B_CO_TRY(const std::int16_t version, version_of<Request>(cap));
    while (!broken() && in_flight() >= options_.max_in_flight) co_await changed_.wait();
    B_CO_TRY(Ticket ticket, begin(request, version, timeout));
    co_return co_await finish<typename Request::Response>(std::move(ticket));
  }

  // Returns once it is broken. The connection must stay alive meanwhile.
  Task<void> ended();
  // Ends it; what is under way fails with `closed`.
  void close();

 private:
  Connection(env::Env env, env::Endpoint endpoint, ConnectionOptions options, std::unique_ptr<env::Stream> stream);

  template <class Response>
  static Result<Reply<Response>> read_reply(Buffer frame, std::int16_t version) {
    std::size_t left = 0;
    B_TRY(const auto header, protocol::decode<protocol::ResponseHeader>(
                                 frame.view(), protocol::response_header_version<Response>(version), &left));
    static_cast<void>(header);  // accept_frame() has matched the correlation id.
    B_TRY(auto message, protocol::decode<Response>(frame.view().last(left), version));
    return Reply<Response>{std::move(frame), std::move(message), version};
  }
  Result<std::int16_t> negotiated(protocol::ApiKey key, std::int16_t min, std::int16_t max) const;
  Result<void> may_begin() const;
  Result<Ticket> enqueue(Ticket exchange);
  std::int32_t take_id() { return next_id_ = (next_id_ + 1) & 0x3fffffff; }
  Task<Result<Buffer>> wait_for(Ticket ticket);
  Task<Result<void>> ask_for_versions();
  Task<void> write_loop();
  Task<void> read_loop();
  Task<Result<Buffer>> read_frame();
  Task<Result<void>> read_exactly(MutableByteView into);
  Result<void> accept_frame(Buffer frame);
  void fail_all(Error reason);

  env::Env env_;
  env::Endpoint endpoint_;
  ConnectionOptions options_;
  protocol::String client_id_;
  std::unique_ptr<env::Stream> stream_;
  std::vector<protocol::ApiVersionsResponse::ApiVersion> versions_;
  std::int32_t next_id_ = 0;
  std::deque<Ticket> to_write_;
  std::deque<Ticket> waiting_;  // For a response, in the order of sending.
  std::optional<Error> failure_;
  Notification changed_;
  Scope scope_;  // Last: its tasks use all of the above.
};

}  // namespace barnabas::client
