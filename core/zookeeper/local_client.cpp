#include "core/zookeeper/local_client.hpp"

#include <map>
#include <utility>

namespace barnabas::zookeeper {

namespace {

std::size_t size_of(const Data& data) { return data ? data->size() : 0; }

std::size_t size_of(const std::vector<Op>& ops) {
  std::size_t size = 0;
  for (const Op& op : ops) {
    size += path_of(op).size();
    if (const auto* create = std::get_if<CreateOp>(&op)) size += size_of(create->data);
    if (const auto* set = std::get_if<SetOp>(&op)) size += size_of(set->data);
  }
  return size;
}

}  // namespace

class LocalClient::Session final : public Recipient {
 public:
  explicit Session(Engine& engine_in) : engine(engine_in), connection(engine.add(*this)), over(engine.env().executor) {
    auto opened = engine.machine().open_local(connection, engine.moment());
    id = opened.session;
    engine.perform(std::move(opened.effects));
  }

  // An event is told at once, not when it is durable: whoever hears it is of this process, and all it does with the
  // tree comes after.
  void receive(Output output, Zxid) override {
    if (const auto* event = std::get_if<Event>(&output.what)) fire(*event);
  }

  void watch(const std::string& path, WatchMask kind, const WatchPtr& watch) {
    if (watch == nullptr) return;
    auto& waiting = watches_[path];
    std::erase_if(waiting, [](const Waiting& other) { return other.watch.expired(); });
    waiting.push_back({kind, watch});
    engine.machine().watch(connection, path, kind);
  }

  void end() {
    if (over.is_set()) return;
    over.set();
    for (const auto& [path, waiting] : std::exchange(watches_, {})) {
      for (const Waiting& each : waiting) {
        if (const WatchPtr watch = each.watch.lock()) watch->fire({WatchEvent::Type::session_over, path});
      }
    }
  }

  Engine& engine;
  ConnectionId connection;
  SessionId id;
  barnabas::Event over;

 private:
  struct Waiting {
    WatchMask kind;
    std::weak_ptr<Watch> watch;
  };

  void fire(const Event& event) {
    const auto found = watches_.find(event.path);
    if (found == watches_.end()) return;
    WatchMask kinds = kDataWatch;
    if (event.type == Event::Type::deleted) kinds = kDataWatch | kChildWatch;
    if (event.type == Event::Type::children_changed) kinds = kChildWatch;
    std::erase_if(found->second, [&](const Waiting& each) {
      if ((each.kind & kinds) == 0) return false;
      if (const WatchPtr watch = each.watch.lock()) {
        watch->fire({static_cast<WatchEvent::Type>(event.type), event.path});
      }
      return true;
    });
    if (found->second.empty()) watches_.erase(found);
  }

