#include "core/zookeeper/server/engine.hpp"

#include <utility>

#include "core/env/timeout.hpp"

namespace barnabas::zookeeper {

namespace {

// As Apache's ContainerManager.
constexpr Duration kContainerInterval = 60s;

// What somebody may have to see again must be durable at once. A refusal is not, nor a session of this process, which
// means nothing before its first write.
bool is_urgent(const Transaction& transaction) {
  return !transaction.changes.empty() || transaction.password != Password{};
}

}  // namespace

Task<Result<std::unique_ptr<Engine>>> Engine::open(env::Env env, std::string directory,
                                                   std::uint64_t snapshot_after_bytes, SessionLimits limits) {
  std::unique_ptr<Engine> engine(new Engine(env));
  auto journal =
      co_await Journal::open(env, std::move(directory), snapshot_after_bytes, engine->tree_, engine->report_);
  if (!journal) co_return std::unexpected(std::move(journal).error());
  engine->journal_ = std::move(*journal);
  engine->machine_ = std::make_unique<ServerMachine>(engine->tree_, limits, env.clock.now());
  Effects ended = engine->machine_->end_orphans(engine->moment());
  engine->perform(std::move(ended));
  engine->scope_.spawn(engine->expire_sessions());
  engine->scope_.spawn(engine->sweep_containers());
  co_return engine;
}

ConnectionId Engine::add(Recipient& recipient) {
  const ConnectionId connection(++last_connection_);
  recipients_[connection] = &recipient;
  return connection;
}

void Engine::remove(ConnectionId connection) { recipients_.erase(connection); }

void Engine::perform(Effects effects) {
  for (const Transaction& transaction : effects.transactions) journal_->append(transaction, is_urgent(transaction));
  const Zxid after = tree_.last_zxid();
  for (Output& output : effects.outputs) {
    const auto recipient = recipients_.find(output.to);
    if (recipient == recipients_.end()) continue;
    recipient->second->receive(std::move(output), after);
  }
  // Also when a session came that ends before the one that is waited for.
  if (machine_->has_deadlines() && machine_->next_deadline() < asleep_until_) deadlines_changed_.notify_all();
  if (tree_.has_containers()) has_containers_.notify_all();
}

Result<void> Engine::check_running() const {
  if (stopped_) return fail(Errc::closed, "the embedded ZooKeeper has stopped");
  if (const auto& failure = journal_->failure()) {
    return fail(Errc::closed, "the embedded ZooKeeper has stopped, because " + failure->to_string());
  }
  return {};
}

Task<void> Engine::expire_sessions() {
  while (true) {
    asleep_until_ = Instant::max();
    while (!machine_->has_deadlines()) co_await deadlines_changed_.wait();
    const Instant next = asleep_until_ = machine_->next_deadline();
    co_await env::wait_until(env_.executor, env_.clock, deadlines_changed_, next);
    if (!running()) co_return;
    Effects effects = machine_->expire(moment(), may_write());
    perform(std::move(effects));
  }
}

Task<void> Engine::sweep_containers() {
  while (true) {
    while (!tree_.has_containers()) co_await has_containers_.wait();
    co_await env_.clock.sleep_for(kContainerInterval);
    if (!running()) co_return;
    if (!may_write()) continue;
    Effects effects = machine_->sweep_containers(moment());
    perform(std::move(effects));
  }
}

Task<void> Engine::stop() {
  if (std::exchange(stopped_, true)) co_return;
  scope_.cancel();
  co_await journal_->stop();
}

}  // namespace barnabas::zookeeper
