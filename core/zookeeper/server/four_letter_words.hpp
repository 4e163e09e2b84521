// What operators ask a ZooKeeper in four letters: ruok, srvr, stat, mntr, and so on. The layout is Apache 3.8's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/zookeeper/server/engine.hpp"

namespace barnabas::zookeeper {

// Counted since the start, or since srst.
struct Traffic {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  Duration latency_sum{0};
  Duration latency_min{0};
  Duration latency_max{0};

  void note_answer(Duration latency);
};

// One connection, for cons and stat.
struct ConnectionFacts {
  std::string peer;
  SessionId session;
  std::int32_t timeout_ms = 0;
  std::size_t queued = 0;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
};

struct ServerFacts {
  const Engine& engine;
  const Traffic& traffic;
  std::vector<ConnectionFacts> connections;
  std::uint16_t port = 0;
  std::size_t max_connections_per_host = 0;
  std::string host;
};

bool is_four_letter_word(std::string_view word);
// Requires is_four_letter_word, and not srst, which is no question.
std::string answer_word(std::string_view word, const ServerFacts& facts);

}  // namespace barnabas::zookeeper
