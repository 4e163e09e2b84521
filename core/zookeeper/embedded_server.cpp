#include "core/zookeeper/embedded_server.hpp"

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

// The Client of one session. Coroutines here refer to the server, never to the client: a client may be destroyed
// while its calls are under way.
class LocalClient final : public Client {
 public:
  LocalClient(EmbeddedServer& server, SessionId session)
      : server_(server), session_(session), over_(std::make_shared<barnabas::Event>(server.env_.executor)) {}

  SessionId session() const override { return session_; }
  barnabas::Event& over() override { return *over_; }

  Task<Result<std::string>> create(std::string path, Data data, CreateMode mode) override {
    return create_one(server_, session_, CreateOp{std::move(path), std::move(data), mode});
  }
  Task<Result<NodeData>> get(std::string path, WatchPtr watch) override {
    return read_node(server_, session_, std::move(path), std::move(watch));
  }
  Task<Result<std::optional<Stat>>> exists(std::string path, WatchPtr watch) override {
    return read_exists(server_, session_, std::move(path), std::move(watch));
  }
  Task<Result<Children>> children(std::string path, WatchPtr watch) override {
    return read_children(server_, session_, std::move(path), std::move(watch));
  }
  Task<Result<Stat>> set(std::string path, Data data, std::int32_t expected_version) override {
    return set_one(server_, session_, SetOp{std::move(path), std::move(data), expected_version});
  }
  Task<Result<void>> remove(std::string path, std::int32_t expected_version) override {
    return remove_one(server_, session_, RemoveOp{std::move(path), expected_version});
  }
  Task<Result<MultiResult>> multi(std::vector<Op> operations) override {
    return server_.submit(session_, std::move(operations));
  }
  // Every read here sees all writes.
  Task<Result<void>> sync(std::string path) override { return settle(server_, session_, std::move(path)); }
  Task<Result<void>> close() override { return end(server_, session_, over_); }

 private:
  static Task<Result<void>> settle(EmbeddedServer& server, SessionId session, std::string path) {
    (void)path;
    co_return co_await server.settle(session);
  }
  static Task<Result<void>> end(EmbeddedServer& server, SessionId session, std::shared_ptr<barnabas::Event> over) {
    auto result = co_await server.end_session(session);
    over->set();
    co_return result;
  }
  static Result<void> check_watch(const WatchPtr& watch) {
    if (watch == nullptr) return {};
    return fail(Errc::unsupported, "watches on the embedded ZooKeeper inside this process are not served yet");
  }
  static Task<Result<OpResult>> one(EmbeddedServer& server, SessionId session, Op op) {
    std::vector<Op> ops;
    ops.push_back(std::move(op));
    auto result = co_await server.submit(session, std::move(ops));
    if (!result) co_return std::unexpected(std::move(result).error());
    if (auto outcome = result->outcome(); !outcome) co_return std::unexpected(std::move(outcome).error());
    co_return std::move(result->results.front());
  }
  static Task<Result<std::string>> create_one(EmbeddedServer& server, SessionId session, CreateOp op) {
    Op any(std::move(op));
    auto result = co_await one(server, session, std::move(any));
    if (!result) co_return std::unexpected(std::move(result).error());
    co_return std::move(result->path);
  }
  static Task<Result<Stat>> set_one(EmbeddedServer& server, SessionId session, SetOp op) {
    Op any(std::move(op));
    auto result = co_await one(server, session, std::move(any));
    if (!result) co_return std::unexpected(std::move(result).error());
    co_return result->stat;
  }
  static Task<Result<void>> remove_one(EmbeddedServer& server, SessionId session, RemoveOp op) {
    Op any(std::move(op));
    auto result = co_await one(server, session, std::move(any));
    if (!result) co_return std::unexpected(std::move(result).error());
    co_return Result<void>();
  }

