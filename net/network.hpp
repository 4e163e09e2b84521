// TCP on this machine.
#pragma once

#include "core/env/env.hpp"
#include "net/reactor.hpp"

namespace barnabas::net {

class TcpNetwork final : public env::Network {
 public:
  TcpNetwork(Reactor& reactor, env::Logger& logger) : reactor_(reactor), logger_(logger) {}

  Task<Result<std::unique_ptr<env::Listener>>> listen(env::Endpoint at) override;
  // Tries the addresses of a name one after the other; the error is that of the last.
  Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint to) override;

 private:
  Reactor& reactor_;
  env::Logger& logger_;
};

}  // namespace barnabas::net
