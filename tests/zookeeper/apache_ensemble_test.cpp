// Session clients on a real ensemble whose servers are killed, paused and restarted meanwhile
// (tests/zookeeper/apache.py does that). Runs for BARNABAS_ZOOKEEPER_SECONDS against the servers that
// BARNABAS_ZOOKEEPER names; else it is skipped.
//
// No order of writes can be read from real servers, so what is checked is what counting shows: a counter that one
// session raises with set_if stands at what was told done; each sequential znode that was told done is there once; who
// watches has the newest of everything in the end, and never reads a change before its watch has told of it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "core/async/gather.hpp"
#include "core/zookeeper/recipes/current.hpp"
#include "core/zookeeper/recipes/write_once.hpp"
#include "core/zookeeper/session_client/session_client.hpp"
#include "net/event_loop.hpp"

namespace barnabas::zookeeper {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kWriters = 4;

Data text(const std::string& value) { return Buffer::copy_of(as_bytes(value)); }
std::string text_of(const Data& data) { return data ? std::string(as_text(data->view())) : std::string(); }

struct Totals {
  std::size_t counted = 0;   // Increments that were told done.
  std::size_t appended = 0;  // Sequential creations that were told done.
  std::size_t unknown = 0;   // Of either.
  std::size_t sessions = 0;
  std::size_t watches_fired = 0;
};

class RealEnsemble {
 public:
  RealEnsemble(std::string servers, Duration lasts) : servers_(std::move(servers)), lasts_(lasts) {}

  Totals run() {
    loop_.run(everything());
    return totals_;
  }

 private:
  env::Env env() { return loop_.env(); }
  Retry retry() { return {env().clock, milliseconds(100), seconds(120)}; }
  static std::string counter(std::size_t writer) { return "/counters/" + std::to_string(writer); }

  // Opens until there is a session.
  Task<std::unique_ptr<SessionClient>> open() {
    while (true) {
      SessionOptions options;
      options.servers = *parse_connect_string(servers_ + chroot_);
      options.session_timeout = seconds(10);
      options.connection_timeout = seconds(30);
      auto client = co_await SessionClient::open(env(), std::move(options));
      if (client) {
        ++totals_.sessions;
        co_return std::move(*client);
      }
      co_await env().clock.sleep_for(milliseconds(200));
    }
  }

