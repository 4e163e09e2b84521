// OffsetForLeaderEpoch (key 23), versions 0-4.
// Decides: whether the asker's view of the leader is the right one. Does not decide: where an epoch ends
// (replication/partition.hpp, KIP-101).
// Versions: 1 the epoch found; 2 the asker's leader epoch; 3 replica id; 4 flexible.
// Errors: TOPIC_AUTHORIZATION_FAILED; UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER; FENCED_LEADER_EPOCH,
//   UNKNOWN_LEADER_EPOCH. An epoch newer than all that the log has is answered with offset -1 and no error.
#include "core/broker/absent_partition.hpp"
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
  if (!partition.leads()) {
    answer.error_code = ErrorCode::not_leader_or_follower;
    return;
  }
  // Kafka knows nothing of epochs that are yet to come.
  const auto latest = partition.log().leader_epochs().latest();
  if (!latest || asked.leader_epoch > latest->value()) return;
  const auto end = partition.end_of_epoch(LeaderEpoch(asked.leader_epoch));
  if (!end) return;
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
      const TopicPartition id{topic.topic.str(), PartitionId(asked.partition)};
      const auto partition = context.services.partitions.find(id);
      if (!partition || partition->closing()) {
        answer.error_code = error_of_absent(context.services, id);
      } else {
        find_end(*partition, asked, answer);
      }
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
