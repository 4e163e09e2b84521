// How many bytes a second replication may move (KIP-73): so that a replica that is far behind, as in a reassignment,
// does not take the network from everyone else. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace barnabas::replication {

// A rate over the last ten seconds and this one (replication.quota.window.num and .size.seconds).
class ReplicationThrottle {
 public:
  // Bytes a second; nothing: no limit.
  void set_rate(std::optional<std::int64_t> rate) { rate_ = rate; }
  std::optional<std::int64_t> rate() const { return rate_; }
  void record(std::size_t bytes, Instant now);
  // What was moved lately is more than may be.
  bool exceeded(Instant now) const;

 private:
  static constexpr std::size_t kWindows = 11;
  static constexpr Duration kWindow = std::chrono::seconds(1);

  struct Window {
    std::int64_t number = -1;
    std::int64_t bytes = 0;
  };

  std::optional<std::int64_t> rate_;
  std::array<Window, kWindows> windows_{};
};

}  // namespace barnabas::replication
