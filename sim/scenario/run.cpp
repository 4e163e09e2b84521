#include "sim/scenario/run.hpp"

#include <algorithm>

#include "sim/checkers/checker.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/cluster/epoch_ends.hpp"
#include "sim/cluster/told_as_stored.hpp"
#include "sim/faults/faults.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/swarm.hpp"
#include "sim/workloads/workload.hpp"

namespace barnabas::sim {
namespace {

constexpr std::size_t kViolationsKept = 20;
constexpr std::size_t kLinesKept = 100;
constexpr Duration kFaultsWithin = std::chrono::hours(1);
constexpr Duration kLookEvery = 100ms;

// One run, phase after phase. A phase that fails ends the run.
class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options);
  RunResult run();

 private:
  struct Client {
    Node* node;
    std::unique_ptr<Workload> workload;
  };

  void violate(Outcome outcome, const std::string& line);
  bool failed() const { return result_.result != Outcome::ok; }
  void on_crash(const CrashReport& crash);
  void on_serving(BrokerHost& broker);

  bool set_up();
  bool safety();
  bool liveness();
  bool rest(const std::string& when);
  bool every_partition_led();
  bool settle(const std::string& when);
  bool ask_every_broker(const std::string& when);
  void excuse_losses();
  bool restart_all(bool cleanly);
  bool wait_until_serving();
  bool wait_for(const std::function<bool()>& done, Duration limit, const std::function<std::string()>& otherwise);
  bool drive(Node& node, Task<Result<void>> task, Duration limit, const std::string& what);
  bool producers_ended() const;

  const Scenario& scenario_;
  RunResult result_;
  History history_;  // Before the world: its nodes write into it until they die.
  std::vector<Client> clients_;
  std::vector<std::unique_ptr<Checker>> checkers_;
  World world_;
  Cluster cluster_;
  Node& observer_;
};

Run::Run(const Scenario& scenario, const RunOptions& options)
    : scenario_(scenario),
      world_(options.seed),
      cluster_(
          world_, scenario, [this](const CrashReport& crash) { on_crash(crash); },
          [this](BrokerHost& broker) { on_serving(broker); }),
      observer_(world_.add_node("observer")) {
  if (options.trace) world_.trace().set_sink(options.trace);
  if (options.on_start) options.on_start(world_);
  history_.judge = [this](std::string_view invariant, const std::string& what) {
    const bool liveness = invariant.front() == 'L';
    violate(liveness ? Outcome::liveness : Outcome::safety, std::string(invariant) + " " + what);
  };
  cluster_.set_judgement(history_.judge);
  if (ClusterOracle* oracle = cluster_.oracle()) {
    history_.only_acks_all = true;
    history_.on_acknowledged = [oracle](const TopicPartition& partition, std::int64_t first, std::int64_t last) {
      oracle->acknowledged(partition, first, last);
    };
    history_.on_read = [oracle](const TopicPartition& partition, std::int64_t offset) {
      oracle->consumed(partition, offset);
    };
    history_.on_topic = [oracle](const std::string& topic, std::int32_t partitions) {
      oracle->told_of_topic(topic, partitions);
    };
    history_.epoch_at = [oracle](const TopicPartition& partition, std::int32_t broker) {
      return oracle->epoch_at(partition, broker);
    };
    history_.on_served = [oracle](const TopicPartition& partition, const ServedRead& read) {
      oracle->served(partition, read.broker, read.named_epoch, read.epoch_before);
    };
  }
  for (const std::string& name : scenario.checks) {
    checkers_.push_back(make_checker(name, scenario, history_, [this, name](const std::string& what) {
      violate(Outcome::safety, name + ": " + what);
    }));
  }
  std::size_t spec_index = 0;
  for (const WorkloadSpec& spec : scenario.workloads) {
    for (std::int64_t i = 0; i < spec.clients; ++i) {
      const std::string name = "client-" + std::to_string(spec_index) + "-" + std::to_string(i);
      clients_.push_back({&world_.add_node(name), make_workload(scenario, spec, name, history_, world_.stream(name))});
    }
    ++spec_index;
  }
}

void Run::violate(Outcome outcome, const std::string& line) {
  world_.trace().note(world_.now(), "", "violation", Fields().add("what", line));
  if (result_.result == Outcome::ok) {
    result_.result = outcome;
    const auto& lines = world_.trace().lines();
    const std::size_t count = std::min(lines.size(), kLinesKept);
    result_.last_lines.assign(lines.end() - static_cast<std::ptrdiff_t>(count), lines.end());
  }
  if (result_.violations.size() < kViolationsKept) result_.violations.push_back(line);
}

void Run::on_crash(const CrashReport& crash) {
  if (cluster_.oracle() != nullptr) return;  // It judges what a crash may cost.
  history_.excuse(scenario_, crash);
  for (const auto& checker : checkers_) checker->crashed(crash);
}

