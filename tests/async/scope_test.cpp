#include "core/async/scope.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/env/timeout.hpp"
#include "tests/async/fixture.hpp"

namespace barnabas {
namespace {

struct NoteEnd {
  std::string& ends;
  char name;
  ~NoteEnd() { ends += name; }
};

Task<void> wait_for(Event& event, std::string& ends, char name) {
  const NoteEnd note{ends, name};
  co_await event.wait();
}

TEST(Scope, starts_tasks_through_the_executor) {
  AsyncFixture f;
  bool started = false;
  const auto start = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  Scope scope(f.env.executor);
  scope.spawn(start(started));
  EXPECT_FALSE(started);
  EXPECT_EQ(scope.size(), 1u);
  f.settle();
  EXPECT_TRUE(started);
  EXPECT_EQ(scope.size(), 0u);
}

TEST(Scope, cancel_destroys_the_last_spawned_first) {
  AsyncFixture f;
  Event never(f.env.executor);
  std::string ends;
  Scope scope(f.env.executor);
  for (const char name : {'a', 'b', 'c'}) scope.spawn(wait_for(never, ends, name));
  f.settle();
  scope.cancel();
  EXPECT_EQ(ends, "cba");
  EXPECT_EQ(scope.size(), 0u);
}

TEST(Scope, cancel_reaches_tasks_that_have_not_started) {
  AsyncFixture f;
  Event never(f.env.executor);
  std::string ends;
  {
    Scope scope(f.env.executor);
    scope.spawn(wait_for(never, ends, 'a'));
  }
  f.settle();
  EXPECT_EQ(ends, "");
}

TEST(Scope, join_waits_for_all) {
  AsyncFixture f;
  Event go(f.env.executor);
  std::string ends;
  Scope scope(f.env.executor);
  for (const char name : {'a', 'b'}) scope.spawn(wait_for(go, ends, name));
  bool joined = false;
  f.node.spawn([&](env::Env) -> Task<void> {
    co_await scope.join();
    joined = true;
  });
  f.settle();
  EXPECT_FALSE(joined);
  go.set();
  f.settle();
  EXPECT_TRUE(joined);
}

Task<Result<int>> answer_after(env::Env env, Duration delay) {
  co_await env.clock.sleep_for(delay);
  co_return 42;
}

TEST(WithDeadline, gives_the_result_when_it_comes_in_time) {
  AsyncFixture f;
  const Instant deadline = f.env.clock.now() + 2s;
  EXPECT_EQ(f.run(env::with_deadline(f.env.executor, f.env.clock, deadline, answer_after(f.env, 1s))).value(), 42);
  EXPECT_LT(f.world.elapsed(), 2s);
}

TEST(WithDeadline, times_out_and_destroys_the_task) {
  AsyncFixture f;
  int alive = 0;
  const auto slow = [](env::Env env, int& count) -> Task<Result<int>> {
    const Alive guard(count);
    co_return co_await answer_after(env, 10s);
  };
  const Instant deadline = f.env.clock.now() + 2s;
  const auto result = f.run(env::with_deadline(f.env.executor, f.env.clock, deadline, slow(f.env, alive)));
  EXPECT_EQ(result.error().code, Errc::timed_out);
  EXPECT_EQ(alive, 0);
  EXPECT_LT(f.world.elapsed(), 3s);
}

TEST(WithDeadline, leaves_no_timer_behind) {
  AsyncFixture f;
  const Instant deadline = f.env.clock.now() + 1000s;
  static_cast<void>(f.run(env::with_deadline(f.env.executor, f.env.clock, deadline, answer_after(f.env, 1s))));
  f.settle();
  EXPECT_TRUE(f.world.kernel().scheduler.empty());
}

TEST(WaitUntil, ends_with_the_notification_or_the_deadline) {
  AsyncFixture f;
  Notification changed(f.env.executor);
  const Instant start = f.env.clock.now();
  f.run(env::wait_until(f.env.executor, f.env.clock, changed, start + 3s));
  EXPECT_GE(f.env.clock.now(), start + 3s);
  f.world.after(1s, [&] { changed.notify_all(); });
  f.run(env::wait_until(f.env.executor, f.env.clock, changed, f.env.clock.now() + 100s));
  EXPECT_LT(f.env.clock.now(), start + 10s);
}

}  // namespace
}  // namespace barnabas