  // Reads look first and wait then, so that what they return is one moment's truth.
  static Task<Result<NodeData>> read_node(EmbeddedServer& server, SessionId session, std::string path, WatchPtr watch) {
    B_CO_TRY_VOID(check_watch(watch));
    auto result = server.tree_.get(path);
    B_CO_TRY_VOID(co_await server.settle(session));
    co_return result;
  }
  static Task<Result<std::optional<Stat>>> read_exists(EmbeddedServer& server, SessionId session, std::string path,
                                                       WatchPtr watch) {
    B_CO_TRY_VOID(check_watch(watch));
    auto result = server.tree_.exists(path);
    B_CO_TRY_VOID(co_await server.settle(session));
    co_return result;
  }
  static Task<Result<Children>> read_children(EmbeddedServer& server, SessionId session, std::string path,
                                              WatchPtr watch) {
    B_CO_TRY_VOID(check_watch(watch));
    auto result = server.tree_.children(path);
    B_CO_TRY_VOID(co_await server.settle(session));
    co_return result;
  }

  EmbeddedServer& server_;
  SessionId session_;
  std::shared_ptr<barnabas::Event> over_;
};

Task<Result<std::unique_ptr<EmbeddedServer>>> EmbeddedServer::open(env::Env env, EmbeddedOptions options) {
  std::unique_ptr<EmbeddedServer> server(new EmbeddedServer(env));
  std::string directory = options.directory;
  auto journal =
      co_await Journal::open(env, std::move(directory), options.snapshot_after_bytes, server->tree_, server->report_);
  if (!journal) co_return std::unexpected(std::move(journal).error());
  server->journal_ = std::move(*journal);
  for (const SessionId session : server->tree_.sessions()) {
    (void)server->execute(Request{session, env.clock.wall(), CloseSession{}});
  }
  co_return server;
}

Result<std::unique_ptr<Client>> EmbeddedServer::connect() {
  B_TRY_VOID(check_running());
  SessionId session;
  while (session == kNoSession || tree_.has_session(session)) {
    session = SessionId(static_cast<std::int64_t>(env_.random.next() >> 1));
  }
  // Not waited for: the session means nothing before its first write, and that waits for all before it.
  (void)execute(Request{session, env_.clock.wall(), OpenSession{}});
  return std::make_unique<LocalClient>(*this, session);
}

Task<void> EmbeddedServer::stop() {
  if (std::exchange(stopped_, true)) co_return;
  co_await journal_->stop();
}

Task<Result<MultiResult>> EmbeddedServer::submit(SessionId session, std::vector<Op> ops) {
  if (ops.empty()) co_return MultiResult{};
  if (size_of(ops) > kMaxMultiSize) {
    co_return fail(Errc::too_large, "a ZooKeeper request of more than " + std::to_string(kMaxMultiSize) + " bytes");
  }
  co_await journal_->wait_for_room();
  B_CO_TRY_VOID(check_running());
  MultiResult result = execute(Request{session, env_.clock.wall(), WriteOps{std::move(ops)}});
  const Zxid seen = journal_->last_urgent();
  B_CO_TRY_VOID(co_await journal_->wait_durable(seen));
  co_return result;
}

Task<Result<void>> EmbeddedServer::end_session(SessionId session) {
  B_CO_TRY_VOID(check_running());
  const MultiResult result = execute(Request{session, env_.clock.wall(), CloseSession{}});
  const Zxid seen = journal_->last_urgent();
  B_CO_TRY_VOID(co_await journal_->wait_durable(seen));
  co_return result.outcome();
}

Task<Result<void>> EmbeddedServer::settle(SessionId session) {
  B_CO_TRY_VOID(check_running());
  if (!tree_.has_session(session)) co_return fail(Errc::session_expired, "the ZooKeeper session is closed");
  const Zxid seen = journal_->last_urgent();
  co_return co_await journal_->wait_durable(seen);
}

MultiResult EmbeddedServer::execute(const Request& request) {
  Decision decision = tree_.decide(request);
  // Only what somebody may have to see again must be durable at once. Opening a session is not, nor a refusal, nor
  // the end of a session that leaves nothing.
  const bool urgent = !decision.transaction.changes.empty();
  journal_->append(decision.transaction, urgent);
  std::vector<Stat> stats;
  const auto events = tree_.apply(decision.transaction, &stats);
  B_CHECK(events.has_value());
  fill_stats(request, decision.result, stats);
  return std::move(decision.result);
}

Result<void> EmbeddedServer::check_running() const {
  if (stopped_) return fail(Errc::closed, "the embedded ZooKeeper has stopped");
  if (const auto& failure = journal_->failure()) {
    return fail(Errc::closed, "the embedded ZooKeeper has stopped, because " + failure->to_string());
  }
  return {};
}

}  // namespace barnabas::zookeeper
