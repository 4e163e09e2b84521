#include "sim/cluster/cluster.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/checksum.hpp"
#include "core/broker/broker.hpp"

namespace barnabas::sim {
namespace {

constexpr std::int64_t kOffsetsPartitions = 3;

// Small numbers, so that a run of seconds rolls segments, fills checkpoints and sees sessions expire; the scenario's
// keys come last.
Result<metadata::Config> make_config(const Scenario& scenario, std::int32_t id, const std::string& zookeeper) {
  metadata::Config config;
  std::vector<std::pair<std::string, std::string>> own{
      {"broker.id", std::to_string(id)},
      {"listeners", "PLAINTEXT://:" + std::to_string(kBrokerPort)},
      {"log.dirs", kDataDirectory},
      {"zookeeper.connect", zookeeper.empty() ? "embedded" : zookeeper},
      {"offsets.topic.num.partitions", std::to_string(kOffsetsPartitions)},
  };
  const BrokerSpec spec = scenario.cluster.of(id);
  if (!zookeeper.empty()) {
    own.emplace_back("offsets.topic.replication.factor", std::to_string(scenario.replicas_of({})));
    own.emplace_back("zookeeper.session.timeout.ms", "4000");
    own.emplace_back("replica.lag.time.max.ms", "3000");
    own.emplace_back("replica.high.watermark.checkpoint.interval.ms", "1000");
  }
  if (!spec.rack.empty()) own.emplace_back("broker.rack", spec.rack);
  for (const auto& [key, value] : own) B_TRY_VOID(config.set(key, value));
  for (const auto& [key, value] : scenario.cluster.config) B_TRY_VOID(config.set(key, value));
  for (const auto& [key, value] : spec.config) B_TRY_VOID(config.set(key, value));
  B_TRY_VOID(config.validate());
  return config;
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

BrokerHost::BrokerHost(World& world, const Scenario& scenario, std::int32_t id, Surroundings around, OnCrash on_crash,
                       OnServing on_serving)
    : world_(world), scenario_(scenario), id_(id), node_(world.add_node("broker-" + std::to_string(id))),
      around_(std::move(around)), on_crash_(std::move(on_crash)), on_serving_(std::move(on_serving)) {}

void BrokerHost::start() {
  kill();
  clean_ = false;
  run_ = std::make_shared<Run>();
  node_.restart([this, run = run_](env::Env env) { return serve(env, run); });
}

Task<void> BrokerHost::serve(env::Env env, std::shared_ptr<Run> run) {
  auto config = make_config(scenario_, id_, around_.zookeeper);
  if (!config) {
    run->error = config.error();
    co_return;
  }
  const auto opened = [this](const replication::PartitionTable& partitions) {
    if (around_.watch != nullptr) around_.watch->process_began(id_, node_, partitions);
  };
  broker::Broker::PartitionsOpened watch = opened;
  auto broker = co_await broker::Broker::start(env, *std::move(config), std::move(watch));
  if (!broker) {
    end_process();
    run->error = last_error_ = broker.error();
    if (around_.oracle != nullptr) start_again(std::move(run));
    co_return;
  }
  Event stop(env.executor);
  run->stop = &stop;
  run->serving = true;
  on_serving_(*this);
  co_await stop.wait();
  co_await (*broker)->stop();
  end_process();
  clean_ = true;
  broker->reset();
  run->stop = nullptr;
  run->serving = false;
  node_.kill();
}

// As a supervisor does: another try may find the former session gone, or ZooKeeper there.
void BrokerHost::start_again(std::shared_ptr<Run> run) {
  constexpr Duration kPause = 1s;
  world_.after(kPause, [this, run = std::move(run)] {
    if (run_ == run && running()) start();
  });
}

void BrokerHost::end_process() {
  if (around_.watch != nullptr) around_.watch->process_ended(id_);
}

void BrokerHost::report_crash(bool power_cut) {
  CrashReport crash;
  crash.node = name();
  crash.power_cut = power_cut;
  if (around_.oracle == nullptr) {
    crash.written = logs();
    crash.durable = read_logs(node_.disk().files().durable_files(), kDataDirectory);
  }
  run_->stop = nullptr;
  run_->serving = false;
  on_crash_(crash);
}

void BrokerHost::kill() {
  if (!running()) return;
  report_crash(false);
  end_process();
  node_.kill();
}

void BrokerHost::power_cut() {
  if (running()) report_crash(true);
  end_process();
  if (around_.oracle != nullptr && !clean_) {
    std::map<TopicPartition, std::int64_t> ends;
    for (const auto& [partition, log] : read_logs(node_.disk().files().durable_files(), kDataDirectory)) {
      ends[partition] = sure_end(log);
    }
    around_.oracle->lost_tail(id_, ends);
  }
  node_.power_cut();
}

void BrokerHost::wipe() {
  kill();
  if (around_.oracle != nullptr) around_.oracle->lost_tail(id_, {});
  node_.disk().files().wipe();
}

void BrokerHost::request_stop() {
  if (!running() || run_->stopping) return;
  if (run_->stop == nullptr) return kill();
  run_->stopping = true;
  run_->stop->set();
}

bool BrokerHost::serving() const { return running() && run_->serving && !run_->stopping; }
bool BrokerHost::running() const { return run_ != nullptr && node_.alive(); }
std::optional<Error> BrokerHost::start_error() const { return serving() ? std::nullopt : last_error_; }
LogImages BrokerHost::logs() const { return read_logs(node_.disk().files().files(), kDataDirectory); }

Cluster::Cluster(World& world, const Scenario& scenario, BrokerHost::OnCrash on_crash, BrokerHost::OnServing on_serving)
    : scenario_(scenario) {
  BrokerHost::Surroundings around;
  if (scenario.cluster.replicated()) {
    EnsembleOptions options;
    options.servers = static_cast<std::size_t>(scenario.cluster.zookeeper);
    ensemble_ = std::make_unique<Ensemble>(world, options);
    oracle_ = std::make_unique<ClusterOracle>(
        ensemble_->quorum(), scenario.cluster.config,
        [this](std::string_view invariant, const std::string& what) { judge_(invariant, what); });
    watch_ = std::make_unique<ClusterWatch>(world, *oracle_, kDataDirectory);
    around = {ensemble_->connect_string(), oracle_.get(), watch_.get()};
  }
  for (std::int64_t i = 0; i < scenario.cluster.brokers; ++i) {
    const auto id = static_cast<std::int32_t>(i);
    brokers_.push_back(std::make_unique<BrokerHost>(world, scenario, id, around, on_crash, on_serving));
    if (scenario.cluster.of(i).joins == Duration()) joined_.insert(id);
  }
}

void Cluster::start_all() {
  for (const auto& broker : brokers_) {
    const bool failed = oracle_ == nullptr && broker->start_error();
    if (belongs(*broker) && (!broker->running() || failed)) broker->start();
  }
}

void Cluster::join(BrokerHost& broker) {
  if (!joined_.insert(broker.id()).second) return;
  broker.start();
}

std::set<std::int32_t> Cluster::live() const {
  std::set<std::int32_t> ids;
  for (const auto& broker : brokers_) {
    if (broker->serving()) ids.insert(broker->id());
  }
  return ids;
}

bool Cluster::all_serving() const {
  return std::ranges::all_of(brokers_, [&](const auto& broker) { return !belongs(*broker) || broker->serving(); });
}

std::string Cluster::why_not_serving() const {
  for (const auto& broker : brokers_) {
    if (!belongs(*broker) || broker->serving()) continue;
    const auto error = broker->start_error();
    return broker->name() + (error ? " failed to start: " + error->to_string() : " did not start in time");
  }
  return "";
}

BrokerHost* Cluster::host(std::int32_t id) const {
  return id >= 0 && static_cast<std::size_t>(id) < brokers_.size() ? brokers_[static_cast<std::size_t>(id)].get()
                                                                   : nullptr;
}

BrokerHost* Cluster::find(const std::string& role, Prng& draw) const {
  if (role == "any") return brokers_[draw.below(brokers_.size())].get();
  const std::size_t colon = role.find(':');
  const std::string name = colon == std::string::npos ? "" : role.substr(colon + 1);
  if (role.starts_with("broker:")) {
    const auto id = number(name);
    return id ? host(static_cast<std::int32_t>(*id)) : nullptr;
  }
  // One broker has every role, as long as there is one.
  if (oracle_ == nullptr) return brokers_.size() == 1 ? brokers_[0].get() : nullptr;
  return find_by_znodes(role.substr(0, colon), name, draw);
}

BrokerHost* Cluster::find_by_znodes(const std::string& role, const std::string& name, Prng& draw) const {
  const ZnodeMirror& znodes = oracle_->znodes();
  if (role == "controller") return host(znodes.controller());
  TopicPartition partition;
  if (role == "coordinator") {
    const std::int32_t index = kafka_abs(java_string_hash(name));
    partition = {"__consumer_offsets", PartitionId(static_cast<std::int32_t>(index % kOffsetsPartitions))};
  } else {
    const std::size_t slash = name.find('/');
    const auto index = slash == std::string::npos ? std::optional<std::size_t>(0) : number(name.substr(slash + 1));
    if (!index) return nullptr;
    partition = {name.substr(0, slash), PartitionId(static_cast<std::int32_t>(*index))};
  }
  const StateZnode* state = znodes.state(partition);
  if (state == nullptr) return nullptr;
  if (role == "last_in_isr") return state->isr.size() == 1 ? host(state->isr[0]) : nullptr;
  if (role != "follower" && role != "mere_follower") return host(state->leader);
  std::vector<std::int32_t> followers;
  for (const std::int32_t replica : znodes.replicas(partition)) {
    if (role == "mere_follower" && replica == znodes.controller()) continue;
    if (replica != state->leader && (state->in_isr(replica) || state->isr.size() < 2)) followers.push_back(replica);
  }
  return followers.empty() ? nullptr : host(followers[draw.below(followers.size())]);
}

LogImages Cluster::logs() const {
  LogImages all;
  if (oracle_ == nullptr) {
    for (const auto& broker : brokers_) all.merge(broker->logs());
    return all;
  }
  std::map<std::int32_t, LogImages> of_broker;
  for (const auto& [partition, state] : oracle_->znodes().states()) {
    const BrokerHost* leader = host(state.leader);
    if (leader == nullptr) continue;
    if (!of_broker.contains(state.leader)) of_broker[state.leader] = leader->logs();
    all[partition] = of_broker[state.leader][partition];
  }
  return all;
}

std::string Cluster::difference() const {
  if (oracle_ == nullptr) return "";
  std::map<std::int32_t, LogImages> of_broker;
  for (const auto& broker : brokers_) of_broker[broker->id()] = broker->logs();
  for (const auto& [partition, state] : oracle_->znodes().states()) {
    if (state.leader < 0 || scenario_.compacts(partition.topic) || partition.topic == "__consumer_offsets") continue;
    const LogImage& leader = of_broker[state.leader][partition];
    for (const std::int32_t replica : oracle_->znodes().replicas(partition)) {
      const LogImage& other = of_broker[replica][partition];
      if (replica == state.leader || !live().contains(replica)) continue;
      const std::string where = partition.to_string() + " at broker " + std::to_string(replica) + ": ";
      if (!other.problem.empty()) return where + other.problem;
      const std::int64_t start = std::max(leader.start(), other.start());
      std::vector<std::uint64_t> left;
      std::vector<std::uint64_t> right;
      for (const LoggedBatch& batch : leader.batches) {
        if (batch.last_offset >= start) left.push_back(batch.hash);
      }
      for (const LoggedBatch& batch : other.batches) {
        if (batch.last_offset >= start) right.push_back(batch.hash);
      }
      if (left != right) {
        return where + "its log (to " + std::to_string(other.end()) + ") is not that of the leader, broker " +
               std::to_string(state.leader) + " (to " + std::to_string(leader.end()) + ")";
      }
    }
  }
  return "";
}

}  // namespace barnabas::sim
