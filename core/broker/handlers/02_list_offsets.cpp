// ListOffsets (key 2), versions 0-9.
// Decides: what the special timestamps mean. Does not decide: what is visible (replication/partition.cpp), which
// record a timestamp finds (log/partition_log.cpp).
// Versions: 0 answers with a list of offsets; 1 one offset and its timestamp; 2 isolation; 4 leader epochs; 6
//   flexible; 7 the largest timestamp (-3, KIP-734); 8 the earliest local offset (-4, KIP-405); 9 the last one in
//   remote storage (-5), of which there is none.
// Version 0 lists the first offsets of segments that are older than the time asked for, and the log's end, whose time
// is now. A segment is as old as its newest record; in Kafka, as its file.
// A replica that asks sees all of the log. Everybody else sees what is visible; right after an election, while it is
// not
// yet known what the leader before had shown, OFFSET_NOT_AVAILABLE (KIP-207; LEADER_NOT_AVAILABLE before version 5).
// Errors: UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER; FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH;
//   UNSUPPORTED_VERSION for a special timestamp of a later version; INVALID_REQUEST for a partition that is asked for
//   twice.
#include <algorithm>
#include <map>
#include <utility>

#include "core/async/pace.hpp"
#include "core/broker/absent_partition.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/handlers/handlers.hpp"
#include "core/broker/leader_epoch_check.hpp"
#include "core/broker/services.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using Asked = ListOffsetsRequest::ListOffsetsPartition;
using Answer = ListOffsetsResponse::ListOffsetsPartitionResponse;
using replication::Isolation;
using replication::Partition;

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;
constexpr std::int64_t kLatestTiered = -5;
// The replica id of tools that may ask any replica.
constexpr std::int32_t kAnyReplica = -2;
constexpr std::int16_t kOffsetNotAvailableSince = 5;

ErrorCode obstacle(const RequestContext& context, const Asked& asked, std::int32_t replica,
                   const Partition& partition) {
  const ErrorCode epoch = check_leader_epoch(partition, LeaderEpoch(asked.current_leader_epoch));
  if (epoch != ErrorCode::none) return epoch;
  if (replica != kAnyReplica && !partition.leads()) return ErrorCode::not_leader_or_follower;
  const bool too_new = (asked.timestamp == kMaxTimestamp && context.version() < 7) ||
                       (asked.timestamp == kEarliestLocal && context.version() < 8) ||
                       (asked.timestamp == kLatestTiered && context.version() < 9) || asked.timestamp < kLatestTiered;
  return too_new ? ErrorCode::unsupported_version : ErrorCode::none;
}

void set_offset(Answer& answer, const Partition& partition, Offset offset) {
  answer.offset = offset.value();
  const auto epoch = partition.log().leader_epochs().epoch_of(offset);
  answer.leader_epoch = epoch.value_or(partition.leader_epoch()).value();
}

Task<Result<void>> search(Partition& partition, std::int64_t timestamp, Isolation isolation, Answer& answer) {
  std::optional<log::TimestampedOffset> found;
  if (timestamp == kMaxTimestamp) {
    B_CO_TRY(found, co_await partition.find_max_timestamp(isolation));
  } else {
    B_CO_TRY(found, co_await partition.find_timestamp(Timestamp(timestamp), isolation));
  }
  if (!found) co_return Result<void>{};
  answer.timestamp = found->timestamp.value();
  answer.offset = found->offset.value();
  answer.leader_epoch = found->leader_epoch.value();
  co_return Result<void>{};
}

Task<Result<void>> find(Partition& partition, std::int64_t timestamp, Isolation isolation, Answer& answer) {
  switch (timestamp) {
    case kLatest: set_offset(answer, partition, partition.visible_end(isolation)); co_return Result<void>{};
    case kEarliest:
    case kEarliestLocal: set_offset(answer, partition, partition.log_start_offset()); co_return Result<void>{};
    case kLatestTiered: co_return Result<void>{};
    default: co_return co_await search(partition, timestamp, isolation, answer);
  }
}

