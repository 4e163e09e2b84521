// DescribeProducers (key 61), version 0.
// Decides: which partitions may be asked. Does not decide: who is remembered (log/producer_state.cpp).
// Errors: TOPIC_AUTHORIZATION_FAILED, INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION,
//   NOT_LEADER_OR_FOLLOWER.
#include "core/broker/absent_partition.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::ErrorCode;
using Answer = DescribeProducersResponse::PartitionResponse;

ErrorCode obstacle(const RequestContext& context, std::string_view topic, bool legal) {
  if (!legal) return ErrorCode::invalid_topic_exception;
  return context.allowed(Operation::read, Resource::topic, topic) ? ErrorCode::none
                                                                  : ErrorCode::topic_authorization_failed;
}

void describe(const replication::Partition& partition, Answer& answer) {
  for (const auto& [id, entry] : partition.log().producers().entries()) {
    auto& shown = answer.active_producers.emplace_back();
    shown.producer_id = id.value();
    shown.producer_epoch = entry.epoch.value();
    shown.last_sequence = entry.last_sequence();
    shown.last_timestamp = entry.last_timestamp.value();
    shown.coordinator_epoch = entry.coordinator_epoch;
    if (entry.transaction_start) shown.current_txn_start_offset = entry.transaction_start->value();
  }
}

}  // namespace

Task<DescribeProducersResponse> handle_describe_producers(RequestContext& context, DescribeProducersRequest request) {
  DescribeProducersResponse response;
  for (const auto& topic : request.topics) {
    auto& row = response.topics.emplace_back();
    row.name = topic.name;
    const auto name = metadata::validate_topic_name(topic.name);
    const ErrorCode error = obstacle(context, topic.name, name.has_value());
    for (const std::int32_t index : topic.partition_indexes) {
      Answer& answer = row.partitions.emplace_back();
      answer.partition_index = index;
      answer.error_code = error;
      if (!name) answer.error_message = name.error().message;
      if (error != ErrorCode::none) continue;
      const TopicPartition id{topic.name.str(), PartitionId(index)};
      const auto partition = context.services.partitions.find(id);
      if (!partition || partition->closing()) {
        answer.error_code = error_of_absent(context.services, id);
      } else if (!partition->leads()) {
        answer.error_code = ErrorCode::not_leader_or_follower;
      } else {
        describe(*partition, answer);
      }
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
