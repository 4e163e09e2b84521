#include <sys/resource.h>

#include "core/env/timeout.hpp"
#include "tests/net/support.hpp"

namespace barnabas::net {
namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26 + i / 65536 % 3);
  return text;
}

TEST(Stream, what_is_written_arrives) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto pair = co_await connected_pair(env);
    (void)co_await write_text(*pair.client, "hello");
    const auto got = co_await read_exactly(*pair.server, 5);
    EXPECT_EQ(got.value(), "hello");
    (void)co_await write_text(*pair.server, "and back");
    const auto back = co_await read_exactly(*pair.client, 8);
    EXPECT_EQ(back.value(), "and back");
    EXPECT_EQ(pair.client->peer(), pair.server->local());
    EXPECT_EQ(pair.client->local(), pair.server->peer());
  };
  loop.run(all(loop.env()));
}

TEST(Stream, many_large_parts_arrive_in_order) {
  EventLoop loop;
  const auto send = [](env::Stream& stream, const std::vector<std::string>& texts) -> Task<void> {
    std::vector<ByteView> parts;
    for (const std::string& text : texts) parts.push_back(as_bytes(text));
    const auto sent = co_await stream.write(parts);
    EXPECT_TRUE(sent.has_value());
  };
  const auto all = [&send](env::Env env) -> Task<void> {
    auto pair = co_await connected_pair(env);
    std::vector<std::string> texts{""};
    std::string whole;
    for (std::size_t i = 0; i < 300; ++i) {
      texts.push_back(pattern(i * 97 % 80'000));
      whole += texts.back();
    }
    Scope scope(env.executor);
    scope.spawn(send(*pair.client, texts));
    const auto got = co_await read_exactly(*pair.server, whole.size());
    EXPECT_TRUE(got.value() == whole);
    co_await scope.join();
  };
  loop.run(all(loop.env()));
}

TEST(Stream, a_writer_waits_until_the_reader_reads) {
  EventLoop loop;
  const auto send = [](env::Stream& stream, std::string text, bool& done) -> Task<void> {
    (void)co_await write_text(stream, std::move(text));
    done = true;
  };
  const auto all = [&send](env::Env env) -> Task<void> {
    auto pair = co_await connected_pair(env);
    const std::string text = pattern(64 * 1024 * 1024);  // More than the buffers of both sides.
    bool done = false;
    Scope scope(env.executor);
    scope.spawn(send(*pair.client, text, done));
    for (int i = 0; i < 1000; ++i) co_await let_others_run(env);
    EXPECT_FALSE(done);
    const auto got = co_await read_exactly(*pair.server, text.size());
    EXPECT_TRUE(got.value() == text);
    co_await scope.join();
    EXPECT_TRUE(done);
  };
  loop.run(all(loop.env()));
}

TEST(Stream, a_half_closed_peer_can_still_be_answered) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto listener = co_await listen_on_loopback(env);
    PlainClient client(listener->local().port);
    auto server = co_await listener->accept();
    client.send("last");
    ::shutdown(client.fd(), SHUT_WR);
    const auto got = co_await read_exactly(**server, 4);
    EXPECT_EQ(got.value(), "last");
    const auto end = co_await read_exactly(**server, 1);
    EXPECT_EQ(end.error().code, Errc::end_of_stream);
    (void)co_await write_text(**server, "answer");
    EXPECT_EQ(client.receive(), "answer");
  };
  loop.run(all(loop.env()));
}

TEST(Stream, a_reset_is_told_apart_from_an_end) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto listener = co_await listen_on_loopback(env);
    PlainClient client(listener->local().port);
    auto server = co_await listener->accept();
    client.abort();
    const auto broken = co_await read_exactly(**server, 1);
    EXPECT_EQ(broken.error().code, Errc::connection_reset);
    EXPECT_NE(broken.error().message.find((*server)->peer().to_string()), std::string::npos);
    const auto write = co_await write_text(**server, "x");
    EXPECT_EQ(write.error().code, Errc::connection_reset);
  };
  loop.run(all(loop.env()));
}

Task<void> expect_closed(env::Stream& stream, int& count) {
  const auto got = co_await read_exactly(stream, 1);
  EXPECT_EQ(got.error().code, Errc::closed);
  ++count;
}

