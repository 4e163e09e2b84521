// The simulated network between machines: byte streams, as TCP gives them.
//
// The fault model:
//  - A connection carries bytes in order, in pieces that have nothing to do with the writes: the sender's bytes are cut
//    into segments, each takes the latency of its link (drawn per direction and segment), what has arrived is
//    handed out in short reads. Two connections overtake each other freely.
//  - Nothing is lost silently: bytes arrive, or are held, or the connection breaks (connection_reset).
//  - The bytes written and not yet read by the peer's process are bounded by a window drawn per connection;
//    a writer waits for room.
//  - Closing sends what was written, then the end of the stream; with unread bytes it resets. The peer of a closed
//    stream can still write, and is reset when that arrives.
//  - A killed process closes or resets its connections, and the last bytes in flight may be lost with a reset. A
//    machine without power says nothing: its peers' bytes are held until it is up again, which answers with a
//    reset, or until they give up (5 to 60 seconds, connection_reset; a connect then fails with timed_out).
//  - A link, which is one direction between two machines, may be held (bytes wait; give-up as above), cut (its
//    connections reset, new ones are refused) or slowed; the next response on it may be dropped: the bytes vanish and
//    the connection breaks, after the request took effect.
// Host names are machine names; "localhost" and 127.0.0.1 are the machine itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "sim/network/connection.hpp"
#include "sim/world/kernel.hpp"

namespace barnabas::sim {

class Process;

enum class Death : std::uint8_t { kill, power_cut };

class Fabric {
 public:
  explicit Fabric(Kernel& kernel);
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;
  ~Fabric();

  // Faults. A link is named by two machines, which need not exist yet.
  void hold(const std::string& from, const std::string& to);
  void release(const std::string& from, const std::string& to);
  void cut(const std::string& a, const std::string& b);   // Both directions.
  void heal(const std::string& a, const std::string& b);  // Both directions: no hold, cut or delay any more.
  void heal_all();
  void delay(const std::string& from, const std::string& to, Duration extra);
  void drop_responses(const std::string& from, const std::string& to, std::uint64_t count);
  // Resets every connection between the two; new ones work.
  void break_connections(const std::string& a, const std::string& b);

  std::size_t connections() const { return connections_.size(); }

  // For Node, Process and the streams.
  void machine_up(const std::string& name);
  void machine_down(const std::string& name);
  void process_died(const Process& process, Death death);

 private:
  friend class ProcessNetwork;
  friend class NodeStream;
  friend class NodeListener;

  struct Machine {
    bool powered = true;
    std::uint16_t next_port = 40'000;
    std::map<std::uint16_t, ListenerPtr> listeners;
  };
  struct Link {
    Prng stream{0};
    Duration base{};
    Duration extra{};
    bool held = false;
    bool cut = false;
    std::uint64_t drop_responses = 0;
  };

  Link& link(const std::string& from, const std::string& to);
  Machine* machine(const std::string& name);
  bool stalled(const Connection& connection, std::size_t from);

  ConnectionPtr open(Process& process, const std::string& host, std::uint16_t port);
  void transmit(const ConnectionPtr& connection, std::size_t from, Segment segment);
  void arm(const ConnectionPtr& connection, std::size_t from);
  void arm_all();
  void deliver(const ConnectionPtr& connection, std::size_t from);
  void arrive(const ConnectionPtr& connection, std::size_t to, Segment segment);
  void arrive_at_listener(const ConnectionPtr& connection);
  void give_up(const ConnectionPtr& connection, std::size_t side);
  void break_connection(const ConnectionPtr& connection);
  void close_side(const ConnectionPtr& connection, std::size_t side, bool reset);
  void close_listener(const ListenerPtr& listener);
  void forget_if_done(const ConnectionPtr& connection);
  void note(std::string_view event, const std::string& a, const std::string& b);

  Kernel& kernel_;
  Prng stream_;
  std::map<std::string, Machine> machines_;
  std::map<std::pair<std::string, std::string>, Link> links_;
  std::map<std::uint64_t, ConnectionPtr> connections_;
  std::uint64_t last_connection_ = 0;
};

}  // namespace barnabas::sim
