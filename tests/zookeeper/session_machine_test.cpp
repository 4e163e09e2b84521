// The rules of a session, frame by frame.
#include "core/zookeeper/session_client/session_machine.hpp"

#include <gtest/gtest.h>

#include "core/zookeeper/wire/multi.hpp"

namespace barnabas::zookeeper {
namespace {

using State = SessionMachine::State;
using wire::OpCode;

// Takes down who is to be resumed, and resumes nobody.
class NoExecutor final : public Executor {
 public:
  void schedule(Waiter& waiter) override { ready_.push_back(waiter); }

 private:
  IntrusiveList<Waiter> ready_;
};

struct Sent {
  wire::RequestHeader header;
  std::vector<std::byte> body;
};

class SessionMachineTest : public testing::Test {
 protected:
  static SessionMachine::Options options() {
    SessionMachine::Options options;
    options.timeout = std::chrono::milliseconds(9000);
    return options;
  }

  CallPtr call(OpCode op, const std::string& path, WatchPtr watch = nullptr) {
    Writer body;
    wire::put(body, wire::ReadRequest{path, watch != nullptr});
    auto call = std::make_shared<Call>(executor_, op, std::move(body).take());
    call->server_path = path;
    call->watch = std::move(watch);
    machine_.start(now_, call);
    return call;
  }
  WatchPtr watch() { return std::make_shared<Watch>(executor_); }

  // Everything written since, after the handshake.
  std::vector<Sent> sent() {
    const std::vector<std::byte> bytes = machine_.take_output();
    std::vector<Sent> frames;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto size = static_cast<std::size_t>(load_big_endian<std::int32_t>(bytes.data() + at));
      Reader in(ByteView(bytes).subspan(at + 4, size));
      Sent frame;
      wire::take(in, frame.header);
      const ByteView rest = in.rest();
      frame.body.assign(rest.begin(), rest.end());
      frames.push_back(std::move(frame));
      at += 4 + size;
    }
    return frames;
  }
  wire::ConnectRequest hello() {
    const std::vector<std::byte> bytes = machine_.take_output();
    Reader in(ByteView(bytes).subspan(4));
    return *wire::take_record<wire::ConnectRequest>(in);
  }
  template <class... Records>
  Result<void> receive(const Records&... records) {
    const std::vector<std::byte> frame = wire::frame_of(records...);
    return machine_.on_frame(now_, ByteView(frame).subspan(4));
  }
  Result<void> welcome(std::int64_t session = 7, std::int32_t timeout_ms = 6000) {
    wire::ConnectResponse response;
    response.session = SessionId(session);
    response.timeout_ms = timeout_ms;
    Buffer password = Buffer::allocate(16);
    std::ranges::fill(password.mutable_view(), std::byte{9});
    response.password = password;
    response.read_only = false;
    return receive(response);
  }
  void connect() {
    machine_.on_stream(now_);
    (void)hello();
    ASSERT_TRUE(welcome().has_value());
  }
  Result<void> answer(std::int32_t xid, std::int64_t zxid, Code code = Code::ok) {
    return receive(wire::ReplyHeader{xid, Zxid(zxid), code});
  }
  void pass(Duration time) { now_ += time; }

