#include "tests/zookeeper/session_run.hpp"

#include <algorithm>
#include <functional>

#include "core/zookeeper/recipes/current.hpp"
#include "sim/zookeeper/ensemble.hpp"
#include "tests/zookeeper/session_worker.hpp"

namespace barnabas::zookeeper {

namespace {

using sim::World;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kClients = 3;
constexpr Duration kFaultsFor = seconds(30);
constexpr Duration kRecoverIn = seconds(120);
constexpr Duration kSettleIn = seconds(30);

// The parents of everything, which every session makes when they are missing.
Task<bool> make_parents(SessionClient& client, env::Env env) {
  for (const char* parent : {"/hot", "/seq", "/ids"}) {
    std::string path = parent;
    const auto made = co_await client.create(path, std::nullopt, CreateMode::persistent);
    if (made || made.error().code == Errc::already_exists) continue;
    if (client.over().is_set()) co_return false;
    co_await env.clock.sleep_for(milliseconds(50));
    co_return false;
  }
  co_return true;
}

// One node with one broker-like program: a session after the other.
class ClientNode {
 public:
  ClientNode(World& world, sim::Ensemble& ensemble, SessionHistory& history, std::size_t index, bool keeps_file,
             std::string chroot)
      : world_(world),
        ensemble_(ensemble),
        history_(history),
        name_("c" + std::to_string(index)),
        keeps_file_(keeps_file),
        chroot_(std::move(chroot)),
        node_(world.add_node(name_)),
        draw_(world.stream("client").child("draw", index)) {}

  sim::Node& node() { return node_; }
  void start() {
    ready_ = false;
    node_.spawn([this](env::Env env) { return live(env); });
  }
  void kill() {
    if (!node_.alive()) return;
    ready_ = false;
    live_ = nullptr;
    node_.kill();
  }
  void restart() {
    if (node_.alive()) return;
    node_.restart();
    start();
  }
  bool ready() const { return ready_; }
  void stop() { stopping_ = true; }
  std::size_t expired() const { return expired_; }

  // The leader finds that a session has expired. Its client may trust it then only on the word of a server whose sign
  // of life has not come to the leader.
  void on_expiry(SessionId session) {
    if (live_ == nullptr || live_->client->session() != session) return;
    const bool trusted = live_->client->valid_until() > node_.env().clock.now();
    if (trusted && ensemble_.quorum().touches_under_way(session) == 0) {
      history_.broken.push_back("valid_until: a session expired while its client could trust it");
    }
  }

  // When everything has settled: what it holds to be so.
  void witness() {
    if (live_ == nullptr || live_->client->over().is_set()) return;
    history_.living.emplace(live_->client->session(), ready_ ? chroot_ + registration() : "");
    for (const auto& node : live_->nodes) witness(node.path, node.cache);
    for (const auto& children : live_->children) witness(children.path, children.cache);
  }

 private:
  template <class T>
  struct Cached {
    Cached(env::Env env, Client& client, std::string at) : path(at), cache(env, client, std::move(at)) {}
    std::string path;
    Current<T> cache;
  };
  // A session and what hangs on it.
  struct Live {
    std::unique_ptr<SessionClient> client;
    std::deque<Cached<NodeData>> nodes;
    std::deque<Cached<Children>> children;
  };

  template <class T>
  void witness(const std::string& path, const Current<T>& cache) {
    CacheRecord record;
    record.path = chroot_ + path;
    record.of_children = std::is_same_v<T, Children>;
    if (!cache.known()) history_.broken.push_back("caches_current: " + path + " was never read");
    if (cache.known() && cache.value()) record.stat = cache.value()->stat;
    history_.caches.push_back(record);
  }

  std::string registration() const { return "/ids/" + name_; }

  Task<void> live(env::Env env) {
    while (true) {
      SessionOptions options;
      options.servers = *parse_connect_string(ensemble_.connect_string() + chroot_);
      options.session_timeout = milliseconds(2000 + draw_.below(4000));
      if (keeps_file_) options.session_file = "/session";
      auto opened = co_await SessionClient::open(env, std::move(options));
      if (!opened) {
        co_await env.clock.sleep_for(milliseconds(100));
        continue;
      }
      Live live;
      live.client = std::move(*opened);
      live_ = &live;
      co_await run_session(env, live);
      ready_ = false;
      live_ = nullptr;
      former_ = live.client->session();
    }
  }

  Task<void> run_session(env::Env env, Live& live) {
    SessionClient& client = *live.client;
    while (!client.over().is_set() && !co_await make_parents(client, env)) {
    }
    WorkerContext context{env, world_, ensemble_.quorum(), history_, client, chroot_, name_, stopping_, tags_};
    Scope scope(env.executor);
    for (std::uint64_t i = 0; i < 2; ++i) scope.spawn(work(context, draw_.child("worker", draw_.next())));
    if (!client.over().is_set()) {
      for (const char* path : {"/hot/0", "/hot/1", "/hot/2", "/hot/3"}) live.nodes.emplace_back(env, client, path);
      for (const char* path : {"/hot", "/seq"}) live.children.emplace_back(env, client, path);
    }
    while (!client.over().is_set()) {
      if (co_await register_node(context, registration(), former_)) break;
      co_await env.clock.sleep_for(milliseconds(200));
    }
    ready_ = !client.over().is_set();
    co_await client.over().wait();
    if (client.why_over().code != Errc::session_expired) {
      history_.broken.push_back("a session ended as " + client.why_over().to_string());
    } else if (ensemble_.quorum().lives(client.session()) && !ensemble_.quorum().was_over(client.session())) {
      history_.broken.push_back("expiry_is_told: a session that lives was taken for expired");
    }
    ++expired_;
  }

