// The listening side: accepts connections, keeps them within their bounds, and sends them home at the end.
//
// As in Kafka, one connection more than max.connections waits until another goes, except on the listener between
// brokers if there are others: there it takes the place of the idlest connection of those. Beyond
// max.connections.per.ip it is closed at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/broker/connection.hpp"
#include "core/broker/connection_limits.hpp"
#include "core/env/env.hpp"

namespace barnabas::broker {

// A socket that is bound, and what clients are told of it.
struct BoundListener {
  std::unique_ptr<env::Listener> listener;
  ListenerInfo info;
};

class Server {
 public:
  // services outlives this.
  Server(Services& services, ConnectionLimits limits, std::vector<BoundListener> listeners);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Begins to accept.
  void start();
  // Accepts no more; every connection closes when what is under way on it is answered.
  void drain();
  // Waits for that until the deadline, then closes what is left.
  Task<void> stop(Instant deadline);

  // How many connections there may be from now on, in all and from one address. Beyond the former, those that moved
  // least recently are closed; beyond the latter, those that are there stay, as in Kafka. The other limits keep their
  // first values.
  void change_limits(const ConnectionLimits& limits);

  std::size_t connections() const { return connections_.size(); }

 private:
  Task<void> accept(env::Listener& listener, ListenerInfo info);
  Task<void> serve(std::unique_ptr<env::Stream> stream, ListenerInfo info);
  // Returns when there may be one more connection on this listener, or the server drains.
  Task<void> wait_for_place(const ListenerInfo& info);
  bool is_protected(const std::string& listener) const;
  // Why one more connection from there is refused; empty: it is not.
  std::string refusal(const env::Endpoint& peer) const;
  Task<void> sweep();
  void close_excess();

  Services& services_;
  std::vector<BoundListener> listeners_;
  Port port_;
  Notification fewer_;  // Connections, or there may be more.
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, Connection*> connections_;  // In the order of their arrival.
  std::size_t open_ = 0;
  std::map<std::string, std::size_t, std::less<>> of_addresses_;  // How many of them, by the peer's address.
  bool draining_ = false;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
