// __consumer_offsets: made when a group is first looked for; its partitions are handed to the group coordinator when
// this broker comes to lead them, and taken back when it does not any more, each by the order of leader epochs. A
// leader that leads on in a newer epoch keeps its groups: nothing of its log has changed.
#pragma once

#include <map>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/broker/metadata_cache.hpp"
#include "core/broker/partition_state_log.hpp"
#include "core/broker/topics.hpp"
#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::broker {

class GroupTopic {
 public:
  // All of these outlive this. commit_patience: offsets.commit.timeout.ms.
  GroupTopic(env::Env env, const MetadataCache& metadata, zookeeper::Client& zookeeper,
             replication::PartitionTable& partitions, coordinator::GroupCoordinator& groups, Duration commit_patience);

  // Knows how many partitions the topic has, when it is there. Before any of them gets a role.
  Task<Result<void>> learn_size();
  // Of the topic's partitions. Tells the coordinator, which goes about it beside everything else; who asks for a group
  // meanwhile is told so.
  void role_changed(PartitionId partition, replication::Role role, LeaderEpoch epoch);

  // The topic is there. One that had to be made is loaded, as far as this broker leads it, when this returns. Errors:
  // not_found (the message says why it could not be made).
  Task<Result<void>> ensure(Topics& topics);
  // Who leads the group's partition; null: nobody, or the topic is not there.
  const metadata::BrokerInfo* coordinator_of(std::string_view group) const;

 private:
  Task<void> load(PartitionId partition, PartitionStateLog::Epoch epoch);

  env::Env env_;
  const MetadataCache& metadata_;
  zookeeper::Client& zookeeper_;
  replication::PartitionTable& partitions_;
  coordinator::GroupCoordinator& groups_;
  Duration commit_patience_;
  bool size_known_ = false;
  std::map<PartitionId, PartitionStateLog::Epoch> led_;
  std::size_t loading_ = 0;
  Notification loaded_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
