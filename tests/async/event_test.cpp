#include "core/async/event.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/async/queue.hpp"
#include "core/async/scope.hpp"
#include "tests/async/fixture.hpp"

namespace barnabas {
namespace {

Task<void> note_when(Event& event, int& noted) {
  co_await event.wait();
  ++noted;
}

TEST(Event, wakes_all_who_wait_and_lets_later_ones_pass) {
  AsyncFixture f;
  Event event(f.env.executor);
  int noted = 0;
  Scope scope(f.env.executor);
  scope.spawn(note_when(event, noted));
  scope.spawn(note_when(event, noted));
  f.settle();
  EXPECT_EQ(noted, 0);
  event.set();
  EXPECT_EQ(noted, 0) << "never inside the call that wakes";
  f.settle();
  EXPECT_EQ(noted, 2);
  scope.spawn(note_when(event, noted));
  f.settle();
  EXPECT_EQ(noted, 3);
}

TEST(Event, a_waiter_destroyed_after_it_was_woken_does_not_resume) {
  AsyncFixture f;
  Event event(f.env.executor);
  int noted = 0;
  Scope scope(f.env.executor);
  scope.spawn(note_when(event, noted));
  f.settle();
  event.set();
  scope.cancel();
  f.settle();
  EXPECT_EQ(noted, 0);
}

TEST(Notification, remembers_nothing) {
  AsyncFixture f;
  Notification changed(f.env.executor);
  changed.notify_all();
  int noted = 0;
  const auto wait = [](Notification& n, int& count) -> Task<void> {
    co_await n.wait();
    ++count;
  };
  Scope scope(f.env.executor);
  scope.spawn(wait(changed, noted));
  f.settle();
  EXPECT_EQ(noted, 0);
  EXPECT_TRUE(changed.has_waiters());
  changed.notify_all();
  f.settle();
  EXPECT_EQ(noted, 1);
}

Task<void> hold(Semaphore& semaphore, std::int64_t count, Event& until, std::string& order, char name) {
  const auto units = co_await semaphore.acquire(count);
  order += name;
  co_await until.wait();
}

TEST(Semaphore, gives_in_order_and_a_large_request_is_not_overtaken) {
  AsyncFixture f;
  Semaphore semaphore(f.env.executor, 2);
  Event first(f.env.executor);
  Event rest(f.env.executor);
  std::string order;
  Scope scope(f.env.executor);
  scope.spawn(hold(semaphore, 1, first, order, 'a'));
  f.settle();
  scope.spawn(hold(semaphore, 2, rest, order, 'b'));
  f.settle();
  scope.spawn(hold(semaphore, 1, rest, order, 'c'));
  f.settle();
  EXPECT_EQ(order, "a") << "one unit is free, but b came before c";
  first.set();
  f.settle();
  EXPECT_EQ(order, "ab");
  rest.set();
  f.settle();
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(semaphore.available(), 2);
}

TEST(Semaphore, units_granted_to_a_destroyed_waiter_go_back) {
  AsyncFixture f;
  Semaphore semaphore(f.env.executor, 1);
  Event never(f.env.executor);
  std::string order;
  auto units = f.run([](Semaphore& s) -> Task<Semaphore::Units> { co_return co_await s.acquire(); }(semaphore));
  auto waiter = std::make_unique<Scope>(f.env.executor);
  waiter->spawn(hold(semaphore, 1, never, order, 'w'));
  f.settle();
  units.release();  // Granted to the waiter, which has not resumed yet.
  EXPECT_EQ(semaphore.available(), 0);
  waiter.reset();
  EXPECT_EQ(semaphore.available(), 1);
  f.settle();
  EXPECT_EQ(order, "");
}

TEST(Semaphore, units_of_a_destroyed_frame_wake_the_next) {
  AsyncFixture f;
  Semaphore semaphore(f.env.executor, 1);
  Event never(f.env.executor);
  std::string order;
  auto holder = std::make_unique<Scope>(f.env.executor);
  holder->spawn(hold(semaphore, 1, never, order, 'a'));
  f.settle();
  Scope next(f.env.executor);
  next.spawn(hold(semaphore, 1, never, order, 'b'));
  f.settle();
  holder.reset();
  f.settle();
  EXPECT_EQ(order, "ab");
}

Task<void> push_all(Queue<int>& queue, int count) {
  for (int i = 0; i < count; ++i) {
    const bool pushed = co_await queue.push(i);
    if (!pushed) co_return;
  }
  queue.close();
}
Task<std::vector<int>> pop_all(Queue<int>& queue) {
  std::vector<int> all;
  while (true) {
    const auto item = co_await queue.pop();
    if (!item) co_return all;
    all.push_back(*item);
  }
}

TEST(Queue, is_bounded_and_first_in_first_out) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    AsyncFixture f(seed);
    Queue<int> queue(f.env.executor, 3);
    Scope scope(f.env.executor);
    scope.spawn(push_all(queue, 100));
    f.settle();
    EXPECT_EQ(queue.size(), 3u);
    EXPECT_FALSE(queue.try_push(0));
    const auto all = f.run(pop_all(queue));
    ASSERT_EQ(all.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
  }
}

TEST(Queue, close_ends_waiting_pushes_and_drains) {
  AsyncFixture f;
  Queue<int> queue(f.env.executor, 1);
  EXPECT_TRUE(queue.try_push(1));
  std::optional<bool> pushed;
  const auto push = [](Queue<int>& q, std::optional<bool>& result) -> Task<void> { result = co_await q.push(2); };
  Scope scope(f.env.executor);
  scope.spawn(push(queue, pushed));
  f.settle();
  queue.close();
  f.settle();
  EXPECT_EQ(pushed, false);
  EXPECT_EQ(f.run(pop_all(queue)), std::vector<int>{1});
}

}  // namespace
}  // namespace barnabas
