// The crash contract, at every suspension point: a node that dies after any number of events runs nothing more,
// frees every frame, and disturbs nobody else. Meant to run under AddressSanitizer.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/async/queue.hpp"
#include "core/env/timeout.hpp"
#include "tests/async/fixture.hpp"

namespace barnabas {
namespace {

// What the coroutines of the doomed node report to.
struct Witness {
  int alive = 0;
  bool dead = false;
  int steps_after_death = 0;
  bool finished = false;

  void step() {
    if (dead) ++steps_after_death;
  }
};

constexpr std::uint16_t kPort = 7000;

Task<int> nested(env::Env env, Witness& w, int depth) {
  const Alive guard(w.alive);
  if (depth == 0) {
    co_await env.clock.sleep_for(10us);
    w.step();
    co_return 1;
  }
  const int below = co_await nested(env, w, depth - 1);
  w.step();
  co_return below + 1;
}

Task<void> use_semaphore(env::Env env, Witness& w, Semaphore& semaphore) {
  const Alive guard(w.alive);
  for (int i = 0; i < 3; ++i) {
    const auto units = co_await semaphore.acquire(2);
    w.step();
    co_await env.clock.sleep_for(5us);
    w.step();
  }
}

Task<void> produce(Witness& w, Queue<std::string>& queue) {
  const Alive guard(w.alive);
  for (int i = 0; i < 6; ++i) {
    const bool pushed = co_await queue.push(std::string(100, 'q'));
    B_CHECK(pushed);
    w.step();
  }
  queue.close();
}

Task<void> consume(Witness& w, Queue<std::string>& queue, Event& drained) {
  const Alive guard(w.alive);
  while (true) {
    const auto item = co_await queue.pop();
    w.step();
    if (!item) break;
  }
  drained.set();
}

Task<Result<void>> use_disk(env::Env env, Witness& w) {
  const Alive guard(w.alive);
  B_CO_TRY_VOID(co_await env.disk.create_directories("/d"));
  w.step();
  B_CO_TRY(const auto lock, co_await env.disk.lock("/d/.lock"));
  B_CO_TRY(auto file, co_await env.disk.open("/d/f", env::OpenMode::create));
  const std::string text(3'000, 'x');
  const ByteView parts[] = {as_bytes(text), as_bytes(text)};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  w.step();
  B_CO_TRY_VOID(co_await file->sync());
  B_CO_TRY_VOID(co_await env.disk.sync_directory("/d"));
  w.step();
  B_CO_TRY(const Buffer data, co_await file->read_at(100, 1'000));
  B_CHECK_OP(data.size(), ==, 1'000u);
  B_CO_TRY_VOID(co_await file->truncate(10));
  B_CO_TRY_VOID(co_await env.disk.rename("/d/f", "/d/g"));
  B_CO_TRY(const auto names, co_await env.disk.list("/d"));
  B_CO_TRY_VOID(co_await env.disk.remove("/d/g"));
  w.step();
  co_return Result<void>{};
}

Task<void> echo(std::unique_ptr<env::Stream> stream, Witness* w) {
  int unused = 0;
  const Alive guard(w ? w->alive : unused);
  std::array<std::byte, 512> buffer{};
  while (true) {
    const auto count = co_await stream->read_some(buffer);
    if (w) w->step();
    if (!count) co_return;
    const ByteView parts[] = {ByteView(buffer).first(*count)};
    const auto written = co_await stream->write(parts);
    if (w) w->step();
    if (!written) co_return;
  }
}

Task<void> serve(env::Env env, Witness* w) {
  Scope connections(env.executor);
  auto listener = co_await env.network.listen({"", kPort});
  if (!listener) co_return;
  while (true) {
    auto stream = co_await (*listener)->accept();
    if (w) w->step();
    if (!stream) co_return;
    connections.spawn(echo(std::move(*stream), w));
  }
}

Task<Result<void>> talk(env::Env env, Witness& w, std::string host) {
  const Alive guard(w.alive);
  const env::Endpoint to{host, kPort};
  B_CO_TRY(auto stream, co_await env.network.connect(to));
  w.step();
  const std::string text(2'000, 't');
  const ByteView parts[] = {as_bytes(text)};
  B_CO_TRY_VOID(co_await stream->write(parts));
  w.step();
  std::array<std::byte, 300> buffer{};
  for (std::size_t total = 0; total < text.size();) {
    B_CO_TRY(const std::size_t count, co_await stream->read_some(buffer));
    w.step();
    total += count;
  }
  co_return Result<void>{};
}

Task<Result<int>> never_answers(env::Env env, Witness& w) {
  const Alive guard(w.alive);
  Event never(env.executor);
  co_await never.wait();
  co_return 0;
}

// Touches every awaitable there is.
Task<void> everything(env::Env env, Witness& w) {
  const Alive guard(w.alive);
  Semaphore semaphore(env.executor, 3);
  Queue<std::string> queue(env.executor, 2);
  Event drained(env.executor);
  Notification changed(env.executor);
  Scope scope(env.executor);
  scope.spawn(serve(env, &w));
  for (int i = 0; i < 3; ++i) scope.spawn(use_semaphore(env, w, semaphore));
  scope.spawn(produce(w, queue));
  scope.spawn(consume(w, queue, drained));
  const int depth = co_await nested(env, w, 4);
  B_CHECK_OP(depth, ==, 5);
  co_await env.offload.run([text = std::string(1'000, 'o')] { B_CHECK(!text.empty()); });
  w.step();
  const auto disk = co_await use_disk(env, w);
  B_CHECK(disk.has_value());
  const auto peer = co_await talk(env, w, "peer");
  B_CHECK(peer.has_value());
  const auto self = co_await talk(env, w, "localhost");
  B_CHECK(self.has_value());
  const Instant soon = env.clock.now() + 50us;
  const auto late = co_await env::with_deadline(env.executor, env.clock, soon, never_answers(env, w));
  B_CHECK(!late.has_value());
  w.step();
  co_await env::wait_until(env.executor, env.clock, changed, env.clock.now() + 50us);
  w.step();
  co_await drained.wait();
  w.finished = true;
}

enum class Way { kill, power_cut, world_ends, scope_ends };

// Ends the program after `events` events; false when it was finished before.
bool end_after(std::uint64_t seed, std::uint64_t events, Way way) {
  Witness w;
  {
    sim::World world(seed);
    sim::Node& node = world.add_node("a");
    sim::Node& peer = world.add_node("peer");
    peer.spawn([](env::Env env) { return serve(env, nullptr); });
    Scope scope(node.env().executor);
    if (way == Way::scope_ends) {
      scope.spawn(everything(node.env(), w));
    } else {
      node.spawn([&w](env::Env env) { return everything(env, w); });
    }
    for (std::uint64_t i = 0; i < events && !w.finished; ++i) world.step();
    const bool finished = w.finished;
    if (way == Way::kill) node.kill();
    if (way == Way::power_cut) node.power_cut();
    if (way == Way::scope_ends) scope.cancel();
    if (way != Way::world_ends) {
      w.dead = true;
      EXPECT_EQ(w.alive, 0) << "frames left after " << events << " events, seed " << seed;
      // The others live on, and a new process does the same work.
      world.run_for(1s);
      if (way != Way::scope_ends) node.restart();
      Witness second;
      world.run(node, everything(node.env(), second));
      EXPECT_TRUE(second.finished);
    }
    if (finished) return false;
  }
  EXPECT_EQ(w.alive, 0);
  EXPECT_EQ(w.steps_after_death, 0);
  return true;
}

void end_everywhere(Way way, std::uint64_t seeds) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    std::uint64_t events = 1;
    while (end_after(seed, events, way) && !testing::Test::HasFailure()) ++events;
    EXPECT_GT(events, 100u) << "the program is longer than that";
  }
}

TEST(Crash, a_kill_at_any_point_leaves_nothing_behind) { end_everywhere(Way::kill, 4); }
TEST(Crash, a_power_cut_at_any_point_leaves_nothing_behind) { end_everywhere(Way::power_cut, 4); }
TEST(Crash, the_end_of_the_world_at_any_point_leaves_nothing_behind) { end_everywhere(Way::world_ends, 4); }
TEST(Crash, a_cancelled_scope_at_any_point_leaves_nothing_behind) { end_everywhere(Way::scope_ends, 4); }

TEST(Crash, a_million_ready_resumptions_do_not_grow_the_stack) {
  sim::World::Options options;
  options.limits.resumptions_per_window = 100'000'000;
  sim::World world(1, options);
  sim::Node& node = world.add_node("a");
  const auto ping = [](Queue<int>& in, Queue<int>& out, int rounds) -> Task<void> {
    for (int i = 0; i < rounds; ++i) {
      const auto item = co_await in.pop();
      static_cast<void>(co_await out.push(*item + 1));
    }
  };
  Queue<int> left(node.env().executor, 1);
  Queue<int> right(node.env().executor, 1);
  EXPECT_TRUE(left.try_push(0));
  constexpr int kRounds = 500'000;
  node.spawn_task(ping(left, right, kRounds));
  world.run(node, ping(right, left, kRounds));
  const auto last = world.run(node, left.pop());
  EXPECT_EQ(last, 2 * kRounds);
}

}  // namespace
}  // namespace barnabas
