#include "core/broker/fetch_reader.hpp"

#include <algorithm>
#include <functional>

#include "core/broker/absent_partition.hpp"
#include "core/broker/error_mapping.hpp"
#include "core/broker/file_records.hpp"
#include "core/broker/low_watermarks.hpp"
#include "core/broker/metrics.hpp"
#include "core/broker/services.hpp"
#include "core/record/convert.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using replication::Isolation;
using PartitionData = protocol::FetchResponse::PartitionData;

constexpr std::int16_t kTopicIdsSince = 13;
constexpr std::int16_t kReplicaStateSince = 15;
// Consumers that know that a follower may answer (KIP-392).
constexpr std::int16_t kRacksSince = 11;
constexpr std::int8_t kNewestMagic = 2;

// More is converted away from the loop: a megabyte takes milliseconds.
constexpr std::size_t kConvertedAtOnce = 64 * 1024;

// Owns what it works on: it may run when the request is gone.
struct Conversion {
  void run() { result = record::down_convert(batches.view(), magic, from, max_size); }

  Buffer batches;
  std::int8_t magic = kNewestMagic;
  Offset from;
  std::size_t max_size = 0;
  Result<Buffer> result;
};

std::size_t not_negative(std::int32_t size) { return size < 0 ? 0 : static_cast<std::size_t>(size); }

std::int8_t magic_for(std::int16_t version) {
  if (version <= 1) return 0;
  return version <= 3 ? std::int8_t{1} : kNewestMagic;
}

std::size_t max_bytes_for(const RequestContext& context, const protocol::FetchRequest& request) {
  const auto most = not_negative(context.services.config.get(metadata::keys::fetch_max_bytes));
  const std::size_t asked = context.version() <= 2 ? most : std::min(most, not_negative(request.max_bytes));
  return magic_for(context.version()) < kNewestMagic ? std::min(asked, kMaxConvertedBytes) : asked;
}

PartitionData refused(std::int32_t partition, ErrorCode code) {
  PartitionData answer;
  answer.partition_index = partition;
  answer.error_code = code;
  answer.high_watermark = -1;
  answer.records = protocol::Records();
  return answer;
}

}  // namespace

FetchReader::FetchReader(RequestContext& context, const protocol::FetchRequest& request)
    : context_(context),
      pace_(context.services.env.executor),
      replica_(context.version() >= kReplicaStateSince ? request.replica_state.replica_id : request.replica_id),
      replica_epoch_(context.version() >= kReplicaStateSince ? request.replica_state.replica_epoch : -1),
      rack_(request.rack_id.str()),
      max_bytes_(max_bytes_for(context, request)),
      min_bytes_(std::min(not_negative(request.min_bytes), max_bytes_)),
      isolation_(follower()                      ? Isolation::log_end
                 : request.isolation_level == 1 ? Isolation::read_committed
                                                : Isolation::read_uncommitted),
      magic_(magic_for(context.version())) {}

Task<void> FetchReader::find(std::vector<FetchItem> items) {
  targets_.reserve(items.size());
  for (FetchItem& item : items) {
    co_await pace_.step();
    targets_.push_back(resolve(std::move(item)));
  }
}

FetchReader::Target FetchReader::resolve(FetchItem item) const {
  Target target;
  target.item = std::move(item);
  const Services& services = context_.services;
  const FetchTopicRef& named = *target.item.topic;
  target.topic = named.name;
  if (context_.version() >= kTopicIdsSince) {
    // Leaders are told of a topic before the metadata are.
    const std::string* hosted = services.topic_configs.name_of(named.id);
    const metadata::TopicInfo* info = hosted != nullptr ? nullptr : services.metadata.image().topic(named.id);
    if (hosted == nullptr && info == nullptr) {
      target.obstacle = ErrorCode::unknown_topic_id;
      return target;
    }
    target.topic = hosted != nullptr ? *hosted : info->name;
  }
  const bool allowed = follower()
                           ? context_.allowed(Operation::cluster_action, Resource::cluster, kClusterResource)
                           : context_.allowed(Operation::read, Resource::topic, target.topic);
  if (!allowed) {
    target.obstacle = ErrorCode::topic_authorization_failed;
    return target;
  }
  const TopicPartition id{target.topic, PartitionId(target.item.partition)};
  target.partition = services.partitions.find(id);
  target.obstacle = target.partition ? obstacle(target) : error_of_absent(services, id);
  return target;
}

