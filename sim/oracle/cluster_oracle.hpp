// Judges a whole cluster: keeps a PartitionOracle for every partition that ever was, and the C, E7, M4 and Z invariants
// over the order of writes of its ZooKeeper.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "sim/oracle/moment.hpp"
#include "sim/oracle/partition_oracle.hpp"
#include "sim/zookeeper/quorum.hpp"

namespace barnabas::sim {

class ClusterOracle {
 public:
  // config: of the brokers, for what topics do not set themselves.
  ClusterOracle(const Quorum& quorum, std::map<std::string, std::string> config, Judgement judge);
  ClusterOracle(const ClusterOracle&) = delete;
  ClusterOracle& operator=(const ClusterOracle&) = delete;

  // Takes in what has been committed in ZooKeeper since the last call. Call it before the others.
  void follow_znodes();
  const ZnodeMirror& znodes() const { return mirror_; }
  // Is told of each moment when it comes; null: nobody.
  void set_on_moment(OnMoment on_moment) { on_moment_ = std::move(on_moment); }

  // A partition on a broker, by the id of its topic; directory: of its log.
  void see(std::int32_t broker, const TopicPartition& partition, const std::string& topic_id, const ReplicaView& view,
           const FileSystem& files, const std::string& directory,
           const std::function<std::vector<std::int32_t>()>& isr);
  // The broker does not host it any more.
  void removed(std::int32_t broker, const TopicPartition& partition, const std::string& topic_id);
  void process_ended(std::int32_t broker);
  // sure_end: where what is sure to have been synced ends, of each log that the broker had; a wiped disk has none.
  void lost_tail(std::int32_t broker, const std::map<TopicPartition, std::int64_t>& sure_end);
  // Wiping this broker's disk leaves another copy of everything, on a live broker that has not lost its own.
  bool may_wipe(std::int32_t broker, const std::set<std::int32_t>& live) const;

  // H6: nothing has changed at this leader, which has that ISR and asks for no other, for so long.
  void stood_still(std::int32_t broker, const TopicPartition& partition, const ReplicaView& view,
                   const std::vector<std::int32_t>& isr, Duration time) const;
  // For so long a leader may wait for a follower that is about to join.
  Duration patience() const;

  // What clients heard: R2 and H3. Of the topic that has this name now.
  void acknowledged(const TopicPartition& partition, std::int64_t first, std::int64_t last);
  void consumed(const TopicPartition& partition, std::int64_t offset);
  // M5: an admin was told that the topic has this many partitions; 0: that it is gone. A deletion may go on
  // afterwards, if it is sure to end.
  void told_of_topic(const std::string& topic, std::int32_t partitions);
  // E8: the broker answered a reader who named a leader epoch; epoch_before: epoch_at() before the reader asked.
  void served(const TopicPartition& partition, std::int32_t broker, std::int32_t named, std::int32_t epoch_before);
  // The leader epoch that the broker is in; -1: not known.
  std::int32_t epoch_at(const TopicPartition& partition, std::int32_t broker) const;

  // Null: no such partition now.
  const PartitionOracle* find(const TopicPartition& partition) const;
  bool is_compacted(const TopicPartition& partition) const { return rules_of(partition).compacted; }
  // What still keeps the cluster from being at rest; empty: nothing (L1 to L5). live: the brokers that run.
  struct Unrest {
    std::string_view invariant;
    std::string what;
  };
  Unrest unrest(const std::set<std::int32_t>& live) const;
  std::uint64_t excused() const;
  std::uint64_t unclean_elections() const;

 private:
  using Key = std::pair<std::string, std::int32_t>;  // Topic id and partition.

  void judge_entry(const LogEntry& entry);
  void judge_state(const LogEntry& entry, const TopicPartition& partition, const StateZnode& state,
                   const std::optional<StateZnode>& before, bool created);
  void tell_changes(const TopicPartition& partition, const StateZnode& state, const StateZnode& before) const;
  void tell(Moment::Kind kind, const TopicPartition& partition, std::int32_t subject) const;
  void judge_membership(const TopicPartition& partition);
  void judge_controller(const LogEntry& entry, std::int32_t epoch_before, std::int32_t controller_before);
  PartitionOracle& oracle_of(const std::string& topic_id, const TopicPartition& partition);
  const PartitionOracle::Rules& rules_of(const TopicPartition& partition) const;
  PartitionOracle::Rules read_rules(const TopicPartition& partition) const;
  std::string setting(const std::string& topic, const std::string& topic_key, const std::string& broker_key,
                      const std::string& otherwise) const;
  Unrest strays(const std::set<std::int32_t>& live) const;
  Unrest unrest_of(const TopicPartition& partition, const StateZnode& state, const std::set<std::int32_t>& live) const;

  const Quorum& quorum_;
  std::map<std::string, std::string> config_;
  Judgement judge_;
  OnMoment on_moment_;
  ZnodeMirror mirror_;
  std::size_t followed_ = 0;
  std::map<Key, std::unique_ptr<PartitionOracle>> partitions_;
  std::map<std::string, std::size_t> smallest_min_insync_;
  mutable std::map<TopicPartition, PartitionOracle::Rules> rules_;  // As the znodes have them now.
};

}  // namespace barnabas::sim
