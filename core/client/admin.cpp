#include "core/client/admin.hpp"

#include "core/protocol/messages/19_create_topics.hpp"
#include "core/protocol/messages/20_delete_topics.hpp"

namespace barnabas::client {
namespace {

std::int32_t milliseconds(Duration duration) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

TopicAnswer answer_of(protocol::ErrorCode error, const std::optional<protocol::String>& message) {
  return {error, message ? message->str() : ""};
}

}  // namespace

Task<Result<std::shared_ptr<Connection>>> Admin::to_controller() {
  B_CO_TRY_VOID(co_await cluster_.refresh({}));
  if (cluster_.controller() == kNoBroker) co_return fail(Errc::not_found, "no controller is elected");
  co_return co_await cluster_.to_broker(cluster_.controller());
}

Task<Result<TopicAnswer>> Admin::create_topic(NewTopic topic, Duration timeout) {
  B_CO_TRY(const auto connection, co_await to_controller());
  protocol::CreateTopicsRequest request;
  request.timeout_ms = milliseconds(timeout);
  auto& wanted = request.topics.emplace_back();
  wanted.name = topic.name;
  wanted.num_partitions = topic.partitions;
  wanted.replication_factor = topic.replication_factor;
  for (const auto& [name, value] : topic.configs) {
    auto& config = wanted.configs.emplace_back();
    config.name = name;
    config.value = protocol::String(value);
  }
  const auto limit = timeout + cluster_.options().connection.request_timeout;
  constexpr std::int16_t kAny = protocol::CreateTopicsRequest::kMaxVersion;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request), kAny, limit));
  if (reply->topics.size() != 1) co_return fail(Errc::corrupt, "a CreateTopics response without the topic");
  co_return answer_of(reply->topics[0].error_code, reply->topics[0].error_message);
}

Task<Result<TopicAnswer>> Admin::delete_topic(std::string name, Duration timeout) {
  B_CO_TRY(const auto connection, co_await to_controller());
  protocol::DeleteTopicsRequest request;
  request.timeout_ms = milliseconds(timeout);
  request.topics.emplace_back().name = protocol::String(name);  // Version 6 on.
  request.topic_names.emplace_back(name);                       // Before.
  const auto limit = timeout + cluster_.options().connection.request_timeout;
  constexpr std::int16_t kAny = protocol::DeleteTopicsRequest::kMaxVersion;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request), kAny, limit));
  if (reply->responses.size() != 1) co_return fail(Errc::corrupt, "a DeleteTopics response without the topic");
  co_return answer_of(reply->responses[0].error_code, reply->responses[0].error_message);
}

}  // namespace barnabas::client