// What version 0 chooses from: segments' first offsets with their times, oldest first, and the log's end.
Task<Result<std::vector<log::SegmentTime>>> candidates(RequestContext& context, Partition& partition) {
  B_CO_TRY(std::vector<log::SegmentTime> times, co_await partition.log().segment_times());
  const Offset end = partition.log_end_offset();
  const bool last_has_records = end > times.back().base;
  if (last_has_records) times.push_back({end, context.services.env.clock.wall()});
  co_return times;
}

// Version 0: offsets before the time asked for, the latest first; those that are not yet visible stand for the
// visible end.
Task<Result<void>> list(RequestContext& context, Partition& partition, const Asked& asked, Isolation isolation,
                        Answer& answer) {
  B_CO_TRY(const std::vector<log::SegmentTime> times, co_await candidates(context, partition));
  const Offset visible = partition.visible_end(isolation);
  std::size_t count = times.size();
  if (asked.timestamp == kEarliest) count = 1;
  if (asked.timestamp != kEarliest && asked.timestamp != kLatest) {
    while (count > 0 && times[count - 1].largest.value() > asked.timestamp) --count;
  }
  bool beyond = false;
  while (count > 0 && static_cast<std::int64_t>(answer.old_style_offsets.size()) < asked.max_num_offsets) {
    const Offset offset = times[--count].base;
    if (offset > visible && std::exchange(beyond, true)) continue;
    answer.old_style_offsets.push_back(std::min(offset, visible).value());
  }
  co_return Result<void>{};
}

// The answer may lie beyond what this leader knows to be visible.
bool is_uncertain(const Answer& answer, std::int64_t timestamp, Isolation isolation, const Partition& partition) {
  if (isolation == Isolation::log_end || partition.knows_visible_end()) return false;
  return timestamp == kLatest || (answer.offset == -1 && timestamp != kLatestTiered);
}

Task<Answer> one(RequestContext& context, const std::string& topic, const Asked& asked, std::int32_t replica,
                 Isolation isolation) {
  Answer answer;
  answer.partition_index = asked.partition_index;
  const TopicPartition id{topic, PartitionId(asked.partition_index)};
  const auto partition = context.services.partitions.find(id);
  if (!context.allowed(Operation::describe, Resource::topic, topic)) {
    answer.error_code = ErrorCode::topic_authorization_failed;
  } else if (!partition || partition->closing()) {
    answer.error_code = error_of_absent(context.services, id);
  } else {
    answer.error_code = obstacle(context, asked, replica, *partition);
  }
  if (answer.error_code != ErrorCode::none) co_return answer;
  Result<void> done;
  if (context.version() == 0) {
    done = co_await list(context, *partition, asked, isolation, answer);
  } else {
    done = co_await find(*partition, asked.timestamp, isolation, answer);
  }
  if (!done) answer.error_code = error_code_of(done.error().code);
  if (done && context.version() > 0 && is_uncertain(answer, asked.timestamp, isolation, *partition)) {
    answer = Answer();
    answer.partition_index = asked.partition_index;
    answer.error_code = context.version() >= kOffsetNotAvailableSince ? ErrorCode::offset_not_available
                                                                      : ErrorCode::leader_not_available;
  }
  co_return answer;
}

}  // namespace

Task<ListOffsetsResponse> handle_list_offsets(RequestContext& context, ListOffsetsRequest request) {
  const Isolation isolation = request.replica_id >= 0        ? Isolation::log_end
                              : request.isolation_level == 1 ? Isolation::read_committed
                                                             : Isolation::read_uncommitted;
  ListOffsetsResponse response;
  Pace pace(context.services.env.executor);
  std::map<std::pair<std::string_view, std::int32_t>, int> times;
  for (const auto& topic : request.topics) {
    for (const Asked& asked : topic.partitions) {
      co_await pace.step();
      ++times[{topic.name.view(), asked.partition_index}];
    }
  }
  for (const auto& topic : request.topics) {
    auto& row = response.topics.emplace_back();
    row.name = topic.name;
    const std::string name = topic.name.str();
    for (const Asked& asked : topic.partitions) {
      co_await pace.step();
      if (times[{topic.name.view(), asked.partition_index}] == 1 || context.version() == 0) {
        row.partitions.push_back(co_await one(context, name, asked, request.replica_id, isolation));
        continue;
      }
      auto& answer = row.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.error_code = ErrorCode::invalid_request;
    }
  }
  co_return response;
}

}  // namespace barnabas::broker
