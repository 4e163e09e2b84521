// Clients on the wire write without pause while the server is killed or loses its power, again and again: what was
// answered is there afterwards, once, and nothing of the server outlives its crash (under ASan).
#include <gtest/gtest.h>

#include <set>

#include "core/env/timeout.hpp"
#include "core/zookeeper/wire/multi.hpp"
#include "tests/zookeeper/server_node.hpp"

namespace barnabas::zookeeper {
namespace {

constexpr std::uint16_t kPort = 2181;

struct Answered {
  std::set<std::string> created;
  int connections = 0;
};

Task<Result<std::vector<std::byte>>> read_frame(env::Stream& stream) {
  std::vector<std::byte> bytes(4);
  for (std::size_t have = 0; have < bytes.size();) {
    B_CO_TRY(const std::size_t count, co_await stream.read_some(MutableByteView(bytes).subspan(have)));
    have += count;
    if (have == 4) bytes.resize(4 + static_cast<std::size_t>(load_big_endian<std::int32_t>(bytes.data())));
  }
  co_return bytes;
}

Task<Result<std::vector<std::byte>>> exchange(env::Stream& stream, std::vector<std::byte> frame) {
  const ByteView parts[] = {frame};
  B_CO_TRY_VOID(co_await stream.write(parts));
  co_return co_await read_frame(stream);
}

// One connection: creates until it breaks.
Task<Result<void>> write_until_broken(env::Env env, std::string name, int& next, Answered& answered) {
  const env::Endpoint server{"a", kPort};
  B_CO_TRY(const auto stream, co_await env.network.connect(server));
  const wire::ConnectRequest hello{0, Zxid(0), 10'000, kNoSession, Buffer::copy_of(Password{}), false};
  std::vector<std::byte> greeting = wire::frame_of(hello);
  B_CO_TRY(const auto welcome, co_await exchange(*stream, std::move(greeting)));
  ++answered.connections;
  while (true) {
    const std::string path = "/" + name + "-" + std::to_string(next++);
    const wire::CreateRequest create{path, Buffer(), to_vector(nullptr), 0};
    std::vector<std::byte> request = wire::frame_of(wire::RequestHeader{next, wire::OpCode::create}, create);
    B_CO_TRY(const auto reply, co_await exchange(*stream, std::move(request)));
    const auto code = static_cast<Code>(load_big_endian<std::int32_t>(reply.data() + 16));
    if (code == Code::ok) answered.created.insert(path);
  }
}

Task<void> keep_writing(env::Env env, std::string name, Answered& answered) {
  int next = 0;
  while (true) {
    // A server without power says nothing; whoever waits for its answer only has its own patience.
    const Instant deadline = env.clock.now() + 500ms;
    Task<Result<void>> writing = write_until_broken(env, name, next, answered);
    (void)co_await env::with_deadline(env.executor, env.clock, deadline, std::move(writing));
    co_await env.clock.sleep_for(20ms);
  }
}

void run_seed(std::uint64_t seed) {
  Answered answered;
  ServerNode server(seed, 4'000);  // Snapshots are frequent.
  sim::Node& clients = server.world.add_node("b");
  Prng prng = server.world.stream("test");
  const auto start = [&] {
    ASSERT_TRUE(server.open().has_value());
    WireOptions options;
    options.at = {"a", kPort};
    ASSERT_TRUE(server.world.run(server.node, server.server->listen(std::move(options))).has_value());
  };
  start();
  for (int i = 0; i < 4; ++i) {
    clients.spawn_task(keep_writing(clients.env(), "w" + std::to_string(i), answered));
  }
  for (int round = 0; round < 4; ++round) {
    server.world.run_for(std::chrono::milliseconds(prng.between(1, 400)));
    if (prng.between(0, 1) == 0) {
      server.kill();
    } else {
      server.power_cut();
    }
    start();
  }
  server.world.run_for(2s);
  clients.kill();
  EXPECT_GT(answered.connections, 4);
  EXPECT_GT(answered.created.size(), 20U);
  for (const std::string& path : answered.created) {
    EXPECT_NE(server.server->tree().find(path), nullptr) << path << " was answered, seed " << seed;
  }
}

TEST(WireServerCrash, what_was_answered_is_there_afterwards) {
  for (std::uint64_t seed = 1; seed <= 20 && !testing::Test::HasFailure(); ++seed) run_seed(seed);
}

}  // namespace
}  // namespace barnabas::zookeeper
