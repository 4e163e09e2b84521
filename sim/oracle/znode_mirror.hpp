// What the znodes of a cluster say, read with the oracle's own eyes from the committed writes of the ensemble.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::sim {

// /brokers/topics/<t>/partitions/<n>/state
struct StateZnode {
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t controller_epoch = -1;
  std::vector<std::int32_t> isr;
  std::vector<std::string> incarnations;  // Of the ISR; empty where none were written.
  std::vector<std::int32_t> eligible;
  std::int32_t version = 0;

  bool in_isr(std::int32_t broker) const;
  // As written; "" when nothing was.
  std::string incarnation_of(std::int32_t broker) const;
};

// /brokers/topics/<t>
struct TopicZnode {
  std::string id;
  std::map<std::int32_t, std::vector<std::int32_t>> replicas;
  bool reassigning = false;
};

// /brokers/ids/<n>
struct BrokerZnode {
  std::int64_t epoch = -1;
  zookeeper::SessionId session;
};

class ZnodeMirror {
 public:
  // Takes in one change of a committed transaction.
  void apply(const zookeeper::Transaction& transaction, const zookeeper::Change& change);

  const std::map<TopicPartition, StateZnode>& states() const { return states_; }
  const std::map<std::string, TopicZnode>& topics() const { return topics_; }
  const std::map<std::int32_t, BrokerZnode>& brokers() const { return brokers_; }
  const StateZnode* state(const TopicPartition& partition) const;
  const TopicZnode* topic(const std::string& name) const;
  std::vector<std::int32_t> replicas(const TopicPartition& partition) const;
  // -1: nobody.
  std::int32_t controller() const { return controller_; }
  std::int32_t controller_epoch() const { return controller_epoch_; }
  // Something that is asked of the controller and not done: deletions, reassignments, elections.
  std::string pending() const;
  bool is_marked_for_deletion(const std::string& topic) const { return pending_.contains(kDeletions + topic); }

  // A topic's own setting; nothing: it has none.
  std::optional<std::string> topic_config(const std::string& topic, const std::string& key) const;
  // Who sets a topic's configuration after its creation, or moves its replicas, makes how many must be in sync a
  // question of time.
  bool config_changed(const std::string& topic) const { return config_changes_.contains(topic); }

 private:
  static constexpr const char* kDeletions = "/admin/delete_topics/";

  void set(const std::string& path, const zookeeper::Data& data, const zookeeper::Transaction& transaction,
           zookeeper::SessionId owner, bool created);
  void remove(const std::string& path);

  std::map<TopicPartition, StateZnode> states_;
  std::map<std::string, TopicZnode> topics_;
  std::map<std::int32_t, BrokerZnode> brokers_;
  std::map<std::string, std::map<std::string, std::string>> topic_configs_;
  std::map<std::string, int> config_changes_;
  std::map<std::string, zookeeper::Zxid> made_;  // In which step a topic was made.
  std::map<std::string, bool> pending_;
  std::int32_t controller_ = -1;
  std::int32_t controller_epoch_ = 0;
};

// The partition of ".../partitions/3/state"; nothing: another path.
std::optional<TopicPartition> partition_of_state_path(std::string_view path);
std::optional<StateZnode> read_state(std::string_view json);

}  // namespace barnabas::sim
