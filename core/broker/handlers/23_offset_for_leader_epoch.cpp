// OffsetForLeaderEpoch (key 23), versions 0-4.
// Decides: whether the asker's view of the leader is the right one. Does not decide: where an epoch ends
// (log/leader_epoch_cache.cpp, KIP-101).
// Versions: 1 the epoch found; 2 the asker's leader epoch; 3 replica id; 4 flexible.
// Errors: TOPIC_AUTHORIZATION_FAILED; UNKNOWN_TOPIC_OR_PARTITION; FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH. An epoch
// older than all that are known
//   is answered with offset -1 and no error.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/leader_epoch_check.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;

void find_end(const replication::Partition& partition,
              const OffsetForLeaderEpochRequest::OffsetForLeaderPartition& asked,
              OffsetForLeaderEpochResponse::EpochEndOffset& answer) {
  answer.error_code = check_leader_epoch(partition, LeaderEpoch(asked.current_leader_epoch));
  if (answer.error_code != ErrorCode::none) return;
  const LeaderEpoch epoch(asked.leader_epoch);
  const auto end = partition.log().leader_epochs().end_offset_for(epoch, partition.high_watermark());
  if (!end || epoch > partition.leader_epoch()) return;
  answer.leader_epoch = end->epoch.value();
  answer.end_offset = end->end.value();
}

}  // namespace

Task<OffsetForLeaderEpochResponse> handle_offset_for_leader_epoch(RequestContext& context,
                                                                  OffsetForLeaderEpochRequest request) {
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    auto& row = response.topics.emplace_back();
    row.topic = topic.topic;
    const bool allowed = context.allowed(Operation::cluster_action, Resource::cluster, kClusterResource) ||
                         context.allowed(Operation::describe, Resource::topic, topic.topic);
    for (const auto& asked : topic.partitions) {
      auto& answer = row.partitions.emplace_back();
      answer.partition = asked.partition;
      if (!allowed) {
        answer.error_code = ErrorCode::topic_authorization_failed;
        continue;
      }
      const auto partition = context.services.partitions.find({topic.topic.str(), PartitionId(asked.partition)});
      if (!partition || partition->closing()) {
        answer.error_code = ErrorCode::unknown_topic_or_partition;
      } else {
        find_end(*partition, asked, answer);
      }
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