  World& world_;
  sim::Ensemble& ensemble_;
  SessionHistory& history_;
  std::string name_;
  bool keeps_file_;
  std::string chroot_;
  sim::Node& node_;
  Prng draw_;
  bool ready_ = false;
  bool stopping_ = false;
  std::uint64_t tags_ = 0;
  std::size_t expired_ = 0;
  SessionId former_{0};  // Forgotten at a restart, as a broker would.
  Live* live_ = nullptr;
};

class Run {
 public:
  explicit Run(std::uint64_t seed) : world_(seed), draw_(world_.stream("run")), ensemble_(world_, options()) {
    const std::string chroot = draw_.chance({1, 2}) ? "/app/one" : "";
    for (std::size_t i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<ClientNode>(world_, ensemble_, history_, i, draw_.chance({1, 2}), chroot));
    }
    for (std::uint64_t fault = 0; fault < kFaults; ++fault) enabled_.push_back(draw_.chance({1, 2}));
  }

  SessionRunResult run() {
    ensemble_.quorum().on_expiry([this](SessionId session) {
      for (const auto& client : clients_) client->on_expiry(session);
    });
    for (const auto& client : clients_) client->start();
    world_.after(seconds(2), [this] { break_something(); });
    world_.run_for(kFaultsFor);
    faulty_ = false;
    heal();
    const bool recovered = world_.run_until(
        [this] { return std::ranges::all_of(clients_, [](const auto& client) { return client->ready(); }); },
        kRecoverIn);
    if (!recovered) history_.broken.push_back("liveness: not every client has a registered session again");
    for (const auto& client : clients_) client->stop();
    world_.run_for(kSettleIn);
    if (!ensemble_.settled()) history_.broken.push_back("liveness: not every server has applied everything");
    for (const auto& client : clients_) client->witness();
    return result();
  }

 private:
  static constexpr std::uint64_t kFaults = 13;

  sim::EnsembleOptions options() {
    sim::EnsembleOptions options;
    options.servers = draw_.chance({1, 4}) ? 5 : 3;
    if (draw_.chance({1, 2})) options.apply = milliseconds(draw_.between(1, 400));
    if (draw_.chance({1, 2})) options.expiry_late = milliseconds(draw_.between(1, 3000));
    if (draw_.chance({1, 2})) options.removal_late = milliseconds(draw_.between(1, 5000));
    return options;
  }

  void heal() {
    world_.network().heal_all();
    for (const auto& client : clients_) {
      client->node().unpause();
      client->restart();
    }
    ensemble_.heal();
  }
  void end_after(Duration limit, std::function<void()> end) {
    world_.after(Duration(draw_.between(1, limit.count())), std::move(end));
  }

  void break_something() {
    if (!faulty_) return;
    const std::uint64_t fault = draw_.below(kFaults);
    if (enabled_[fault]) inject(fault);
    world_.after(milliseconds(draw_.between(50, 1500)), [this] { break_something(); });
  }
  void inject(std::uint64_t fault) {
    const std::size_t index = draw_.below(ensemble_.size());
    sim::ZooKeeperServer& server = ensemble_.server(index);
    ClientNode& client = *clients_[draw_.below(kClients)];
    const std::string there = server.node().name();
    const std::string here = client.node().name();
    switch (fault) {
      case 0: server.kill(); return end_after(seconds(6), [this, index] { ensemble_.restart(index); });
      case 1: server.pause(); return end_after(seconds(10), [&server] { server.unpause(); });
      case 2: server.isolate(); return end_after(seconds(6), [&server] { server.rejoin(); });
      case 3: return server.stall(milliseconds(draw_.between(1, 6000)));
      case 4: return server.drop_connections();
      case 5: return server.lose_answers(draw_.below(3) + 1);
      case 6: return server.lose_requests(draw_.below(3) + 1);
      case 7:
        world_.network().hold(there, here);
        return end_after(seconds(8), [this, here, there] { world_.network().release(there, here); });
      case 8:
        world_.network().cut(here, there);
        return end_after(seconds(8), [this, here, there] { world_.network().heal(here, there); });
      case 9: return world_.network().drop_responses(there, here, 1);
      case 10: client.node().pause(); return end_after(seconds(10), [&client] { client.node().unpause(); });
      case 11: client.kill(); return end_after(seconds(5), [&client] { client.restart(); });
      default:
        if (const auto leader = ensemble_.quorum().leader()) ensemble_.kill(*leader);
        return end_after(seconds(4), [this] {
          for (std::size_t i = 0; i < ensemble_.size(); ++i) ensemble_.restart(i);
        });
    }
  }

  SessionRunResult result() {
    SessionRunResult result;
    result.broken = history_.check(ensemble_.quorum());
    result.hash = world_.hash();
    result.operations = history_.writes.size() + history_.reads.size() + history_.syncs.size();
    result.unknown = static_cast<std::size_t>(std::ranges::count_if(
        history_.writes, [](const auto& write) { return write.end == WriteRecord::End::unknown; }));
    for (const auto& client : clients_) result.expired += client->expired();
    result.watches_fired = static_cast<std::size_t>(std::ranges::count_if(
        history_.reads, [](const auto& read) { return read.watch != nullptr && read.watch->fired(); }));
    return result;
  }

  World world_;
  Prng draw_;
  SessionHistory history_;
  sim::Ensemble ensemble_;
  std::vector<std::unique_ptr<ClientNode>> clients_;
  std::vector<bool> enabled_;
  bool faulty_ = true;
};

}  // namespace

SessionRunResult run_sessions(std::uint64_t seed) { return Run(seed).run(); }

}  // namespace barnabas::zookeeper
