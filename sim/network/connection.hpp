// The state of one connection and of one listener, between the machines. fabric.cpp drives it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/async/event.hpp"
#include "core/base/bytes.hpp"
#include "core/env/network.hpp"
#include "sim/world/scheduler.hpp"

namespace barnabas::sim {

class Process;

struct Segment {
  enum class Kind : std::uint8_t { request, accepted, data, credit, end, reset };
  Kind kind = Kind::data;
  Buffer bytes;               // data
  std::uint64_t credit = 0;   // Bytes that the peer has read: room in the window.
  Instant arrival{};
};

struct Side {
  std::string machine;
  env::Endpoint local;
  Process* process = nullptr;           // Null before it is accepted by a listening process.
  std::optional<Notification> changed;  // Through that process's executor.

  bool open = false;         // The process may still use it.
  bool established = false;  // The peer has accepted, or this is the accepting side.
  bool refused = false;
  bool broken = false;  // Reset, as seen from here.
  bool ended = false;   // The end of the peer's stream has arrived.
  std::deque<Buffer> inbound;
  std::uint64_t unread_by_peer = 0;

  // What this side has sent and the other does not have yet.
  std::deque<Segment> flight;
  Instant last_arrival{};
  EventId delivery;
  EventId giving_up;

  void wake() {
    if (changed) changed->notify_all();
  }
};

struct Connection {
  std::uint64_t id = 0;
  std::uint64_t window = 0;
  Duration patience{};  // Until a side whose bytes are held gives up.
  std::array<Side, 2> sides;  // 0 connected, 1 accepted.
};
using ConnectionPtr = std::shared_ptr<Connection>;

struct ListenerState {
  static constexpr std::size_t kBacklog = 128;

  ListenerState(Process& owner, Executor& executor) : process(&owner), changed(executor) {}

  Process* process;
  Notification changed;
  std::string machine;
  env::Endpoint local;
  bool open = true;
  std::deque<ConnectionPtr> backlog;
};
using ListenerPtr = std::shared_ptr<ListenerState>;

}  // namespace barnabas::sim
