// Everything one node may know of the world. core has no other door (law 1).
//
// Behind it stands net/ (sockets, files, threads) or sim/ (virtual time, faults). References go down from main
// or from the simulated world; core makes none of these. They outlive every object that was given the Env.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/async/executor.hpp"
#include "core/env/clock.hpp"
#include "core/env/disk.hpp"
#include "core/env/network.hpp"

namespace barnabas::env {

// Entropy for ids (topics, producers, members, sessions). Decisions that only spread load may use it as well.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

// Runs long CPU or blocking work away from the node's loop (a thread pool; in the simulator, virtual time).
// The work must own all it touches, by value or shared_ptr: it may still run after the frame that waits for it
// was destroyed.
class Offload {
 public:
  virtual ~Offload() = default;
  virtual Task<void> run(std::function<void()> work) = 0;
};

// Who this node is, as far as the machine tells.
class Host {
 public:
  virtual ~Host() = default;
  virtual std::string name() const = 0;     // A name that others can connect to.
  virtual std::string boot_id() const = 0;  // Changes with each boot: tells a power cut from a killed process.
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };

// Where log lines go. core formats the line; an error-level line fails a simulated run, so it is for what
// should never happen or loses data, not for bad input.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual bool enabled(LogLevel level) const = 0;
  // component: the room or object, "log orders-3". line: one line, no newline at its end.
  virtual void log(LogLevel level, std::string_view component, std::string_view line) = 0;
};

// References, cheap to copy.
struct Env {
  Executor& executor;
  Clock& clock;
  Disk& disk;
  Network& network;
  Random& random;
  Offload& offload;
  Host& host;
  Logger& logger;
};

}  // namespace barnabas::env
