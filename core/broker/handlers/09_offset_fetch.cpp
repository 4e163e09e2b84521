// OffsetFetch (key 9), versions 0-9.
// Decides: who may read which groups and topics; that version 0 comes from ZooKeeper, as in Kafka. Does not decide:
// anything of the group (coordinator/runtime/offset_requests.cpp).
// Versions: 0 from ZooKeeper; 2 all offsets of the group, and an error for all; 5 leader epochs; 6 flexible; 7 stable
//   offsets only; 8 many groups at once; 9 member id and epoch.
// Errors: GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED; those of the coordinator; in version 0
//   UNKNOWN_TOPIC_OR_PARTITION, also for a partition without a commit, as in Kafka. Later versions answer such a one
//   with offset -1 and no error. When all offsets are asked for, those of topics that the client may not see are left
//   out.
#include "core/broker/error_mapping.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/metadata/legacy_offsets.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using AskedTopic = OffsetFetchRequest::OffsetFetchRequestTopic;
using Row = OffsetFetchResponse::OffsetFetchResponseTopic;
using Answer = OffsetFetchResponse::OffsetFetchResponsePartition;

Answer no_offset(std::int32_t partition, ErrorCode code) {
  Answer answer;
  answer.partition_index = partition;
  answer.committed_offset = -1;
  answer.metadata = protocol::String("");
  answer.error_code = code;
  return answer;
}

Row refused(const AskedTopic& topic, ErrorCode code) {
  Row row;
  row.name = topic.name.to_owned();
  for (const std::int32_t partition : topic.partition_indexes) row.partitions.push_back(no_offset(partition, code));
  return row;
}

bool may_see(const RequestContext& context, std::string_view topic) {
  return context.allowed(Operation::describe, Resource::topic, topic);
}

// Takes the topics out of the request that the client may not see; their answers.
std::vector<Row> take_denied(const RequestContext& context, std::optional<std::vector<AskedTopic>>& topics) {
  std::vector<Row> denied;
  if (!topics) return denied;
  std::erase_if(*topics, [&](const AskedTopic& topic) {
    const bool hidden = !may_see(context, topic.name);
    if (hidden) denied.push_back(refused(topic, ErrorCode::topic_authorization_failed));
    return hidden;
  });
  return denied;
}

void complete(const RequestContext& context, bool all_asked, std::vector<Row> denied, std::vector<Row>& rows) {
  if (all_asked) std::erase_if(rows, [&](const Row& row) { return !may_see(context, row.name); });
  for (Row& row : denied) rows.push_back(std::move(row));
}

Task<Answer> fetch_from_zookeeper(RequestContext& context, std::string group, TopicPartition id) {
  const std::int32_t index = id.partition.value();
  if (context.services.metadata.image().partition(id) == nullptr) {
    co_return no_offset(index, ErrorCode::unknown_topic_or_partition);
  }
  if (!metadata::LegacyOffsets::is_legal_group(group)) co_return no_offset(index, ErrorCode::invalid_group_id);
  const auto found = co_await context.services.legacy_offsets.get(std::move(group), std::move(id));
  if (!found) co_return no_offset(index, error_code_of(found.error().code));
  // What consumers of that time take for "no offset yet".
  if (!*found) co_return no_offset(index, ErrorCode::unknown_topic_or_partition);
  Answer answer = no_offset(index, ErrorCode::none);
  answer.committed_offset = (*found)->value();
  co_return answer;
}

Task<OffsetFetchResponse> fetch_all_from_zookeeper(RequestContext& context, const OffsetFetchRequest& request) {
  OffsetFetchResponse response;
  if (!request.topics) co_return response;
  for (const AskedTopic& topic : *request.topics) {
    auto& row = response.topics.emplace_back();
    row.name = topic.name.to_owned();
    for (const std::int32_t index : topic.partition_indexes) {
      std::string group = request.group_id.str();
      TopicPartition id{topic.name.str(), PartitionId(index)};
      row.partitions.push_back(co_await fetch_from_zookeeper(context, std::move(group), std::move(id)));
    }
  }
  co_return response;
}

OffsetFetchResponse refuse_group(const RequestContext& context, const OffsetFetchRequest& request) {
  OffsetFetchResponse response;
  response.error_code = ErrorCode::group_authorization_failed;
  if (context.version() >= 2 || !request.topics) return response;
  for (const AskedTopic& topic : *request.topics) {
    response.topics.push_back(refused(topic, ErrorCode::group_authorization_failed));
  }
  return response;
}

Task<OffsetFetchResponse> fetch_one(RequestContext& context, OffsetFetchRequest request) {
  if (!context.allowed(Operation::describe, Resource::group, request.group_id)) {
    co_return refuse_group(context, request);
  }
  std::vector<Row> denied = take_denied(context, request.topics);
  OffsetFetchResponse response;
  if (context.version() == 0) {
    response = co_await fetch_all_from_zookeeper(context, request);
  } else {
    coordinator::RequestContext asker = group_context(context);
    response = co_await context.services.groups.offset_fetch(std::move(asker), request);
  }
  complete(context, !request.topics, std::move(denied), response.topics);
  co_return response;
}

// Version 8 on. The coordinator answers in the order of the request.
Task<OffsetFetchResponse> fetch_groups(RequestContext& context, OffsetFetchRequest request) {
  OffsetFetchResponse refused_groups;
  std::vector<std::vector<Row>> denied;
  std::erase_if(request.groups, [&](OffsetFetchRequest::OffsetFetchRequestGroup& group) {
    if (!context.allowed(Operation::describe, Resource::group, group.group_id)) {
      auto& answer = refused_groups.groups.emplace_back();
      answer.group_id = group.group_id.to_owned();
      answer.error_code = ErrorCode::group_authorization_failed;
      return true;
    }
    denied.push_back(take_denied(context, group.topics));
    return false;
  });
  coordinator::RequestContext asker = group_context(context);
  OffsetFetchResponse response = co_await context.services.groups.offset_fetch(std::move(asker), request);
  for (std::size_t i = 0; i < response.groups.size(); ++i) {
    complete(context, !request.groups[i].topics, std::move(denied[i]), response.groups[i].topics);
  }
  for (auto& group : refused_groups.groups) response.groups.push_back(std::move(group));
  co_return response;
}

}  // namespace

Task<OffsetFetchResponse> handle_offset_fetch(RequestContext& context, OffsetFetchRequest request) {
  if (context.version() >= 8) co_return co_await fetch_groups(context, std::move(request));
  co_return co_await fetch_one(context, std::move(request));
}

}  // namespace barnabas::broker
