// What a broker knows of its cluster: plain data with lookups. Every broker fills one from what the controller tells
// it (UpdateMetadata), and topic configurations from ZooKeeper.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/uuid.hpp"

namespace barnabas::metadata {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
inline constexpr std::string_view kTransactionsTopic = "__transaction_state";

constexpr bool is_internal_topic(std::string_view name) { return name == kOffsetsTopic || name == kTransactionsTopic; }

// One advertised address of a broker.
struct BrokerEndpoint {
  std::string listener;                         // Listener name, "PLAINTEXT".
  std::string security_protocol = "PLAINTEXT";  // PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const BrokerEndpoint&) const = default;
};

struct BrokerInfo {
  BrokerId id = kNoBroker;
  std::int64_t epoch = -1;  // czxid of its registration.
  std::vector<BrokerEndpoint> endpoints;
  std::optional<std::string> rack;
  // Of its logs: changes when they may have lost their tail (controller/partition_rules.hpp); 0: it does not say (an
  // Apache Kafka broker).
  std::uint64_t incarnation = 0;

  // Null when the broker does not have this listener.
  const BrokerEndpoint* endpoint(std::string_view listener) const;

  bool operator==(const BrokerInfo&) const = default;
};

// Of which log each broker speaks now, or did last (controller/partition_rules.hpp).
using Incarnations = std::map<BrokerId, std::uint64_t>;

struct PartitionInfo {
  BrokerId leader = kNoBroker;  // kNoBroker while there is none.
  LeaderEpoch leader_epoch{0};
  std::int32_t partition_epoch = 0;   // Version of the state znode; expected by the next conditional write.
  std::int32_t controller_epoch = 0;  // Of the controller that wrote the state.
  // The first is the preferred leader. None: the partition was not told of yet, though others of its topic were.
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  std::vector<BrokerId> adding_replicas;
  std::vector<BrokerId> removing_replicas;
  std::vector<BrokerId> offline_replicas;  // Their broker is gone, or the directory of their log.

  bool operator==(const PartitionInfo&) const = default;
};

struct TopicInfo {
  std::string name;
  Uuid id;
  std::vector<PartitionInfo> partitions;      // By partition index.
  std::map<std::string, std::string> config;  // Overrides as stored; topic_config.hpp gives them meaning.

  bool is_internal() const { return is_internal_topic(name); }

  bool operator==(const TopicInfo&) const = default;
};

class ClusterImage {
 public:
  std::string cluster_id;
  BrokerId controller = kNoBroker;
  std::map<BrokerId, BrokerInfo> brokers;  // The live ones.

  const std::map<std::string, TopicInfo, std::less<>>& topics() const { return topics_; }
  // Null when unknown, as is a partition without replicas. Pointers hold until the topic is put again or removed.
  const TopicInfo* topic(std::string_view name) const;
  const TopicInfo* topic(const Uuid& id) const;
  const PartitionInfo* partition(std::string_view topic, PartitionId partition) const;
  const PartitionInfo* partition(const TopicPartition& partition_name) const {
    return partition(partition_name.topic, partition_name.partition);
  }
  const BrokerInfo* broker(BrokerId id) const;
  // Sorted.
  std::vector<BrokerId> live_brokers() const;

  // Adds the topic or replaces the one of this name, its id included.
  void put_topic(TopicInfo topic);
  // False when there was none.
  bool remove_topic(std::string_view name);
  // Requires that the partition exists.
  void set_partition(std::string_view topic, PartitionId partition, PartitionInfo state);

 private:
  std::map<std::string, TopicInfo, std::less<>> topics_;
  std::map<Uuid, std::string> names_by_id_;
};

}  // namespace barnabas::metadata
