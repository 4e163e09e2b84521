#include "core/client/connection.hpp"

#include "core/env/timeout.hpp"

namespace barnabas::client {
namespace {

Task<Result<void>> wait_until_done(Ticket ticket) {
  co_await ticket->done.wait();
  co_return Result<void>();
}

}  // namespace

Connection::Connection(env::Env env, env::Endpoint endpoint, ConnectionOptions options,
                       std::unique_ptr<env::Stream> stream)
    : env_(env),
      endpoint_(std::move(endpoint)),
      options_(std::move(options)),
      client_id_(options_.client_id),
      stream_(std::move(stream)),
      changed_(env.executor),
      scope_(env.executor) {}

Connection::~Connection() = default;

Task<Result<std::shared_ptr<Connection>>> Connection::connect(env::Env env, env::Endpoint to,
                                                              ConnectionOptions options) {
  const Instant deadline = env.clock.now() + options.connect_timeout;
  auto connecting = env.network.connect(to);
  B_CO_TRY(auto stream, co_await env::with_deadline(env.executor, env.clock, deadline, std::move(connecting)));
  std::shared_ptr<Connection> connection(new Connection(env, std::move(to), std::move(options), std::move(stream)));
  connection->scope_.spawn(connection->write_loop());
  connection->scope_.spawn(connection->read_loop());
  auto asking = connection->ask_for_versions();
  B_CO_TRY_VOID(co_await env::with_deadline(env.executor, env.clock, deadline, std::move(asking)));
  co_return std::move(connection);
}

// A broker that does not know the version asked for answers in v0, whatever was asked: first the code.
Task<Result<void>> Connection::ask_for_versions() {
  protocol::ApiVersionsRequest request;
  request.client_software_name = "barnabas";
  request.client_software_version = "0.1.0";
  for (const std::int16_t version : {std::int16_t{3}, std::int16_t{0}}) {
    B_CO_TRY(Ticket ticket, begin(request, version));
    B_CO_TRY(Buffer frame, co_await wait_for(ticket));
    Reader code(frame.view());
    code.skip(4);
    const auto error = static_cast<protocol::ErrorCode>(code.i16());
    if (version > 0 && error == protocol::ErrorCode::unsupported_version) continue;
    B_CO_TRY(auto reply, read_reply<protocol::ApiVersionsResponse>(std::move(frame), version));
    if (error != protocol::ErrorCode::none) {
      co_return fail(Errc::unsupported, "ApiVersions: " + std::string(protocol::name_of(error)));
    }
    versions_ = std::move(reply.message.api_keys);
    for (auto& api : versions_) api.unknown_tags.clear();  // They borrow from the frame.
    co_return Result<void>();
  }
  co_return fail(Errc::unsupported, endpoint_.to_string() + " knows no common version of ApiVersions");
}

Result<std::int16_t> Connection::negotiated(protocol::ApiKey key, std::int16_t min, std::int16_t max) const {
  for (const auto& api : versions_) {
    if (api.api_key != key) continue;
    const std::int16_t version = std::min(max, api.max_version);
    if (version >= std::max(min, api.min_version)) return version;
  }
  return fail(Errc::unsupported,
              endpoint_.to_string() + " knows no common version of " + std::string(protocol::name_of(key)));
}

Result<void> Connection::may_begin() const {
  if (failure_) return fail(Errc::closed, "connection to " + endpoint_.to_string() + " is broken");
  if (in_flight() >= options_.max_in_flight) {
    return fail(Errc::too_large, std::to_string(in_flight()) + " requests in flight");
  }
  return {};
}

Result<Ticket> Connection::enqueue(Ticket exchange) {
  to_write_.push_back(exchange);
  changed_.notify_all();
  return exchange;
}

Task<void> Connection::write_loop() {
  while (!failure_) {
    if (to_write_.empty()) {
      co_await changed_.wait();
      continue;
    }
    const Ticket ticket = std::move(to_write_.front());
    to_write_.pop_front();
    ticket->sent = true;
    if (ticket->expects_response) waiting_.push_back(ticket);
    std::vector<ByteView> parts;
    for (const auto& fragment : ticket->frame) parts.push_back(std::get<Buffer>(fragment).view());
    const auto written = co_await stream_->write(parts);
    ticket->frame.clear();
    if (!written) {
      if (!ticket->expects_response) {
        ticket->response = std::unexpected(written.error());
        ticket->done.set();
      }
      fail_all(written.error());
    } else if (!ticket->expects_response) {
      ticket->done.set();
      changed_.notify_all();
    }
  }
}

Task<Result<void>> Connection::read_exactly(MutableByteView into) {
  while (!into.empty()) {
    B_CO_TRY(const std::size_t count, co_await stream_->read_some(into));
    into = into.subspan(count);
  }
  co_return Result<void>();
}

Task<Result<Buffer>> Connection::read_frame() {
  std::array<std::byte, 4> prefix{};
  B_CO_TRY_VOID(co_await read_exactly(prefix));
  const auto size = load_big_endian<std::int32_t>(prefix.data());
  if (size < 4) co_return fail(Errc::corrupt, "a response of " + std::to_string(size) + " bytes");
  if (static_cast<std::size_t>(size) > options_.max_response_bytes) {
    co_return fail(Errc::too_large, "a response of " + std::to_string(size) + " bytes");
  }
  Buffer frame = Buffer::allocate(static_cast<std::size_t>(size));
  B_CO_TRY_VOID(co_await read_exactly(frame.mutable_view()));
  co_return std::move(frame);
}

Task<void> Connection::read_loop() {
  while (!failure_) {
    auto frame = co_await read_frame();
    if (failure_) co_return;
    const Result<void> accepted =
        frame ? accept_frame(std::move(*frame)) : Result<void>(std::unexpected(std::move(frame).error()));
    if (!accepted) fail_all(accepted.error());
  }
}

Result<void> Connection::accept_frame(Buffer frame) {
  const auto id = load_big_endian<std::int32_t>(frame.data());
  if (waiting_.empty() || waiting_.front()->correlation_id != id) {
    return fail(Errc::corrupt,
                "a response with correlation id " + std::to_string(id) + " where " +
                    (waiting_.empty() ? std::string("none") : std::to_string(waiting_.front()->correlation_id)) +
                    " was due");
  }
  const Ticket ticket = std::move(waiting_.front());
  waiting_.pop_front();
  ticket->response = std::move(frame);
  ticket->done.set();
  changed_.notify_all();
  return {};
}

Task<Result<Buffer>> Connection::wait_for(Ticket ticket) {
  if (!ticket->done.is_set()) {
    auto waiting = wait_until_done(ticket);
    const auto waited = co_await env::with_deadline(env_.executor, env_.clock, ticket->deadline, std::move(waiting));
    // Later answers would be taken for this one's: the connection is of no more use.
    if (!waited && !ticket->done.is_set()) {
      fail_all(Error{Errc::timed_out, endpoint_.to_string() + " did not answer in time"});
    }
  }
  co_return ticket->response;
}

Task<Result<void>> Connection::finish_without_response(Ticket ticket) {
  B_CO_TRY_VOID(co_await wait_for(std::move(ticket)));
  co_return Result<void>();
}

Task<void> Connection::ended() {
  while (!failure_) co_await changed_.wait();
}

void Connection::close() { fail_all(Error{Errc::closed, "connection to " + endpoint_.to_string()}); }

void Connection::fail_all(Error reason) {
  if (failure_) return;
  failure_ = std::move(reason);
  stream_->close();
  for (auto* queue : {&waiting_, &to_write_}) {
    for (const Ticket& ticket : *queue) {
      ticket->response = std::unexpected(*failure_);
      ticket->done.set();
    }
    queue->clear();
  }
  changed_.notify_all();
}

}  // namespace barnabas::client
