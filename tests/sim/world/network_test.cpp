#include <gtest/gtest.h>

#include "core/env/timeout.hpp"
#include "sim/world/world.hpp"

namespace barnabas::sim {
namespace {

constexpr std::uint16_t kPort = 9092;

// Sends back what it gets until the end of the stream, on every connection.
Task<void> echo_one(std::unique_ptr<env::Stream> stream) {
  std::array<std::byte, 1000> buffer{};
  while (true) {
    const auto count = co_await stream->read_some(buffer);
    if (!count) co_return;
    const ByteView parts[] = {ByteView(buffer).first(*count)};
    const auto written = co_await stream->write(parts);
    if (!written) co_return;
  }
}

Task<void> echo_server(env::Env env) {
  Scope connections(env.executor);
  auto listener = co_await env.network.listen({"", kPort});
  B_CHECK(listener.has_value());
  while (true) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    connections.spawn(echo_one(std::move(*stream)));
  }
}

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

Task<Result<std::string>> read_exactly(env::Stream& stream, std::size_t size) {
  std::string text;
  std::array<std::byte, 777> buffer{};
  while (text.size() < size) {
    const MutableByteView room = MutableByteView(buffer).first(std::min(buffer.size(), size - text.size()));
    B_CO_TRY(const std::size_t count, co_await stream.read_some(room));
    text += as_text(ByteView(buffer).first(count));
  }
  co_return text;
}

Task<Result<void>> write_text(env::Stream& stream, std::string text) {
  const ByteView parts[] = {as_bytes(text)};
  co_return co_await stream.write(parts);
}

Task<Result<std::string>> round_trip(env::Env env, std::string host, std::string text) {
  const env::Endpoint to{host, kPort};
  B_CO_TRY(auto stream, co_await env.network.connect(to));
  B_CO_TRY_VOID(co_await write_text(*stream, text));
  co_return co_await read_exactly(*stream, text.size());
}

Task<Result<std::unique_ptr<env::Stream>>> connect(env::Env env, std::string host) {
  const env::Endpoint to{host, kPort};
  co_return co_await env.network.connect(to);
}

// Reads until something ends it; the code says what.
Task<Errc> read_to_end(env::Stream& stream) {
  std::array<std::byte, 100> buffer{};
  while (true) {
    const auto count = co_await stream.read_some(buffer);
    if (!count) co_return count.error().code;
  }
}

struct Pair {
  explicit Pair(std::uint64_t seed) : world(seed), server(world.add_node("server")), client(world.add_node("client")) {
    server.spawn(echo_server);
    world.run_for(1ms);
  }
  std::unique_ptr<env::Stream> connected() {
    auto stream = world.run(client, connect(client.env(), "server"));
    B_CHECK(stream.has_value());
    return std::move(*stream);
  }
  World world;
  Node& server;
  Node& client;
};

TEST(Network, bytes_arrive_in_order_whatever_the_pieces) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Pair pair(seed);
    const std::string text = pattern(8'000);  // Fits into the smallest windows.
    const auto echoed = pair.world.run(pair.client, round_trip(pair.client.env(), "server", text));
    ASSERT_TRUE(echoed.has_value()) << echoed.error().to_string();
    EXPECT_EQ(*echoed, text);
  }
}

TEST(Network, reads_are_short_and_unlike_the_writes) {
  Pair pair(3);
  auto stream = pair.connected();
  std::set<std::size_t> sizes;
  const auto talk = [](env::Stream& to, std::set<std::size_t>& seen) -> Task<void> {
    for (int i = 0; i < 50; ++i) {
      const auto written = co_await write_text(to, pattern(100));
      B_CHECK(written.has_value());
    }
    std::array<std::byte, 500> buffer{};
    for (std::size_t total = 0; total < 5'000;) {
      const auto count = co_await to.read_some(buffer);
      B_CHECK(count.has_value());
      seen.insert(*count);
      total += *count;
    }
  };
  pair.world.run(pair.client, talk(*stream, sizes));
  EXPECT_GT(sizes.size(), 3u);
}

TEST(Network, connect_fails_without_host_or_listener) {
  Pair pair(1);
  EXPECT_EQ(pair.world.run(pair.client, connect(pair.client.env(), "nobody")).error().code, Errc::not_found);
  pair.world.add_node("idle");
  EXPECT_EQ(pair.world.run(pair.client, connect(pair.client.env(), "idle")).error().code,
            Errc::connection_refused);
}

TEST(Network, second_listener_on_a_port_is_refused_and_zero_takes_a_free_one) {
  Pair pair(1);
  const auto listen_at = [](env::Env env, std::uint16_t port) -> Task<Result<std::unique_ptr<env::Listener>>> {
    const env::Endpoint at{"", port};
    co_return co_await env.network.listen(at);
  };
  EXPECT_EQ(pair.world.run(pair.server, listen_at(pair.server.env(), kPort)).error().code, Errc::address_in_use);
  const auto free = pair.world.run(pair.server, listen_at(pair.server.env(), 0));
  ASSERT_TRUE(free.has_value());
  EXPECT_NE((*free)->local().port, 0);
}