  Task<void> everything() {
    chroot_ = "/barnabas-" + std::to_string(env().random.next() % 1'000'000'000);
    end_ = env().clock.now() + lasts_;
    auto client = co_await open();
    for (const char* parent : {"/counters", "/list"}) co_await make(*client, parent, std::nullopt);
    for (std::size_t i = 0; i < kWriters; ++i) co_await make(*client, counter(i), text("0"));
    std::vector<Task<Result<void>>> tasks;
    for (std::size_t i = 0; i < kWriters; ++i) tasks.push_back(count(i));
    for (std::size_t i = 0; i < kWriters; ++i) tasks.push_back(append(i));
    tasks.push_back(follow());
    tasks.push_back(watch());
    (void)co_await gather(env().executor, std::move(tasks), 100);
    co_await check_list();
  }
  // Again until it is there: nobody else makes it.
  Task<void> make(SessionClient& client, std::string path, Data data) {
    while (true) {
      const auto made = co_await client.create(path, data, CreateMode::persistent);
      if (made || made.error().code == Errc::already_exists) co_return;
      EXPECT_FALSE(client.over().is_set());
      co_await env().clock.sleep_for(milliseconds(100));
    }
  }
  // What the leader has, after everything before.
  Task<NodeData> read(std::string path) {
    while (true) {
      auto client = co_await open();
      const Result<void> synced = co_await client->sync(path);
      if (!synced) continue;
      auto node = co_await client->get(path);
      (void)co_await client->close();
      if (node) co_return std::move(*node);
    }
  }

  Task<Result<void>> count(std::size_t writer) {
    Stat stat = (co_await read(counter(writer))).stat;
    while (env().clock.now() < end_) {
      const auto client = co_await open();
      bool in_doubt = false;
      while (!client->over().is_set() && env().clock.now() < end_) {
        const std::string path = counter(writer);
        const Data data = text(std::to_string(stat.version + 1));
        const Result<Stat> next = co_await set_if(*client, retry(), path, data, stat);
        if (next) {
          EXPECT_EQ(next->version, stat.version + 1);
          stat = *next;
          ++totals_.counted;
        } else {
          EXPECT_NE(outcome_of(next.error()), Outcome::refused) << next.error().to_string();
          in_doubt = true;
          ++totals_.unknown;
          break;
        }
        co_await env().clock.sleep_for(milliseconds(5));
      }
      (void)co_await client->close();
      stat = co_await settle(writer, stat, in_doubt);
    }
    const NodeData node = co_await read(counter(writer));
    EXPECT_EQ(node.stat, stat);
    EXPECT_EQ(text_of(node.data), std::to_string(stat.version));
    ++finished_;
    co_return Result<void>();
  }
  // A session is over: an increment without an answer has taken effect or has not, and never will.
  Task<Stat> settle(std::size_t writer, Stat before, bool in_doubt) {
    const NodeData node = co_await read(counter(writer));
    EXPECT_TRUE(node.stat.version == before.version || (in_doubt && node.stat.version == before.version + 1));
    co_return node.stat;
  }

  Task<Result<void>> append(std::size_t writer) {
    std::size_t number = 0;
    while (env().clock.now() < end_) {
      const auto client = co_await open();
      while (!client->over().is_set() && env().clock.now() < end_) {
        const std::string tag = std::to_string(writer) + "-" + std::to_string(++number);
        std::string prefix = "/list/n-";
        const Data data = text(tag);
        const auto made = co_await client->create(std::move(prefix), data, CreateMode::sequential);
        if (made) {
          EXPECT_TRUE(done_.emplace(*made, tag).second);
          ++totals_.appended;
        } else {
          EXPECT_NE(outcome_of(made.error()), Outcome::refused) << made.error().to_string();
          maybe_.insert(tag);
          ++totals_.unknown;
        }
        co_await env().clock.sleep_for(milliseconds(20));
      }
      (void)co_await client->close();
    }
    ++finished_;
    co_return Result<void>();
  }
  // A session that sees everything before it.
  Task<std::unique_ptr<SessionClient>> open_synced() {
    while (true) {
      auto client = co_await open();
      const Result<void> synced = co_await client->sync("/");
      if (synced) co_return client;
    }
  }
  // Servers still come and go meanwhile.
  Task<Children> read_list() {
    while (true) {
      const auto client = co_await open_synced();
      auto children = co_await client->children("/list");
      (void)co_await client->close();
      if (children) co_return std::move(*children);
    }
  }
  Task<void> check_list() {
    const Children children = co_await read_list();
    auto client = co_await open_synced();
    std::set<std::string> tags;
    for (const std::string& name : children.names) {
      const std::string path = "/list/" + name;
      auto node = co_await client->get(path);
      while (!node && outcome_of(node.error()) != Outcome::refused) {
        if (client->over().is_set()) client = co_await open_synced();
        node = co_await client->get(path);
      }
      EXPECT_TRUE(node.has_value()) << node.error().to_string();
      if (!node) continue;
      const std::string tag = text_of(node->data);
      EXPECT_TRUE(tags.insert(tag).second) << "twice: " << tag;
      const auto done = done_.find(path);
      if (done != done_.end()) {
        EXPECT_EQ(done->second, tag);
        done_.erase(done);
      } else {
        EXPECT_TRUE(maybe_.contains(tag)) << "nobody knows of " << tag;
      }
    }
    EXPECT_TRUE(done_.empty()) << done_.size() << " were told done and are not there";
    (void)co_await client->close();
  }

  // Keeps everything current; in the end it is.
  Task<Result<void>> follow() {
    while (true) {
      const auto client = co_await open();
      std::deque<CurrentNode> nodes;
      for (std::size_t i = 0; i < kWriters; ++i) nodes.emplace_back(env(), *client, counter(i));
      CurrentChildren list(env(), *client, "/list");
      while (!client->over().is_set() && finished_ < 2 * kWriters) co_await env().clock.sleep_for(milliseconds(100));
      if (client->over().is_set()) continue;
      co_await expect_current(*client, nodes, list);
      if (!client->over().is_set()) co_return Result<void>();
    }
  }
  Task<void> expect_current(SessionClient& client, std::deque<CurrentNode>& nodes, CurrentChildren& list) {
    const Instant limit = env().clock.now() + seconds(60);
    while (!client.over().is_set()) {
      bool same = list.known() && list.value();
      for (std::size_t i = 0; i < kWriters; ++i) {
        const NodeData node = co_await read(counter(i));
        same = same && nodes[i].known() && nodes[i].value() && nodes[i].value()->stat.version == node.stat.version;
      }
      const NodeData parent = co_await read("/list");
      same = same && list.value()->stat.pzxid == parent.stat.pzxid;
      if (same) co_return;
      EXPECT_LT(env().clock.now(), limit) << "a watch was missed: what is kept current is not";
      if (env().clock.now() >= limit) co_return;
      co_await env().clock.sleep_for(milliseconds(100));
    }
  }

  // Sets a watch, waits a while, reads again: a change is never read before the watch has told of it.
  Task<Result<void>> watch() {
    while (finished_ < 2 * kWriters) {
      const auto client = co_await open();
      while (!client->over().is_set() && finished_ < 2 * kWriters) {
        const std::string path = counter(env().random.next() % kWriters);
        const auto watch = std::make_shared<Watch>(env().executor);
        const auto before = co_await client->get(path, watch);
        co_await env().clock.sleep_for(milliseconds(env().random.next() % 400));
        const auto after = co_await client->get(path);
        if (before && after && after->stat.mzxid != before->stat.mzxid) {
          EXPECT_TRUE(watch->fired()) << "a change of " << path << " was read before its watch fired";
        }
        if (watch->fired()) ++totals_.watches_fired;
      }
    }
    co_return Result<void>();
  }

  net::EventLoop loop_;
  std::string servers_;
  std::string chroot_;
  Duration lasts_;
  Instant end_{};
  std::size_t finished_ = 0;
  Totals totals_;
  std::map<std::string, std::string> done_;  // The path made, and its data.
  std::set<std::string> maybe_;
};

TEST(ApacheEnsemble, no_write_is_lost_or_doubled_and_no_watch_is_missed) {
  const char* servers = std::getenv("BARNABAS_ZOOKEEPER");
  const char* lasts = std::getenv("BARNABAS_ZOOKEEPER_SECONDS");
  if (servers == nullptr || lasts == nullptr) GTEST_SKIP() << "needs a real ensemble: run tests/zookeeper/apache.py";
  RealEnsemble ensemble(servers, seconds(std::atoi(lasts)));
  const Totals totals = ensemble.run();
  std::printf(
      "%zu increments and %zu sequential znodes done, %zu of unknown outcome, %zu sessions, %zu watches fired\n",
      totals.counted, totals.appended, totals.unknown, totals.sessions, totals.watches_fired);
  EXPECT_GT(totals.counted, 0U);
  EXPECT_GT(totals.watches_fired, 0U);
}

}  // namespace
}  // namespace barnabas::zookeeper
