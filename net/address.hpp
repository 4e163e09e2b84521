// Endpoints as the system's socket addresses.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

#include "core/base/result.hpp"
#include "core/env/network.hpp"
#include "net/reactor.hpp"

namespace barnabas::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// The addresses of a name, in the system's order of preference; at least one. A numeric address needs no
// look-up; a name is looked up away from the loop. not_found when it does not resolve.
Task<Result<std::vector<SocketAddress>>> resolve(Reactor& reactor, env::Endpoint endpoint);

// "Every address": of both families where the system has IPv6 (index 0), of IPv4 alone (index 1).
std::vector<SocketAddress> wildcard_addresses(std::uint16_t port);

// Numeric. An IPv4 address that came in through an IPv6 socket is shown as IPv4, and the wildcard as 0.0.0.0.
env::Endpoint to_endpoint(const SocketAddress& address);
env::Endpoint local_of(int fd);

}  // namespace barnabas::net
