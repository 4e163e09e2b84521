// Fetch (key 1), versions 0-17.
// Decides: how many bytes each partition may give, when the answer leaves, which old format a client needs. Does
// not decide: what is visible (replication/partition.cpp), how batches are converted (record/down_convert.cpp).
// Versions: 0-1 magic 0, 2-3 magic 1, 4 magic 2 and isolation; 3 max_bytes; 5 log start offset; 7 sessions; 9
//   leader epochs; 12 flexible; 13 topic ids; 15 replica state as a tag.
// Sizes: until version 2 a partition's max_bytes is hard and its first batch is cut there, which clients report;
//   since 3 the first batch of the answer comes whole. Record bytes stay in their files until they are sent.
// Sessions: every answer carries session id 0, so that clients go on with full requests (KIP-227 allows it).
// Waits until min_bytes are there, max_wait_ms have passed, or a partition has an error; appends wake it.
// Errors: FETCH_SESSION_ID_NOT_FOUND for any session; UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID;
// OFFSET_OUT_OF_RANGE;
//   FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH; NOT_LEADER_OR_FOLLOWER for followers, which there are none of;
//   UNSUPPORTED_COMPRESSION_TYPE for zstd before version 10; UNSUPPORTED_VERSION when conversion is switched off.
#include <algorithm>
#include <deque>

#include "core/broker/error_mapping.hpp"
#include "core/broker/file_records.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/leader_epoch_check.hpp"
#include "core/broker/services.hpp"
#include "core/broker/topics.hpp"
#include "core/env/timeout.hpp"
#include "core/record/convert.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using AskedPartition = FetchRequest::FetchPartition;
using PartitionAnswer = FetchResponse::PartitionData;
using replication::Isolation;

constexpr std::int16_t kSoftLimitSince = 3;
constexpr std::int16_t kTopicIdsSince = 13;
constexpr std::int8_t kNewestMagic = 2;

struct Limits {
  std::size_t max_bytes = 0;
  std::size_t min_bytes = 0;
  Isolation isolation = Isolation::read_uncommitted;
  std::int8_t magic = kNewestMagic;
};

struct Attempt {
  FetchResponse response;
  std::size_t bytes = 0;
  bool error = false;
};

std::size_t not_negative(std::int32_t size) { return size < 0 ? 0 : static_cast<std::size_t>(size); }

Limits limits_of(const RequestContext& context, const FetchRequest& request) {
  Limits limits;
  const auto most = not_negative(context.services.config.get(metadata::keys::fetch_max_bytes));
  limits.max_bytes = context.version() < kSoftLimitSince ? most : std::min(most, not_negative(request.max_bytes));
  limits.min_bytes = std::min(not_negative(request.min_bytes), limits.max_bytes);
  if (request.isolation_level == 1) limits.isolation = Isolation::read_committed;
  if (context.version() <= 1) {
    limits.magic = 0;
  } else if (context.version() <= 3) {
    limits.magic = 1;
  }
  return limits;
}

PartitionAnswer refused(std::int32_t partition, ErrorCode code) {
  PartitionAnswer answer;
  answer.partition_index = partition;
  answer.error_code = code;
  answer.high_watermark = -1;
  answer.records = protocol::Records();
  return answer;
}

// The topic's name, empty when its id is unknown.
std::string name_of_topic(const RequestContext& context, const FetchRequest::FetchTopic& topic) {
  if (context.version() < kTopicIdsSince) return topic.topic.str();
  const metadata::TopicInfo* info = context.services.topics.image().topic(topic.topic_id);
  return info == nullptr ? std::string() : info->name;
}

// What keeps a partition from being read at all.
ErrorCode obstacle(const RequestContext& context, const FetchRequest& request, const AskedPartition& asked,
                   const metadata::TopicConfig& topic, const replication::Partition& partition, const Limits& limits) {
  const bool follower = (context.version() >= 15 ? request.replica_state.replica_id : request.replica_id) >= 0;
  if (follower) return ErrorCode::not_leader_or_follower;
  const ErrorCode epoch = check_leader_epoch(partition, LeaderEpoch(asked.current_leader_epoch));
  if (epoch != ErrorCode::none) return epoch;
  if (context.version() < 10 && topic.compression_type == "zstd") return ErrorCode::unsupported_compression_type;
  if (limits.magic < kNewestMagic && !topic.message_downconversion_enable) return ErrorCode::unsupported_version;
  return ErrorCode::none;
}

// Old clients get their own format, in memory.
Task<Result<Buffer>> convert(log::LogSlice slice, std::int8_t magic, Offset from, std::size_t max_bytes) {
  B_CO_TRY(const Buffer batches, co_await slice.file->read_at(slice.position, slice.size));
  co_return record::down_convert(batches.view(), magic, from, max_bytes);
}

