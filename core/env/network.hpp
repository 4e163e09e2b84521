// Byte streams between nodes: TCP, or the simulator's likeness of it.
//
// Bytes arrive in order or the stream breaks; nothing is lost silently, but bytes may be held for any time and
// come in any pieces. Errors: end_of_stream (orderly), connection_reset, connection_refused, address_in_use,
// not_found (the name does not resolve), closed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/async/task.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/env/disk.hpp"

namespace barnabas::env {

struct Endpoint {
  std::string host;  // A name or an address; empty means every address (listen only).
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
  std::string to_string() const { return host + ":" + std::to_string(port); }
};

// One read and one write may be under way at the same time. Destroying the stream closes it at once: what was
// written and not yet taken by the system is lost. After close() everything fails with `closed`.
class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte, at most into.size(); end_of_stream when the peer has shut down its sending side.
  virtual Task<Result<std::size_t>> read_some(MutableByteView into) = 0;
  // All of the parts in order; suspends while the peer does not take them (back-pressure). The parts must stay
  // alive until this returns.
  virtual Task<Result<void>> write(std::span<const ByteView> parts) = 0;
  // size bytes of the file from offset, without a copy through this process where the system can.
  // Fails with `truncated` when the file ends before.
  virtual Task<Result<void>> send_file(File& file, std::uint64_t offset, std::size_t size) = 0;
  virtual void close() = 0;
  virtual Endpoint peer() const = 0;
  virtual Endpoint local() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;

  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  // The address bound, with the port that was chosen when 0 was asked for.
  virtual Endpoint local() const = 0;
  // accept() under way fails with `closed`.
  virtual void close() = 0;
};

class Network {
 public:
  virtual ~Network() = default;

  virtual Task<Result<std::unique_ptr<Listener>>> listen(Endpoint at) = 0;
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to) = 0;
};

}  // namespace barnabas::env
