// The listening side: accepts connections, keeps them within their bounds, and sends them home at the end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/broker/connection.hpp"
#include "core/env/env.hpp"

namespace barnabas::broker {

// Bytes of large requests that may be held at a time; at least one of the largest allowed fits.
inline constexpr std::int64_t kRequestMemory = 512LL * 1024 * 1024;

// A large request of which nothing more comes for this long gives its memory back, with its connection.
inline constexpr Duration kStallLimit = 30s;

struct ServerLimits {
  std::size_t max_connections;  // max.connections
  Duration max_idle;            // connections.max.idle.ms; negative: no limit.
};

// A socket that is bound, and what clients are told of it.
struct BoundListener {
  std::unique_ptr<env::Listener> listener;
  ListenerInfo info;
};

class Server {
 public:
  // services outlives this.
  Server(Services& services, ServerLimits limits, std::vector<BoundListener> listeners);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Begins to accept.
  void start();
  // Accepts no more; every connection closes when what is under way on it is answered.
  void drain();
  // Waits for that until the deadline, then closes what is left.
  Task<void> stop(Instant deadline);

  std::size_t connections() const { return connections_.size(); }

 private:
  Task<void> accept(env::Listener& listener, ListenerInfo info);
  Task<void> serve(std::unique_ptr<env::Stream> stream, ListenerInfo info);
  Task<void> sweep();

  Services& services_;
  ServerLimits limits_;
  std::vector<BoundListener> listeners_;
  Semaphore memory_;
  Notification fewer_;
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, Connection*> connections_;  // In the order of their arrival.
  bool draining_ = false;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