TEST(Stream, closing_wakes_the_reader) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<int> {
    auto pair = co_await connected_pair(env);
    int count = 0;
    Scope scope(env.executor);
    scope.spawn(expect_closed(*pair.server, count));
    co_await let_others_run(env);
    pair.server->close();
    co_await scope.join();
    const auto write = co_await write_text(*pair.server, "x");
    EXPECT_EQ(write.error().code, Errc::closed);
    const auto peer = co_await read_exactly(*pair.client, 1);
    EXPECT_EQ(peer.error().code, Errc::end_of_stream);
    co_return count;
  };
  EXPECT_EQ(loop.run(all(loop.env())), 1);
}

TEST(Stream, reads_that_timed_out_leave_no_trace) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto pair = co_await connected_pair(env);
    for (int i = 0; i < 100; ++i) {
      auto reading = read_exactly(*pair.server, 1);
      const auto late = co_await env::with_deadline(env.executor, env.clock, env.clock.now(), std::move(reading));
      EXPECT_EQ(late.error().code, Errc::timed_out);
    }
    (void)co_await write_text(*pair.client, "x");
    const auto got = co_await read_exactly(*pair.server, 1);
    EXPECT_EQ(got.value(), "x");
  };
  loop.run(all(loop.env()));
}

TEST(Stream, frames_are_destroyed_at_every_suspension_point) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto run = [](env::Env env, std::string path) -> Task<void> {
    auto pair = co_await connected_pair(env);
    auto file = co_await env.disk.open(path, env::OpenMode::create);
    const std::string text = pattern(8 * 1024 * 1024);
    const ByteView parts[] = {as_bytes(text)};
    (void)co_await (*file)->write_at(0, parts);
    (void)co_await (*file)->sync();
    (void)co_await pair.client->send_file(**file, 0, text.size());  // Nobody reads: it waits here.
  };
  const auto all = [&run](env::Env env, const TemporaryDirectory& place) -> Task<void> {
    for (int turns = 0; turns < 40; ++turns) {
      Scope scope(env.executor);
      scope.spawn(run(env, place / "file"));
      for (int i = 0; i < turns; ++i) co_await env.clock.sleep_until(env.clock.now());
    }
  };
  loop.run(all(loop.env(), directory));
}

TEST(SendFile, arrives_like_what_was_written) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto send = [](env::Stream& stream, env::File& file, std::size_t from, std::size_t size) -> Task<void> {
    const auto sent = co_await stream.send_file(file, from, size);
    EXPECT_TRUE(sent.has_value()) << sent.error().to_string();
  };
  const auto all = [&send](env::Env env, std::string path) -> Task<void> {
    auto pair = co_await connected_pair(env);
    auto file = co_await env.disk.open(path, env::OpenMode::create);
    const std::string text = pattern(5'000'000);
    const ByteView parts[] = {as_bytes(text)};
    (void)co_await (*file)->write_at(0, parts);
    Scope scope(env.executor);
    scope.spawn(send(*pair.client, **file, 1000, 4'900'000));
    const auto got = co_await read_exactly(*pair.server, 4'900'000);
    EXPECT_TRUE(got.value() == text.substr(1000, 4'900'000));
    co_await scope.join();
  };
  loop.run(all(loop.env(), directory / "file"));
}

TEST(SendFile, a_file_that_is_too_short_is_reported) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<void> {
    auto pair = co_await connected_pair(env);
    auto file = co_await env.disk.open(path, env::OpenMode::create);
    const ByteView parts[] = {as_bytes("short")};
    (void)co_await (*file)->write_at(0, parts);
    const auto sent = co_await pair.client->send_file(**file, 0, 6);
    EXPECT_EQ(sent.error().code, Errc::truncated);
    EXPECT_NE(sent.error().message.find(path), std::string::npos);
  };
  loop.run(all(loop.env(), directory / "file"));
}

// A file that is not of this disk, as a decorator would be.
class MemoryFile final : public env::File {
 public:
  explicit MemoryFile(std::string text) : text_(std::move(text)) {}
  Task<Result<Buffer>> read_at(std::uint64_t offset, std::size_t size) override {
    const std::string_view all = text_;
    co_return Buffer::copy_of(as_bytes(all.substr(std::min<std::size_t>(offset, all.size()), size)));
  }
  Task<Result<void>> write_at(std::uint64_t, std::span<const ByteView>) override { co_return Result<void>(); }
  Task<Result<void>> sync() override { co_return Result<void>(); }
  Task<Result<void>> truncate(std::uint64_t) override { co_return Result<void>(); }
  std::uint64_t size() const override { return text_.size(); }

 private:
  std::string text_;
};

