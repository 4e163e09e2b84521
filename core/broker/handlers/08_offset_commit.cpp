// OffsetCommit (key 8), versions 0-9.
// Decides: who may commit for which topics; that version 0 goes to ZooKeeper, as in Kafka. Does not decide: anything of
// the group (coordinator/runtime/offset_requests.cpp).
// Versions: 0 no member, kept in ZooKeeper; 1 member and generation; 2-4 retention time; 6 leader epochs; 7 static
//   members; 8 flexible.
// Errors: GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED; those of the coordinator (NOT_COORDINATOR,
//   COORDINATOR_LOAD_IN_PROGRESS, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS,
//   OFFSET_METADATA_TOO_LARGE, UNKNOWN_TOPIC_OR_PARTITION, ...). In version 0 INVALID_GROUP_ID for a name that no znode
//   can have.
#include "core/broker/error_mapping.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/metadata/legacy_offsets.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using Topic = OffsetCommitRequest::OffsetCommitRequestTopic;
using Partition = OffsetCommitRequest::OffsetCommitRequestPartition;

void refuse(const Topic& topic, ErrorCode code, OffsetCommitResponse& response) {
  auto& row = response.topics.emplace_back();
  row.name = topic.name.to_owned();
  for (const auto& partition : topic.partitions) {
    auto& answer = row.partitions.emplace_back();
    answer.partition_index = partition.partition_index;
    answer.error_code = code;
  }
}

// Takes the topics out of the request that the client may not commit for, and answers them.
void refuse_denied(const RequestContext& context, OffsetCommitRequest& request, OffsetCommitResponse& response) {
  const bool group_denied = !context.allowed(Operation::read, Resource::group, request.group_id);
  std::vector<Topic> left;
  for (Topic& topic : request.topics) {
    if (group_denied) {
      refuse(topic, ErrorCode::group_authorization_failed, response);
    } else if (!context.allowed(Operation::read, Resource::topic, topic.name)) {
      refuse(topic, ErrorCode::topic_authorization_failed, response);
    } else {
      left.push_back(std::move(topic));
    }
  }
  request.topics = std::move(left);
}

Task<ErrorCode> commit_to_zookeeper(RequestContext& context, std::string group, std::string topic,
                                    const Partition& partition) {
  TopicPartition id{std::move(topic), PartitionId(partition.partition_index)};
  if (!metadata::LegacyOffsets::is_legal_group(group)) co_return ErrorCode::invalid_group_id;
  if (context.services.metadata.image().partition(id) == nullptr) co_return ErrorCode::unknown_topic_or_partition;
  const auto most = static_cast<std::size_t>(context.services.config.get(metadata::keys::offset_metadata_max_bytes));
  if (partition.committed_metadata && partition.committed_metadata->size() > most) {
    co_return ErrorCode::offset_metadata_too_large;
  }
  const Offset offset(partition.committed_offset);
  const Result<void> done = co_await context.services.legacy_offsets.set(std::move(group), std::move(id), offset);
  co_return done ? ErrorCode::none : error_code_of(done.error().code);
}

Task<OffsetCommitResponse> commit_all_to_zookeeper(RequestContext& context, const OffsetCommitRequest& request) {
  OffsetCommitResponse response;
  for (const Topic& topic : request.topics) {
    auto& row = response.topics.emplace_back();
    row.name = topic.name.to_owned();
    for (const Partition& partition : topic.partitions) {
      std::string group = request.group_id.str();
      std::string name = topic.name.str();
      const ErrorCode code = co_await commit_to_zookeeper(context, std::move(group), std::move(name), partition);
      auto& answer = row.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = code;
    }
  }
  co_return response;
}

}  // namespace

Task<OffsetCommitResponse> handle_offset_commit(RequestContext& context, OffsetCommitRequest request) {
  OffsetCommitResponse denied;
  refuse_denied(context, request, denied);
  if (request.topics.empty() && !denied.topics.empty()) co_return denied;
  OffsetCommitResponse response;
  if (context.version() == 0) {
    response = co_await commit_all_to_zookeeper(context, request);
  } else {
    coordinator::RequestContext asker = group_context(context);
    response = co_await context.services.groups.offset_commit(std::move(asker), request);
  }
  for (auto& topic : denied.topics) response.topics.push_back(std::move(topic));
  co_return response;
}

}  // namespace barnabas::broker
