#include "sim/cluster/cluster.hpp"

#include <charconv>

#include "core/broker/broker.hpp"

namespace barnabas::sim {
namespace {

// Small numbers, so that a run of seconds rolls segments and fills checkpoints; the scenario's keys come last.
Result<metadata::Config> make_config(const Scenario& scenario, std::int32_t id) {
  metadata::Config config;
  const std::pair<std::string, std::string> own[] = {
      {"broker.id", std::to_string(id)},
      {"listeners", "PLAINTEXT://:" + std::to_string(kBrokerPort)},
      {"log.dirs", kDataDirectory},
      {"zookeeper.connect", "embedded"},
      {"offsets.topic.num.partitions", "3"},
  };
  for (const auto& [key, value] : own) B_TRY_VOID(config.set(key, value));
  for (const auto& [key, value] : scenario.cluster.config) B_TRY_VOID(config.set(key, value));
  B_TRY_VOID(config.validate());
  return config;
}

}  // namespace

BrokerHost::BrokerHost(World& world, const Scenario& scenario, std::int32_t id, OnCrash on_crash,
                       OnServing on_serving)
    : world_(world), scenario_(scenario), id_(id), node_(world.add_node("broker-" + std::to_string(id))),
      on_crash_(std::move(on_crash)), on_serving_(std::move(on_serving)) {}

void BrokerHost::start() {
  kill();
  run_ = std::make_shared<Run>();
  node_.restart([this, run = run_](env::Env env) { return serve(env, run); });
}

Task<void> BrokerHost::serve(env::Env env, std::shared_ptr<Run> run) {
  auto config = make_config(scenario_, id_);
  if (!config) {
    run->error = config.error();
    co_return;
  }
  auto broker = co_await broker::Broker::start(env, *std::move(config));
  if (!broker) {
    run->error = broker.error();
    co_return;
  }
  Event stop(env.executor);
  run->stop = &stop;
  run->serving = true;
  on_serving_(*this);
  co_await stop.wait();
  co_await (*broker)->stop();
  broker->reset();
  run->stop = nullptr;
  run->serving = false;
  node_.kill();
}

void BrokerHost::report_crash(bool power_cut) {
  CrashReport crash;
  crash.node = name();
  crash.power_cut = power_cut;
  crash.written = logs();
  crash.durable = read_logs(node_.disk().files().durable_files(), kDataDirectory);
  run_->stop = nullptr;
  run_->serving = false;
  on_crash_(crash);
}

void BrokerHost::kill() {
  if (!running()) return;
  report_crash(false);
  node_.kill();
}

void BrokerHost::power_cut() {
  if (running()) report_crash(true);
  node_.power_cut();
}

void BrokerHost::request_stop() {
  if (!running() || run_->stopping) return;
  if (run_->stop == nullptr) return kill();
  run_->stopping = true;
  run_->stop->set();
}

bool BrokerHost::serving() const { return running() && run_->serving && !run_->stopping; }
bool BrokerHost::running() const { return run_ != nullptr && node_.alive(); }
std::optional<Error> BrokerHost::start_error() const { return run_ == nullptr ? std::nullopt : run_->error; }
LogImages BrokerHost::logs() const { return read_logs(node_.disk().files().files(), kDataDirectory); }

Cluster::Cluster(World& world, const Scenario& scenario, BrokerHost::OnCrash on_crash,
                 BrokerHost::OnServing on_serving) {
  for (std::int64_t i = 0; i < scenario.cluster.brokers; ++i) {
    brokers_.push_back(
        std::make_unique<BrokerHost>(world, scenario, static_cast<std::int32_t>(i), on_crash, on_serving));
  }
}

void Cluster::start_all() {
  for (const auto& broker : brokers_) {
    if (!broker->running() || broker->start_error()) broker->start();
  }
}

bool Cluster::all_serving() const {
  for (const auto& broker : brokers_) {
    if (!broker->serving()) return false;
  }
  return true;
}

std::string Cluster::why_not_serving() const {
  for (const auto& broker : brokers_) {
    if (broker->serving()) continue;
    const auto error = broker->start_error();
    return broker->name() + (error ? " failed to start: " + error->to_string() : " did not start in time");
  }
  return "";
}

BrokerHost* Cluster::find(const std::string& role, Prng& draw) const {
  if (role == "any") return brokers_[draw.below(brokers_.size())].get();
  if (role.starts_with("broker:")) {
    std::size_t id = 0;
    const auto [end, error] = std::from_chars(role.data() + 7, role.data() + role.size(), id);
    return error == std::errc{} && id < brokers_.size() ? brokers_[id].get() : nullptr;
  }
  // One broker has every role, as long as there is one.
  return brokers_.size() == 1 ? brokers_[0].get() : nullptr;
}

LogImages Cluster::logs() const {
  LogImages all;
  for (const auto& broker : brokers_) all.merge(broker->logs());
  return all;
}

}  // namespace barnabas::sim
