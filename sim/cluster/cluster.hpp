// Real brokers on simulated nodes, and the ZooKeeper they share: start, stop, kill, cut, wipe; who has which role.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/checkers/history.hpp"
#include "sim/cluster/watch.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/world.hpp"
#include "sim/zookeeper/ensemble.hpp"

namespace barnabas::sim {

// One broker and its machine.
class BrokerHost {
 public:
  using OnCrash = std::function<void(const CrashReport&)>;
  using OnServing = std::function<void(BrokerHost&)>;

  // Of the others; null or empty for the broker that has its own ZooKeeper.
  struct Surroundings {
    std::string zookeeper;
    ClusterOracle* oracle = nullptr;
    ClusterWatch* watch = nullptr;
  };

  BrokerHost(World& world, const Scenario& scenario, std::int32_t id, Surroundings around, OnCrash on_crash,
             OnServing on_serving);
  BrokerHost(const BrokerHost&) = delete;
  BrokerHost& operator=(const BrokerHost&) = delete;

  std::int32_t id() const { return id_; }
  Node& node() { return node_; }
  const std::string& name() const { return node_.name(); }

  // A new process; on_serving is called once it serves.
  void start();
  void kill();
  void power_cut();
  // As a kill, and the disk is empty afterwards.
  void wipe();
  // Asks the broker to stop cleanly; stopped() tells when its process has ended. Kills one that does not serve yet.
  void request_stop();

  bool serving() const;
  bool running() const;
  // Why the last start that failed did, while the broker does not serve.
  std::optional<Error> start_error() const;

  // The logs on its disk, as a process would read them now.
  LogImages logs() const;

 private:
  // Of one process. Lives longer than it.
  struct Run {
    bool serving = false;
    bool stopping = false;
    std::optional<Error> error;
    Event* stop = nullptr;
  };

  Task<void> serve(env::Env env, std::shared_ptr<Run> run);
  void report_crash(bool power_cut);
  void end_process();
  void start_again(std::shared_ptr<Run> run);

  World& world_;
  const Scenario& scenario_;
  std::int32_t id_;
  Node& node_;
  Surroundings around_;
  OnCrash on_crash_;
  OnServing on_serving_;
  std::shared_ptr<Run> run_;  // Null before the first start.
  std::optional<Error> last_error_;
  bool clean_ = false;        // It was stopped cleanly, and not started since: its disk lacks nothing.
};

class Cluster {
 public:
  Cluster(World& world, const Scenario& scenario, BrokerHost::OnCrash on_crash, BrokerHost::OnServing on_serving);

  const std::vector<std::unique_ptr<BrokerHost>>& brokers() const { return brokers_; }
  // Null where the only broker has its own ZooKeeper.
  Ensemble* zookeeper() { return ensemble_.get(); }
  ClusterOracle* oracle() { return oracle_.get(); }
  const ClusterOracle* oracle() const { return oracle_.get(); }
  // Gets what the oracle finds.
  void set_judgement(Judgement judge) { judge_ = std::move(judge); }

  // Brokers that join later are left out until joined.
  void start_all();
  // This one, too, belongs to the cluster from now on.
  void join(BrokerHost& broker);
  bool belongs(const BrokerHost& broker) const { return joined_.contains(broker.id()); }
  std::set<std::int32_t> live() const;
  bool all_serving() const;
  // What stands in the way of all_serving(), for a message.
  std::string why_not_serving() const;
  // The broker that a fault's `on` means now; for "any" one drawn. Null when nobody has that role.
  BrokerHost* find(const std::string& role, Prng& draw) const;
  // Of each partition that of its leader, or of the only broker.
  LogImages logs() const;
  // What differs between the replicas of a partition; empty: nothing.
  std::string difference() const;

 private:
  BrokerHost* host(std::int32_t id) const;
  BrokerHost* find_by_znodes(const std::string& role, const std::string& name, Prng& draw) const;

  const Scenario& scenario_;
  Judgement judge_;
  std::unique_ptr<Ensemble> ensemble_;
  std::unique_ptr<ClusterOracle> oracle_;
  std::unique_ptr<ClusterWatch> watch_;
  std::set<std::int32_t> joined_;
  std::vector<std::unique_ptr<BrokerHost>> brokers_;
};

inline constexpr std::uint16_t kBrokerPort = 9092;
inline constexpr const char* kDataDirectory = "/data";

}  // namespace barnabas::sim
