// CreateTopics (key 19), versions 0-7.
// Decides: the form of each wish: named once, counts or an assignment but not both. Does not decide: what a
// good topic is (metadata/topic_rules.cpp), how it comes into being (topics.cpp).
// Versions: 1 validate_only and error messages; 4 -1 for the broker's defaults; 5 flexible, and the new topic's
//   partitions and configuration in the answer; 7 topic ids.
// A topic is durable and has its leaders when it is answered; timeout_ms is not looked at.
// Errors: INVALID_REQUEST for a name given twice or counts beside an assignment; INVALID_TOPIC_EXCEPTION,
//   TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG;
//   POLICY_VIOLATION when the broker would host too many partitions; KAFKA_STORAGE_ERROR.
#include <map>

#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
using Answer = CreateTopicsResponse::CreatableTopicResult;

ApiResult<TopicRequest> to_request(const CreateTopicsRequest::CreatableTopic& asked) {
  TopicRequest request;
  request.name = asked.name.str();
  request.partitions = asked.num_partitions;
  request.replication_factor = asked.replication_factor;
  if (!asked.assignments.empty() && (asked.num_partitions != -1 || asked.replication_factor != -1)) {
    return std::unexpected(
        ApiError{ErrorCode::invalid_request, "partitions or replication factor are given beside an assignment"});
  }
  for (const auto& assignment : asked.assignments) {
    request.manual_partitions.push_back(assignment.partition_index);
    auto& replicas = request.manual_replicas.emplace_back();
    for (const std::int32_t id : assignment.broker_ids) replicas.push_back(BrokerId(id));
  }
  for (const auto& config : asked.configs) {
    if (!config.value) {
      return std::unexpected(ApiError{ErrorCode::invalid_config, config.name.str() + " has no value"});
    }
    request.config[config.name.str()] = config.value->str();
  }
  return request;
}

void refuse(Answer& answer, const ApiError& error) {
  answer.error_code = error.code;
  answer.error_message = error.message;
}

void describe(const metadata::Config& config, const metadata::TopicInfo& topic, Answer& answer) {
  answer.topic_id = topic.id;
  answer.num_partitions = static_cast<std::int32_t>(topic.partitions.size());
  answer.replication_factor = static_cast<std::int16_t>(topic.partitions.front().replicas.size());
  answer.configs.emplace();
  for (metadata::ConfigEntry& entry : metadata::describe_topic(config, topic.config)) {
    auto& shown = answer.configs->emplace_back();
    shown.name = entry.name;
    if (entry.value) shown.value = *entry.value;
    shown.read_only = entry.read_only;
    shown.config_source = static_cast<std::int8_t>(entry.source);
    shown.is_sensitive = entry.is_sensitive;
  }
}

Task<Answer> create(RequestContext& context, const CreateTopicsRequest::CreatableTopic& asked, bool validate_only) {
  Answer answer;
  answer.name = asked.name;
  ApiResult<TopicRequest> request = to_request(asked);
  if (!request) {
    refuse(answer, request.error());
    co_return answer;
  }
  Topics& topics = context.services.topics;
  ApiResult<metadata::TopicInfo> topic = topics.plan(*request);
  if (topic && !validate_only) topic = co_await topics.create(*std::move(request));
  if (topic) {
    describe(context.services.config, *topic, answer);
  } else {
    refuse(answer, topic.error());
  }
  co_return answer;
}

}  // namespace

Task<CreateTopicsResponse> handle_create_topics(RequestContext& context, CreateTopicsRequest request) {
  CreateTopicsResponse response;
  std::map<std::string_view, int> times;
  for (const auto& asked : request.topics) ++times[asked.name.view()];
  for (const auto& asked : request.topics) {
    const int count = times[asked.name.view()];
    if (count == 0) continue;
    if (count > 1 || !context.allowed(Operation::create, Resource::topic, asked.name)) {
      times[asked.name.view()] = 0;
      auto& answer = response.topics.emplace_back();
      answer.name = asked.name;
      refuse(answer, count > 1 ? ApiError{ErrorCode::invalid_request, "the topic is named more than once"}
                               : ApiError{ErrorCode::topic_authorization_failed, "not allowed"});
      continue;
    }
    response.topics.push_back(co_await create(context, asked, request.validate_only));
  }
  co_return response;
}

}  // namespace barnabas::broker
