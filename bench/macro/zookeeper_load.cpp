// Clients of ZooKeeper's wire protocol over bare sockets, so that the server is what is measured.
// bench/macro/compare_zookeeper builds and runs it.
//
//   zookeeper_load PORT create CLIENTS SECONDS   each client creates znodes of 100 bytes, one after the other
//   zookeeper_load PORT read CLIENTS SECONDS     each client reads a znode of 100 bytes, one request after the other
//   zookeeper_load PORT fill COUNT               COUNT znodes of 100 bytes, 500 requests under way
//
// Prints operations a second.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

void put(std::string& out, std::int32_t value) {
  const std::uint32_t wire = htonl(static_cast<std::uint32_t>(value));
  out.append(reinterpret_cast<const char*>(&wire), sizeof(wire));
}
void put(std::string& out, const std::string& text) {
  put(out, static_cast<std::int32_t>(text.size()));
  out += text;
}

class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof(at)) != 0) die("connect");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::string hello(12, '\0');  // Version, last zxid.
    put(hello, 30'000);
    hello.append(8, '\0');
    put(hello, std::string(16, '\0'));
    send(hello);
    (void)receive();
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void create(const std::string& path) {
    std::string request;
    put(request, ++xid_);
    put(request, 1);
    put(request, path);
    put(request, std::string(100, 'x'));
    put(request, 1);
    put(request, 31);
    put(request, std::string("world"));
    put(request, std::string("anyone"));
    put(request, 0);
    send(request);
  }
  void read(const std::string& path) {
    std::string request;
    put(request, ++xid_);
    put(request, 4);
    put(request, path);
    request += '\0';
    send(request);
  }
  // The err of the next answer.
  std::int32_t answer() {
    const std::string reply = receive();
    std::uint32_t err = 0;
    if (reply.size() < 16) die("answer");
    std::memcpy(&err, reply.data() + 12, sizeof(err));
    return static_cast<std::int32_t>(ntohl(err));
  }

 private:
  void send(const std::string& body) {
    std::string frame;
    put(frame, body);
    for (std::size_t done = 0; done < frame.size();) {
      const ssize_t count = ::send(socket_, frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
      if (count <= 0) die("send");
      done += static_cast<std::size_t>(count);
    }
  }
  std::string receive() {
    while (in_.size() < 4 || in_.size() - 4 < length()) {
      char buffer[16 * 1024];
      const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
      if (count <= 0) die("recv");
      in_.append(buffer, static_cast<std::size_t>(count));
    }
    const std::size_t size = length();
    std::string body = in_.substr(4, size);
    in_.erase(0, 4 + size);
    return body;
  }
  std::size_t length() const {
    std::uint32_t size = 0;
    std::memcpy(&size, in_.data(), sizeof(size));
    return ntohl(size);
  }

  int socket_;
  std::int32_t xid_ = 0;
  std::string in_;
};

void expect_ok(std::int32_t err) {
  if (err == 0) return;
  std::fprintf(stderr, "zookeeper_load: the server answered %d\n", err);
  std::exit(1);
}

double run(int port, const std::string& what, int clients, double seconds) {
  const std::string top = "/load-" + std::to_string(::getpid());
  Client first(port);
  first.create(top);
  expect_ok(first.answer());
  std::atomic<long> operations = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      Client client(port);
      long count = 0;
      for (; !over; ++count) {
        if (what == "create") client.create(top + "/" + std::to_string(i) + "-" + std::to_string(count));
        if (what == "read") client.read(top);
        expect_ok(client.answer());
      }
      operations += count;
    });
  }
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  over = true;
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(operations) / took.count();
}

double fill(int port, int count) {
  Client client(port);
  const auto begin = std::chrono::steady_clock::now();
  client.create("/fill");
  expect_ok(client.answer());
  int answered = 0;
  for (int sent = 0; answered < count;) {
    if (sent < count && sent - answered < 500) {
      client.create("/fill/" + std::to_string(sent++));
    } else {
      expect_ok(client.answer());
      ++answered;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return count / took.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: zookeeper_load PORT create|read CLIENTS SECONDS, or PORT fill COUNT\n");
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const std::string what = argv[2];
  const double rate =
      what == "fill" ? fill(port, std::atoi(argv[3])) : run(port, what, std::atoi(argv[3]), std::atof(argv[4]));
  std::printf("%.1f\n", rate);
  return 0;
}