  NoExecutor executor_;
  Instant now_{std::chrono::seconds(1000)};
  SessionMachine machine_{options()};
};

TEST_F(SessionMachineTest, a_new_session_begins_with_zeros_and_takes_the_negotiated_timeout) {
  machine_.on_stream(now_);
  const wire::ConnectRequest request = hello();
  EXPECT_EQ(request.session, kNoSession);
  EXPECT_EQ(request.timeout_ms, 9000);
  EXPECT_EQ(request.password->size(), 16U);
  EXPECT_TRUE(welcome().has_value());
  EXPECT_EQ(machine_.state(), State::connected);
  EXPECT_EQ(machine_.timeout(), std::chrono::seconds(6));
}

TEST_F(SessionMachineTest, it_was_heard_of_when_the_newest_request_was_sent_that_has_an_answer) {
  using std::chrono::seconds;
  const Instant start = now_;
  connect();
  EXPECT_EQ(machine_.valid_until(), start + seconds(6));
  pass(seconds(1));
  const auto read = call(OpCode::get_data, "/a");
  pass(seconds(1));
  // An event says nothing of what the server has heard.
  ASSERT_TRUE(receive(wire::ReplyHeader{wire::kNotificationXid, Zxid(-1), Code::ok},
                      wire::WatcherEvent{wire::EventType::created, wire::kSyncConnected, "/b"})
                  .has_value());
  EXPECT_EQ(machine_.heard_at(), start);
  ASSERT_TRUE(answer(1, 55, Code::no_node).has_value());
  EXPECT_EQ(machine_.heard_at(), start + seconds(1));
  pass(seconds(2));
  ASSERT_TRUE(machine_.on_time(now_).has_value());  // A ping.
  pass(seconds(1));
  ASSERT_TRUE(answer(wire::kPingXid, 55).has_value());
  EXPECT_EQ(machine_.heard_at(), start + seconds(4));
  // A server that accepts connections and says nothing (it is stopped) has heard nothing.
  machine_.on_stream_lost("test");
  pass(seconds(1));
  machine_.on_stream(now_);
  pass(seconds(1));
  EXPECT_EQ(machine_.valid_until(), start + seconds(10));
  ASSERT_TRUE(welcome().has_value());
  EXPECT_EQ(machine_.valid_until(), start + seconds(12));
  machine_.on_stream_lost("test");
  machine_.on_stream(now_);
  ASSERT_TRUE(welcome(0, 0).has_value());
  EXPECT_EQ(machine_.state(), State::over);
  EXPECT_LT(machine_.valid_until(), now_);
}

TEST_F(SessionMachineTest, a_session_comes_back_with_its_id_password_and_last_zxid) {
  connect();
  const auto read = call(OpCode::get_data, "/a");
  (void)sent();
  ASSERT_TRUE(answer(1, 55, Code::no_node).has_value());
  machine_.on_stream_lost("test");
  machine_.on_stream(now_);
  const wire::ConnectRequest request = hello();
  EXPECT_EQ(request.session, SessionId(7));
  EXPECT_EQ(request.password->view()[3], std::byte{9});
  EXPECT_EQ(request.last_zxid_seen, Zxid(55));
}

TEST_F(SessionMachineTest, only_the_servers_say_that_the_session_is_over) {
  connect();
  machine_.on_stream_lost("test");
  pass(std::chrono::hours(24));
  ASSERT_TRUE(machine_.on_time(now_).has_value());
  EXPECT_EQ(machine_.state(), State::disconnected);
  const auto waiting = call(OpCode::exists, "/a");
  machine_.on_stream(now_);
  EXPECT_EQ(hello().session, SessionId(7));
  EXPECT_FALSE(waiting->done.is_set());
  wire::ConnectResponse expired;
  expired.password = Buffer::copy_of(std::vector<std::byte>(16));
  expired.read_only = false;
  ASSERT_TRUE(receive(expired).has_value());
  EXPECT_EQ(machine_.state(), State::over);
  ASSERT_TRUE(waiting->done.is_set());
  EXPECT_EQ(waiting->reply.error().code, Errc::session_expired);
}

TEST_F(SessionMachineTest, a_server_that_opens_no_session_is_left_for_another) {
  machine_.on_stream(now_);
  (void)hello();
  EXPECT_FALSE(welcome(0, 0).has_value());
  machine_.on_stream_lost("test");
  EXPECT_EQ(machine_.state(), State::disconnected);
}

TEST_F(SessionMachineTest, answers_must_come_in_the_order_of_the_requests) {
  connect();
  const auto first = call(OpCode::exists, "/a");
  const auto second = call(OpCode::exists, "/b");
  EXPECT_FALSE(answer(2, 5, Code::no_node).has_value());
  machine_.on_stream_lost("out of turn");
  EXPECT_EQ(first->reply.error().code, Errc::closed);
  EXPECT_EQ(second->reply.error().code, Errc::closed);
}

TEST_F(SessionMachineTest, a_call_whose_waiter_is_gone_keeps_its_place) {
  connect();
  auto first = call(OpCode::exists, "/a");
  const auto second = call(OpCode::exists, "/b");
  EXPECT_EQ(sent().size(), 2U);
  first.reset();
  ASSERT_TRUE(answer(1, 5, Code::no_node).has_value());
  EXPECT_FALSE(second->done.is_set());
  ASSERT_TRUE(answer(2, 6).has_value());
  EXPECT_TRUE(second->done.is_set() && second->reply.has_value());
}

TEST_F(SessionMachineTest, a_call_that_never_left_is_dropped_with_its_waiter) {
  auto early = call(OpCode::exists, "/a");
  const auto late = call(OpCode::exists, "/b");
  early.reset();
  connect();
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].header.xid, 1);
  EXPECT_EQ(late->xid, 1);
}

