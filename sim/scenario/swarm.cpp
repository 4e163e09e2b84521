#include "sim/scenario/swarm.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "core/base/prng.hpp"

namespace barnabas::sim {
namespace {

struct FaultClass {
  std::string_view kind;
  std::string_view extra;     // Further keys.
  std::int64_t lasts_ms = 0;  // At most.
  std::int64_t times = 1;     // At most.
  bool by_role = true;
};

// Each is on or off as a whole.
constexpr FaultClass kFaults[] = {
    {"kill", "", 3'000, 6},
    {"power_cut", "", 3'000, 4},
    {"stop", "", 2'000, 3},
    {"pause", "", 8'000, 4},
    {"wipe", "", 2'000, 2},
    {"clock_step", "by_ms = [-100000, 100000]", 0, 3},
    {"clock_drift", "by_ppm = [-50000, 50000]", 5'000, 3},
    {"hold", "with = \"broker\"", 8'000, 5},
    {"hold", "with = \"brokers\"", 8'000, 3},
    {"hold", "with = \"zookeeper\"", 8'000, 4},
    {"hold", "with = \"all\"", 8'000, 2},
    {"cut", "with = \"broker\"", 5'000, 5},
    {"cut", "with = \"zookeeper\"", 8'000, 3},
    {"cut", "with = \"client\"", 5'000, 5},
    {"delay", "with = \"broker\"", 2'000, 4},
    {"delay", "with = \"zookeeper\"", 2'000, 3},
    {"break_connections", "with = \"broker\"", 100, 6},
    {"drop_response", "with = \"client\"", 100, 8},
    {"drop_response", "with = \"broker\"", 100, 6},
    {"expire_session", "", 0, 4},
    {"zookeeper_kill", "", 4'000, 3},
    {"zookeeper_isolate", "", 4'000, 3},
    {"zookeeper_lag", "", 3'000, 4},
    {"zookeeper_lose_answer", "", 0, 6},
    {"zookeeper_lose_request", "", 0, 6},
    {"zookeeper_drop_connections", "", 0, 4},
    {"zookeeper_late_expiry", "", 5'000, 2},
};
constexpr std::array<std::string_view, 6> kRoles = {"any", "any", "controller", "leader:orders/0", "follower:orders/0",
                                                    "coordinator:billing"};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : draw_(Prng(seed).child("swarm")) {}
  SwarmScenario run();

 private:
  bool chance(std::uint32_t one_in) { return draw_.below(one_in) == 0; }
  std::int64_t between(std::int64_t low, std::int64_t high) { return draw_.between(low, high); }
  void note(std::string_view name, const std::string& value) {
    scenario_.vector += (scenario_.vector.empty() ? "" : " ") + std::string(name) + "=" + value;
  }
  void note(std::string_view name, std::int64_t value) { note(name, std::to_string(value)); }
  void write(const std::string& line) { scenario_.toml += line + "\n"; }

  void cluster();
  void topic();
  void workloads();
  void producer();
  void faults();
  void fault(const FaultClass& what);

  Prng draw_;
  SwarmScenario scenario_;
  std::int64_t brokers_ = 3;
  std::int64_t replicas_ = 3;
  std::int64_t seconds_ = 10;
};

void Draw::cluster() {
  constexpr std::array<std::int64_t, 8> kBrokers = {2, 3, 3, 3, 3, 4, 5, 7};
  brokers_ = kBrokers[draw_.below(kBrokers.size())];
  replicas_ = chance(3) ? between(1, std::min<std::int64_t>(5, brokers_)) : std::min<std::int64_t>(3, brokers_);
  const std::int64_t zookeeper = chance(2) ? 1 : 3;
  std::map<std::string, std::int64_t> numbers;
  numbers["zookeeper.session.timeout.ms"] = between(1'000, 6'000);
  numbers["replica.lag.time.max.ms"] = between(1'000, 5'000);
  numbers["log.segment.bytes"] = between(10'000, 64'000);
  numbers["log.index.interval.bytes"] = between(500, 4'096);
  numbers["replica.high.watermark.checkpoint.interval.ms"] = between(200, 5'000);
  numbers["replica.fetch.wait.max.ms"] = between(10, 500);
  if (chance(3)) numbers["replica.fetch.max.bytes"] = between(200, 5'000);
  if (chance(4)) numbers["replica.fetch.response.max.bytes"] = between(500, 10'000);
  if (chance(3)) numbers["leader.imbalance.check.interval.seconds"] = between(1, 5);
  write("[cluster]\nbrokers = " + std::to_string(brokers_) + "\nzookeeper = " + std::to_string(zookeeper));
  write("settle_within = \"2m\"\n[cluster.config]");
  note("brokers", brokers_);
  note("zookeeper", zookeeper);
  for (const auto& [key, value] : numbers) {
    write("\"" + key + "\" = " + std::to_string(value));
    note(key, value);
  }
  const bool failover = chance(2);
  write("\"failover.on.refused.connection\" = " + std::string(failover ? "true" : "false"));
  note("failover.on.refused.connection", failover ? 1 : 0);
}

void Draw::topic() {
  const std::int64_t partitions = between(1, 4);
  const std::int64_t min_insync = chance(3) ? between(1, replicas_) : std::min<std::int64_t>(2, replicas_);
  const bool flush = chance(5);
  const bool unclean = chance(10);
  write("[[topic]]\nname = \"orders\"\npartitions = " + std::to_string(partitions));
  write("replicas = " + std::to_string(replicas_) + "\n[topic.config]");
  write("\"min.insync.replicas\" = " + std::to_string(min_insync));
  if (flush) write("\"flush.messages\" = 1");
  if (unclean) write("\"unclean.leader.election.enable\" = true");
  note("partitions", partitions);
  note("replicas", replicas_);
  note("min.insync.replicas", min_insync);
  note("flush", flush ? 1 : 0);
  note("unclean", unclean ? 1 : 0);
}

void Draw::producer() {
  constexpr std::array<std::string_view, 4> kAcks = {"all", "all", "1", "0"};
  const std::string acks(kAcks[draw_.below(kAcks.size())]);
  const bool idempotent = acks == "all" && !chance(3);
  const std::int64_t pause_ms = chance(4) ? 1'000 : 50;
  const std::int64_t records = std::max<std::int64_t>(20, seconds_ * 1'000 / pause_ms * 10);
  write("[[workload]]\nkind = \"producer\"\ntopic = \"orders\"\nacks = \"" + acks + "\"");
  write("records = " + std::to_string(records) + "\nidempotent = " + (idempotent ? "true" : "false"));
  write("pause = [\"0ms\", \"" + std::to_string(pause_ms) + "ms\"]\nfinish_within = \"3m\"");
  note("producer", acks + (idempotent ? "i" : "") + "/" + std::to_string(pause_ms) + "ms");
}

void Draw::workloads() {
  const std::int64_t producers = between(1, 3);
  for (std::int64_t i = 0; i < producers; ++i) producer();
  if (chance(2)) {
    write("[[workload]]\nkind = \"consumer\"\ntopic = \"orders\"\nfinish_within = \"3m\"");
    note("consumer", 1);
  }
  if (chance(3)) {
    const std::int64_t members = between(1, 3);
    write("[[workload]]\nkind = \"group\"\ngroup = \"billing\"\ntopic = \"orders\"\nclients = " +
          std::to_string(members) + "\nfinish_within = \"3m\"");
    note("members", members);
  }
  if (!chance(3)) return;
  std::string actions;
  for (const std::string_view action : {"create_and_delete", "grow", "reassign", "elect", "configure"}) {
    if (chance(2)) actions += (actions.empty() ? "\"" : ", \"") + std::string(action) + "\"";
  }
  write("[[workload]]\nkind = \"admin\"\ntopic = \"orders\"\nrecords = " + std::to_string(between(2, 10)) +
        "\nactions = [" + actions + "]\nfinish_within = \"3m\"");
  std::erase(actions, ' ');
  note("admin", actions.empty() ? "all" : actions);
}

void Draw::fault(const FaultClass& what) {
  const std::string role(what.by_role ? kRoles[draw_.below(kRoles.size())] : "any");
  const std::int64_t times = between(1, what.times);
  write("[[fault]]\nkind = \"" + std::string(what.kind) + "\"\non = \"" + role + "\"");
  write("at = [\"500ms\", \"" + std::to_string(seconds_) + "s\"]\ntimes = " + std::to_string(times));
  if (what.lasts_ms > 0) write("lasts = [\"10ms\", \"" + std::to_string(what.lasts_ms) + "ms\"]");
  if (!what.extra.empty()) write(std::string(what.extra));
  std::string peer;
  if (what.extra.starts_with("with")) peer = ":" + std::string(what.extra.substr(8, what.extra.size() - 9));
  note(std::string(what.kind) + peer, std::to_string(times) + "@" + role);
}

void Draw::faults() {
  if (chance(8)) return note("calm", 1);
  // Few kinds at once find other things than all of them.
  const std::uint32_t one_in = chance(2) ? 2 : 5;
  for (const FaultClass& what : kFaults) {
    if (chance(one_in)) fault(what);
  }
}

SwarmScenario Draw::run() {
  write("why = \"Drawn by a swarm.\"");
  seconds_ = between(4, 15);
  cluster();
  topic();
  workloads();
  faults();
  note("seconds", seconds_);
  for (const std::string_view check :
       {"no_acked_loss", "no_duplicates", "rejected_stay_out", "offsets_dense", "committed_offsets_survive",
        "consumed_equals_log", "topics_as_told"}) {
    write("[[check]]\nname = \"" + std::string(check) + "\"");
  }
  return std::move(scenario_);
}

}  // namespace

SwarmScenario draw_swarm(std::uint64_t seed) { return Draw(seed).run(); }

}  // namespace barnabas::sim
