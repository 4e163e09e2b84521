#include "core/async/task.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/async/fixture.hpp"

namespace barnabas {
namespace {

Task<int> seven() { co_return 7; }
Task<int> sum_of(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await seven();
  co_return sum;
}

TEST(Task, is_lazy) {
  bool started = false;
  const auto start = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  {
    const Task<void> task = start(started);
    EXPECT_FALSE(task.done());
  }
  EXPECT_FALSE(started);
}

TEST(Task, gives_its_value_to_its_awaiter) {
  AsyncFixture f;
  EXPECT_EQ(f.run(sum_of(3)), 21);
}

TEST(Task, moves_values_that_cannot_be_copied) {
  AsyncFixture f;
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  EXPECT_EQ(*f.run(make()), 5);
}

TEST(Task, destroying_it_destroys_the_tasks_it_awaits) {
  AsyncFixture f;
  int alive = 0;
  const auto inner = [](env::Env env, int& count) -> Task<void> {
    const Alive guard(count);
    Event never(env.executor);
    co_await never.wait();
  };
  const auto outer = [](env::Env env, int& count, auto next) -> Task<void> {
    const Alive guard(count);
    co_await next(env, count);
  };
  Scope scope(f.env.executor);
  scope.spawn(outer(f.env, alive, inner));
  f.settle();
  EXPECT_EQ(alive, 2);
  scope.cancel();
  EXPECT_EQ(alive, 0);
}

TEST(Task, a_long_chain_that_is_always_ready_does_not_grow_the_stack) {
  // A million tasks, one after the other, each done at once. Each resumption of the loop is symmetric transfer, which
  // is not a jump everywhere; the executor is asked every thousand rounds, as the house rule for such loops has it.
  AsyncFixture f;
  const auto loop = [](env::Env env) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 1'000; ++i) {
      sum += co_await sum_of(1'000) / 7'000;
      co_await env.clock.sleep_until(env.clock.now());
    }
    co_return sum;
  };
  EXPECT_EQ(f.run(loop(f.env)), 1'000);
}

}  // namespace
}  // namespace barnabas
