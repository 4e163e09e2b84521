// The embedded server's port in the simulated world: what survives, what is refused, and that nobody can hurt it.
#include "core/zookeeper/server/wire_server.hpp"

#include <gtest/gtest.h>

#include "core/zookeeper/wire/multi.hpp"
#include "tests/zookeeper/server_node.hpp"

namespace barnabas::zookeeper {
namespace {

using wire::OpCode;

constexpr std::uint16_t kPort = 2181;

// A client by hand: it sends and reads frames.
class Peer {
 public:
  Peer(sim::World& world, sim::Node& node) : world_(world), node_(node) {}

  bool connect() {
    const env::Endpoint server{"a", kPort};
    auto stream = world_.run(node_, node_.env().network.connect(server));
    if (stream) stream_ = std::move(*stream);
    return stream.has_value();
  }
  bool send(ByteView bytes) { return world_.run(node_, write_all(*stream_, bytes)).has_value(); }
  // Everything until the server closes.
  std::string read_to_end() { return world_.run(node_, drain(*stream_)); }
  // The next frame without its length; empty when the connection has ended.
  std::vector<std::byte> frame() {
    auto frame = world_.run(node_, read_frame(*stream_));
    return frame ? std::move(*frame) : std::vector<std::byte>();
  }

  // The session, new or the one before.
  wire::ConnectResponse hello(SessionId session = kNoSession, Data password = Buffer::copy_of(Password{}),
                              std::int32_t timeout_ms = 10'000) {
    const wire::ConnectRequest request{0, Zxid(0), timeout_ms, session, std::move(password), false};
    EXPECT_TRUE(send(wire::frame_of(request)));
    const auto bytes = frame();
    Reader in(bytes);
    wire::ConnectResponse response;
    wire::take(in, response);
    EXPECT_TRUE(in.ok());
    return response;
  }
  template <class... Body>
  wire::ReplyHeader ask(OpCode op, const Body&... body) {
    EXPECT_TRUE(send(wire::frame_of(wire::RequestHeader{++xid_, op}, body...)));
    const auto bytes = frame();
    Reader in(bytes);
    wire::ReplyHeader header;
    wire::take(in, header);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(header.xid, xid_);
    return header;
  }
  Code create(std::string path, std::int32_t flags = 0) {
    return ask(OpCode::create, wire::CreateRequest{std::move(path), Buffer(), to_vector(nullptr), flags}).err;
  }
  Code exists(std::string path) { return ask(OpCode::exists, wire::ReadRequest{std::move(path), false}).err; }
  void hang_up() { stream_.reset(); }

 private:
  static Task<Result<void>> write_all(env::Stream& stream, ByteView bytes) {
    const ByteView parts[] = {bytes};
    co_return co_await stream.write(parts);
  }
  static Task<std::string> drain(env::Stream& stream) {
    std::string text;
    std::array<std::byte, 4096> buffer{};
    while (true) {
      const auto count = co_await stream.read_some(buffer);
      if (!count) co_return text;
      text += as_text(ByteView(buffer).first(*count));
    }
  }
  static Task<Result<std::vector<std::byte>>> read_frame(env::Stream& stream) {
    std::vector<std::byte> bytes(4);
    for (std::size_t have = 0; have < bytes.size();) {
      B_CO_TRY(const std::size_t count, co_await stream.read_some(MutableByteView(bytes).subspan(have)));
      have += count;
      if (have == 4) bytes.resize(4 + static_cast<std::size_t>(load_big_endian<std::int32_t>(bytes.data())));
    }
    bytes.erase(bytes.begin(), bytes.begin() + 4);
    co_return bytes;
  }

  sim::World& world_;
  sim::Node& node_;
  std::unique_ptr<env::Stream> stream_;
  std::int32_t xid_ = 0;
};

struct Fixture : ServerNode {
  explicit Fixture(WireOptions options_in = {}, std::uint64_t seed = 1)
      : ServerNode(seed, std::uint64_t{8} << 20), clients(world.add_node("b")), options(std::move(options_in)) {
    options.at = {"a", kPort};
    start();
  }
  void start() {
    ASSERT_TRUE(open().has_value());
    WireOptions copy = options;
    ASSERT_TRUE(world.run(node, server->listen(std::move(copy))).has_value());
  }
  Peer peer() {
    Peer made(world, clients);
    EXPECT_TRUE(made.connect());
    return made;
  }
  std::string word(std::string_view text) {
    Peer asker = peer();
    EXPECT_TRUE(asker.send(as_bytes(text)));
    return asker.read_to_end();
  }