// What keeps a partition that is there from being read at all.
ErrorCode FetchReader::obstacle(const Target& target) const {
  const Uuid& id = target.item.topic->id;
  const Uuid& own = target.partition->topic_id();
  if (!id.is_zero() && !own.is_zero() && id != own) return ErrorCode::inconsistent_topic_id;
  const metadata::TopicConfig& config = context_.services.topic_configs.of(target.topic);
  if (context_.version() < 10 && config.compression_type == "zstd") return ErrorCode::unsupported_compression_type;
  if (converts() && !config.message_downconversion_enable) return ErrorCode::unsupported_version;
  return ErrorCode::none;
}

replication::ReadRequest FetchReader::request_for(const Target& target) const {
  replication::ReadRequest request;
  request.from = Offset(target.item.fetch_offset);
  request.isolation = isolation_;
  request.current_epoch = LeaderEpoch(target.item.current_leader_epoch);
  request.last_fetched_epoch = LeaderEpoch(target.item.last_fetched_epoch);
  request.from_follower = !follower() && context_.version() >= kRacksSince;
  return request;
}

Task<void> FetchReader::note_progress() {
  if (!follower()) co_return;
  for (Target& target : targets_) {
    co_await pace_.step();
    if (target.obstacle != ErrorCode::none || !target.partition->leads()) continue;
    const replication::ReadRequest request = request_for(target);
    if (target.partition->follower_fetched(BrokerId(replica_), replica_epoch_, request)) {
      context_.services.low_watermarks.note(target.partition->id(), BrokerId(replica_),
                                            Offset(target.item.log_start_offset));
      continue;
    }
    // As Kafka tells a replica that the leader was not told of yet.
    const bool with_epoch = target.item.current_leader_epoch >= 0;
    target.obstacle = with_epoch ? ErrorCode::unknown_leader_epoch : ErrorCode::not_leader_or_follower;
  }
}

bool FetchReader::is_throttled(const Target& target) const {
  if (!follower()) return false;
  const replication::LeaderState* leading = target.partition->leading();
  if (leading == nullptr || std::ranges::find(leading->isr(), BrokerId(replica_), &replication::IsrMember::id) !=
                                leading->isr().end()) {
    return false;
  }
  const auto& throttled = context_.services.topic_configs.of(target.topic).leader_throttled_replicas;
  return metadata::names_replica(throttled, target.partition->id().partition, context_.services.self);
}

// One in sync and in the consumer's rack: all that a consumer may see is in its log.
BrokerId FetchReader::preferred_replica(const Target& target) const {
  const Services& services = context_.services;
  if (follower() || rack_.empty() || context_.version() < kRacksSince || !target.partition->leads()) return kNoBroker;
  if (!services.config.reads_by_rack()) return kNoBroker;
  const metadata::ClusterImage& image = services.metadata.image();
  const auto is_near = [&](BrokerId id) {
    const metadata::BrokerInfo* broker = image.broker(id);
    return broker != nullptr && broker->rack == rack_ && broker->endpoint(context_.listener.name) != nullptr;
  };
  if (is_near(services.self)) return kNoBroker;
  for (const replication::IsrMember& member : target.partition->view().isr) {
    if (is_near(member.id)) return member.id;
  }
  return kNoBroker;
}

Task<void> FetchReader::watch(Event& bell, std::deque<replication::Watcher>& watchers) {
  for (const Target& target : targets_) {
    co_await pace_.step();
    if (!target.partition) continue;
    replication::Watcher& watcher = watchers.emplace_back(bell);
    if (follower()) {
      target.partition->watch_log_end(watcher);
    } else {
      target.partition->watch(watcher);
    }
  }
}

Task<FetchReader::Attempt> FetchReader::read() {
  Attempt attempt;
  attempt.parts.reserve(targets_.size());
  for (const Target& target : targets_) {
    co_await pace_.step();
    const std::size_t left = max_bytes_ - std::min(attempt.bytes, max_bytes_);
    attempt.parts.push_back(co_await read_one(target, left, attempt.bytes == 0));
    const Attempt::Part& part = attempt.parts.back();
    attempt.bytes += is_hard() ? std::min(part.read.slice.size, part.limit) : part.read.slice.size;
    attempt.at_once =
        attempt.at_once || part.error != ErrorCode::none || part.read.diverging || part.elsewhere != kNoBroker;
  }
  co_return attempt;
}