TEST_F(SessionMachineTest, calls_wait_for_the_session_and_fail_when_it_loses_its_connection) {
  const auto early = call(OpCode::exists, "/a");
  machine_.on_stream(now_);
  machine_.on_stream_lost("no handshake");
  EXPECT_FALSE(early->done.is_set());
  connect();
  EXPECT_EQ(sent().size(), 1U);
  machine_.on_stream_lost("test");
  ASSERT_TRUE(early->done.is_set());
  EXPECT_EQ(early->reply.error().code, Errc::closed);
}

TEST_F(SessionMachineTest, no_more_than_the_bound_is_in_flight) {
  connect();
  std::vector<CallPtr> calls;
  for (std::size_t i = 0; i < SessionMachine::kMaxInFlight + 5; ++i) calls.push_back(call(OpCode::exists, "/a"));
  EXPECT_EQ(sent().size(), SessionMachine::kMaxInFlight);
  ASSERT_TRUE(answer(1, 5).has_value());
  EXPECT_EQ(sent().size(), 1U);
}

TEST_F(SessionMachineTest, pings_come_at_a_third_of_the_timeout_and_silence_is_given_up_at_two_thirds) {
  connect();
  (void)sent();
  EXPECT_EQ(machine_.next_deadline(), now_ + std::chrono::seconds(2));
  pass(std::chrono::seconds(2));
  ASSERT_TRUE(machine_.on_time(now_).has_value());
  const auto ping = sent();
  ASSERT_EQ(ping.size(), 1U);
  EXPECT_EQ(ping[0].header.xid, wire::kPingXid);
  pass(std::chrono::seconds(2));
  EXPECT_FALSE(machine_.on_time(now_).has_value());
}

TEST_F(SessionMachineTest, a_server_that_does_not_answer_the_handshake_is_left_in_time_for_the_others) {
  SessionMachine::Options three = options();
  three.servers = 3;
  SessionMachine machine(three);
  machine.on_stream(now_);
  EXPECT_EQ(machine.next_deadline(), now_ + std::chrono::seconds(3));
  EXPECT_TRUE(machine.on_time(now_ + std::chrono::milliseconds(2999)).has_value());
  EXPECT_FALSE(machine.on_time(now_ + std::chrono::seconds(3)).has_value());
}

TEST_F(SessionMachineTest, an_answer_to_a_ping_is_a_sign_of_life_and_no_zxid_seen) {
  connect();
  pass(std::chrono::seconds(3));
  ASSERT_TRUE(answer(wire::kPingXid, 99).has_value());
  pass(std::chrono::seconds(3));
  EXPECT_TRUE(machine_.on_time(now_).has_value());
  EXPECT_EQ(machine_.last_seen(), Zxid(0));
}

TEST_F(SessionMachineTest, watches_are_armed_again_before_any_call_with_the_last_zxid_seen) {
  connect();
  const auto data = watch();
  const auto missing = watch();
  const auto child = watch();
  const auto first = call(OpCode::get_data, "/data", data);
  const auto second = call(OpCode::exists, "/missing", missing);
  const auto third = call(OpCode::get_children2, "/child", child);
  (void)sent();
  ASSERT_TRUE(answer(1, 40).has_value());
  ASSERT_TRUE(answer(2, 41, Code::no_node).has_value());
  ASSERT_TRUE(answer(3, 42).has_value());
  machine_.on_stream_lost("test");
  const auto next = call(OpCode::exists, "/next");
  machine_.on_stream(now_);
  (void)hello();
  ASSERT_TRUE(welcome().has_value());
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].header.op, OpCode::set_watches);
  Reader in(frames[0].body);
  const auto request = *wire::take_record<wire::SetWatches>(in);
  EXPECT_EQ(request.relative_zxid, Zxid(42));
  EXPECT_EQ(request.data, std::vector<std::string>{"/data"});
  EXPECT_EQ(request.exist, std::vector<std::string>{"/missing"});
  EXPECT_EQ(request.child, std::vector<std::string>{"/child"});
  EXPECT_EQ(frames[1].header.op, OpCode::exists);
}

