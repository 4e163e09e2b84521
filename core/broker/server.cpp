#include "core/broker/server.hpp"

#include <algorithm>

#include "core/broker/services.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::broker {
namespace {

constexpr Duration kSweepInterval = 5s;
// After a failed accept (too many open files, say), so that the loop does not spin.
constexpr Duration kAcceptPause = 100ms;

std::int64_t request_memory(const Services& services) {
  return std::max(kRequestMemory, static_cast<std::int64_t>(services.max_request_bytes));
}

}  // namespace

Server::Server(Services& services, ServerLimits limits, std::vector<BoundListener> listeners)
    : services_(services),
      limits_(limits),
      listeners_(std::move(listeners)),
      memory_(services.env.executor, request_memory(services)),
      fewer_(services.env.executor),
      scope_(services.env.executor) {}

void Server::start() {
  for (BoundListener& bound : listeners_) scope_.spawn(accept(*bound.listener, bound.info));
  scope_.spawn(sweep());
}

Task<void> Server::accept(env::Listener& listener, ListenerInfo info) {
  while (!draining_) {
    Result<std::unique_ptr<env::Stream>> stream = co_await listener.accept();
    if (draining_) co_return;
    if (!stream) {
      if (stream.error().code == Errc::closed) co_return;
      services_.env.logger.log(env::LogLevel::warn, "server", "accept: " + stream.error().to_string());
      co_await services_.env.clock.sleep_for(kAcceptPause);
      continue;
    }
    if (connections_.size() >= limits_.max_connections) {
      services_.env.logger.log(env::LogLevel::warn, "server",
                               "a connection from " + (*stream)->peer().to_string() +
                                   " was refused: max.connections=" + std::to_string(limits_.max_connections));
      continue;
    }
    scope_.spawn(serve(*std::move(stream), info));
  }
}

Task<void> Server::serve(std::unique_ptr<env::Stream> stream, ListenerInfo info) {
  Connection connection(services_, std::move(info), std::move(stream), memory_);
  const std::uint64_t id = next_id_++;
  connections_[id] = &connection;
  co_await connection.serve();
  connections_.erase(id);
  fewer_.notify_all();
}

Task<void> Server::sweep() {
  const bool idle_limit = limits_.max_idle >= Duration::zero();
  while (true) {
    co_await services_.env.clock.sleep_for(kSweepInterval);
    const Instant now = services_.env.clock.now();
    for (const auto& [id, connection] : connections_) {
      const bool idle = idle_limit && connection->idle_since(now - limits_.max_idle);
      if (idle || connection->stalled_since(now - kStallLimit)) connection->close();
    }
  }
}

void Server::drain() {
  draining_ = true;
  for (BoundListener& bound : listeners_) bound.listener->close();
  for (const auto& [id, connection] : connections_) connection->drain();
}

Task<void> Server::stop(Instant deadline) {
  while (!connections_.empty() && services_.env.clock.now() < deadline) {
    co_await env::wait_until(services_.env.executor, services_.env.clock, fewer_, deadline);
  }
  scope_.cancel();
  connections_.clear();
}

}  // namespace barnabas::broker
