// DescribeTopicPartitions (key 75), version 0 (KIP-966).
// Decides: which part of the topics is shown: in the order of their names, from the cursor, up to the limit, which is
// max.request.partition.size.limit at most. The next cursor says where to go on; it is set while something is left.
// Kafka serves this in KRaft mode only. Eligible leader replicas are not kept in ZooKeeper mode: none.
// Errors: INVALID_REQUEST, for every topic, for a cursor at a negative partition; UNKNOWN_TOPIC_OR_PARTITION,
//   INVALID_TOPIC_EXCEPTION, TOPIC_AUTHORIZATION_FAILED for topics that were named; LEADER_NOT_AVAILABLE.
#include <algorithm>
#include <set>

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::ErrorCode;
using Row = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;

void show_partition(const metadata::PartitionInfo& from, std::size_t index, Row& row) {
  auto& to = row.partitions.emplace_back();
  to.partition_index = static_cast<std::int32_t>(index);
  to.leader_id = from.leader.value();
  to.leader_epoch = from.leader_epoch.value();
  to.error_code = from.leader == kNoBroker ? ErrorCode::leader_not_available : ErrorCode::none;
  for (const BrokerId id : from.replicas) to.replica_nodes.push_back(id.value());
  for (const BrokerId id : from.isr) to.isr_nodes.push_back(id.value());
  for (const BrokerId id : from.offline_replicas) to.offline_replicas.push_back(id.value());
  // The field may be null, but the Java client of 3.9 cannot take that.
  to.eligible_leader_replicas.emplace();
  to.last_known_elr.emplace();
}

ErrorCode obstacle(const RequestContext& context, const std::string& name) {
  if (!context.allowed(Operation::describe, Resource::topic, name)) return ErrorCode::topic_authorization_failed;
  if (!metadata::validate_topic_name(name)) return ErrorCode::invalid_topic_exception;
  const bool known = context.services.metadata.image().topic(name) != nullptr;
  return known ? ErrorCode::none : ErrorCode::unknown_topic_or_partition;
}

std::set<std::string> names_of(const RequestContext& context, const DescribeTopicPartitionsRequest& request) {
  std::set<std::string> names;
  for (const auto& topic : request.topics) names.insert(topic.name.str());
  if (!names.empty()) return names;
  for (const auto& [name, topic] : context.services.metadata.image().topics()) {
    if (context.allowed(Operation::describe, Resource::topic, name)) names.insert(name);
  }
  return names;
}

// Shows partitions from `first` on; how many were shown.
std::size_t show_topic(const metadata::TopicInfo& topic, std::size_t first, std::size_t room, Row& row) {
  row.topic_id = topic.id;
  row.is_internal = topic.is_internal();
  row.topic_authorized_operations = kAllTopicOperations;
  const std::size_t end = std::min(topic.partitions.size(), first + std::min(room, topic.partitions.size()));
  for (std::size_t i = first; i < end; ++i) {
    if (!topic.partitions[i].replicas.empty()) show_partition(topic.partitions[i], i, row);
  }
  return std::max(end, first) - first;
}

void go_on_at(const std::string& topic, std::size_t partition, DescribeTopicPartitionsResponse& response) {
  DescribeTopicPartitionsResponse::Cursor cursor;
  cursor.topic_name = topic;
  cursor.partition_index = static_cast<std::int32_t>(partition);
  response.next_cursor = std::move(cursor);
}

}  // namespace

Task<DescribeTopicPartitionsResponse> handle_describe_topic_partitions(RequestContext& context,
                                                                       DescribeTopicPartitionsRequest request) {
  DescribeTopicPartitionsResponse response;
  const bool bad_cursor = request.cursor && request.cursor->partition_index < 0;
  const std::int32_t most = context.services.config.get(metadata::keys::max_request_partition_size_limit);
  auto room = static_cast<std::size_t>(std::clamp(request.response_partition_limit, 1, most));
  const std::set<std::string> names = names_of(context, request);
  const std::string from = request.cursor ? request.cursor->topic_name.str() : "";
  for (auto name = names.lower_bound(from); name != names.end(); ++name) {
    const std::size_t first =
        request.cursor && *name == from && !bad_cursor ? static_cast<std::size_t>(request.cursor->partition_index) : 0;
    Row row;
    row.name = protocol::String(*name);
    row.error_code = bad_cursor ? ErrorCode::invalid_request : obstacle(context, *name);
    if (row.error_code == ErrorCode::none) {
      const metadata::TopicInfo& topic = *context.services.metadata.image().topic(*name);
      if (room == 0) {
        go_on_at(*name, first, response);
        break;
      }
      const std::size_t shown = show_topic(topic, first, room, row);
      room -= shown;
      if (first + shown < topic.partitions.size()) {
        response.topics.push_back(std::move(row));
        go_on_at(*name, first + shown, response);
        break;
      }
    }
    response.topics.push_back(std::move(row));
  }
  co_return response;
}

}  // namespace barnabas::broker
