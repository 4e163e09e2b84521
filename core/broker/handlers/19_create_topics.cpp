// CreateTopics (key 19), versions 0-7.
// Decides: the form of each wish: named once, counts or an assignment but not both. Does not decide: what a
// good topic is (metadata/topic_rules.cpp), how it comes into being (topics.cpp).
// Versions: 1 validate_only and error messages; 4 -1 for the broker's defaults; 5 flexible, and the new topic's
//   partitions and configuration in the answer; 7 topic ids.
// A topic is durable when it is answered, and its leaders are in this broker's metadata; REQUEST_TIMED_OUT when they
// are not within timeout_ms: it comes nevertheless. Only the controller creates topics.
// Errors: NOT_CONTROLLER; INVALID_REQUEST for a name given twice, for counts beside an assignment, and for
// __cluster_metadata;
//   TOPIC_AUTHORIZATION_FAILED unless topics, or this one, may be created; INVALID_TOPIC_EXCEPTION,
//   TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG;
//   POLICY_VIOLATION when the broker would host too many partitions; KAFKA_STORAGE_ERROR.
#include <map>
#include <optional>

#include "core/async/pace.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
using Answer = CreateTopicsResponse::CreatableTopicResult;

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

ApiResult<TopicRequest> to_request(const CreateTopicsRequest::CreatableTopic& asked) {
  TopicRequest request;
  request.name = asked.name.str();
  request.partitions = asked.num_partitions;
  request.replication_factor = asked.replication_factor;
  if (!asked.assignments.empty() && (asked.num_partitions != -1 || asked.replication_factor != -1)) {
    return std::unexpected(ApiError{ErrorCode::invalid_request,
                                    "Both numPartitions or replicationFactor and replicasAssignments were set. Both "
                                    "cannot be used at the same time."});
  }
  for (const auto& assignment : asked.assignments) {
    request.manual_partitions.push_back(assignment.partition_index);
    auto& replicas = request.manual_replicas.emplace_back();
    for (const std::int32_t id : assignment.broker_ids) replicas.push_back(BrokerId(id));
  }
  std::string without_value;
  for (const auto& config : asked.configs) {
    if (config.value) {
      request.config[config.name.str()] = config.value->str();
    } else {
      without_value += (without_value.empty() ? "" : ",") + config.name.str();
    }
  }
  if (without_value.empty()) return request;
  return std::unexpected(
      ApiError{ErrorCode::invalid_config, "Null value not supported for topic configs: " + without_value});
}

// What is wrong with the wish before it is looked into.
std::optional<ApiError> obstacle(const RequestContext& context, std::string_view name, int times_named) {
  if (times_named > 1) return ApiError{ErrorCode::invalid_request, "Found multiple entries for this topic."};
  if (name == kMetadataTopic) {
    return ApiError{ErrorCode::invalid_request, "Creation of internal topic __cluster_metadata is prohibited."};
  }
  if (!context.allowed(Operation::create, Resource::cluster, kClusterResource) &&
      !context.allowed(Operation::create, Resource::topic, name)) {
    return ApiError{ErrorCode::topic_authorization_failed, "Authorization failed."};
  }
  return std::nullopt;
}

void refuse(Answer& answer, const ApiError& error) {
  answer.configs.emplace();  // None, rather than null: as in Kafka.
  answer.error_code = error.code;
  answer.error_message = error.message;
}

void describe(const RequestContext& context, const metadata::TopicInfo& topic, Answer& answer) {
  answer.topic_id = topic.id;
  if (!context.allowed(Operation::describe_configs, Resource::topic, topic.name)) {
    answer.topic_config_error_code = ErrorCode::topic_authorization_failed;
    return;
  }
  answer.num_partitions = static_cast<std::int32_t>(topic.partitions.size());
  answer.replication_factor = static_cast<std::int16_t>(topic.partitions.front().replicas.size());
  answer.configs.emplace();
  for (metadata::ConfigEntry& entry : metadata::describe_topic(context.services.config, topic.config)) {
    auto& shown = answer.configs->emplace_back();
    shown.name = entry.name;
    if (entry.value) shown.value = *entry.value;
    shown.read_only = entry.read_only;
    shown.config_source = static_cast<std::int8_t>(entry.source);
    shown.is_sensitive = entry.is_sensitive;
  }
}

Task<Answer> create(RequestContext& context, const CreateTopicsRequest::CreatableTopic& asked, Instant deadline,
                    bool validate_only) {
  Answer answer;
  answer.name = asked.name;
  ApiResult<TopicRequest> request = to_request(asked);
  if (!request) {
    refuse(answer, request.error());
    co_return answer;
  }
  Topics& topics = context.services.topics;
  ApiResult<metadata::TopicInfo> topic = topics.plan(*request);
  if (topic && !validate_only) {
    const Duration patience = deadline - context.services.env.clock.now();
    topic = co_await topics.create(*std::move(request), patience);
  }
  if (topic) {
    describe(context, *topic, answer);
  } else {
    refuse(answer, topic.error());
  }
  co_return answer;
}

}  // namespace

Task<CreateTopicsResponse> handle_create_topics(RequestContext& context, CreateTopicsRequest request) {
  CreateTopicsResponse response;
  const Instant deadline = context.services.env.clock.now() + std::chrono::milliseconds(request.timeout_ms);
  const bool elsewhere = !context.services.controller.term();
  std::map<std::string_view, int> times;
  Pace pace(context.services.env.executor);
  for (const auto& asked : request.topics) {
    co_await pace.step();
    ++times[asked.name.view()];
  }
  for (const auto& asked : request.topics) {
    co_await pace.step();
    if (elsewhere) {
      auto& answer = response.topics.emplace_back();
      answer.name = asked.name;
      refuse(answer, not_controller());
      continue;
    }
    if (const auto error = obstacle(context, asked.name, times[asked.name.view()])) {
      auto& answer = response.topics.emplace_back();
      answer.name = asked.name;
      refuse(answer, *error);
      continue;
    }
    response.topics.push_back(co_await create(context, asked, deadline, request.validate_only));
  }
  co_return response;
}

}  // namespace barnabas::broker
