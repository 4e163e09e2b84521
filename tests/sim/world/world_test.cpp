#include "sim/world/world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace barnabas::sim {
namespace {

Task<Result<std::string>> write_then_read(env::Env env) {
  B_CO_TRY_VOID(co_await env.disk.create_directories("/d"));
  B_CO_TRY(auto file, co_await env.disk.open("/d/f", env::OpenMode::create));
  const ByteView parts[] = {as_bytes("hello "), as_bytes("world")};
  B_CO_TRY_VOID(co_await file->write_at(0, parts));
  B_CO_TRY_VOID(co_await file->sync());
  co_await env.clock.sleep_for(5ms);
  B_CO_TRY(const Buffer data, co_await file->read_at(0, 100));
  co_return std::string(as_text(data.view()));
}

Task<void> spin(env::Env env, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    Event event(env.executor);
    Scope scope(env.executor);
    const auto set = [](Event& e) -> Task<void> {
      e.set();
      co_return;
    };
    scope.spawn(set(event));
    co_await event.wait();
  }
}

TEST(World, run_drives_a_task_to_its_end) {
  World world(1);
  Node& a = world.add_node("a");
  const auto result = world.run(a, write_then_read(a.env()));
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(*result, "hello world");
  EXPECT_GE(world.elapsed(), 5ms);
}

TEST(World, a_task_that_waits_for_nothing_is_a_deadlock) {
  World world(1);
  Node& a = world.add_node("a");
  const auto wait = [](env::Env env) -> Task<void> {
    Event event(env.executor);
    co_await event.wait();
  };
  EXPECT_THROW(world.run(a, wait(a.env())), Stuck);
}

