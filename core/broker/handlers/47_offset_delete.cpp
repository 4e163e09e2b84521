// OffsetDelete (key 47), version 0.
// Decides: who may make a group forget which offsets. Does not decide: whether the group still needs them
// (coordinator/group/group.cpp).
// Errors: GROUP_AUTHORIZATION_FAILED, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP and those of the coordinator for all;
//   TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION, GROUP_SUBSCRIBED_TO_TOPIC for one partition. One that has
//   no offset is no error.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;

// Takes what may not be asked of the coordinator out of the request, and answers it.
void refuse_denied(const RequestContext& context, OffsetDeleteRequest& request, OffsetDeleteResponse& denied) {
  for (auto& topic : request.topics) {
    OffsetDeleteResponse::OffsetDeleteResponseTopic row;
    row.name = topic.name.to_owned();
    const bool allowed = context.allowed(Operation::read, Resource::topic, topic.name);
    std::erase_if(topic.partitions, [&](const auto& partition) {
      const PartitionId id(partition.partition_index);
      if (allowed && context.services.metadata.image().partition(topic.name, id) != nullptr) return false;
      auto& answer = row.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = allowed ? ErrorCode::unknown_topic_or_partition : ErrorCode::topic_authorization_failed;
      return true;
    });
    if (!row.partitions.empty()) denied.topics.push_back(std::move(row));
  }
  std::erase_if(request.topics, [](const auto& topic) { return topic.partitions.empty(); });
}

// A topic is answered once.
void add(OffsetDeleteResponse::OffsetDeleteResponseTopic row, OffsetDeleteResponse& response) {
  for (auto& topic : response.topics) {
    if (topic.name.view() != row.name.view()) continue;
    for (auto& partition : row.partitions) topic.partitions.push_back(std::move(partition));
    return;
  }
  response.topics.push_back(std::move(row));
}

}  // namespace

Task<OffsetDeleteResponse> handle_offset_delete(RequestContext& context, OffsetDeleteRequest request) {
  OffsetDeleteResponse denied;
  if (!context.allowed(Operation::remove, Resource::group, request.group_id)) {
    denied.error_code = ErrorCode::group_authorization_failed;
    co_return denied;
  }
  refuse_denied(context, request, denied);
  coordinator::RequestContext asker = group_context(context);
  OffsetDeleteResponse response = co_await context.services.groups.offset_delete(std::move(asker), request);
  if (response.error_code != ErrorCode::none) co_return response;
  for (auto& topic : denied.topics) add(std::move(topic), response);
  co_return response;
}

}  // namespace barnabas::broker
