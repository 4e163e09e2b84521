// What replication is told by the broker's configuration. Names and defaults are Kafka's.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace barnabas::replication {

struct ReplicationOptions {
  Duration max_lag = std::chrono::seconds(30);           // replica.lag.time.max.ms
  Duration fetch_wait = std::chrono::milliseconds(500);  // replica.fetch.wait.max.ms
  std::int32_t fetch_min_bytes = 1;                      // replica.fetch.min.bytes
  std::int32_t fetch_max_bytes = 10 * 1024 * 1024;       // replica.fetch.response.max.bytes
  std::int32_t partition_max_bytes = 1024 * 1024;        // replica.fetch.max.bytes
  Duration fetch_backoff = std::chrono::seconds(1);      // replica.fetch.backoff.ms
  Duration socket_timeout = std::chrono::seconds(30);    // replica.socket.timeout.ms
};

}  // namespace barnabas::replication
