// DeleteRecords (key 21), versions 0-2.
// Decides: which partitions may be asked. Does not decide: what an offset means and what goes (topics_change.cpp,
// log/partition_log_trim.cpp).
// Versions: 2 flexible.
// The new log starts are durable here when they are answered, and the live replicas have followed; REQUEST_TIMED_OUT
// when they have not within timeout_ms.
// Errors: TOPIC_AUTHORIZATION_FAILED; UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER; INVALID_TOPIC_EXCEPTION for
// an internal topic;
//   OFFSET_OUT_OF_RANGE below -1 or above the high watermark; POLICY_VIOLATION for a topic that is only compacted;
//   KAFKA_STORAGE_ERROR.
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"

namespace barnabas::broker {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;

// The low watermark that goes with an error.
constexpr std::int64_t kNoLowWatermark = -1;

ErrorCode obstacle(const RequestContext& context, std::string_view topic) {
  if (!context.allowed(Operation::remove, Resource::topic, topic)) return ErrorCode::topic_authorization_failed;
  return metadata::is_internal_topic(topic) ? ErrorCode::invalid_topic_exception : ErrorCode::none;
}

}  // namespace

Task<DeleteRecordsResponse> handle_delete_records(RequestContext& context, DeleteRecordsRequest request) {
  DeleteRecordsResponse response;
  std::vector<Topics::Cut> cuts;
  for (const auto& topic : request.topics) {
    auto& row = response.topics.emplace_back();
    row.name = topic.name;
    const ErrorCode error = obstacle(context, topic.name);
    for (const auto& asked : topic.partitions) {
      auto& answer = row.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.low_watermark = kNoLowWatermark;
      answer.error_code = error;
      if (error != ErrorCode::none) continue;
      cuts.push_back({{topic.name.str(), PartitionId(asked.partition_index)}, Offset(asked.offset)});
    }
  }
  const Duration patience = std::chrono::milliseconds(request.timeout_ms);
  Topics& topics = context.services.topics;
  const std::vector<ApiResult<Offset>> starts = co_await topics.delete_records(std::move(cuts), patience);
  auto next = starts.begin();
  for (auto& row : response.topics) {
    for (auto& answer : row.partitions) {
      if (answer.error_code != ErrorCode::none) continue;
      if (*next) {
        answer.low_watermark = (*next)->value();
      } else {
        answer.error_code = next->error().code;
      }
      ++next;
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
