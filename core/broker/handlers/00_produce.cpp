// Produce (key 0), versions 0-11.
// Decides: which partition a record set is for, whether it may be appended, what the client is told. Does not
// decide: what a good record set is (record/validate.cpp), which batch is a duplicate and which offsets it gets
// (replication/partition.cpp).
// Versions: 0-2 sets of magic 0 and 1, converted to 2; 2 log append time; 3 exactly one batch of magic 2, and
//   transactions; 5 log start offset; 7 zstd; 8 record errors; 9 flexible; 10 the leader's address with an error.
// The second hop of a produced record. All partitions of a request are queued for append before the next request of
// the connection may begin: order is the order of arrival. With acks=all the answer waits for the replicas in sync, at
// most timeout_ms. Of a partition that is named twice the last set alone counts, and is answered once; Kafka appends
// the last that is one batch, and tells the error of another that is not.
// Errors: INVALID_REQUIRED_ACKS when acks is none of -1, 0, 1; UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER when
//   another broker leads, also when it came to lead meanwhile; NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND;
//   REQUEST_TIMED_OUT; INVALID_TOPIC_EXCEPTION for an internal topic; TRANSACTIONAL_ID_AUTHORIZATION_FAILED for
//   transactional batches, which are not served yet:
//   clients take it as final; what validation finds (CORRUPT_MESSAGE, INVALID_RECORD, MESSAGE_TOO_LARGE,
//   INVALID_TIMESTAMP, RECORD_LIST_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE); OUT_OF_ORDER_SEQUENCE_NUMBER,
//   INVALID_PRODUCER_EPOCH; KAFKA_STORAGE_ERROR; NOT_LEADER_OR_FOLLOWER while the
//   partition is being removed. With acks=0 there is no answer, and an error closes the connection, as in Kafka.
#include "core/protocol/messages/00_produce.hpp"

#include <expected>
#include <map>
#include <optional>
#include <utility>

#include "core/async/gather.hpp"
#include "core/async/pace.hpp"
#include "core/broker/absent_partition.hpp"
#include "core/broker/encode_answer.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/leader_hint.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/services.hpp"
#include "core/env/timeout.hpp"
#include "core/record/batch.hpp"
#include "core/record/validate.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartitionData = ProduceRequest::PartitionData;
using PartitionAnswer = ProduceResponse::PartitionProduceResponse;

// Kafka lets its own admin client write to internal topics.
constexpr std::string_view kAdminClientId = "__admin_client";
constexpr std::int16_t kLeaderAddressSince = 10;
// An append that waits for no other broker is done by then, whatever timeout_ms says.
constexpr Duration kLeastPatience = 100ms;

// What happens to one partition's record set: it is refused, or it waits for its append.
struct Outcome {
  PartitionAnswer answer;
  std::uint64_t records = 0;
  std::size_t bytes = 0;
  Offset log_start{-1};  // Told with an error, too, when the set is as a produce request must have it.
  bool converted = false;
  bool finished = false;
  std::optional<Task<Result<replication::Appended>>> append;
};

// Clients show their own words for a code that comes without a message.
void refuse(PartitionAnswer& answer, ErrorCode code) {
  answer.error_code = code;
  answer.base_offset = -1;
}

// Whether Kafka tells where the log starts although nothing was appended.
bool tells_log_start(ErrorCode code) {
  switch (code) {
    case ErrorCode::corrupt_message:
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::kafka_storage_error: return false;
    default: return true;
  }
}

// What Kafka looks at before it looks for the partition.
bool is_one_batch(const PartitionData& data) {
  if (!data.records) return false;
  const auto extent = record::parse_extent(data.records->view());
  return extent && extent->magic == 2 && extent->size == data.records->size();
}

// For what was refused because of the records.
void refuse(Outcome& outcome, ErrorCode code, std::string message) {
  refuse(outcome.answer, code);
  outcome.answer.error_message = std::move(message);
  if (tells_log_start(code)) outcome.answer.log_start_offset = outcome.log_start.value();
}

// The client's own bytes, as memory that may be patched: they lie in the frame, of which nobody else reads them.
Buffer share(const Buffer& body, ByteView records) {
  return body.slice(static_cast<std::size_t>(records.data() - body.data()), records.size());
}