  sim::Node& clients;
  WireOptions options;
};

TEST(WireServer, a_session_its_ephemerals_and_what_was_answered_survive_a_power_cut) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Fixture f({}, seed);
    Peer before = f.peer();
    const auto session = before.hello();
    EXPECT_EQ(before.create("/a"), Code::ok);
    EXPECT_EQ(before.create("/e", 1), Code::ok);
    EXPECT_EQ(before.create("/a"), Code::node_exists);
    f.power_cut();
    before.hang_up();
    f.start();
    Peer after = f.peer();
    EXPECT_EQ(after.hello(session.session, session.password).session, session.session);
    EXPECT_EQ(after.exists("/a"), Code::ok);
    EXPECT_EQ(after.exists("/e"), Code::ok);
    after.hang_up();
    f.world.run_for(20s);
    Peer later = f.peer();
    later.hello();
    EXPECT_EQ(later.exists("/e"), Code::no_node);
    EXPECT_EQ(later.exists("/a"), Code::ok);
  }
}

TEST(WireServer, a_short_session_expires_in_time_although_a_longer_one_came_first) {
  Fixture f;
  Peer slow = f.peer();
  slow.hello(kNoSession, Buffer::copy_of(Password{}), 60'000);
  f.world.run_for(1s);
  Peer silent = f.peer();
  silent.hello(kNoSession, Buffer::copy_of(Password{}), 6'000);
  EXPECT_EQ(silent.create("/e", 1), Code::ok);
  silent.hang_up();
  f.world.run_for(5s);
  EXPECT_EQ(slow.exists("/e"), Code::ok);
  f.world.run_for(5s);  // Its timeout and a tick have passed.
  EXPECT_EQ(slow.exists("/e"), Code::no_node);
}

TEST(WireServer, sessions_of_the_process_and_of_others_have_one_order_of_writes) {
  Fixture f;
  Peer peer = f.peer();
  peer.hello();
  EXPECT_EQ(peer.create("/a"), Code::ok);
  auto watch = std::make_shared<Watch>(f.node.env().executor);
  EXPECT_TRUE(f.world.run(f.node, f.client->children("/a", watch)).has_value());
  EXPECT_EQ(peer.create("/a/b", 1), Code::ok);
  ASSERT_TRUE(watch->fired());
  EXPECT_EQ(watch->event(), (WatchEvent{WatchEvent::Type::children_changed, "/a"}));
  EXPECT_EQ(f.world.run(f.node, f.client->children("/a", nullptr)).value().names, std::vector<std::string>{"b"});
  EXPECT_EQ(peer.ask(OpCode::exists, wire::ReadRequest{"/local", true}).err, Code::no_node);
  EXPECT_TRUE(f.world.run(f.node, f.client->create("/local", std::nullopt, {})).has_value());
  EXPECT_FALSE(peer.frame().empty());
}

TEST(WireServer, what_is_no_zookeeper_client_is_closed_and_the_others_stay) {
  Fixture f;
  Peer good = f.peer();
  good.hello();
  const std::vector<std::vector<std::byte>> bad = {
      {std::byte{0x7f}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}},  // A frame of 2 GiB.
      {std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}},  // Of -1 bytes.
      wire::frame_of(wire::RequestHeader{1, OpCode::ping}),
      wire::frame_of(std::string(40, 'x')),
  };
  for (const auto& bytes : bad) {
    Peer peer = f.peer();
    (void)peer.send(bytes);
    EXPECT_EQ(peer.read_to_end(), "");
  }
  Peer http = f.peer();
  EXPECT_TRUE(http.send(as_bytes("GET / HTTP/1.1\r\n\r\n")));
  EXPECT_EQ(http.read_to_end(), "");
  EXPECT_EQ(good.create("/fine"), Code::ok);
}

TEST(WireServer, a_request_that_lies_about_its_lengths_closes_its_connection_alone) {
  Fixture f;
  Peer good = f.peer();
  good.hello();
  Peer liar = f.peer();
  liar.hello();
  const std::int32_t lie = 0x7fffffff;
  EXPECT_TRUE(liar.send(wire::frame_of(wire::RequestHeader{1, OpCode::create}, lie, lie)));
  EXPECT_EQ(liar.read_to_end(), "");
  EXPECT_EQ(good.create("/fine"), Code::ok);
}

