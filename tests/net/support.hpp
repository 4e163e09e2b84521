// What the tests of net share: a directory that goes away, and a plain socket as the other side.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "net/event_loop.hpp"

namespace barnabas::net {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "barnabas-net-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A blocking IPv4 client socket on loopback.
class PlainClient {
 public:
  explicit PlainClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~PlainClient() { close(); }
  PlainClient(const PlainClient&) = delete;
  PlainClient& operator=(const PlainClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  std::string receive() {
    char text[256];
    const ssize_t size = ::recv(fd_, text, sizeof(text), 0);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // With a reset instead of an orderly end.
  void abort() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }

 private:
  int fd_;
  bool connected_ = false;
};

struct Pair {
  std::unique_ptr<env::Stream> client;
  std::unique_ptr<env::Stream> server;
};

inline Task<std::unique_ptr<env::Listener>> listen_on_loopback(env::Env env) {
  const env::Endpoint anywhere{"127.0.0.1", 0};
  auto listener = co_await env.network.listen(anywhere);
  co_return std::move(listener.value());
}

// Two ends of one connection.
inline Task<Pair> connected_pair(env::Env env) {
  auto listener = co_await listen_on_loopback(env);
  auto client = co_await env.network.connect(listener->local());
  auto server = co_await listener->accept();
  co_return Pair{std::move(client.value()), std::move(server.value())};
}

// Lets everything that is ready run, a few times over.
inline Task<void> let_others_run(env::Env env) {
  for (int i = 0; i < 4; ++i) co_await env.clock.sleep_until(env.clock.now());
}

inline Task<Result<std::string>> read_exactly(env::Stream& stream, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const MutableByteView rest(reinterpret_cast<std::byte*>(text.data()) + done, size - done);
    B_CO_TRY(const std::size_t got, co_await stream.read_some(rest));
    done += got;
  }
  co_return text;
}

inline Task<Result<void>> write_text(env::Stream& stream, std::string text) {
  const ByteView parts[] = {as_bytes(text)};
  co_return co_await stream.write(parts);
}

}  // namespace barnabas::net
