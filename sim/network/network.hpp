// One process's door to the simulated network, and what it gets through it.
#pragma once

#include <memory>

#include "core/env/network.hpp"
#include "sim/network/connection.hpp"

namespace barnabas::sim {

class Fabric;
class Process;

class ProcessNetwork final : public env::Network {
 public:
  ProcessNetwork(Fabric& fabric, Process& process) : fabric_(fabric), process_(process) {}
  Task<Result<std::unique_ptr<env::Listener>>> listen(env::Endpoint at) override;
  // not_found: no such machine. connection_refused: nothing listens, or the link is cut. timed_out: no answer.
  Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint to) override;

 private:
  Fabric& fabric_;
  Process& process_;
};

class NodeStream final : public env::Stream {
 public:
  NodeStream(Fabric& fabric, Process& process, ConnectionPtr connection, std::size_t side)
      : fabric_(fabric), process_(process), connection_(std::move(connection)), side_(side) {}
  ~NodeStream() override { close(); }

  Task<Result<std::size_t>> read_some(MutableByteView into) override;
  Task<Result<void>> write(std::span<const ByteView> parts) override;
  Task<Result<void>> send_file(env::File& file, std::uint64_t offset, std::size_t size) override;
  void close() override;
  env::Endpoint peer() const override { return connection_->sides[1 - side_].local; }
  env::Endpoint local() const override { return connection_->sides[side_].local; }

 private:
  // Parameters instead of members: the stream may be destroyed while they are suspended.
  static Task<Result<std::size_t>> read_from(Fabric& fabric, Process& process, ConnectionPtr connection,
                                             std::size_t side, MutableByteView into);
  static Task<Result<void>> write_to(Fabric& fabric, Process& process, ConnectionPtr connection, std::size_t side,
                                     ByteView bytes);

  Fabric& fabric_;
  Process& process_;
  ConnectionPtr connection_;
  std::size_t side_;
};

class NodeListener final : public env::Listener {
 public:
  NodeListener(Fabric& fabric, Process& process, ListenerPtr state)
      : fabric_(fabric), process_(process), state_(std::move(state)) {}
  ~NodeListener() override { close(); }

  Task<Result<std::unique_ptr<env::Stream>>> accept() override;
  env::Endpoint local() const override { return state_->local; }
  void close() override;

 private:
  static Task<Result<std::unique_ptr<env::Stream>>> accept_from(Fabric& fabric, Process& process, ListenerPtr state);

  Fabric& fabric_;
  Process& process_;
  ListenerPtr state_;
};

}  // namespace barnabas::sim
