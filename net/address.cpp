#include "net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <cstring>

namespace barnabas::net {
namespace {

template <class T>
SocketAddress address_of(const T& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof(address));
  result.size = sizeof(address);
  return result;
}

sockaddr_in ipv4(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return address;
}

sockaddr_in6 ipv6(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  return address;
}

std::vector<SocketAddress> parse_numeric(const std::string& host, std::uint16_t port) {
  sockaddr_in v4 = ipv4(port);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) return {address_of(v4)};
  sockaddr_in6 v6 = ipv6(port);
  if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) return {address_of(v6)};
  return {};
}

// Blocks.
Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0) {
    return fail(Errc::not_found, "the host name " + host + " does not resolve: " + ::gai_strerror(status));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, each->ai_addr, sizeof(v4));
      v4.sin_port = htons(port);
      addresses.push_back(address_of(v4));
    } else if (each->ai_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, each->ai_addr, sizeof(v6));
      v6.sin6_port = htons(port);
      addresses.push_back(address_of(v6));
    }
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return fail(Errc::not_found, "the host name " + host + " has no IP address");
  return addresses;
}

}  // namespace

Task<Result<std::vector<SocketAddress>>> resolve(Reactor& reactor, env::Endpoint endpoint) {
  auto numeric = parse_numeric(endpoint.host, endpoint.port);
  if (!numeric.empty()) co_return numeric;
  auto work = [endpoint] { return look_up(endpoint.host, endpoint.port); };
  co_return co_await reactor.run_on(reactor.offload_pool(), std::move(work));
}

std::vector<SocketAddress> wildcard_addresses(std::uint16_t port) {
  return {address_of(ipv6(port)), address_of(ipv4(port))};
}

env::Endpoint to_endpoint(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof(v4));
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address.storage, sizeof(v6));
  const std::uint16_t port = ntohs(v6.sin6_port);
  if (std::memcmp(&v6.sin6_addr, &in6addr_any, sizeof(in6addr_any)) == 0) return {"0.0.0.0", port};
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return {text.data(), port};
}

env::Endpoint local_of(int fd) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  if (::getsockname(fd, address.get(), &address.size) != 0) return {};
  return to_endpoint(address);
}

}  // namespace barnabas::net
