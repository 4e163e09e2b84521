// The replication protocol of one partition, in memory: real rules (leader_state, divergence, partition_rules), toy
// everything else. Brokers have a log with a durable prefix and lose the rest in a power cut; messages wait in a bag,
// and come in any order, late, or never. One step at a time, drawn from a seed. It checks after each step what
// replication promises, without asking the code under test:
//
//   R1  what was ever below a high watermark stays, with the same bytes, in the log of every later leader;
//   R3  the same offset and leader epoch never hold different records;
//   E1  only one broker ever appends under a leader epoch;
//   H1  a replica's high watermark does not fall while its leader epoch lasts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/prng.hpp"
#include "core/controller/partition_rules.hpp"
#include "core/log/leader_epoch_cache.hpp"
#include "core/replication/leader_state.hpp"

namespace barnabas::controller {

struct ModelOptions {
  int brokers = 3;
  std::size_t min_insync_replicas = 2;
  int steps = 3000;
  bool power_cuts = true;
};

class ProtocolModel {
 public:
  ProtocolModel(std::uint64_t seed, ModelOptions options);

  // What is broken, in words; empty: nothing. Faults for options.steps, then everything is healed, and all must agree.
  std::string run();

  std::int64_t committed() const { return static_cast<std::int64_t>(ledger_.size()); }
  int elections() const { return elections_; }
  int power_cuts() const { return power_cuts_; }

 private:
  struct Entry {
    LeaderEpoch epoch;
    std::uint64_t value = 0;
    bool operator==(const Entry&) const = default;
  };
  struct Following {
    BrokerId leader;
    LeaderEpoch epoch;
    std::uint64_t awaited = 0;  // The request under way; 0: none.
  };
  struct Broker {
    BrokerId id;
    // The disk.
    std::vector<Entry> log;
    std::size_t durable = 0;
    log::LeaderEpochCache epochs;
    Incarnation incarnation = 1;
    Offset high_watermark{0};
    // The process.
    bool running = false;
    bool lost_power = false;
    std::int64_t broker_epoch = -1;
    LeaderEpoch seen_epoch{-1};
    std::int32_t seen_partition_epoch = -1;
    std::unique_ptr<replication::LeaderState> leading;
    std::optional<Following> following;
    std::map<BrokerId, std::int64_t> known;  // Registrations that it has heard of.

    Offset end() const { return Offset(static_cast<std::int64_t>(log.size())); }
  };

  struct LeaderAndIsr {
    PartitionRecord record;
    std::int32_t partition_epoch;
    std::map<BrokerId, std::int64_t> live;
    std::int64_t broker_epoch;
  };
  struct Fetch {
    BrokerId from;
    std::int64_t broker_epoch;
    LeaderEpoch epoch;
    Offset offset;
    LeaderEpoch last_epoch;
    std::uint64_t number;
  };
  struct Fetched {
    LeaderEpoch epoch;
    std::uint64_t number;
    bool out_of_range = false;
    std::optional<log::EpochEnd> diverging;
    Offset leader_end;
    Offset offset;
    std::vector<Entry> entries;
    Offset high_watermark;
  };
  struct AlterAnswer {
    LeaderEpoch epoch;
    std::int32_t based_on;
    std::expected<std::int32_t, IsrRefusal> outcome;
  };
  struct Message {
    BrokerId to;  // kNoBroker: the controller.
    std::variant<LeaderAndIsr, Fetch, Fetched, IsrRequest, AlterAnswer> what;
  };

  Broker& broker(BrokerId id) { return brokers_.at(static_cast<std::size_t>(id.value())); }
  Broker& any_broker() { return brokers_[prng_.below(brokers_.size())]; }

  void step();
  void fault(Broker& on);
  void produce(Broker& on);
  void send_fetch(Broker& on);
  void send_proposal(Broker& on);
  void deliver(std::size_t index);
  void receive(Broker& on, const LeaderAndIsr& message);
  void receive(Broker& on, const Fetch& message);
  void receive(Broker& on, const Fetched& message);
  void receive(Broker& on, const AlterAnswer& message);
  void receive_as_controller(const IsrRequest& request);
  void become_leader(Broker& on, const LeaderAndIsr& message);
  void become_follower(Broker& on, const LeaderAndIsr& message);

  void start(Broker& on);
  void stop(Broker& on, bool power_cut);
  bool may_lose_power(const Broker& on) const;
  void look_at_registrations();
  void rule();
  void write(PartitionRecord record);
  void tell_all();

  void append(Broker& on, Entry entry);
  void cut(Broker& on, Offset end);
  void raise_high_watermark(Broker& on, Offset to);
  void check_new_leader(const Broker& on);
  void complain(const std::string& what);
  bool settled();
  std::string state() const;

  ModelOptions options_;
  Prng prng_;
  PartitionPolicy policy_;
  std::vector<BrokerId> replicas_;
  std::vector<Broker> brokers_;
  std::vector<Message> bag_;
  // ZooKeeper.
  LiveBrokers registered_;
  std::int64_t next_broker_epoch_ = 1;
  PartitionRecord record_;
  std::int32_t partition_epoch_ = 0;
  // The controller: what it believes is live.
  LiveBrokers live_;
  // What must hold.
  std::vector<Entry> ledger_;
  std::map<std::pair<std::int64_t, LeaderEpoch>, std::uint64_t> written_;
  std::map<LeaderEpoch, BrokerId> appenders_;
  std::string broken_;
  std::uint64_t next_value_ = 1;
  std::uint64_t next_request_ = 1;
  Instant now_{};
  int elections_ = 0;
  int power_cuts_ = 0;
};

}  // namespace barnabas::controller