TEST(SendFile, sends_files_of_any_kind) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto pair = co_await connected_pair(env);
    MemoryFile file(pattern(1000));
    const auto sent = co_await pair.client->send_file(file, 10, 900);
    EXPECT_TRUE(sent.has_value());
    const auto got = co_await read_exactly(*pair.server, 900);
    EXPECT_EQ(got.value(), pattern(1000).substr(10, 900));
  };
  loop.run(all(loop.env()));
}

TEST(Listener, a_port_in_use_is_named) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto first = co_await listen_on_loopback(env);
    const auto second = co_await env.network.listen(first->local());
    EXPECT_EQ(second.error().code, Errc::address_in_use);
    EXPECT_EQ(second.error().message, "cannot listen on " + first->local().to_string() + ": the port is in use");
  };
  loop.run(all(loop.env()));
}

TEST(Listener, takes_connections_on_every_address) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    const env::Endpoint everywhere{"", 0};
    auto listener = co_await env.network.listen(everywhere);
    EXPECT_EQ((*listener)->local().host, "0.0.0.0");
    const PlainClient client((*listener)->local().port);
    EXPECT_TRUE(client.connected());
    auto server = co_await (*listener)->accept();
    EXPECT_EQ((*server)->peer().host, "127.0.0.1");
  };
  loop.run(all(loop.env()));
}

TEST(Listener, closing_ends_a_waiting_accept) {
  EventLoop loop;
  const auto wait = [](env::Listener& listener, bool& ended) -> Task<void> {
    const auto got = co_await listener.accept();
    EXPECT_EQ(got.error().code, Errc::closed);
    ended = true;
  };
  const auto all = [&wait](env::Env env) -> Task<bool> {
    auto listener = co_await listen_on_loopback(env);
    bool ended = false;
    Scope scope(env.executor);
    scope.spawn(wait(*listener, ended));
    co_await let_others_run(env);
    listener->close();
    co_await scope.join();
    co_return ended;
  };
  EXPECT_TRUE(loop.run(all(loop.env())));
}

Task<void> accept_one(env::Listener& listener, bool& accepted) {
  const auto stream = co_await listener.accept();
  accepted = stream.has_value();
}

// limited: meanwhile the process may open nothing.
Task<void> accept_under_limit(env::Env env, bool limited) {
  auto listener = co_await listen_on_loopback(env);
  const auto in_use = co_await env.network.listen(listener->local());
  EXPECT_FALSE(in_use.has_value());
  const PlainClient client(listener->local().port);
  bool accepted = false;
  rlimit usual{};
  ::getrlimit(RLIMIT_NOFILE, &usual);
  const rlimit none{0, usual.rlim_max};
  if (limited) ::setrlimit(RLIMIT_NOFILE, &none);
  Scope scope(env.executor);
  scope.spawn(accept_one(*listener, accepted));
  for (int i = 0; i < 10; ++i) co_await let_others_run(env);
  EXPECT_EQ(accepted, !limited);
  ::setrlimit(RLIMIT_NOFILE, &usual);
  co_await scope.join();
  EXPECT_TRUE(accepted);
}

TEST(Listener, waits_while_the_process_has_no_descriptor_left) {
  EventLoop loop;
  // UBSan looks at each type of object once, through a pipe. All types that will be met are met before the limit.
  loop.run(accept_under_limit(loop.env(), false));
  testing::internal::CaptureStderr();
  loop.env().logger.log(env::LogLevel::warn, "net", "a line");
  (void)testing::internal::GetCapturedStderr();
  loop.run(loop.env().clock.sleep_for(1ns));
  testing::internal::CaptureStderr();
  loop.run(accept_under_limit(loop.env(), true));
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_NE(text.find("ulimit -n"), std::string::npos);
}

TEST(Network, a_refused_connection_names_the_address) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    env::Endpoint gone;
    {
      auto listener = co_await listen_on_loopback(env);
      gone = listener->local();
    }
    const auto stream = co_await env.network.connect(gone);
    EXPECT_EQ(stream.error().code, Errc::connection_refused);
    EXPECT_NE(stream.error().message.find(gone.to_string()), std::string::npos);
  };
  loop.run(all(loop.env()));
}

TEST(Network, names_are_resolved) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<void> {
    auto listener = co_await listen_on_loopback(env);
    const env::Endpoint by_name{"localhost", listener->local().port};
    const auto stream = co_await env.network.connect(by_name);
    EXPECT_TRUE(stream.has_value());
    const env::Endpoint nowhere{"no-such-host.invalid", 1};
    const auto none = co_await env.network.connect(nowhere);
    EXPECT_EQ(none.error().code, Errc::not_found);
  };
  loop.run(all(loop.env()));
}

}  // namespace
}  // namespace barnabas::net