  std::map<std::string, std::vector<Waiting>> watches_;
};

namespace {

using Ops = std::vector<Op>;

// Ends when what was visible at the call is durable.
Task<Result<void>> settle(Engine& engine, bool ended) {
  B_CO_TRY_VOID(engine.check_running());
  if (ended) co_return fail(Errc::session_expired, "the ZooKeeper session is closed");
  const Zxid seen = engine.journal().last_urgent();
  co_return co_await engine.journal().wait_durable(seen);
}

// One request as an ensemble would do it: decided, applied, written down, answered when durable.
template <class SessionPtr>
Task<Result<MultiResult>> submit(SessionPtr session, Ops ops) {
  Engine& engine = session->engine;
  if (ops.empty()) co_return MultiResult{};
  if (size_of(ops) > kMaxMultiSize) {
    co_return fail(Errc::too_large, "a ZooKeeper request of more than " + std::to_string(kMaxMultiSize) + " bytes");
  }
  co_await engine.journal().wait_for_room();
  B_CO_TRY_VOID(engine.check_running());
  if (!engine.may_write()) {
    co_return fail(Errc::no_space, "the embedded ZooKeeper writes nothing while its disk is full; make room on it");
  }
  auto written = engine.machine().write(session->connection, std::move(ops), engine.moment());
  engine.perform(std::move(written.effects));
  const Zxid seen = engine.journal().last_urgent();
  B_CO_TRY_VOID(co_await engine.journal().wait_durable(seen));
  co_return std::move(written.result);
}

template <class SessionPtr>
Task<Result<OpResult>> submit_one(SessionPtr session, Op op) {
  Ops ops;
  ops.push_back(std::move(op));
  auto result = co_await submit(session, std::move(ops));
  if (!result) co_return std::unexpected(std::move(result).error());
  if (auto outcome = result->outcome(); !outcome) co_return std::unexpected(std::move(outcome).error());
  co_return std::move(result->results.front());
}

template <class SessionPtr>
Task<Result<std::string>> create_one(SessionPtr session, Op op) {
  auto result = co_await submit_one(session, std::move(op));
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return std::move(result->path);
}
template <class SessionPtr>
Task<Result<Stat>> set_one(SessionPtr session, Op op) {
  auto result = co_await submit_one(session, std::move(op));
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return result->stat;
}
template <class SessionPtr>
Task<Result<void>> remove_one(SessionPtr session, Op op) {
  auto result = co_await submit_one(session, std::move(op));
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return Result<void>();
}

// Reads look first and wait then, so that what they return is one moment's truth, and so is their watch.
template <class SessionPtr>
Task<Result<NodeData>> read_node(SessionPtr session, std::string path, WatchPtr watch) {
  auto result = session->engine.machine().tree().get(path);
  if (result) session->watch(path, kDataWatch, watch);
  B_CO_TRY_VOID(co_await settle(session->engine, session->over.is_set()));
  co_return result;
}
template <class SessionPtr>
Task<Result<std::optional<Stat>>> read_exists(SessionPtr session, std::string path, WatchPtr watch) {
  auto result = session->engine.machine().tree().exists(path);
  if (result) session->watch(path, kDataWatch, watch);
  B_CO_TRY_VOID(co_await settle(session->engine, session->over.is_set()));
  co_return result;
}
template <class SessionPtr>
Task<Result<Children>> read_children(SessionPtr session, std::string path, WatchPtr watch) {
  auto result = session->engine.machine().tree().children(path);
  if (result) session->watch(path, kChildWatch, watch);
  B_CO_TRY_VOID(co_await settle(session->engine, session->over.is_set()));
  co_return result;
}
template <class SessionPtr>
Task<Result<void>> sync_all(SessionPtr session) {
  co_return co_await settle(session->engine, session->over.is_set());
}

template <class SessionPtr>
Task<Result<void>> close_one(SessionPtr session) {
  Engine& engine = session->engine;
  B_CO_TRY_VOID(engine.check_running());
  if (session->over.is_set()) co_return fail(Errc::session_expired, "the ZooKeeper session is closed");
  auto written = engine.machine().close_session(session->connection, engine.moment());
  engine.perform(std::move(written.effects));
  session->end();
  const Zxid seen = engine.journal().last_urgent();
  B_CO_TRY_VOID(co_await engine.journal().wait_durable(seen));
  co_return written.result.outcome();
}

}  // namespace

LocalClient::LocalClient(Engine& engine) : session_(std::make_shared<Session>(engine)) {}

LocalClient::~LocalClient() { session_->engine.remove(session_->connection); }

SessionId LocalClient::session() const { return session_->id; }
barnabas::Event& LocalClient::over() { return session_->over; }

Task<Result<std::string>> LocalClient::create(std::string path, Data data, CreateMode mode) {
  return create_one(session_, CreateOp{std::move(path), std::move(data), mode});
}
Task<Result<NodeData>> LocalClient::get(std::string path, WatchPtr watch) {
  return read_node(session_, std::move(path), std::move(watch));
}
Task<Result<std::optional<Stat>>> LocalClient::exists(std::string path, WatchPtr watch) {
  return read_exists(session_, std::move(path), std::move(watch));
}
Task<Result<Children>> LocalClient::children(std::string path, WatchPtr watch) {
  return read_children(session_, std::move(path), std::move(watch));
}
Task<Result<Stat>> LocalClient::set(std::string path, Data data, std::int32_t expected_version) {
  return set_one(session_, SetOp{std::move(path), std::move(data), expected_version});
}
Task<Result<void>> LocalClient::remove(std::string path, std::int32_t expected_version) {
  return remove_one(session_, RemoveOp{std::move(path), expected_version});
}
Task<Result<MultiResult>> LocalClient::multi(std::vector<Op> operations) {
  return submit(session_, std::move(operations));
}
Task<Result<void>> LocalClient::sync(std::string path) {
  (void)path;  // Every read here sees all writes.
  return sync_all(session_);
}
Task<Result<void>> LocalClient::close() { return close_one(session_); }

}  // namespace barnabas::zookeeper
