// What ZooKeeper's clients send over two connections, as the server machine takes it.
//
// Input: frames, each an int32 length as on the wire, whose highest bit but the sign says which connection it is of.
// Whatever they hold, every answer is a whole frame, every transaction can be read back from its bytes, and so can the
// tree that they lead to.
#include <algorithm>
#include <cstdint>

#include "core/base/check.hpp"
#include "core/zookeeper/codec.hpp"
#include "core/zookeeper/server/machine.hpp"

namespace barnabas::zookeeper {
namespace {

constexpr std::int32_t kSecondConnection = 1 << 30;
constexpr ConnectionId kConnections[] = {ConnectionId(1), ConnectionId(2)};

class Server {
 public:
  Server() {
    for (const ConnectionId connection : kConnections) {
      Password password{};
      password[0] = static_cast<std::byte>(connection.value());
      const wire::ConnectRequest hello{0, Zxid(0), 10'000, kNoSession, Buffer::copy_of(password), false};
      auto effects = machine_.connect(connection, hello, "127.0.0.1", moment(), password, true);
      B_CHECK(effects.has_value());
      look_at(*effects);
    }
  }

  void handle(ConnectionId connection, ByteView frame) {
    if (machine_.session_of(connection) == kNoSession) return;
    const Zxid before = tree_.last_zxid();
    auto effects = machine_.handle(connection, frame, moment(), true);
    if (effects) {
      look_at(*effects);
    } else {
      B_CHECK(tree_.last_zxid() == before);  // What closes a connection has changed nothing.
      machine_.disconnect(connection);
    }
  }

  // A connection that begins anew with these bytes.
  void greet(ByteView frame) {
    Reader in(frame);
    const auto hello = wire::take_record<wire::ConnectRequest>(in);
    if (!hello) return;
    Password password{};
    password[0] = std::byte{9};
    auto effects = machine_.connect(ConnectionId(++last_), *hello, "::1", moment(), password, true);
    if (effects) look_at(*effects);
  }

  void finish() {
    const std::vector<std::byte> image = tree_.serialize();
    const auto again = ZnodeTree::deserialize(image);
    B_CHECK(again.has_value());
    B_CHECK(again->serialize() == image);
    now_ += 100s;
    const Effects expired = machine_.expire(moment(), true);
    look_at(expired);
    B_CHECK(!machine_.has_deadlines());
    for (const auto& [id, session] : tree_.session_table()) B_CHECK(id == kNoSession);
  }

 private:
  Moment moment() { return {now_, ++wall_}; }

  void look_at(const Effects& effects) {
    for (const Transaction& transaction : effects.transactions) {
      Writer out;
      encode(out, transaction);
      const auto read = decode_transaction(out.view());
      B_CHECK(read.has_value());
      Writer again;
      encode(again, *read);
      B_CHECK(std::ranges::equal(out.view(), again.view()));
    }
    for (const Output& output : effects.outputs) {
      const auto& frame = std::get<std::vector<std::byte>>(output.what);
      if (frame.empty()) continue;
      B_CHECK_OP(static_cast<std::size_t>(load_big_endian<std::int32_t>(frame.data())), ==, frame.size() - 4);
    }
  }

  ZnodeTree tree_;
  Instant now_{Duration(1s)};
  Timestamp wall_{1};
  ServerMachine machine_{tree_, SessionLimits{}, now_};
  std::uint64_t last_ = 10;
};

}  // namespace
}  // namespace barnabas::zookeeper

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace barnabas;
  zookeeper::Server server;
  Reader input(std::as_bytes(std::span(data, size)));
  while (input.remaining() > 0) {
    const std::int32_t word = input.i32();
    const std::int32_t length = word & ~zookeeper::kSecondConnection;
    if (!input.ok() || length < 0) break;
    const ByteView frame = input.bytes(std::min<std::int64_t>(length, static_cast<std::int64_t>(input.remaining())));
    server.greet(frame);
    server.handle(zookeeper::kConnections[length != word], frame);
  }
  server.finish();
  return 0;
}