TEST(Network, localhost_is_the_own_machine) {
  Pair pair(1);
  const auto echoed = pair.world.run(pair.server, round_trip(pair.server.env(), "localhost", "hello"));
  EXPECT_EQ(echoed.value(), "hello");
}

TEST(Network, a_writer_waits_until_the_peer_reads) {
  World world(5);
  Node& server = world.add_node("server");
  Node& client = world.add_node("client");
  // Accepts, then waits for the word to read.
  std::unique_ptr<env::Stream> accepted;
  server.spawn([&accepted](env::Env env) -> Task<void> {
    auto listener = co_await env.network.listen({"", kPort});
    auto stream = co_await (*listener)->accept();
    accepted = std::move(*stream);
    co_await env.clock.sleep_for(std::chrono::hours(100));
  });
  world.run_for(1ms);
  auto stream = *world.run(client, connect(client.env(), "server"));
  bool written = false;
  client.spawn([&](env::Env) -> Task<void> {
    static_cast<void>(co_await write_text(*stream, pattern(1'000'000)));
    written = true;
  });
  world.run_for(10s);
  EXPECT_FALSE(written);
  const auto read = world.run(server, read_exactly(*accepted, 1'000'000));
  EXPECT_EQ(read.value(), pattern(1'000'000));
  world.run_for(1s);
  EXPECT_TRUE(written);
  accepted.reset();
}

