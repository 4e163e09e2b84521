// What a controller's term holds in memory: the brokers, the topics, and what is under way with them. Plain data with
// lookups; made at the start of the term, gone with it (KAFKA-5310).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/controller/partition_rules.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/topic_store.hpp"

namespace barnabas::metadata {
class Config;
}

namespace barnabas::controller {

struct PartitionEntry {
  // Who is a replica; during a reassignment the target and who was one before.
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> adding;
  // Are to leave. While `completing` they are no replicas any more, but their logs are still being removed, and the
  // topic's znode still names them.
  std::vector<BrokerId> removing;
  bool completing = false;

  std::optional<PartitionRecord> record;  // Nothing: no state was ever written.
  std::int32_t partition_epoch = -1;      // Version of the state znode.
  std::int32_t controller_epoch = 0;      // That wrote it.
  std::set<BrokerId> offline_logs;        // Replicas whose log directory failed, though their brokers live.

  bool reassigning() const { return !adding.empty() || !removing.empty(); }
  // Where a reassignment leads to: the replicas without those that are to leave.
  std::vector<BrokerId> target() const;
  // As the topic's znode lists them.
  std::vector<BrokerId> listed() const;
  bool has_replica(BrokerId id) const;
};

struct TopicEntry {
  std::string name;
  Uuid id;
  std::int32_t version = 0;  // Of its znode.
  std::vector<PartitionEntry> partitions;
  std::map<std::string, std::string> config;  // Overrides.
  PartitionPolicy policy;
  bool deleting = false;
  bool watched = false;  // The watch has shown it; from then on its absence means that it was removed.

  // For its znode.
  metadata::TopicInfo to_info() const;
};

struct ControllerState {
  metadata::Controllership term;
  BrokerId self = kNoBroker;
  std::map<BrokerId, metadata::BrokerInfo> brokers;  // Registered.
  // Bound to the life of the broker that they were noted in.
  std::map<BrokerId, std::int64_t> suspects;
  std::map<BrokerId, std::int64_t> shutting_down;
  // The epochs of former lives, for members of an ISR that are away or came back with another log.
  std::map<BrokerId, std::int64_t> former_epochs;
  std::map<std::string, TopicEntry, std::less<>> topics;
  std::map<Uuid, std::string> names;
  std::map<std::string, Uuid> removed;  // Topics that are gone although a watch may still show them.

  // Null when unknown.
  PartitionEntry* partition(const TopicPartition& id);
  const PartitionEntry* partition(const TopicPartition& id) const;
  TopicEntry* topic(std::string_view name);
  const TopicEntry* topic(std::string_view name) const;
  void put_topic(TopicEntry topic);
  void drop_topic(const std::string& name);

  // Registered in this life, and not suspected in it.
  bool is_live(BrokerId id) const;
  bool is_suspect(BrokerId id) const;
  bool is_shutting_down(BrokerId id) const;
  // For the rules: who is live. A suspect is not.
  LiveBrokers live() const;
  // What is registered, suspects included: who may come back under which incarnation.
  LiveBrokers registered() const;
  std::set<BrokerId> suspected() const;
};

// For one partition: `live` without the replicas whose log directory failed. Copies only if there are any.
class PartitionView {
 public:
  PartitionView(const PartitionEntry& partition, const LiveBrokers& live);
  const LiveBrokers& live() const { return without_ ? *without_ : live_; }

 private:
  const LiveBrokers& live_;
  std::optional<LiveBrokers> without_;
};

// Between the rules and the znode.
metadata::PartitionState to_znode(const PartitionRecord& record, std::int32_t controller_epoch);
PartitionRecord from_znode(const metadata::PartitionState& state);

// What counts for a topic of these overrides.
PartitionPolicy policy_of(const metadata::Config& config, const std::map<std::string, std::string>& overrides);

}  // namespace barnabas::controller
