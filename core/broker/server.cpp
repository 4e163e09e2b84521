#include "core/broker/server.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/broker/services.hpp"
#include "core/env/timeout.hpp"

namespace barnabas::broker {
namespace {

constexpr Duration kSweepInterval = 5s;
// After a failed accept (too many open files, say), so that the loop does not spin.
constexpr Duration kAcceptPause = 100ms;

}  // namespace

Server::Server(Services& services, ConnectionLimits limits, std::vector<BoundListener> listeners)
    : services_(services),
      listeners_(std::move(listeners)),
      port_(services.env, std::move(limits)),
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
    co_await wait_for_place(info);
    if (draining_) co_return;
    const env::Endpoint peer = (*stream)->peer();
    if (const std::string why = refusal(peer); !why.empty()) {
      ++services_.metrics.connections_refused;
      port_.lines.log(env::LogLevel::warn, "server", "a connection from " + peer.to_string() + " was refused: " + why);
      continue;
    }
    ++services_.metrics.connections_accepted;
    services_.metrics.connections = ++open_;
    ++of_addresses_[peer.host];
    scope_.spawn(serve(*std::move(stream), info));
    close_excess();
  }
}

// With one listener there is nobody whose place a broker could take.
bool Server::is_protected(const std::string& listener) const {
  return listeners_.size() > 1 && listener == services_.config.inter_broker_listener();
}

Task<void> Server::wait_for_place(const ListenerInfo& info) {
  if (open_ < port_.limits.max_connections || is_protected(info.name)) co_return;
  port_.lines.log(env::LogLevel::warn, "server",
                  "no more connections are accepted on " + info.name + " until one closes: max.connections=" +
                      std::to_string(port_.limits.max_connections) + "; raise it if there should be more");
  while (open_ >= port_.limits.max_connections && !draining_) co_await fewer_.wait();
}

std::string Server::refusal(const env::Endpoint& peer) const {
  const ConnectionLimits& limits = port_.limits;
  const auto found = of_addresses_.find(peer.host);
  const std::size_t most = limits.max_of(peer.host);
  if ((found == of_addresses_.end() ? 0 : found->second) < most) return {};
  return "max.connections.per.ip=" + std::to_string(most);
}

Task<void> Server::serve(std::unique_ptr<env::Stream> stream, ListenerInfo info) {
  const std::string address = stream->peer().host;
  const std::uint64_t id = next_id_++;
  {
    Connection connection(services_, port_, std::move(info), std::move(stream));
    connections_[id] = &connection;
    co_await connection.serve();
    connections_.erase(id);
  }
  services_.metrics.connections = --open_;
  const auto count = of_addresses_.find(address);
  if (--count->second == 0) of_addresses_.erase(count);
  fewer_.notify_all();
}

Task<void> Server::sweep() {
  const Duration max_idle = port_.limits.max_idle;
  while (true) {
    co_await services_.env.clock.sleep_for(kSweepInterval);
    const Instant now = services_.env.clock.now();
    for (const auto& [id, connection] : connections_) {
      const bool idle = max_idle >= Duration::zero() && connection->idle_since(now - max_idle);
      if (!idle && !connection->stalled_since(now - kStallLimit)) continue;
      connection->close();
      ++services_.metrics.connections_expired;
    }
    port_.lines.turn();
  }
}

void Server::change_limits(const ConnectionLimits& limits) {
  port_.limits.max_connections = limits.max_connections;
  port_.limits.max_per_address = limits.max_per_address;
  port_.limits.of_addresses = limits.of_addresses;
  close_excess();
  fewer_.notify_all();
}

// Who is on the way out is counted no more.
void Server::close_excess() {
  if (open_ <= port_.limits.max_connections) return;
  std::size_t staying = open_;
  std::vector<std::pair<Instant, std::uint64_t>> idlest;
  for (const auto& [id, connection] : connections_) {
    if (connection->closing()) {
      --staying;
    } else if (!is_protected(connection->listener())) {
      idlest.emplace_back(connection->last_progress(), id);
    }
  }
  if (staying <= port_.limits.max_connections || idlest.empty()) return;
  std::ranges::sort(idlest);
  idlest.resize(std::min(staying - port_.limits.max_connections, idlest.size()));
  for (const auto& [moved, id] : idlest) connections_.at(id)->close();
  port_.lines.log(env::LogLevel::warn, "server",
                  std::to_string(idlest.size()) + " connections were closed: max.connections=" +
                      std::to_string(port_.limits.max_connections) + " is less than there are");
}

void Server::drain() {
  draining_ = true;
  for (BoundListener& bound : listeners_) bound.listener->close();
  fewer_.notify_all();
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