void Run::on_serving(BrokerHost& broker) {
  if (cluster_.oracle() != nullptr) return;  // A replica that comes back lacks what it is about to fetch.
  const LogImages logs = broker.logs();
  for (const auto& checker : checkers_) checker->recovered(broker.name(), logs);
}

// Drives the world; also notices what must never happen, whatever the phase.
bool Run::wait_for(const std::function<bool()>& done, Duration limit, const std::function<std::string()>& otherwise) {
  const bool errors_expected = scenario_.breaks_disks();
  const auto interesting = [&] { return failed() || (!errors_expected && !world_.error_lines().empty()) || done(); };
  const bool came = world_.run_until(interesting, limit);
  if (failed()) return false;
  if (!errors_expected && !world_.error_lines().empty()) {
    violate(Outcome::safety, "an error line was logged: " + world_.error_lines().front());
    return false;
  }
  if (came) return true;
  const std::string& busy = world_.livelock_node();
  violate(Outcome::liveness, (busy.empty() ? "" : "livelock: " + busy + " is never idle; ") + otherwise());
  return false;
}

bool Run::drive(Node& node, Task<Result<void>> task, Duration limit, const std::string& what) {
  auto outcome = std::make_shared<std::optional<Result<void>>>();
  const auto keep = [](Task<Result<void>> work, std::shared_ptr<std::optional<Result<void>>> into) -> Task<void> {
    auto value = co_await std::move(work);
    into->emplace(std::move(value));
  };
  node.spawn_task(keep(std::move(task), outcome));
  if (!wait_for([&] { return outcome->has_value(); }, limit, [&] { return what + " did not end"; })) return false;
  if (!(*outcome)->has_value()) violate(Outcome::liveness, what + ": " + (*outcome)->error().message);
  return !failed();
}

bool Run::wait_until_serving() {
  const auto serving = [&] {
    // A clean stop may end only now.
    for (const auto& broker : cluster_.brokers()) {
      if (!broker->running() && cluster_.belongs(*broker)) broker->start();
    }
    return cluster_.all_serving();
  };
  return wait_for(serving, scenario_.cluster.start_within,
                  [&] { return cluster_.why_not_serving(); });
}

bool Run::set_up() {
  cluster_.start_all();
  return wait_until_serving() &&
         drive(observer_, create_topics(observer_.env(), scenario_), 60s, "creating the topics");
}

bool Run::producers_ended() const {
  return std::all_of(clients_.begin(), clients_.end(), [](const Client& client) {
    return client.workload->spec().kind != WorkloadKind::producer || client.workload->ended();
  });
}

bool Run::safety() {
  std::vector<std::string> names;
  for (Client& client : clients_) {
    names.push_back(client.node->name());
    client.node->spawn([workload = client.workload.get()](env::Env env) { return workload->run(env); });
  }
  Faults faults(world_, scenario_, cluster_, names);
  faults.begin();
  if (!wait_for([&] { return faults.over(); }, kFaultsWithin, [] { return "the faults did not end"; })) return false;
  faults.stop();
  world_.trace().note(world_.now(), "", "faults_over", Fields().add("injected", faults.injected()));
  return true;
}

bool Run::liveness() {
  cluster_.start_all();
  if (!wait_until_serving()) return false;
  Duration limit{};
  for (const WorkloadSpec& spec : scenario_.workloads) limit = std::max(limit, spec.finish_within);
  if (!wait_for([&] { return producers_ended(); }, limit, [] { return "a producer has not ended"; })) return false;
  if (!every_partition_led()) return false;
  std::map<TopicPartition, std::int64_t> ends;
  for (const auto& [partition, log] : cluster_.logs()) ends[partition] = log.end();
  for (Client& client : clients_) {
    const Workload& workload = *client.workload;
    if (!wait_for([&] { return workload.missing(ends).empty(); }, workload.spec().finish_within,
                  [&] { return workload.name() + ": " + workload.missing(ends); })) {
      return false;
    }
  }
  for (Client& client : clients_) client.workload->finish();
  const auto ended = [&] {
    return std::all_of(clients_.begin(), clients_.end(), [](const Client& c) { return c.workload->ended(); });
  };
  return wait_for(ended, limit, [] { return "a client has not ended"; });
}

// Clients go on meanwhile.
bool Run::every_partition_led() {
  const ClusterOracle* oracle = cluster_.oracle();
  if (oracle == nullptr) return true;
  ClusterOracle::Unrest unrest;
  const auto led = [&] {
    unrest = oracle->unrest(cluster_.live());
    return unrest.what.empty() || unrest.invariant == "L1" || unrest.invariant == "L2";
  };
  return wait_for(led, scenario_.cluster.settle_within,
                  [&] { return std::string(unrest.invariant) + " after the faults: " + unrest.what; });
}

