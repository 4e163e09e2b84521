// What bounds the connections of a broker, and what they share.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/async/event.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/env/env.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::broker {

// Bytes of large requests that may be held at a time unless queued.max.request.bytes says otherwise; at least one of
// the largest allowed fits.
inline constexpr std::int64_t kRequestMemory = 512LL * 1024 * 1024;

// Who holds memory that others wait for, and moves no kProgress bytes for this long, loses it with its connection.
inline constexpr Duration kStallLimit = 30s;

// What counts as movement: a whole request or response, or this much of one. So one byte a second is none.
inline constexpr std::size_t kProgress = 16 * 1024;

struct ConnectionLimits {
  std::size_t max_connections = 0;                               // max.connections
  std::size_t max_per_address = 0;                               // max.connections.per.ip
  std::map<std::string, std::size_t, std::less<>> of_addresses;  // max.connections.per.ip.overrides
  Duration max_idle{};                                           // connections.max.idle.ms; negative: no limit.
  std::size_t max_request = 0;                                   // socket.request.max.bytes
  std::int64_t request_memory = 0;                               // queued.max.request.bytes
  std::int64_t max_requests = 0;                                 // queued.max.requests

  std::size_t max_of(std::string_view address) const;
};

// invalid_argument: max.connections.per.ip.overrides is no list of address:count, or queued.max.request.bytes is less
// than socket.request.max.bytes.
Result<ConnectionLimits> connection_limits(const metadata::Config& config);

// Log lines of which bad clients may cause any number: so many in a while, and then how many were left out.
class LineBudget {
 public:
  static constexpr std::uint64_t kLines = 20;
  static constexpr Duration kWhile = 10s;

  explicit LineBudget(env::Env env) : env_(env), since_(env.clock.now()) {}

  void log(env::LogLevel level, std::string_view component, std::string_view line);
  // Begins a new while when it is time, and tells what was left out in the last one. Called now and then.
  void turn();

 private:
  env::Env env_;
  Instant since_;
  std::uint64_t lines_ = 0;
};

// Shared by all connections; outlives them.
struct Port {
  Port(env::Env env, ConnectionLimits bounds)
      : limits(std::move(bounds)),
        request_memory(env.executor, limits.request_memory),
        requests(env.executor, limits.max_requests),
        lines(env) {}

  ConnectionLimits limits;
  Semaphore request_memory;  // One unit a byte, of requests above kSmallFrame.
  Semaphore requests;        // One each.
  LineBudget lines;
};

}  // namespace barnabas::broker
