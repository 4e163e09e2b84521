#include "net/network.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/errors.hpp"
#include "net/stream.hpp"
#include "net/unique_fd.hpp"

namespace barnabas::net {
namespace {

constexpr int kBacklog = 512;  // The kernel lowers it to net.core.somaxconn.
// How long a listener rests when the process has no descriptor for a new connection.
constexpr Duration kPauseWithoutDescriptors = 100ms;

using Socket = std::shared_ptr<Descriptor>;

bool out_of_descriptors(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }
// accept(2) also reports what happened to a connection before it was accepted: only that one is lost.
bool concerns_one_connection(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == ENOPROTOOPT ||
         error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH || error == EOPNOTSUPP ||
         error == ENETUNREACH || error == EPERM;
}

Task<Result<std::unique_ptr<env::Stream>>> accept_from(Socket socket, env::Endpoint local, env::Logger& logger) {
  Reactor& reactor = socket->reactor();
  bool warned = false;
  if (!reactor.may_proceed()) co_await reactor.pass();
  while (!socket->closed()) {
    SocketAddress peer;
    peer.size = sizeof(peer.storage);
    UniqueFd accepted(::accept4(socket->fd(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      auto connection = std::make_shared<Descriptor>(reactor, accepted.release());
      co_return make_stream(std::move(connection), to_endpoint(peer));
    }
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) {
      co_await socket->ready(Descriptor::Side::read);
    } else if (out_of_descriptors(error)) {
      if (!warned) {
        const Error why = socket_error(error, "new connections wait: cannot accept on", local.to_string());
        logger.log(env::LogLevel::warn, "net", why.message);
      }
      warned = true;
      co_await reactor.clock().sleep_for(kPauseWithoutDescriptors);
    } else if (!concerns_one_connection(error)) {
      co_return std::unexpected(socket_error(error, "cannot accept on", local.to_string()));
    }
  }
  co_return fail(Errc::closed, "the listener on " + local.to_string() + " was closed");
}

class TcpListener final : public env::Listener {
 public:
  TcpListener(Socket socket, env::Endpoint local, env::Logger& logger)
      : socket_(std::move(socket)), local_(std::move(local)), logger_(logger) {}
  ~TcpListener() override { socket_->close(); }

  Task<Result<std::unique_ptr<env::Stream>>> accept() override { return accept_from(socket_, local_, logger_); }
  env::Endpoint local() const override { return local_; }
  void close() override { socket_->close(); }

 private:
  Socket socket_;
  env::Endpoint local_;
  env::Logger& logger_;
};

UniqueFd make_socket(int family) { return UniqueFd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

Result<UniqueFd> bind_and_listen(const SocketAddress& address, const std::string& name) {
  UniqueFd fd = make_socket(address.family());
  if (!fd) return std::unexpected(socket_error(errno, "cannot listen on", name));
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.family() == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    Error error = socket_error(errno, "cannot listen on", name);
    if (error.code == Errc::address_in_use) error.message = "cannot listen on " + name + ": the port is in use";
    return std::unexpected(std::move(error));
  }
  return fd;
}

// Waits until the connection stands; the socket closes when this is destroyed before.
Task<Result<std::unique_ptr<env::Stream>>> connect_one(Reactor& reactor, SocketAddress address, std::string name) {
  UniqueFd fd = make_socket(address.family());
  if (!fd) co_return std::unexpected(socket_error(errno, "cannot connect to", name));
  int error = ::connect(fd.get(), address.get(), address.size) == 0 ? 0 : errno;
  struct Attempt {
    Socket socket;
    ~Attempt() {
      if (socket) socket->close();
    }
  } attempt{std::make_shared<Descriptor>(reactor, fd.release())};
  if (error == EINPROGRESS || error == EINTR) {
    co_await attempt.socket->ready(Descriptor::Side::write);
    socklen_t size = sizeof(error);
    if (::getsockopt(attempt.socket->fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error != 0) co_return std::unexpected(socket_error(error, "cannot connect to", name));
  co_return make_stream(std::exchange(attempt.socket, nullptr), to_endpoint(address));
}

// Like Java, and so Kafka: IPv4 when a name has it, as clients that are told "localhost" may know nothing else.
const SocketAddress& preferred_for_listening(const std::vector<SocketAddress>& addresses) {
  for (const SocketAddress& address : addresses) {
    if (address.family() == AF_INET) return address;
  }
  return addresses.front();
}

}  // namespace

Task<Result<std::unique_ptr<env::Listener>>> TcpNetwork::listen(env::Endpoint at) {
  const std::string name = at.to_string();
  Result<UniqueFd> fd;
  if (at.host.empty() || at.host == "::") {
    const auto addresses = wildcard_addresses(at.port);
    fd = bind_and_listen(addresses[0], name);
    const bool without_ipv6 = !fd && fd.error().code != Errc::address_in_use;
    if (without_ipv6) fd = bind_and_listen(addresses[1], name);
  } else {
    B_CO_TRY(const std::vector<SocketAddress> addresses, co_await resolve(reactor_, at));
    fd = bind_and_listen(preferred_for_listening(addresses), name);
  }
  if (!fd) co_return std::unexpected(std::move(fd.error()));
  env::Endpoint local = local_of(fd->get());
  auto socket = std::make_shared<Descriptor>(reactor_, fd->release());
  co_return std::make_unique<TcpListener>(std::move(socket), std::move(local), logger_);
}

Task<Result<std::unique_ptr<env::Stream>>> TcpNetwork::connect(env::Endpoint to) {
  std::string name = to.to_string();
  B_CO_TRY(const std::vector<SocketAddress> addresses, co_await resolve(reactor_, to));
  Result<std::unique_ptr<env::Stream>> last = fail(Errc::not_found, "no address of " + name);
  for (const SocketAddress& address : addresses) {
    last = co_await connect_one(reactor_, address, name);
    if (last) break;
  }
  co_return last;
}

}  // namespace barnabas::net