// whole_first: nothing is in the answer yet.
Task<FetchReader::Attempt::Part> FetchReader::read_one(const Target& target, std::size_t left, bool whole_first) {
  Attempt::Part part;
  part.error = target.obstacle;
  if (part.error != ErrorCode::none) co_return part;
  part.elsewhere = preferred_replica(target);
  part.limit = std::min(not_negative(target.item.max_bytes), left);
  replication::ReadRequest request = request_for(target);
  request.max_bytes = part.elsewhere == kNoBroker ? part.limit : 0;
  request.at_least_one_batch = part.elsewhere == kNoBroker && (is_hard() ? part.limit > 0 : whole_first);
  const bool throttled = is_throttled(target);
  replication::ReplicationThrottle& throttle = context_.services.replicas.leader_throttle();
  if (throttled && throttle.exceeded(context_.services.env.clock.now())) {
    request.max_bytes = 0;
    request.at_least_one_batch = false;
  }
  Result<replication::ReadResult> read = co_await target.partition->read(request);
  if (throttled && read) throttle.record(read->slice.size, context_.services.env.clock.now());
  if (read) {
    part.read = *std::move(read);
  } else {
    part.error = error_code_of(read.error().code);
  }
  co_return part;
}

// The budget is asked for only by the answer that is written next, so that no one waits for room that is taken by
// another answer behind it.
Task<std::vector<PartitionData>> FetchReader::answers(Attempt attempt) {
  if (converts() && attempt.bytes > 0) {
    co_await context_.at_front.wait();
    std::int64_t size = 0;
    for (const Attempt::Part& part : attempt.parts) size += static_cast<std::int64_t>(part.read.slice.size);
    context_.held.emplace(co_await context_.services.conversion_memory.acquire(std::min(size, kConversionMemory)));
  }
  std::vector<PartitionData> result;
  result.reserve(targets_.size());
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    co_await pace_.step();
    result.push_back(co_await answer(targets_[i], std::move(attempt.parts[i])));
    count(targets_[i], result.back());
  }
  co_return result;
}

Task<PartitionData> FetchReader::answer(const Target& target, Attempt::Part part) {
  const std::int32_t index = target.item.partition;
  if (part.error != ErrorCode::none) co_return refused(index, part.error);
  PartitionData answer;
  answer.partition_index = index;
  answer.high_watermark = part.read.high_watermark.value();
  answer.last_stable_offset = part.read.last_stable_offset.value();
  answer.log_start_offset = part.read.log_start_offset.value();
  answer.records = protocol::Records();
  answer.preferred_read_replica = part.elsewhere.value();
  if (part.read.diverging) {
    answer.diverging_epoch.epoch = part.read.diverging->epoch.value();
    answer.diverging_epoch.end_offset = part.read.diverging->end.value();
    co_return answer;
  }
  if (isolation_ == Isolation::read_committed) {
    auto& aborted = answer.aborted_transactions.emplace();
    for (const log::AbortedTransaction& transaction : part.read.aborted) {
      auto& row = aborted.emplace_back();
      row.producer_id = transaction.producer_id.value();
      row.first_offset = transaction.first_offset.value();
    }
  }
  if (part.read.slice.size == 0) co_return answer;
  if (!converts()) {
    std::shared_ptr<const protocol::ExternalRecords> records =
        std::make_shared<FileRecords>(std::move(part.read.slice));
    answer.records = protocol::Records(std::move(records));
    co_return answer;
  }
  Result<Buffer> converted = co_await convert(target, part);
  if (!converted) co_return refused(index, error_code_of(converted.error().code));
  answer.records = protocol::Records(*std::move(converted));
  co_return answer;
}

Task<Result<Buffer>> FetchReader::convert(const Target& target, const Attempt::Part& part) const {
  const log::LogSlice& slice = part.read.slice;
  auto job = std::make_shared<Conversion>();
  B_CO_TRY(job->batches, co_await slice.file->read_at(slice.position, slice.size));
  job->magic = magic_;
  job->from = Offset(target.item.fetch_offset);
  job->max_size = std::max(part.limit, std::size_t{1});
  if (slice.size <= kConvertedAtOnce) {
    job->run();
  } else {
    std::function<void()> work = [job] { job->run(); };
    co_await context_.services.env.offload.run(std::move(work));
  }
  if (!job->result) co_return std::unexpected(job->result.error());
  Buffer converted = *std::move(job->result);
  if (is_hard() && converted.size() > part.limit) converted = converted.slice(0, part.limit);
  co_return Result<Buffer>(std::move(converted));
}

void FetchReader::count(const Target& target, const PartitionData& answer) const {
  Metrics& metrics = context_.services.metrics;
  if (!target.partition) {
    metrics.count(&TopicMetrics::fetch_requests);
    metrics.count(&TopicMetrics::failed_fetch_requests);
    return;
  }
  metrics.count(target.topic, &TopicMetrics::fetch_requests);
  if (answer.error_code != ErrorCode::none) metrics.count(target.topic, &TopicMetrics::failed_fetch_requests);
  if (answer.records->empty()) return;
  metrics.count(target.topic, &TopicMetrics::bytes_out, answer.records->size());
  if (converts()) metrics.count(target.topic, &TopicMetrics::fetch_conversions);
}

}  // namespace barnabas::broker
