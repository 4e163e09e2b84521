// DeleteTopics (key 20), versions 0-6.
// Decides: which topic is meant. Does not decide: how it goes (topics.cpp).
// Versions: 1 throttle time; 3 TOPIC_DELETION_DISABLED; 4 flexible; 5 error messages; 6 topics by id.
// When it is answered, the deletion is durably under way and the topic gone from this broker's metadata; mostly the
// name is free as well (topics.cpp). REQUEST_TIMED_OUT when that takes longer than timeout_ms: it goes nevertheless.
// Only the controller deletes topics.
// Errors: NOT_CONTROLLER; UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID; TOPIC_DELETION_DISABLED (INVALID_REQUEST before
// version 3)
//   with delete.topic.enable=false; INVALID_REQUEST for both a name and an id, and for __consumer_offsets, whose
//   groups are in use; KAFKA_STORAGE_ERROR.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {
namespace {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::ErrorCode;
using Answer = DeleteTopicsResponse::DeletableTopicResult;

void refuse(Answer& answer, ErrorCode code, std::string message) {
  answer.error_code = code;
  answer.error_message = std::move(message);
}

// Fills in the name that was not given. False when the wish is refused.
bool resolve(const RequestContext& context, const DeleteTopicsRequest::DeleteTopicState& asked, Answer& answer) {
  const metadata::ClusterImage& image = context.services.metadata.image();
  const bool by_id = !asked.topic_id.is_zero();
  answer.name = asked.name;
  answer.topic_id = asked.topic_id;
  const auto refused = [&](ErrorCode code, std::string message) {
    refuse(answer, code, std::move(message));
    return false;
  };
  if (asked.name && by_id) {
    return refused(ErrorCode::invalid_request, "Topic name and topic ID can not both be specified.");
  }
  if (!asked.name && !by_id) return refused(ErrorCode::invalid_request, "neither a name nor an id is given");
  const metadata::TopicInfo* topic = by_id ? image.topic(asked.topic_id) : image.topic(asked.name->view());
  if (by_id && topic == nullptr) return refused(ErrorCode::unknown_topic_id, "there is no topic of this id");
  const std::string name = topic != nullptr ? topic->name : asked.name->str();
  // Whoever may not know the topic does not learn its name.
  if (by_id && !context.allowed(Operation::describe, Resource::topic, name)) {
    return refused(ErrorCode::topic_authorization_failed, "not allowed");
  }
  answer.name = name;
  if (topic != nullptr) answer.topic_id = topic->id;
  if (!context.allowed(Operation::remove, Resource::topic, name)) {
    return refused(ErrorCode::topic_authorization_failed, "not allowed");
  }
  if (metadata::is_internal_topic(name)) return refused(ErrorCode::invalid_request, name + " is in use by the broker");
  return true;
}

Task<Answer> remove(RequestContext& context, const DeleteTopicsRequest::DeleteTopicState& asked, Instant deadline) {
  Answer answer;
  if (!context.services.controller.term()) {
    answer.name = asked.name;
    answer.topic_id = asked.topic_id;
    refuse(answer, not_controller().code, not_controller().message);
    co_return answer;
  }
  if (!context.services.config.get(metadata::keys::delete_topic_enable)) {
    answer.name = asked.name;
    answer.topic_id = asked.topic_id;
    refuse(answer, context.version() < 3 ? ErrorCode::invalid_request : ErrorCode::topic_deletion_disabled,
           "delete.topic.enable is false");
    co_return answer;
  }
  if (!resolve(context, asked, answer)) co_return answer;
  const Duration patience = deadline - context.services.env.clock.now();
  const ApiResult<std::monostate> removed =
      co_await context.services.topics.remove(answer.name->str(), patience);
  if (!removed) refuse(answer, removed.error().code, removed.error().message);
  co_return answer;
}

}  // namespace

Task<DeleteTopicsResponse> handle_delete_topics(RequestContext& context, DeleteTopicsRequest request) {
  DeleteTopicsResponse response;
  const Instant deadline = context.services.env.clock.now() + std::chrono::milliseconds(request.timeout_ms);
  for (protocol::String& name : request.topic_names) request.topics.emplace_back().name = std::move(name);
  for (const auto& asked : request.topics) response.responses.push_back(co_await remove(context, asked, deadline));
  co_return response;
}

}  // namespace barnabas::broker
