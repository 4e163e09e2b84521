// CreatePartitions (key 37), versions 0-3.
// Decides: the form of each wish. Does not decide: where partitions go (metadata/topic_rules.cpp), how they come into
// being (topics_change.cpp).
// Versions: 2 flexible; 3 quota errors.
// The partitions are durable when they are answered, and their leaders are in this broker's metadata; REQUEST_TIMED_OUT
// when they are not within timeout_ms: they come nevertheless. Only the controller creates partitions.
// Errors: NOT_CONTROLLER; INVALID_REQUEST for a topic given twice; TOPIC_AUTHORIZATION_FAILED;
// UNKNOWN_TOPIC_OR_PARTITION;
//   INVALID_PARTITIONS unless the number grows, and for the broker's own topics; INVALID_REPLICA_ASSIGNMENT;
//   INVALID_REPLICATION_FACTOR; POLICY_VIOLATION when the broker would host too many; KAFKA_STORAGE_ERROR.
#include <map>

#include "core/async/pace.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/controller/controller.hpp"

namespace barnabas::broker {
namespace {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::ErrorCode;
using Asked = CreatePartitionsRequest::CreatePartitionsTopic;

GrowthRequest to_request(const Asked& asked) {
  GrowthRequest request;
  request.name = asked.name.str();
  request.count = asked.count;
  if (!asked.assignments) return request;
  request.manual.emplace();
  for (const auto& assignment : *asked.assignments) {
    auto& replicas = request.manual->emplace_back();
    for (const std::int32_t id : assignment.broker_ids) replicas.push_back(BrokerId(id));
  }
  return request;
}

Task<ApiResult<std::monostate>> grow(RequestContext& context, const Asked& asked, Instant deadline,
                                   bool validate_only) {
  if (!context.services.controller.term()) co_return std::unexpected(not_controller());
  if (!context.allowed(Operation::alter, Resource::topic, asked.name)) {
    co_return std::unexpected(ApiError{ErrorCode::topic_authorization_failed, "The topic authorization is failed."});
  }
  Topics& topics = context.services.topics;
  GrowthRequest request = to_request(asked);
  if (!validate_only) {
    const Duration patience = deadline - context.services.env.clock.now();
    co_return co_await topics.grow(std::move(request), patience);
  }
  const ApiResult<metadata::Assignment> planned = topics.plan_growth(request);
  if (!planned) co_return std::unexpected(planned.error());
  co_return std::monostate{};
}

}  // namespace

Task<CreatePartitionsResponse> handle_create_partitions(RequestContext& context, CreatePartitionsRequest request) {
  CreatePartitionsResponse response;
  const Instant deadline = context.services.env.clock.now() + std::chrono::milliseconds(request.timeout_ms);
  std::map<std::string_view, int> times;
  Pace pace(context.services.env.executor);
  for (const Asked& asked : request.topics) {
    co_await pace.step();
    ++times[asked.name.view()];
  }
  for (const Asked& asked : request.topics) {
    co_await pace.step();
    int& count = times[asked.name.view()];
    if (count == 0) continue;  // Named before, and answered once.
    ApiResult<std::monostate> done;
    if (count > 1) {
      done = std::unexpected(ApiError{ErrorCode::invalid_request, "Duplicate topic in request."});
      count = 0;
    } else {
      done = co_await grow(context, asked, deadline, request.validate_only);
    }
    auto& answer = response.results.emplace_back();
    answer.name = asked.name;
    if (done) continue;
    answer.error_code = done.error().code;
    answer.error_message = protocol::String(done.error().message);
  }
  co_return response;
}

}  // namespace barnabas::broker