TEST(WireServer, who_says_nothing_is_sent_away) {
  Fixture f;
  Peer silent = f.peer();
  f.world.run_for(kHelloLimit + 1s);
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST(WireServer, connections_of_one_host_are_bounded) {
  WireOptions options;
  options.max_connections_per_host = 2;
  Fixture f(options);
  Peer one = f.peer();
  Peer two = f.peer();
  one.hello();
  two.hello();
  Peer three = f.peer();
  EXPECT_EQ(three.read_to_end(), "");
  one.hang_up();
  f.world.run_for(1s);
  Peer four = f.peer();
  EXPECT_NE(four.hello().session, kNoSession);
}

TEST(WireServer, four_letter_words_are_answered_where_they_are_allowed) {
  Fixture f;
  EXPECT_TRUE(f.word("srvr").starts_with("Zookeeper version: "));
  EXPECT_EQ(f.word("ruok"), "ruok is not executed because it is not in the whitelist.\n");
  WireOptions all;
  all.four_letter_words = {"*"};
  Fixture open(all);
  Peer peer = open.peer();
  peer.hello();
  peer.ask(OpCode::exists, wire::ReadRequest{"/a", true});
  EXPECT_EQ(open.word("ruok"), "imok");
  EXPECT_EQ(open.word("isro"), "rw");
  EXPECT_NE(open.word("srvr").find("Received: 1\n"), std::string::npos);
  EXPECT_EQ(open.word("srst"), "Server stats reset.\n");
  EXPECT_NE(open.word("srvr").find("Received: 0\n"), std::string::npos);
  EXPECT_EQ(open.word("wchs"), "1 connections watching 1 paths\nTotal watches:1\n");
  EXPECT_NE(open.word("mntr").find("zk_znode_count\t4\n"), std::string::npos);
  for (const std::string_view word : {"stat", "cons", "conf", "wchp", "wchc", "dump", "envi", "dirs"}) {
    EXPECT_NE(open.word(word), "") << word;
  }
}

TEST(WireServer, pipelined_requests_are_answered_in_order) {
  Fixture f;
  Peer peer = f.peer();
  peer.hello();
  std::vector<std::byte> requests;
  constexpr int kCount = 5'000;
  for (int i = 0; i < kCount; ++i) {
    const auto frame = wire::frame_of(wire::RequestHeader{i, OpCode::get_children2}, wire::ReadRequest{"/", false});
    requests.insert(requests.end(), frame.begin(), frame.end());
  }
  for (int i = 0; i < kCount; i += 500) {
    const std::size_t part = requests.size() / (kCount / 500);
    ASSERT_TRUE(peer.send(ByteView(requests).subspan(static_cast<std::size_t>(i / 500) * part, part)));
    for (int k = 0; k < 500; ++k) {
      const auto answer = peer.frame();
      ASSERT_GE(answer.size(), 4U);
      ASSERT_EQ(load_big_endian<std::int32_t>(answer.data()), i + k);
    }
  }
}

TEST(WireServer, a_full_disk_refuses_writes_until_there_is_room_again) {
  Fixture f;
  Peer peer = f.peer();
  const auto session = peer.hello();
  EXPECT_EQ(peer.create("/before"), Code::ok);
  f.node.disk().faults().capacity = 0;
  // Whoever finds out waits; those after it are refused, in this process too.
  const std::string large(5'000, 'x');
  const auto frame =
      wire::frame_of(wire::RequestHeader{1'000, OpCode::create},
                     wire::CreateRequest{"/waits", Buffer::copy_of(as_bytes(large)), to_vector(nullptr), 0});
  ASSERT_TRUE(peer.send(frame));
  f.world.run_for(3s);
  EXPECT_EQ(f.world.run(f.node, f.client->create("/refused", std::nullopt, {})).error().code, Errc::no_space);
  f.world.run_for(60s);  // Longer than any session: nobody is expired meanwhile.
  f.node.disk().faults().capacity = 1ULL << 40;
  f.world.run_for(3s);
  EXPECT_FALSE(peer.frame().empty());
  EXPECT_EQ(peer.create("/after"), Code::ok);
  EXPECT_TRUE(f.world.run(f.node, f.client->create("/mine", std::nullopt, {})).has_value());
  f.power_cut();
  peer.hang_up();
  f.start();
  Peer again = f.peer();
  EXPECT_EQ(again.hello(session.session, session.password).session, session.session);
  for (const std::string path : {"/before", "/waits", "/after", "/mine"}) EXPECT_EQ(again.exists(path), Code::ok);
  EXPECT_EQ(again.exists("/refused"), Code::no_node);
}

TEST(WireServer, stopping_closes_connections_and_keeps_sessions) {
  Fixture f;
  Peer peer = f.peer();
  const auto session = peer.hello();
  EXPECT_EQ(peer.create("/e", 1), Code::ok);
  f.stop();
  EXPECT_EQ(peer.read_to_end(), "");
  f.start();
  Peer again = f.peer();
  EXPECT_EQ(again.hello(session.session, session.password).session, session.session);
  EXPECT_EQ(again.exists("/e"), Code::ok);
}

}  // namespace
}  // namespace barnabas::zookeeper
