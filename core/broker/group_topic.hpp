// __consumer_offsets: made when a group is first looked for, and handed to the group coordinator partition by
// partition.
#pragma once

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/broker/topics.hpp"
#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/replication/partition_table.hpp"

namespace barnabas::broker {

class GroupTopic {
 public:
  // All of these outlive this.
  GroupTopic(env::Env env, Topics& topics, replication::PartitionTable& partitions,
             coordinator::GroupCoordinator& groups);

  // At the start: begins to load the groups, if there are any. They load beside everything else; who asks
  // for one meanwhile is told so.
  void load_if_present();
  // The topic is there and its groups are loaded or loading. A topic that had to be made is loaded when this
  // returns. Errors: not_found (the message says why it could not be made).
  Task<Result<void>> ensure();

 private:
  void load(const metadata::TopicInfo& topic);
  Task<void> load_one(PartitionId partition, LeaderEpoch epoch);

  env::Env env_;
  Topics& topics_;
  replication::PartitionTable& partitions_;
  coordinator::GroupCoordinator& groups_;
  bool loading_ = false;
  std::size_t unloaded_ = 0;
  Notification loaded_;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::broker