// A cluster comes to rest: everybody is in sync and agrees.
bool Run::settle(const std::string& when) {
  const ClusterOracle* oracle = cluster_.oracle();
  if (oracle == nullptr) return true;
  ClusterOracle::Unrest unrest;
  Instant next_look = world_.now();
  const auto at_rest = [&] {
    if (world_.now() < next_look) return false;
    next_look = world_.now() + kLookEvery;
    unrest = oracle->unrest(cluster_.live());
    return unrest.what.empty();
  };
  if (!wait_for(at_rest, scenario_.cluster.settle_within, [&] {
        return std::string(unrest.invariant) + " " + when + ": " + unrest.what;
      })) {
    return false;
  }
  const std::string difference = cluster_.difference();
  if (!difference.empty()) violate(Outcome::safety, "R3 " + when + ": " + difference);
  return !failed() && ask_every_broker(when);
}

// M2, E3, E4: what each broker tells is what ZooKeeper and its own log hold.
bool Run::ask_every_broker(const std::string& when) {
  for (const auto& broker : cluster_.brokers()) {
    if (!cluster_.belongs(*broker)) continue;
    auto asked = told_as_stored(observer_.env(), broker->name(), *cluster_.oracle());
    if (!drive(observer_, std::move(asked), 2min, "M2 " + when + ": asking " + broker->name())) return false;
    auto ends = epoch_ends_as_in_log(observer_.env(), broker->name(), broker->id(), *cluster_.oracle());
    if (!drive(observer_, std::move(ends), 2min, "E4 " + when + ": asking " + broker->name())) return false;
  }
  return true;
}

// What was lost legally is asked of nobody.
void Run::excuse_losses() {
  const ClusterOracle* oracle = cluster_.oracle();
  if (oracle == nullptr) return;
  for (const auto& [partition, state] : oracle->znodes().states()) {
    const PartitionOracle* judged = oracle->find(partition);
    if (judged != nullptr && judged->lost_from() != kNoLoss) history_.excuse_from(partition, judged->lost_from());
  }
}

bool Run::rest(const std::string& when) {
  if (!settle(when)) return false;
  excuse_losses();
  if (!drive(observer_, read_everything(observer_.env(), scenario_, history_), 10min, "reading everything " + when)) {
    return false;
  }
  const LogImages logs = cluster_.logs();
  for (const auto& checker : checkers_) checker->quiescent(logs);
  return !failed();
}

bool Run::restart_all(bool cleanly) {
  for (const auto& broker : cluster_.brokers()) {
    if (cleanly) {
      broker->request_stop();
    } else {
      broker->kill();
    }
  }
  const auto down = [&] {
    return std::none_of(cluster_.brokers().begin(), cluster_.brokers().end(),
                        [](const auto& broker) { return broker->running(); });
  };
  if (!wait_for(down, 60s, [] { return "a broker has not stopped"; })) return false;
  cluster_.start_all();
  return wait_until_serving();
}

RunResult Run::run() {
  static_cast<void>(set_up() && safety() && liveness() && rest("after the faults") && restart_all(false) &&
                    rest("after a kill") && restart_all(true) && rest("after a clean restart"));
  if (const ClusterOracle* oracle = cluster_.oracle()) {
    result_.excused = oracle->excused();
    result_.unclean_elections = oracle->unclean_elections();
  }
  result_.events = world_.events();
  result_.virtual_time = world_.elapsed();
  result_.hash = world_.hash();
  return std::move(result_);
}

}  // namespace

namespace {

struct Swarm {
  bool with_disks = false;
};

// What cannot be read without its overrides is none.
std::optional<Swarm> swarm_of(std::string_view text) {
  const auto given = parse_scenario(text);
  if (!given || !given->swarm) return std::nullopt;
  return Swarm{given->disks};
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::safety: return "safety";
    case Outcome::liveness: return "liveness";
    case Outcome::crash: return "crash";
    case Outcome::nondeterminism: return "nondeterminism";
  }
  return "?";
}

Result<void> check_scenario(std::string_view text, const std::vector<std::string>& overrides) {
  if (swarm_of(text)) return {};  // Overrides are of what a seed will draw.
  B_TRY(const Scenario scenario, parse_scenario(text, overrides));
  static_cast<void>(scenario);
  return {};
}

Result<std::vector<std::uint64_t>> seeds_of_scenario(std::string_view text) {
  B_TRY(const Scenario scenario, parse_scenario(text));
  return scenario.seeds;
}

Result<RunResult> run_scenario(std::string_view text, const RunOptions& options) {
  const auto swarm = swarm_of(text);
  if (!swarm) {
    B_TRY(const Scenario scenario, parse_scenario(text, options.overrides));
    return Run(scenario, options).run();
  }
  SwarmScenario drawn = draw_swarm(options.seed, swarm->with_disks);
  B_TRY(const Scenario scenario, parse_scenario(drawn.toml, options.overrides));
  RunResult result = Run(scenario, options).run();
  result.vector = std::move(drawn.vector);
  return result;
}

}  // namespace barnabas::sim