TEST_F(SessionMachineTest, many_watches_are_armed_in_several_frames_with_one_zxid) {
  connect();
  std::vector<WatchPtr> watches;
  const std::string longish(1000, 'x');
  for (std::int32_t i = 1; i <= 200; ++i) {
    watches.push_back(watch());
    const auto one = call(OpCode::get_data, "/" + longish + std::to_string(i), watches.back());
    ASSERT_TRUE(answer(i, i).has_value());
  }
  (void)sent();
  machine_.on_stream_lost("test");
  machine_.on_stream(now_);
  (void)hello();
  ASSERT_TRUE(welcome().has_value());
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 2U);
  std::size_t paths = 0;
  for (const Sent& frame : frames) {
    EXPECT_LE(frame.body.size(), SessionMachine::kMaxRearmBytes + 100);
    Reader in(frame.body);
    const auto request = *wire::take_record<wire::SetWatches>(in);
    EXPECT_EQ(request.relative_zxid, Zxid(200));
    paths += request.data.size();
  }
  EXPECT_EQ(paths, 200U);
}

TEST_F(SessionMachineTest, a_watch_nobody_refers_to_is_not_armed_again) {
  connect();
  auto data = watch();
  auto read = call(OpCode::get_data, "/data", data);
  ASSERT_TRUE(answer(1, 40).has_value());
  data.reset();
  read.reset();
  (void)sent();
  machine_.on_stream_lost("test");
  machine_.on_stream(now_);
  (void)hello();
  ASSERT_TRUE(welcome().has_value());
  EXPECT_TRUE(sent().empty());
}

TEST_F(SessionMachineTest, authentication_is_sent_first_on_every_connection) {
  connect();
  (void)sent();
  machine_.add_auth(now_, {"digest", Buffer::copy_of(as_bytes("a:b"))});
  EXPECT_EQ(sent().at(0).header.op, OpCode::auth);
  machine_.on_stream_lost("test");
  const auto read = call(OpCode::exists, "/a");
  machine_.on_stream(now_);
  (void)hello();
  ASSERT_TRUE(welcome().has_value());
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].header.op, OpCode::auth);
  ASSERT_TRUE(answer(wire::kAuthXid, 0, Code::auth_failed).has_value());
  EXPECT_EQ(machine_.state(), State::over);
  EXPECT_EQ(read->reply.error().code, Errc::permission_denied);
}

TEST_F(SessionMachineTest, an_event_fires_the_watch_before_the_next_answer) {
  connect();
  const auto data = watch();
  const auto read = call(OpCode::get_data, "/a", data);
  ASSERT_TRUE(answer(1, 40).has_value());
  wire::WatcherEvent event;
  event.type = wire::EventType::data_changed;
  event.path = "/a";
  ASSERT_TRUE(receive(wire::ReplyHeader{wire::kNotificationXid, Zxid(-1), Code::ok}, event).has_value());
  ASSERT_TRUE(data->fired());
  EXPECT_EQ(data->event(), (WatchEvent{WatchEvent::Type::data_changed, "/a"}));
}

TEST_F(SessionMachineTest, an_answer_from_a_server_that_the_session_has_left_decides_nothing) {
  connect();
  const auto write = call(OpCode::exists, "/a");
  EXPECT_FALSE(answer(1, 40, Code::session_moved).has_value());
  machine_.on_stream_lost("moved");
  EXPECT_EQ(write->reply.error().code, Errc::closed);
}

TEST_F(SessionMachineTest, a_frame_that_cannot_be_read_is_an_error) {
  connect();
  const std::vector<std::byte> junk(3);
  EXPECT_FALSE(machine_.on_frame(now_, junk).has_value());
}

}  // namespace
}  // namespace barnabas::zookeeper
