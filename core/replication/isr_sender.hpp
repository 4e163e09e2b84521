// Sends what leaders propose of their ISRs to the controller: one AlterPartition at a time, with all that has gathered
// meanwhile, until the fate of each proposal is known (KIP-497).
//
// An answer that is lost is asked for again with the same proposal: the controller knows what it has done already
// (KAFKA-1382).
#pragma once

#include <map>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/task.hpp"
#include "core/env/env.hpp"
#include "core/replication/controller_channel.hpp"
#include "core/replication/partition_table.hpp"
#include "core/replication/self_info.hpp"

namespace barnabas::replication {

class IsrSender {
 public:
  struct Counts {
    std::uint64_t shrinks = 0;
    std::uint64_t expands = 0;
    std::uint64_t failed = 0;
  };

  // All of these outlive this.
  IsrSender(env::Env env, PartitionTable& partitions, const SelfInfo& self, ControllerChannel& controller);

  // The partition has a proposal. Harmless when it is known.
  void propose(const TopicPartition& id);
  // Until stop(); in a scope that outlives the call.
  Task<void> run();
  void stop();
  const Counts& counts() const { return counts_; }

 private:
  struct Sent {
    std::shared_ptr<Partition> partition;
    IsrProposal proposal;
  };
  using Batch = std::vector<Sent>;

  Batch due(Instant now);
  Instant next_due() const;
  protocol::AlterPartitionRequest request_of(const Batch& batch) const;
  bool take(const Batch& batch, const protocol::AlterPartitionResponse& response);
  void take_one(const Sent& sent, const protocol::AlterPartitionResponse::PartitionData& answer);
  void accepted(const Sent& sent, std::int32_t partition_epoch);
  void ask_again(const TopicPartition& id, Duration after);
  void report(const std::string& line);

  env::Env env_;
  PartitionTable& partitions_;
  const SelfInfo& self_;
  ControllerChannel& controller_;
  std::map<TopicPartition, Instant> due_;  // What is to be sent, and not before when.
  Duration backoff_{};
  Counts counts_;
  bool stopping_ = false;
  Notification changed_;
};

}  // namespace barnabas::replication
