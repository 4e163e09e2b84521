// A ServerMachine with a clock in hand, and clients that speak the wire protocol to it, without sockets.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/zookeeper/server/machine.hpp"

namespace barnabas::zookeeper {

// An answer or an event, taken apart.
struct Received {
  wire::ReplyHeader header;
  std::vector<std::byte> body;

  template <class Record>
  Record as() const {
    Reader in(body);
    Record record;
    wire::take(in, record);
    EXPECT_TRUE(in.ok());
    EXPECT_TRUE(in.at_end());
    return record;
  }
};

class MachineClient {
 public:
  explicit MachineClient(SessionLimits limits_in = {}) : limits(limits_in) {}

  SessionLimits limits;
  ZnodeTree tree;
  Instant now{Duration(1s)};
  Timestamp wall{1'000};
  ServerMachine machine{tree, limits, now};
  bool may_write = true;
  std::map<ConnectionId, std::deque<std::vector<std::byte>>> inbox;
  std::map<ConnectionId, bool> closed;
  std::vector<Transaction> transactions;
  Error refusal{Errc::closed, ""};  // Of the last call that was an error.

  bool take(Result<Effects> effects) {
    if (!effects) {
      refusal = effects.error();
      return false;
    }
    for (Transaction& transaction : effects->transactions) transactions.push_back(std::move(transaction));
    for (Output& output : effects->outputs) {
      auto& frame = std::get<std::vector<std::byte>>(output.what);
      if (!frame.empty()) inbox[output.to].push_back(std::move(frame));
      if (output.close) closed[output.to] = true;
    }
    return true;
  }

  bool hello(ConnectionId connection, const wire::ConnectRequest& request) {
    Password entropy{};
    entropy[0] = std::byte{1};
    entropy[1] = static_cast<std::byte>(connection.value());
    return take(machine.connect(connection, request, "10.0.0.1", {now, wall}, entropy, may_write));
  }
  wire::ConnectResponse welcome(ConnectionId connection) {
    const std::vector<std::byte> frame = pop(connection);
    Reader in(ByteView(frame).subspan(4));
    wire::ConnectResponse response;
    wire::take(in, response);
    EXPECT_TRUE(in.ok() && in.at_end());
    return response;
  }
  // A new session.
  wire::ConnectResponse open(ConnectionId connection, std::int32_t timeout_ms = 10'000) {
    EXPECT_TRUE(hello(connection, {0, Zxid(0), timeout_ms, kNoSession, Buffer::copy_of(Password{}), false}));
    return welcome(connection);
  }

  template <class... Body>
  bool send(ConnectionId connection, std::int32_t xid, wire::OpCode op, const Body&... body) {
    const std::vector<std::byte> frame = wire::frame_of(wire::RequestHeader{xid, op}, body...);
    return take(machine.handle(connection, ByteView(frame).subspan(4), {now, ++wall}, may_write));
  }
  std::vector<std::byte> pop(ConnectionId connection) {
    auto& frames = inbox[connection];
    EXPECT_FALSE(frames.empty());
    if (frames.empty()) return std::vector<std::byte>(4);
    std::vector<std::byte> frame = std::move(frames.front());
    frames.pop_front();
    return frame;
  }
  // What came first and was not looked at yet.
  Received next(ConnectionId connection) {
    const std::vector<std::byte> frame = pop(connection);
    EXPECT_EQ(static_cast<std::size_t>(load_big_endian<std::int32_t>(frame.data())), frame.size() - 4);
    Received received;
    Reader in(ByteView(frame).subspan(4));
    wire::take(in, received.header);
    const ByteView rest = in.rest();
    received.body.assign(rest.begin(), rest.end());
    return received;
  }
  bool silent(ConnectionId connection) { return inbox[connection].empty(); }

  template <class... Body>
  Received ask(ConnectionId connection, wire::OpCode op, const Body&... body) {
    EXPECT_TRUE(send(connection, ++last_xid_, op, body...));
    Received received = next(connection);
    EXPECT_EQ(received.header.xid, last_xid_);
    return received;
  }
  Code create(ConnectionId connection, std::string path, std::int32_t flags = 0,
              std::vector<Acl> acl = to_vector(nullptr)) {
    return ask(connection, wire::OpCode::create, wire::CreateRequest{std::move(path), Buffer(), std::move(acl), flags})
        .header.err;
  }

 private:
  std::int32_t last_xid_ = 0;
};

// "1 /path": the type and path of an event that came.
inline std::string event_text(const Received& received) {
  EXPECT_EQ(received.header.xid, wire::kNotificationXid);
  EXPECT_EQ(received.header.zxid, Zxid(-1));
  const auto event = received.as<wire::WatcherEvent>();
  EXPECT_EQ(event.state, wire::kSyncConnected);
  return std::to_string(static_cast<int>(event.type)) + " " + event.path;
}

}  // namespace barnabas::zookeeper
