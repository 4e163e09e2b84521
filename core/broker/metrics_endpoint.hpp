// Answers GET /metrics: as little of HTTP/1.1 as Prometheus and a browser need.
//
// One request a connection, its head at most kMaxHead bytes and complete within kPatience, as is the client's taking
// of the answer; at most kMaxClients at a time, further ones are closed. Anything but GET or HEAD of /metrics gets an
// error status, and what is not HTTP is closed.
#pragma once

#include <cstddef>
#include <memory>

#include "core/async/scope.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {

class MetricsEndpoint {
 public:
  static constexpr std::size_t kMaxHead = 8 * 1024;
  static constexpr std::size_t kMaxClients = 8;
  static constexpr Duration kPatience = 10s;

  // services outlives this.
  MetricsEndpoint(Services& services, std::unique_ptr<env::Listener> listener);
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

  void start();
  // Accepts no more, and drops who is there.
  void stop();
  env::Endpoint bound() const { return listener_->local(); }

 private:
  Task<void> accept();
  Task<void> serve(std::unique_ptr<env::Stream> stream);
  Task<Result<void>> answer(env::Stream& stream);

  Services& services_;
  std::unique_ptr<env::Listener> listener_;
  std::size_t clients_ = 0;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