record::AppendPolicy policy_for(const RequestContext& context, const TopicPartition& id) {
  const metadata::TopicConfig& topic = context.services.topic_configs.of(id.topic);
  record::AppendPolicy policy;
  policy.topic_partition = id.to_string();
  if (topic.compression_type != "producer") {
    policy.codec =
        topic.compression_type == "uncompressed" ? record::Codec::none : record::codec_named(topic.compression_type);
  }
  if (policy.codec == record::Codec::gzip) policy.compression.level = topic.compression_gzip_level;
  if (policy.codec == record::Codec::lz4) policy.compression.level = topic.compression_lz4_level;
  if (policy.codec == record::Codec::zstd) policy.compression.level = topic.compression_zstd_level;
  if (topic.message_timestamp_log_append_time) policy.timestamp_type = record::TimestampType::log_append_time;
  policy.timestamp_before_max_ms = topic.message_timestamp_before_max_ms;
  policy.timestamp_after_max_ms = topic.message_timestamp_after_max_ms;
  policy.compacted = topic.cleanup_compact;
  policy.max_message_bytes = static_cast<std::size_t>(topic.max_message_bytes);
  policy.segment_bytes = static_cast<std::size_t>(topic.segment_bytes);
  policy.zstd_allowed = context.version() >= 7;
  policy.one_batch_required = context.version() >= 3;
  return policy;
}

// Why nothing may be appended to this partition by this request, whatever the records are. In Kafka's order.
std::optional<ErrorCode> obstacle(const RequestContext& context, const ProduceRequest& request, std::string_view topic,
                                  const replication::Partition* partition) {
  if (!context.allowed(Operation::write, Resource::topic, topic)) return ErrorCode::topic_authorization_failed;
  if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
  if (request.acks < -1 || request.acks > 1) return ErrorCode::invalid_required_acks;
  if (request.transactional_id) return ErrorCode::transactional_id_authorization_failed;
  if (metadata::is_internal_topic(topic) && context.client_id() != kAdminClientId) {
    return ErrorCode::invalid_topic_exception;
  }
  return std::nullopt;
}

void tell(Outcome& outcome, const record::ValidationFailure& failure) {
  refuse(outcome, error_code_of(failure.code), failure.message);
  for (const record::RecordError& error : failure.record_errors) {
    auto& entry = outcome.answer.record_errors.emplace_back();
    entry.batch_index = error.index;
    entry.batch_index_error_message = error.message;
  }
}

void append(RequestContext& context, const Buffer& body, const TopicPartition& id, const PartitionData& data,
            replication::Partition& partition, replication::Acks acks, Outcome& outcome) {
  Buffer records = data.records && !data.records->empty() ? share(body, data.records->view()) : Buffer();
  const std::int8_t magic = context.version() >= 3 ? std::int8_t{2} : record::kAnyMagic;
  auto valid = record::validate_for_append(std::move(records), magic, policy_for(context, id),
                                           context.services.env.clock.wall());
  if (!valid) {
    tell(outcome, valid.error());
  } else if (valid->record_count == 0) {
    // An old client's set without a whole batch: Kafka appends nothing and answers without an offset.
    outcome.answer.base_offset = -1;
    outcome.answer.log_append_time_ms = -1;
  } else if (valid->header.is_transactional()) {
    refuse(outcome, ErrorCode::transactional_id_authorization_failed, "transactions are not served yet");
  } else {
    outcome.records = static_cast<std::uint64_t>(valid->record_count);
    outcome.bytes = valid->batch.size();
    outcome.converted = valid->up_converted;
    outcome.append = partition.append_as_leader(*std::move(valid), acks);
  }
}

Outcome begin_append(RequestContext& context, const ProduceRequest& request, const Buffer& body, std::string_view topic,
                     const PartitionData& data) {
  Outcome outcome;
  outcome.answer.index = data.index;
  const TopicPartition id{std::string(topic), PartitionId(data.index)};
  const std::shared_ptr<replication::Partition> partition = context.services.partitions.find(id);
  std::optional<ErrorCode> code = obstacle(context, request, topic, partition.get());
  if (code == ErrorCode::unknown_topic_or_partition) code = error_of_absent(context.services, id);
  if (!code && !partition->leads()) code = ErrorCode::not_leader_or_follower;
  if (code) {
    refuse(outcome.answer, *code);
  } else {
    if (is_one_batch(data)) outcome.log_start = partition->log_start_offset();
    append(context, body, id, data, *partition, static_cast<replication::Acks>(request.acks), outcome);
  }
  Metrics& metrics = context.services.metrics;
  if (!partition) {
    metrics.count(&TopicMetrics::produce_requests);
    metrics.count(&TopicMetrics::failed_produce_requests);
    return outcome;
  }
  metrics.count(topic, &TopicMetrics::produce_requests);
  if (outcome.answer.error_code != ErrorCode::none) {
    metrics.count(topic, &TopicMetrics::failed_produce_requests);
    metrics.count(topic, &TopicMetrics::bytes_rejected, data.records ? data.records->size() : 0);
  }
  return outcome;
}