TEST(World, a_node_that_is_never_idle_is_a_livelock) {
  World::Options options;
  options.limits.resumptions_per_window = 100'000;
  World world(1, options);
  Node& a = world.add_node("a");
  EXPECT_THROW(world.run(a, spin(a.env(), 1'000'000'000)), Stuck);
  EXPECT_TRUE(world.livelock());
}

TEST(World, the_limit_of_virtual_time_holds) {
  World world(1);
  Node& a = world.add_node("a");
  EXPECT_THROW(world.run(a, a.env().clock.sleep_for(2h), 1h), Stuck);
  EXPECT_EQ(world.elapsed(), 1h);
}

TEST(World, an_error_line_fails_the_run) {
  World world(1);
  Node& a = world.add_node("a");
  const auto complain = [](env::Env env) -> Task<void> {
    env.logger.log(env::LogLevel::error, "test", "this should never happen");
    co_return;
  };
  EXPECT_THROW(world.run(a, complain(a.env())), Stuck);
}

TEST(World, every_resumption_costs_time_on_its_own_node_only) {
  World world(1);
  Node& a = world.add_node("a");
  Node& b = world.add_node("b");
  world.run(a, spin(a.env(), 1'000));
  const Duration alone = world.elapsed();
  EXPECT_GE(alone, 2ms);
  bool b_done = false;
  b.spawn([&](env::Env env) -> Task<void> {
    co_await spin(env, 1'000);
    b_done = true;
  });
  world.run(a, spin(a.env(), 1'000));
  world.run_for(alone / 2);
  EXPECT_TRUE(b_done);
}

// A run in which much depends on the order of things.
std::uint64_t busy_hash(std::uint64_t seed) {
  World world(seed);
  for (const char* name : {"a", "b", "c"}) {
    world.add_node(name).spawn([](env::Env env) -> Task<void> {
      for (int i = 0; i < 20; ++i) {
        static_cast<void>(co_await write_then_read(env));
        co_await env.clock.sleep_for(Duration(static_cast<std::int64_t>(env.random.next() % 1'000'000)));
      }
    });
  }
  world.after(50ms, [&] { world.node("b").kill(); });
  world.after(60ms, [&] { world.node("c").power_cut(); });
  world.run_for(1s);
  return world.hash();
}

TEST(Determinism, one_seed_gives_one_hash) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) EXPECT_EQ(busy_hash(seed), busy_hash(seed)) << seed;
}

TEST(Determinism, another_seed_gives_another_hash) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) hashes.insert(busy_hash(seed));
  EXPECT_EQ(hashes.size(), 50u);
}

TEST(Determinism, a_trace_sink_does_not_change_the_run) {
  const auto run = [](bool traced) {
    World world(7);
    if (traced) world.trace().set_sink([](std::string_view) {});
    Node& a = world.add_node("a");
    static_cast<void>(world.run(a, write_then_read(a.env())));
    return world.hash();
  };
  EXPECT_EQ(run(false), run(true));
}

TEST(Determinism, the_seed_decides_which_ready_coroutine_runs_next) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    World world(seed);
    Node& a = world.add_node("a");
    std::string order;
    for (const char c : {'1', '2', '3'}) {
      a.spawn([&order, c](env::Env) -> Task<void> {
        order += c;
        co_return;
      });
    }
    world.run_for(1s);
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(NodeClock, monotonic_and_wall_are_unrelated_and_advance_together) {
  World world(3);
  Node& a = world.add_node("a");
  Node& b = world.add_node("b");
  EXPECT_NE(a.env().clock.now(), b.env().clock.now());
  const Instant before = a.env().clock.now();
  const Timestamp wall = a.env().clock.wall();
  world.run_for(10s);
  EXPECT_EQ(a.env().clock.now() - before, 10s);
  EXPECT_EQ(a.env().clock.wall() - wall, 10'000);
}

TEST(NodeClock, the_wall_steps_and_the_monotonic_clock_does_not) {
  World world(3);
  Node& a = world.add_node("a");
  const Instant before = a.env().clock.now();
  const Timestamp wall = a.env().clock.wall();
  a.clock().step_wall(std::chrono::milliseconds(-60'000));
  EXPECT_EQ(a.env().clock.now(), before);
  EXPECT_EQ(a.env().clock.wall() - wall, -60'000);
}

TEST(NodeClock, drift_makes_timers_early_or_late) {
  World world(3);
  Node& a = world.add_node("a");
  for (const std::int32_t drift : {-100'000, 100'000}) {
    a.clock().set_drift(world.now(), drift);
    const Instant start = world.now();
    const Instant local = a.env().clock.now();
    world.run(a, a.env().clock.sleep_for(10s));
    EXPECT_GE(a.env().clock.now() - local, 10s);
    EXPECT_EQ(world.now() - start > 10s, drift < 0);
  }
}

TEST(NodeClock, a_timer_set_before_a_change_of_drift_is_never_early) {
  World world(3);
  Node& a = world.add_node("a");
  const Instant local = a.env().clock.now();
  world.after(1s, [&] { a.clock().set_drift(world.now(), -100'000); });
  world.run(a, a.env().clock.sleep_for(10s));
  EXPECT_GE(a.env().clock.now() - local, 10s);
}

TEST(Node, a_kill_ends_everything_the_process_asked_for) {
  World world(1);
  Node& a = world.add_node("a");
  int ticks = 0;
  const auto tick = [&ticks](env::Env env) -> Task<void> {
    while (true) {
      co_await env.clock.sleep_for(1s);
      ++ticks;
    }
  };
  a.spawn(tick);
  world.run_for(10s + 500ms);
  EXPECT_EQ(ticks, 10);
  a.kill();
  EXPECT_FALSE(a.alive());
  world.run_for(10s);
  EXPECT_EQ(ticks, 10);
  a.restart(tick);
  world.run_for(10s + 500ms);
  EXPECT_EQ(ticks, 20);
}

TEST(Node, may_be_killed_by_its_own_coroutine) {
  World world(1);
  Node& a = world.add_node("a");
  bool after = false;
  a.spawn([&](env::Env env) -> Task<void> {
    a.kill();
    co_await env.clock.sleep_for(1ms);
    after = true;
  });
  world.run_for(1s);
  EXPECT_FALSE(a.alive());
  EXPECT_FALSE(after);
}

TEST(Node, nothing_resumes_on_the_env_of_a_dead_incarnation) {
  World world(1);
  Node& a = world.add_node("a");
  const env::Env old = a.env();
  a.restart();
  bool resumed = false;
  const auto wait = [](env::Env env, bool& flag) -> Task<void> {
    co_await env.clock.sleep_for(1ms);
    flag = true;
  };
  a.spawn([&](env::Env) { return wait(old, resumed); });
  world.run_for(1s);
  EXPECT_FALSE(resumed);
}

TEST(Node, the_boot_id_tells_a_power_cut_from_a_kill) {
  World world(1);
  Node& a = world.add_node("a");
  const std::string first = a.env().host.boot_id();
  a.kill();
  a.restart();
  EXPECT_EQ(a.env().host.boot_id(), first);
  a.power_cut();
  a.restart();
  EXPECT_NE(a.env().host.boot_id(), first);
}

TEST(Node, a_paused_process_runs_nothing_and_then_catches_up) {
  World world(1);
  Node& a = world.add_node("a");
  Instant woken{};
  a.spawn([&](env::Env env) -> Task<void> {
    co_await env.clock.sleep_for(1s);
    woken = world.now();
  });
  a.pause();
  world.run_for(10s);
  EXPECT_EQ(woken, Instant{});
  a.unpause();
  world.run_for(1s);
  EXPECT_GE(woken.time_since_epoch(), 10s);
}

TEST(Node, offloaded_work_takes_time_and_dies_with_the_process) {
  World world(1);
  Node& a = world.add_node("a");
  int done = 0;
  const auto work = [&done] { ++done; };
  const Instant before = world.now();
  world.run(a, a.env().offload.run(work));
  EXPECT_EQ(done, 1);
  EXPECT_GE(world.now() - before, 20us);
  a.spawn([&](env::Env env) { return env.offload.run(work); });
  world.step();
  a.kill();
  world.run_for(1s);
  EXPECT_EQ(done, 1);
}

TEST(Trace, lines_are_json_objects_and_the_sink_gets_each) {
  World world(1);
  std::vector<std::string> lines;
  world.trace().set_sink([&](std::string_view line) { lines.emplace_back(line); });
  Node& a = world.add_node("a");
  a.env().logger.log(env::LogLevel::info, "x", "quote \" and \n");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0],
            "{\"t\":0.000000000,\"node\":\"a\",\"event\":\"log\",\"level\":\"info\",\"component\":\"x\","
            "\"line\":\"quote \\\" and \\u000a\"}");
  EXPECT_EQ(world.trace().lines().back(), lines[0]);
}

}  // namespace
}  // namespace barnabas::sim
