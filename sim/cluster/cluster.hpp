// Real brokers on simulated nodes: start, stop, kill, cut, pause.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/checkers/history.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/world.hpp"

namespace barnabas::sim {

// One broker and its machine.
class BrokerHost {
 public:
  using OnCrash = std::function<void(const CrashReport&)>;
  using OnServing = std::function<void(BrokerHost&)>;

  BrokerHost(World& world, const Scenario& scenario, std::int32_t id, OnCrash on_crash, OnServing on_serving);
  BrokerHost(const BrokerHost&) = delete;
  BrokerHost& operator=(const BrokerHost&) = delete;

  std::int32_t id() const { return id_; }
  Node& node() { return node_; }
  const std::string& name() const { return node_.name(); }

  // A new process; on_serving is called once it serves.
  void start();
  void kill();
  void power_cut();
  // Asks the broker to stop cleanly; stopped() tells when its process has ended. Kills one that does not serve yet.
  void request_stop();

  bool serving() const;
  bool running() const;
  // Why the last start failed, if it did.
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

  World& world_;
  const Scenario& scenario_;
  std::int32_t id_;
  Node& node_;
  OnCrash on_crash_;
  OnServing on_serving_;
  std::shared_ptr<Run> run_;  // Null before the first start.
};

class Cluster {
 public:
  Cluster(World& world, const Scenario& scenario, BrokerHost::OnCrash on_crash, BrokerHost::OnServing on_serving);

  const std::vector<std::unique_ptr<BrokerHost>>& brokers() const { return brokers_; }
  void start_all();
  bool all_serving() const;
  // What stands in the way of all_serving(), for a message.
  std::string why_not_serving() const;
  // The broker that a fault's `on` means now; for "any" one drawn. Null when nobody has that role.
  BrokerHost* find(const std::string& role, Prng& draw) const;
  // Over all brokers; of a partition that several hold, the first broker's.
  LogImages logs() const;

 private:
  std::vector<std::unique_ptr<BrokerHost>> brokers_;
};

inline constexpr std::uint16_t kBrokerPort = 9092;
inline constexpr const char* kDataDirectory = "/data";

}  // namespace barnabas::sim