Task<Result<void>> finish_append(Metrics& metrics, std::string_view topic, Outcome& outcome) {
  const Result<replication::Appended> appended = co_await std::move(*outcome.append);
  outcome.finished = true;
  if (!appended) {
    refuse(outcome, error_code_of(appended.error().code), appended.error().message);
    metrics.count(topic, &TopicMetrics::failed_produce_requests);
    co_return Result<void>{};
  }
  outcome.answer.base_offset = appended->base_offset.value();
  outcome.answer.log_append_time_ms = appended->log_append_time.value();
  outcome.answer.log_start_offset = appended->log_start_offset.value();
  if (appended->duplicate) co_return Result<void>{};
  metrics.count(topic, &TopicMetrics::messages_in, outcome.records);
  metrics.count(topic, &TopicMetrics::bytes_in, outcome.bytes);
  if (outcome.converted) metrics.count(topic, &TopicMetrics::produce_conversions, outcome.records);
  co_return Result<void>{};
}

// By the topics of the request.
using Outcomes = std::vector<std::vector<Outcome>>;

using Named = std::pair<std::string_view, std::int32_t>;

// How often each partition is named.
Task<std::map<Named, int>> count_names(RequestContext& context, const ProduceRequest& request) {
  Pace pace(context.services.env.executor);
  std::map<Named, int> times;
  for (const auto& topic : request.topic_data) {
    for (const PartitionData& data : topic.partition_data) {
      co_await pace.step();
      ++times[{topic.name.view(), data.index}];
    }
  }
  co_return times;
}

Task<Outcomes> begin_all(RequestContext& context, const ProduceRequest& request, const Buffer& body) {
  std::map<Named, int> times = co_await count_names(context, request);
  Pace pace(context.services.env.executor);
  Outcomes outcomes;
  for (const auto& topic : request.topic_data) {
    auto& row = outcomes.emplace_back();
    for (const PartitionData& data : topic.partition_data) {
      co_await pace.step();
      if (--times[{topic.name.view(), data.index}] > 0) continue;
      row.push_back(begin_append(context, request, body, topic.name, data));
    }
  }
  co_return outcomes;
}

// All of them have the same time, where the replicas have to be waited for.
Task<void> finish_all(RequestContext& context, const ProduceRequest& request, Instant deadline, Outcomes& outcomes) {
  env::Env& env = context.services.env;
  Pace pace(env.executor);
  std::vector<Task<Result<void>>> work;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    for (Outcome& outcome : outcomes[i]) {
      co_await pace.step();
      outcome.finished = !outcome.append;
      if (outcome.finished) continue;
      work.push_back(finish_append(context.services.metrics, request.topic_data[i].name, outcome));
    }
  }
  if (request.acks != static_cast<std::int16_t>(replication::Acks::all)) {
    for (auto& each : work) (void)co_await std::move(each);
    co_return;
  }
  const auto count = static_cast<std::int64_t>(std::max(work.size(), std::size_t{1}));
  auto all = gather(env.executor, std::move(work), count);
  (void)co_await env::with_deadline(env.executor, env.clock, deadline, std::move(all));
  for (auto& row : outcomes) {
    for (Outcome& outcome : row) {
      if (outcome.finished) continue;
      refuse(outcome.answer, ErrorCode::request_timed_out);
      outcome.answer.error_message = "the replicas in sync did not follow within timeout_ms";
    }
  }
}

// The first error: what an unanswered request fails with.
Result<void> first_error(const ProduceResponse& response) {
  for (const auto& topic : response.responses) {
    for (const PartitionAnswer& answer : topic.partition_responses) {
      if (answer.error_code == ErrorCode::none) continue;
      return fail(Errc::invalid_argument, "a produce with acks=0 to " + topic.name.str() + "-" +
                                              std::to_string(answer.index) +
                                              " failed: " + std::string(protocol::name_of(answer.error_code)));
    }
  }
  return {};
}

}  // namespace

Task<Result<ResponseFrame>> handle_produce(RequestContext& context, Buffer body) {
  B_CO_TRY(ProduceRequest request, protocol::decode<ProduceRequest>(body.view(), context.version()));
  const Duration patience = std::chrono::milliseconds(request.timeout_ms);
  const Instant deadline = context.services.env.clock.now() + std::max(patience, kLeastPatience);
  Outcomes outcomes = co_await begin_all(context, request, body);
  context.dispatched.set();
  const UnderWay waiting(context.services.metrics.delayed_produces);
  co_await finish_all(context, request, deadline, outcomes);
  ProduceResponse response;
  Pace pace(context.services.env.executor);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].empty()) continue;
    auto& topic = response.responses.emplace_back();
    topic.name = request.topic_data[i].name;
    for (Outcome& outcome : outcomes[i]) {
      co_await pace.step();
      if (context.version() >= kLeaderAddressSince) {
        const TopicPartition id{topic.name.str(), PartitionId(outcome.answer.index)};
        tell_leader(context, id, outcome.answer, response);
      }
      topic.partition_responses.push_back(std::move(outcome.answer));
    }
  }
  if (request.acks == 0) {
    context.services.metrics.count_errors(response);
    B_CO_TRY_VOID(first_error(response));
    co_return ResponseFrame{};
  }
  co_return encode_answer(context, response);
}

}  // namespace barnabas::broker