TEST(Network, close_delivers_what_was_written_then_ends_the_stream) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    Node& server = world.add_node("server");
    Node& client = world.add_node("client");
    server.spawn([](env::Env env) -> Task<void> {
      auto listener = co_await env.network.listen({"", kPort});
      auto stream = co_await (*listener)->accept();
      static_cast<void>(co_await write_text(**stream, pattern(3'000)));
      (*stream)->close();
      co_await env.clock.sleep_for(std::chrono::hours(100));
    });
    world.run_for(1ms);
    auto stream = *world.run(client, connect(client.env(), "server"));
    EXPECT_EQ(world.run(client, read_exactly(*stream, 3'000)).value(), pattern(3'000));
    EXPECT_EQ(world.run(client, read_to_end(*stream)), Errc::end_of_stream);
  }
}

TEST(Network, operations_under_way_fail_with_closed_when_the_own_side_closes) {
  Pair pair(2);
  auto stream = pair.connected();
  std::optional<Errc> code;
  pair.client.spawn([&](env::Env) -> Task<void> { code = co_await read_to_end(*stream); });
  pair.world.run_for(1s);
  EXPECT_FALSE(code.has_value());
  stream->close();
  pair.world.run_for(1s);
  EXPECT_EQ(code, Errc::closed);
}

TEST(Network, a_killed_process_resets_or_ends_its_connections) {
  std::set<Errc> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Pair pair(seed);
    auto stream = pair.connected();
    pair.server.kill();
    seen.insert(pair.world.run(pair.client, read_to_end(*stream), 10s));
    EXPECT_EQ(pair.world.run(pair.client, connect(pair.client.env(), "server")).error().code,
              Errc::connection_refused);
  }
  EXPECT_EQ(seen, (std::set<Errc>{Errc::connection_reset, Errc::end_of_stream}));
}

TEST(Network, a_machine_without_power_is_silent_and_resets_once_it_is_up) {
  Pair pair(4);
  auto stream = pair.connected();
  std::optional<Errc> code;
  pair.client.spawn([&](env::Env) -> Task<void> { code = co_await read_to_end(*stream); });
  pair.server.power_cut();
  pair.world.run_for(std::chrono::hours(1));
  EXPECT_FALSE(code.has_value()) << "a reader that sends nothing learns nothing";
  pair.server.restart(echo_server);
  EXPECT_TRUE(pair.world.run(pair.client, write_text(*stream, "anyone?")).has_value());
  pair.world.run_for(1s);
  EXPECT_EQ(code, Errc::connection_reset);
}

TEST(Network, a_sender_gives_up_on_a_machine_that_stays_silent) {
  Pair pair(4);
  auto stream = pair.connected();
  pair.server.power_cut();
  EXPECT_TRUE(pair.world.run(pair.client, write_text(*stream, "anyone?")).has_value());
  EXPECT_EQ(pair.world.run(pair.client, read_to_end(*stream), 61s), Errc::connection_reset);
  EXPECT_EQ(pair.world.run(pair.client, connect(pair.client.env(), "server"), 61s).error().code, Errc::timed_out);
}

TEST(Network, held_bytes_arrive_after_the_release) {
  Pair pair(6);
  auto stream = pair.connected();
  pair.world.network().hold("client", "server");
  EXPECT_TRUE(pair.world.run(pair.client, write_text(*stream, "hello")).has_value());
  std::optional<std::string> echoed;
  pair.client.spawn([&](env::Env) -> Task<void> {
    const auto text = co_await read_exactly(*stream, 5);
    echoed = text.value();
  });
  pair.world.run_for(4s);
  EXPECT_FALSE(echoed.has_value());
  pair.world.network().release("client", "server");
  pair.world.run_for(1s);
  EXPECT_EQ(echoed, "hello");
}

TEST(Network, a_hold_works_one_way) {
  Pair pair(6);
  auto stream = pair.connected();
  pair.world.network().hold("server", "client");
  // The request arrives and is answered; only the answer is held.
  EXPECT_TRUE(pair.world.run(pair.client, write_text(*stream, "hello")).has_value());
  pair.world.run_for(4s);
  pair.world.network().release("server", "client");
  EXPECT_EQ(pair.world.run(pair.client, read_exactly(*stream, 5)).value(), "hello");
}

TEST(Network, a_cut_resets_both_ends_and_refuses_until_healed) {
  Pair pair(7);
  auto stream = pair.connected();
  pair.world.network().cut("server", "client");
  EXPECT_EQ(pair.world.run(pair.client, read_to_end(*stream)), Errc::connection_reset);
  EXPECT_EQ(pair.world.run(pair.client, connect(pair.client.env(), "server")).error().code,
            Errc::connection_refused);
  pair.world.network().heal("client", "server");
  EXPECT_EQ(pair.world.run(pair.client, round_trip(pair.client.env(), "server", "again")).value(), "again");
}

TEST(Network, a_delay_slows_one_direction) {
  Pair pair(8);
  pair.world.network().delay("server", "client", 3s);
  const Instant before = pair.world.now();
  EXPECT_EQ(pair.world.run(pair.client, round_trip(pair.client.env(), "server", "hi")).value(), "hi");
  EXPECT_GE(pair.world.now() - before, 3s);
  EXPECT_LE(pair.world.now() - before, 7s);
}

TEST(Network, a_dropped_response_breaks_the_connection_after_the_request_took_effect) {
  World world(9);
  Node& server = world.add_node("server");
  Node& client = world.add_node("client");
  int applied = 0;
  server.spawn([&applied](env::Env env) -> Task<void> {
    auto listener = co_await env.network.listen({"", kPort});
    while (true) {
      auto stream = co_await (*listener)->accept();
      const auto request = co_await read_exactly(**stream, 2);
      if (!request) continue;
      ++applied;
      static_cast<void>(co_await write_text(**stream, "ok"));
      co_await env.clock.sleep_for(1s);
    }
  });
  world.run_for(1ms);
  world.network().drop_responses("server", "client", 1);
  auto stream = *world.run(client, connect(client.env(), "server"));
  EXPECT_TRUE(world.run(client, write_text(*stream, "do")).has_value());
  EXPECT_EQ(world.run(client, read_to_end(*stream)), Errc::connection_reset);
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(world.run(client, round_trip(client.env(), "server", "do")).value(), "ok");
  EXPECT_EQ(applied, 2);
}

TEST(Network, send_file_sends_the_slice) {
  Pair pair(10);
  const auto send = [](env::Env env) -> Task<Result<std::string>> {
    B_CO_TRY(auto file, co_await env.disk.open("/f", env::OpenMode::create));
    const std::string text = pattern(200'000);
    const ByteView parts[] = {as_bytes(text)};
    B_CO_TRY_VOID(co_await file->write_at(0, parts));
    B_CO_TRY(auto stream, co_await connect(env, "server"));
    Scope reader(env.executor);
    std::optional<Result<std::string>> echoed;
    Event done(env.executor);
    const auto read = [](env::Stream& from, std::optional<Result<std::string>>& into, Event& end) -> Task<void> {
      into = co_await read_exactly(from, 150'000);
      end.set();
    };
    reader.spawn(read(*stream, echoed, done));
    B_CO_TRY_VOID(co_await stream->send_file(*file, 1'000, 150'000));
    co_await done.wait();
    co_return std::move(*echoed);
  };
  EXPECT_EQ(pair.world.run(pair.client, send(pair.client.env())).value(), pattern(200'000).substr(1'000, 150'000));
}

TEST(Network, send_file_past_the_end_is_truncated) {
  Pair pair(10);
  const auto send = [](env::Env env) -> Task<Result<void>> {
    B_CO_TRY(auto file, co_await env.disk.open("/f", env::OpenMode::create));
    B_CO_TRY(auto stream, co_await connect(env, "server"));
    co_return co_await stream->send_file(*file, 0, 1);
  };
  EXPECT_EQ(pair.world.run(pair.client, send(pair.client.env())).error().code, Errc::truncated);
}

TEST(Network, closed_connections_are_forgotten) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Pair pair(seed);
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(pair.world.run(pair.client, round_trip(pair.client.env(), "server", "hello")).has_value());
    }
    pair.world.run_for(10s);
    EXPECT_EQ(pair.world.network().connections(), 0u);
  }
}

}  // namespace
}  // namespace barnabas::sim
