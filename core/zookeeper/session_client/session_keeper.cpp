#include "core/zookeeper/session_client/session_keeper.hpp"

namespace barnabas::zookeeper {

namespace {

constexpr Duration kPause = std::chrono::seconds(1);

using SessionPtr = std::shared_ptr<SessionClient>;

// The parameters keep the session alive for as long as the call is under way.
Task<Result<std::string>> create_on(SessionPtr session, std::string path, Data data, CreateMode mode) {
  co_return co_await session->create(std::move(path), std::move(data), mode);
}
Task<Result<NodeData>> get_on(SessionPtr session, std::string path, WatchPtr watch) {
  co_return co_await session->get(std::move(path), std::move(watch));
}
Task<Result<std::optional<Stat>>> exists_on(SessionPtr session, std::string path, WatchPtr watch) {
  co_return co_await session->exists(std::move(path), std::move(watch));
}
Task<Result<Children>> children_on(SessionPtr session, std::string path, WatchPtr watch) {
  co_return co_await session->children(std::move(path), std::move(watch));
}
Task<Result<Stat>> set_on(SessionPtr session, std::string path, Data data, std::int32_t expected_version) {
  co_return co_await session->set(std::move(path), std::move(data), expected_version);
}
Task<Result<void>> remove_on(SessionPtr session, std::string path, std::int32_t expected_version) {
  co_return co_await session->remove(std::move(path), expected_version);
}
Task<Result<MultiResult>> multi_on(SessionPtr session, std::vector<Op> operations) {
  co_return co_await session->multi(std::move(operations));
}
Task<Result<void>> sync_on(SessionPtr session, std::string path) { co_return co_await session->sync(std::move(path)); }

}  // namespace

SessionKeeper::SessionKeeper(env::Env env, SessionOptions options, SessionPtr first)
    : env_(env), options_(std::move(options)), current_(std::move(first)), over_(env.executor), scope_(env.executor) {}

SessionKeeper::~SessionKeeper() = default;

Task<Result<std::unique_ptr<SessionKeeper>>> SessionKeeper::open(env::Env env, SessionOptions options) {
  SessionOptions same = options;
  B_CO_TRY(SessionPtr first, co_await SessionClient::open(env, std::move(same)));
  std::unique_ptr<SessionKeeper> keeper(new SessionKeeper(env, std::move(options), std::move(first)));
  keeper->scope_.spawn(keeper->run());
  co_return keeper;
}

Task<void> SessionKeeper::run() {
  while (true) {
    co_await current_->over().wait();
    if (over_.is_set()) co_return;
    if (lost_) lost_();
    const SessionId former = current_->session();
    SessionPtr next = co_await open_next();
    if (over_.is_set()) {
      (void)co_await next->close();
      co_return;
    }
    former_disconnects_ += current_->disconnects();
    current_ = std::move(next);
    co_await renew(former);
  }
}

Task<SessionPtr> SessionKeeper::open_next() {
  while (true) {
    SessionOptions options = options_;
    auto next = co_await SessionClient::open(env_, std::move(options));
    if (next) co_return SessionPtr(std::move(*next));
    log("no new session yet: " + next.error().to_string());
    co_await env_.clock.sleep_for(kPause);
  }
}

Task<void> SessionKeeper::renew(SessionId former) {
  const SessionPtr session = current_;
  while (renewed_ && !session->over().is_set()) {
    const Result<void> renewed = co_await renewed_(former);
    if (renewed) co_return;
    log("the new session could not be made use of yet: " + renewed.error().to_string());
    co_await env_.clock.sleep_for(kPause);
  }
}

Task<Result<std::string>> SessionKeeper::create(std::string path, Data data, CreateMode mode) {
  return create_on(current_, std::move(path), std::move(data), mode);
}
Task<Result<NodeData>> SessionKeeper::get(std::string path, WatchPtr watch) {
  return get_on(current_, std::move(path), std::move(watch));
}
Task<Result<std::optional<Stat>>> SessionKeeper::exists(std::string path, WatchPtr watch) {
  return exists_on(current_, std::move(path), std::move(watch));
}
Task<Result<Children>> SessionKeeper::children(std::string path, WatchPtr watch) {
  return children_on(current_, std::move(path), std::move(watch));
}
Task<Result<Stat>> SessionKeeper::set(std::string path, Data data, std::int32_t expected_version) {
  return set_on(current_, std::move(path), std::move(data), expected_version);
}
Task<Result<void>> SessionKeeper::remove(std::string path, std::int32_t expected_version) {
  return remove_on(current_, std::move(path), expected_version);
}
Task<Result<MultiResult>> SessionKeeper::multi(std::vector<Op> operations) {
  return multi_on(current_, std::move(operations));
}
Task<Result<void>> SessionKeeper::sync(std::string path) { return sync_on(current_, std::move(path)); }

Task<Result<void>> SessionKeeper::close() {
  over_.set();  // First, so that no further session is opened.
  const SessionPtr session = current_;
  co_return co_await session->close();
}

}  // namespace barnabas::zookeeper
