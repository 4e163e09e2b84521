#include <csignal>

#include "core/async/queue.hpp"
#include "core/env/timeout.hpp"
#include "tests/net/support.hpp"

namespace barnabas::net {
namespace {

Task<void> sleep_and_note(env::Env env, Instant until, int name, std::vector<int>& order) {
  co_await env.clock.sleep_until(until);
  EXPECT_GE(env.clock.now(), until);
  order.push_back(name);
}

TEST(LoopClock, sleepers_wake_by_deadline_and_then_in_order_of_arrival) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<std::vector<int>> {
    std::vector<int> order;
    const Instant start = env.clock.now();
    Scope scope(env.executor);
    scope.spawn(sleep_and_note(env, start + 3ms, 4, order));
    scope.spawn(sleep_and_note(env, start + 1ms, 2, order));
    scope.spawn(sleep_and_note(env, start + 1ms, 3, order));
    scope.spawn(sleep_and_note(env, start - 1ms, 1, order));
    co_await scope.join();
    co_return order;
  };
  EXPECT_EQ(loop.run(all(loop.env())), (std::vector<int>{1, 2, 3, 4}));
}

TEST(LoopClock, a_destroyed_sleeper_is_forgotten) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<std::vector<int>> {
    std::vector<int> order;
    const Instant deadline = env.clock.now() + 1ms;
    {
      Scope scope(env.executor);
      scope.spawn(sleep_and_note(env, deadline, 1, order));
      co_await let_others_run(env);
    }
    co_await env.clock.sleep_until(deadline + 1ms);
    co_return order;
  };
  EXPECT_TRUE(loop.run(all(loop.env())).empty());
}

TEST(LoopClock, wall_time_is_of_this_century) {
  EventLoop loop;
  EXPECT_GT(loop.env().clock.wall().value(), 1'600'000'000'000);
}

Task<void> produce(Queue<int>& queue, int count) {
  for (int i = 0; i < count; ++i) (void)co_await queue.push(i);
  queue.close();
}

TEST(Reactor, a_million_ready_steps_do_not_grow_the_stack) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<std::int64_t> {
    Queue<int> queue(env.executor, 1);
    Scope scope(env.executor);
    scope.spawn(produce(queue, 1'000'000));
    std::int64_t sum = 0;
    while (const auto item = co_await queue.pop()) sum += *item;
    co_await scope.join();
    co_return sum;
  };
  EXPECT_EQ(loop.run(all(loop.env())), 499'999'500'000);
}

Task<void> write_forever(env::Env env, env::File& file, bool& stop, std::uint64_t& writes) {
  (void)env;
  const ByteView parts[] = {as_bytes("x")};
  while (!stop) {
    (void)co_await file.write_at(0, parts);
    ++writes;
  }
}

TEST(Reactor, operations_that_never_wait_leave_others_their_turn) {
  EventLoop loop;
  const TemporaryDirectory directory;
  const auto all = [](env::Env env, std::string path) -> Task<std::uint64_t> {
    auto file = co_await env.disk.open(path, env::OpenMode::create);
    bool stop = false;
    std::uint64_t writes = 0;
    Scope scope(env.executor);
    scope.spawn(write_forever(env, **file, stop, writes));
    auto pair = co_await connected_pair(env);  // Needs the poller, several times.
    stop = true;
    co_await scope.join();
    co_return writes;
  };
  EXPECT_GT(loop.run(all(loop.env(), directory / "file")), 0U);
}

TEST(Offload, work_runs_on_another_thread) {
  EventLoop loop;
  const auto all = [](env::Env env) -> Task<bool> {
    auto other = std::make_shared<pthread_t>(pthread_self());
    std::function<void()> work = [other] { *other = pthread_self(); };
    co_await env.offload.run(std::move(work));
    co_return pthread_equal(*other, pthread_self()) == 0;
  };
  EXPECT_TRUE(loop.run(all(loop.env())));
}

TEST(Offload, work_outlives_a_destroyed_waiter) {
  auto ran = std::make_shared<std::atomic<bool>>(false);
  {
    EventLoop loop;
    const auto all = [](env::Env env, std::shared_ptr<std::atomic<bool>> flag) -> Task<void> {
      std::function<void()> work = [flag] { *flag = true; };
      Task<void> waiting = env.offload.run(std::move(work));
      waiting.start(std::noop_coroutine());
      waiting.reset();
      co_await let_others_run(env);
    };
    loop.run(all(loop.env(), ran));
  }  // Waits for the pool.
  EXPECT_TRUE(*ran);
}

TEST(Signals, termination_calls_the_handler_on_the_loop) {
  EventLoop loop;
  const auto all = [](EventLoop& l) -> Task<int> {
    env::Env env = l.env();
    Event arrived(env.executor);
    int seen = 0;
    l.on_termination([&](int signal) {
      seen = signal;
      arrived.set();
    });
    ::raise(SIGTERM);
    co_await arrived.wait();
    co_return seen;
  };
  EXPECT_EQ(loop.run(all(loop)), SIGTERM);
}

TEST(Random, words_differ) {
  EventLoop loop;
  std::vector<std::uint64_t> words;
  for (int i = 0; i < 100; ++i) words.push_back(loop.env().random.next());
  std::sort(words.begin(), words.end());
  EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end());
}

TEST(Host, tells_a_name_and_a_boot) {
  EventLoop loop;
  EXPECT_FALSE(loop.env().host.name().empty());
  EXPECT_EQ(loop.env().host.boot_id().size(), 36U);
}

TEST(Logger, one_call_writes_one_line_whatever_a_peer_sent) {
  EventLoop loop;
  testing::internal::CaptureStderr();
  loop.env().logger.log(env::LogLevel::info, "test", "below the level");
  loop.env().logger.log(env::LogLevel::warn, "test", "GET / HTTP/1.1\r\n{}");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("test: GET / HTTP/1.1\\x0d\\x0a{}\n"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

}  // namespace
}  // namespace barnabas::net