Task<Result<void>> fill(RequestContext& context, const AskedPartition& asked, const Limits& limits,
                        replication::ReadResult read, PartitionAnswer& answer) {
  answer.high_watermark = read.high_watermark.value();
  answer.last_stable_offset = read.last_stable_offset.value();
  answer.log_start_offset = read.log_start_offset.value();
  if (limits.isolation == Isolation::read_committed) answer.aborted_transactions.emplace();
  if (read.slice.size == 0) co_return Result<void>{};
  if (limits.magic == kNewestMagic) {
    std::shared_ptr<const protocol::ExternalRecords> records = std::make_shared<FileRecords>(std::move(read.slice));
    answer.records = protocol::Records(std::move(records));
    co_return Result<void>{};
  }
  const std::size_t most = not_negative(asked.partition_max_bytes);
  B_CO_TRY(Buffer converted, co_await convert(read.slice, limits.magic, Offset(asked.fetch_offset), most));
  const bool cut = context.version() < kSoftLimitSince && converted.size() > most;
  answer.records = protocol::Records(cut ? converted.slice(0, most) : std::move(converted));
  co_return Result<void>{};
}

// left: bytes that the whole answer may still take. first: nothing is in the answer yet.
Task<PartitionAnswer> read_one(RequestContext& context, const FetchRequest& request, const std::string& topic,
                               const AskedPartition& asked, const Limits& limits, std::size_t left, bool first) {
  const TopicPartition id{topic, PartitionId(asked.partition)};
  const auto partition = context.services.partitions.find(id);
  if (!partition) co_return refused(asked.partition, ErrorCode::unknown_topic_or_partition);
  if (!context.allowed(Operation::read, Resource::topic, topic)) {
    co_return refused(asked.partition, ErrorCode::topic_authorization_failed);
  }
  const metadata::TopicConfig& config = context.services.topics.config_of(topic);
  const ErrorCode code = obstacle(context, request, asked, config, *partition, limits);
  if (code != ErrorCode::none) co_return refused(asked.partition, code);
  const std::size_t size = std::min(not_negative(asked.partition_max_bytes), left);
  const bool whole_first = first || context.version() < kSoftLimitSince;
  Result<replication::ReadResult> read =
      co_await partition->read(Offset(asked.fetch_offset), size, limits.isolation, whole_first);
  if (!read) {
    PartitionAnswer answer = refused(asked.partition, error_code_of(read.error().code));
    co_return answer;
  }
  PartitionAnswer answer;
  answer.partition_index = asked.partition;
  answer.records = protocol::Records();
  const Result<void> filled = co_await fill(context, asked, limits, *std::move(read), answer);
  if (!filled) co_return refused(asked.partition, error_code_of(filled.error().code));
  co_return answer;
}

Task<Attempt> read_all(RequestContext& context, const FetchRequest& request, const Limits& limits) {
  Attempt attempt;
  for (const auto& topic : request.topics) {
    auto& row = attempt.response.responses.emplace_back();
    row.topic = topic.topic;
    row.topic_id = topic.topic_id;
    const std::string name = name_of_topic(context, topic);
    for (const AskedPartition& asked : topic.partitions) {
      if (name.empty()) {
        row.partitions.push_back(refused(asked.partition, ErrorCode::unknown_topic_id));
      } else {
        const std::size_t left = limits.max_bytes - std::min(attempt.bytes, limits.max_bytes);
        row.partitions.push_back(co_await read_one(context, request, name, asked, limits, left, attempt.bytes == 0));
      }
      const PartitionAnswer& answer = row.partitions.back();
      attempt.bytes += answer.records->size();
      attempt.error = attempt.error || answer.error_code != ErrorCode::none;
    }
  }
  co_return attempt;
}

// Armed before the partitions are read, so that no append is missed in between.
void watch_all(RequestContext& context, const FetchRequest& request, Event& bell,
               std::deque<replication::Watcher>& watchers) {
  for (const auto& topic : request.topics) {
    const std::string name = name_of_topic(context, topic);
    for (const AskedPartition& asked : topic.partitions) {
      const auto partition = context.services.partitions.find({name, PartitionId(asked.partition)});
      if (partition) partition->watch(watchers.emplace_back(bell));
    }
  }
}

}  // namespace

Task<FetchResponse> handle_fetch(RequestContext& context, FetchRequest request) {
  const bool full = request.session_epoch == 0 || request.session_epoch == -1;
  if (context.version() >= 7 && !full) {
    FetchResponse response;
    response.error_code = ErrorCode::fetch_session_id_not_found;
    co_return response;
  }
  env::Env& env = context.services.env;
  const Limits limits = limits_of(context, request);
  const Instant deadline = env.clock.now() + std::chrono::milliseconds(std::max(request.max_wait_ms, 0));
  while (true) {
    Event bell(env.executor);
    std::deque<replication::Watcher> watchers;
    watch_all(context, request, bell, watchers);
    Attempt attempt = co_await read_all(context, request, limits);
    const bool enough = attempt.error || attempt.bytes >= limits.min_bytes || watchers.empty();
    if (enough || env.clock.now() >= deadline) co_return std::move(attempt.response);
    // It changes nothing: the requests behind it need not wait for it.
    context.dispatched.set();
    Scope timer(env.executor);
    timer.spawn(env::detail::set_at(env.clock, deadline, bell));
    co_await bell.wait();
  }
}

}  // namespace barnabas::broker
