// Is a peer's process gone? Evidence, not guesses: only a connection that is refused, twice, counts. A host that says
// nothing may be slow, paused or cut off, and is left to its ZooKeeper session.
#pragma once

#include <cstdint>
#include <map>

#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/env/env.hpp"

namespace barnabas::controller {

// Between the two probes: a process that is just being replaced on its port gets this long.
inline constexpr Duration kSecondProbe = std::chrono::milliseconds(50);
// How long a probe may take; after that it has found out nothing.
inline constexpr Duration kProbeTimeout = std::chrono::milliseconds(500);

enum class Verdict : std::uint8_t { alive, refused, unknown };

// Connects, and once more if that is refused.
Task<Verdict> probe(env::Env env, env::Endpoint at);

// Keeps a connection and returns when the peer's process is gone: connections to it were refused twice in a row.
Task<void> until_refused(env::Env env, env::Endpoint at);

// How often suspicion may act. A network that refuses at random then costs a bounded number of elections; what is over
// the limit waits for the session, as in Apache Kafka.
class SuspicionBudget {
 public:
  // The same life of a broker: not again before this has passed, twice as long each time, since it was wrong before.
  static constexpr Duration kFirstPause = std::chrono::seconds(10);
  static constexpr Duration kMaxPause = std::chrono::minutes(10);
  // All brokers together.
  static constexpr std::size_t kPerMinute = 30;

  // epoch: names the life. Takes from the budget when the answer is true.
  bool allow(BrokerId broker, std::int64_t epoch, Instant now);

 private:
  struct Last {
    std::int64_t epoch = -1;
    Duration pause{};
    Instant next{};
  };
  std::map<BrokerId, Last> last_;
  std::multimap<Instant, BrokerId> recent_;
};

}  // namespace barnabas::controller
