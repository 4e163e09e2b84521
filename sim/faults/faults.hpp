// Breaks things as the scenario says: each [[fault]] becomes a drawn number of episodes at drawn times.
//
// An episode that makes no sense when its time comes (a kill of a broker that is down) is passed over; one for a role
// that nobody has waits a while for somebody. Network faults hit the links between the broker and whom the fault names:
// one client, unless it says otherwise. A fault that waits for a moment strikes each time it comes, as long as somebody
// waits for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/scenario/scenario.hpp"

namespace barnabas::sim {

class Faults {
 public:
  Faults(World& world, const Scenario& scenario, Cluster& cluster, std::vector<std::string> clients);
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  ~Faults();

  // Draws and schedules all episodes, from now on.
  void begin();
  // Every episode has begun, and those that end by themselves have ended.
  bool over() const { return stopped_ || under_way_ == 0; }
  // No more faults: heals the network and the disks, wakes whoever is paused. Brokers that are down stay down.
  void stop();
  std::uint64_t injected() const { return injected_; }

 private:
  // Of a fault that waits for a moment.
  struct Armed {
    const FaultSpec* fault;
    std::int64_t left;
    Instant from;
    Instant until;
  };

  void arm(const FaultSpec& fault, std::int64_t times);
  void moment_came(const Moment& moment);
  void run(const FaultSpec& fault, Duration patience, std::int32_t subject = -1);
  void strike(const FaultSpec& fault, BrokerHost& broker, Duration lasts);
  void end_after(Duration time, std::function<void()> end);
  void pause_client(Duration lasts);
  void take_down(const FaultSpec& fault, BrokerHost& broker, Duration lasts);
  void disturb_network(const FaultSpec& fault, BrokerHost& broker, Duration lasts);
  void disturb_link(const FaultSpec& fault, const std::string& a, const std::string& b, std::uint64_t direction,
                    Duration extra);
  std::vector<std::string> peers_of(const FaultSpec& fault, const BrokerHost& broker);
  void wipe(BrokerHost& broker, Duration lasts);
  void disturb_zookeeper(const FaultSpec& fault, BrokerHost& broker, Duration lasts);
  void rot(const FaultSpec& fault, BrokerHost& broker);
  void rot_log(const FaultSpec& fault, BrokerHost& broker, Duration lasts);
  static bool needs_new_disk(FaultKind kind);
  void replace_disk(BrokerHost& broker);
  void disturb_disk(const FaultSpec& fault, BrokerHost& broker, Duration lasts);
  std::int64_t draw_by(const FaultSpec& fault) { return draw_.between(fault.by.low, fault.by.high); }

  World& world_;
  const Scenario& scenario_;
  Cluster& cluster_;
  std::vector<std::string> clients_;
  Prng draw_;
  std::vector<Armed> armed_;
  std::int32_t struck_ = -1;   // The broker of the last episode.
  std::int32_t subject_ = -1;  // Of the moment that the present one waited for.
  std::uint64_t under_way_ = 0;
  std::uint64_t injected_ = 0;
  bool stopped_ = false;
};

}  // namespace barnabas::sim
