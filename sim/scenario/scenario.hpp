// A scenario as data: what a scenario file says. The keys are described in scenarios/README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "sim/oracle/moment.hpp"

namespace barnabas::sim {

// A value drawn between two bounds, both included. One that is given as a single value has equal bounds.
struct NumberBounds {
  std::int64_t low = 0;
  std::int64_t high = 0;
};
struct TimeBounds {
  Duration low{};
  Duration high{};
};

// What one broker has of its own.
struct BrokerSpec {
  std::string rack;
  std::map<std::string, std::string> config;  // Over those of the cluster.
  Duration joins{};  // After the workloads have begun; 0: it is there from the start.
};

struct ClusterSpec {
  std::int64_t brokers = 1;
  // Servers of the simulated ZooKeeper ensemble; 0: the one that is embedded in the only broker.
  std::int64_t zookeeper = 0;
  std::map<std::string, std::string> config;  // Keys of server.properties.
  Duration start_within = 30s;                // A broker that takes longer to start violates liveness.
  Duration settle_within = 60s;               // To be at rest, once the faults are over; likewise.
  std::map<std::int64_t, BrokerSpec> own;  // By broker id; only those of whom something is said.

  bool replicated() const { return zookeeper > 0; }
  BrokerSpec of(std::int64_t broker) const {
    const auto found = own.find(broker);
    return found == own.end() ? BrokerSpec() : found->second;
  }
  std::int64_t first_brokers() const;  // Without those that join later.
};

struct TopicSpec {
  std::string name;
  std::int64_t partitions = 1;
  std::map<std::string, std::string> config;  // Keys of a topic.
  std::int64_t replicas = 0;  // 0: three, or as many as there are brokers.
};

enum class WorkloadKind : std::uint8_t { producer, consumer, group, admin, watcher };

// What an admin may do, one drawn after the other.
enum class AdminAction : std::uint8_t { create_and_delete, grow, reassign, elect, configure, recreate };

struct WorkloadSpec {
  WorkloadKind kind = WorkloadKind::producer;
  std::string topic;
  std::int64_t clients = 1;
  Duration finish_within = 60s;  // After the faults have stopped; later violates liveness.

  // Of producers.
  std::int64_t records = 100;  // Each client.
  std::int64_t acks = -1;      // 0, 1, or -1 for "all".
  bool idempotent = false;
  NumberBounds batch{1, 10};  // Records in one batch.
  NumberBounds value_bytes{20, 200};
  TimeBounds pause{0ms, 50ms};    // Between two batches.
  std::int64_t keys = 0;          // How many, of each client; 0: records have none.
  std::int64_t tombstone_in = 0;  // One record in so many has no value; 0: none.
  Duration answered_within{};     // Until a batch is acknowledged, its retries included; 0: any time.

  // Of groups.
  std::string group;
  TimeBounds commit_every{100ms, 500ms};
  Duration session = 10s;

  // Of admins; `records` is the number of their actions, `pause` the time between two.
  std::vector<AdminAction> actions;
};

enum class FaultKind : std::uint8_t {
  kill,
  power_cut,
  stop,
  pause,
  pause_client,
  clock_step,
  clock_drift,  // Of a broker.
  hold,
  cut,
  break_connections,
  delay,
  drop_response,  // Between brokers and clients.
  slow_disk,
  slow_sync,
  disk_read_error,
  disk_write_error,
  disk_sync_error,
  disk_change_error,
  disk_full,
  bit_rot,  // Of a broker's disk.
  wipe,     // Of a broker, with its disk.
  rotten_log,
  expire_session,
  zookeeper_kill,
  zookeeper_isolate,
  zookeeper_lag,
  zookeeper_lose_answer,
  zookeeper_lose_request,
  zookeeper_drop_connections,
  zookeeper_late_expiry,  // Of the ensemble.
};

// Whom a network fault sets apart from the broker.
enum class FaultPeer : std::uint8_t { client, broker, brokers, zookeeper, all, subject };
// Which of the two ways it strikes: one drawn, or both; from the broker, or to it.
enum class FaultWay : std::uint8_t { drawn, both, out, in };

// As in a scenario file.
std::string_view name_of(FaultKind kind);

struct FaultSpec {
  FaultKind kind = FaultKind::kill;
  // "any", "broker:0", or a role: "controller", "leader:topic/0", "follower:topic/0", "mere_follower:topic/0",
  // "last_in_isr:topic/0", "coordinator:group", "struck" (by the last fault before it), "subject" (of the moment).
  std::string on = "any";
  TimeBounds at;           // When, after the workloads have begun.
  // Instead of a drawn time: each time that this happens between the bounds of `at`.
  std::optional<Moment::Kind> when;
  TopicPartition of;       // Whose moment; unless it is of no partition.
  TimeBounds after;        // From the moment on.
  NumberBounds times{1, 1};
  TimeBounds lasts{10ms, 1s};
  std::string path;       // Disk faults but disk_full: only files whose path contains this.
  NumberBounds by{0, 0};  // Milliseconds of a step, parts per million of a drift, one in how many of disk errors.
  FaultPeer peer = FaultPeer::client;
  FaultWay way = FaultWay::drawn;
};

struct Scenario {
  std::string why;
  bool swarm = false;  // All but `why` and `seeds` is drawn by the seed (swarm.hpp).
  bool disks = false;  // Of a swarm: disks fail in every run.
  std::vector<std::uint64_t> seeds;
  ClusterSpec cluster;
  std::vector<TopicSpec> topics;
  std::vector<WorkloadSpec> workloads;
  std::vector<FaultSpec> faults;
  std::vector<std::string> checks;

  const TopicSpec* find_topic(std::string_view name) const;
  // Every acknowledged record of the topic was synced first (flush.messages=1).
  bool flushes_each_batch(std::string_view topic) const;
  // Records may go for the sake of later ones with the same key.
  bool compacts(std::string_view topic) const;
  // Retention may delete records.
  bool deletes(std::string_view topic) const;
  // Copies of each of its partitions.
  std::int64_t replicas_of(const TopicSpec& topic) const;
  // Errors of a disk are asked for, so that brokers may log them.
  bool breaks_disks() const;
  // What was written may be gone: power cuts, wiped or broken disks.
  bool loses_tails() const;
};

// invalid_argument: not TOML, an unknown key (the message names the nearest), a bad value, no check.
Result<Scenario> parse_scenario(std::string_view text, const std::vector<std::string>& overrides = {});

}  // namespace barnabas::sim
