#include "core/broker/topics.hpp"

#include <algorithm>
#include <utility>

#include "core/async/gather.hpp"
#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"

namespace barnabas::broker {
namespace {

// Logs that are opened, made or removed at the same time.
constexpr std::int64_t kLogsAtOnce = 64;
constexpr std::int64_t kTopicsAtOnce = 16;

protocol::ErrorCode code_of(metadata::TopicProblem problem) {
  return static_cast<protocol::ErrorCode>(static_cast<std::int16_t>(problem));
}

std::unexpected<ApiError> refuse(const metadata::TopicError& error) {
  return std::unexpected(ApiError{code_of(error.problem), error.message});
}

std::unexpected<ApiError> refuse(const Error& error) {
  return std::unexpected(ApiError{error_code_of(error.code), error.message});
}

std::unexpected<ApiError> refuse(protocol::ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

Task<Result<void>> open_one(replication::PartitionTable& table, TopicPartition id, Uuid topic_id, LeaderEpoch epoch,
                            log::LogConfig config) {
  B_CO_TRY_VOID(co_await table.create(std::move(id), topic_id, epoch, config));
  co_return Result<void>{};
}

}  // namespace

log::LogConfig log_config(const metadata::TopicConfig& topic, const metadata::Config& broker) {
  log::LogConfig config;
  config.segment_bytes = topic.segment_bytes;
  config.segment_ms = topic.segment_ms;
  config.segment_jitter_ms = topic.segment_jitter_ms;
  config.segment_index_bytes = topic.segment_index_bytes;
  config.index_interval_bytes = topic.index_interval_bytes;
  config.flush_messages = topic.flush_messages;
  config.flush_ms = topic.flush_ms;
  config.retention_ms = topic.retention_ms;
  config.retention_bytes = topic.retention_bytes;
  config.max_message_bytes = topic.max_message_bytes;
  config.producer_id_expiration_ms = broker.get(metadata::keys::producer_id_expiration_ms);
  config.file_delete_delay_ms = topic.file_delete_delay_ms;
  config.preallocate = topic.preallocate;
  config.cleanup_delete = topic.cleanup_delete;
  config.cleanup_compact = topic.cleanup_compact;
  config.min_cleanable_ratio = topic.min_cleanable_dirty_ratio;
  config.min_compaction_lag_ms = topic.min_compaction_lag_ms;
  config.max_compaction_lag_ms = topic.max_compaction_lag_ms;
  config.delete_retention_ms = topic.delete_retention_ms;
  // The active segment is never compacted, so it must close in time (KIP-354).
  if (topic.cleanup_compact) config.segment_ms = std::min(config.segment_ms, topic.max_compaction_lag_ms);
  return config;
}

Topics::Topics(env::Env env, const metadata::Config& config, metadata::TopicStore& store,
               replication::PartitionTable& partitions, BrokerId self, metadata::Controllership controllership,
               metadata::ClusterImage image)
    : env_(env),
      config_(config),
      store_(store),
      partitions_(partitions),
      self_(self),
      controllership_(controllership),
      stored_(std::move(image)),
      broker_defaults_(metadata::TopicConfig::make(config, {})),
      turn_(env.executor, 1),
      scope_(env.executor) {
  image_.cluster_id = stored_.cluster_id;
  image_.controller = stored_.controller;
  image_.brokers = stored_.brokers;
}

Task<Result<void>> Topics::open_all() {
  B_CO_TRY(const std::vector<std::string> marked, co_await store_.marked_for_deletion());
  for (const std::string& name : marked) {
    const metadata::TopicInfo* topic = stored_.topic(name);
    if (topic != nullptr) {
      B_CO_TRY_VOID(co_await remove_partitions(name, topic->partitions.size()));
      stored_.remove_topic(name);
    }
    B_CO_TRY_VOID(co_await store_.finish_deletion(name, controllership_));
  }
  std::vector<Task<Result<void>>> work;
  for (const auto& [name, topic] : stored_.topics()) work.push_back(open_partitions(topic));
  // The others are served when a data directory is offline.
  const auto opened = co_await gather(env_.executor, std::move(work), kTopicsAtOnce);
  if (!opened && opened.error().code != Errc::storage_failed) co_return opened;
  for (const auto& [name, topic] : stored_.topics()) serve(topic);
  co_return Result<void>{};
}

const metadata::TopicConfig& Topics::config_of(std::string_view topic) const {
  const auto found = configs_.find(topic);
  return found == configs_.end() ? broker_defaults_ : found->second;
}

ApiResult<metadata::TopicInfo> Topics::plan(const TopicRequest& request) const {
  if (auto good = metadata::validate_topic_name(request.name); !good) return refuse(good.error());
  if (auto free = metadata::check_collision(image_, request.name); !free) return refuse(free.error());
  if (auto good = metadata::check_topic_overrides(config_, request.config); !good) {
    return refuse(protocol::ErrorCode::invalid_config, good.error().message);
  }
  const std::vector<BrokerId> live = image_.live_brokers();
  const std::uint64_t draw = request.manual_partitions.empty() ? env_.random.next() : 0;
  const auto or_default = [](std::int32_t asked, std::int32_t otherwise) { return asked == -1 ? otherwise : asked; };
  auto assignment =
      request.manual_partitions.empty()
          ? metadata::assign_replicas(
                live, or_default(request.partitions, config_.get(metadata::keys::num_partitions)),
                or_default(request.replication_factor, config_.get(metadata::keys::default_replication_factor)),
                static_cast<std::uint32_t>(draw), static_cast<std::uint32_t>(draw >> 32))
          : metadata::check_manual_assignment(live, request.manual_partitions, request.manual_replicas);
  if (!assignment) return refuse(assignment.error());
  if (partitions_.size() + assignment->size() > kMaxPartitions) {
    return refuse(protocol::ErrorCode::policy_violation,
                  "this broker would host more than " + std::to_string(kMaxPartitions) + " partitions");
  }
  metadata::TopicInfo topic;
  topic.name = request.name;
  topic.config = request.config;
  for (std::vector<BrokerId>& replicas : *assignment) topic.partitions.emplace_back().replicas = std::move(replicas);
  return topic;
}

Task<ApiResult<metadata::TopicInfo>> Topics::create(TopicRequest request) {
  return detached(env_.executor, scope_, create_in_turn(std::move(request), true));
}

Task<ApiResult<metadata::TopicInfo>> Topics::ensure(std::string name) {
  TopicRequest request = automatic(std::move(name));
  return detached(env_.executor, scope_, create_in_turn(std::move(request), false));
}

Task<ApiResult<std::monostate>> Topics::remove(std::string name) {
  return detached(env_.executor, scope_, remove_in_turn(std::move(name)));
}

namespace {

// Whether a creation left half-done is the one that is asked for again.
bool is_same_wish(const metadata::TopicInfo& topic, const TopicRequest& request, const metadata::TopicInfo& planned) {
  if (topic.config != request.config || topic.partitions.size() != planned.partitions.size()) return false;
  const bool manual = !request.manual_partitions.empty();
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const auto& is = topic.partitions[i].replicas;
    const auto& wanted = planned.partitions[i].replicas;
    if (manual ? is != wanted : is.size() != wanted.size()) return false;
  }
  return true;
}

}  // namespace

Task<ApiResult<metadata::TopicInfo>> Topics::create_in_turn(TopicRequest request, bool must_be_new) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(protocol::ErrorCode::broker_not_available, "the broker is stopping");
  const metadata::TopicInfo* present = image_.topic(request.name);
  if (present != nullptr && !must_be_new) co_return *present;
  ApiResult<metadata::TopicInfo> planned = plan(request);
  if (!planned) co_return planned;
  const ApiResult<bool> settled = co_await settle(request.name);
  if (!settled) co_return std::unexpected(settled.error());
  if (const metadata::TopicInfo* finished = image_.topic(request.name)) {
    if (!must_be_new || is_same_wish(*finished, request, *planned)) co_return *finished;
    co_return refuse(metadata::check_collision(image_, request.name).error());
  }
  metadata::NewTopic topic;
  topic.name = request.name;
  topic.config = std::move(request.config);
  for (const metadata::PartitionInfo& partition : planned->partitions) {
    topic.assignment.push_back(partition.replicas);
  }
  const std::uint64_t high = env_.random.next();
  topic.id = Uuid::from_random(high, env_.random.next());
  // Until the partitions follow; also when it is not known whether the znodes were written.
  unfinished_[request.name] = Unfinished::opening;
  Result<metadata::TopicInfo> created = co_await store_.create_topic(std::move(topic), controllership_);
  if (!created) co_return refuse(created.error());
  const Result<void> opened = co_await open_partitions(*created);
  if (!opened) co_return refuse(protocol::ErrorCode::kafka_storage_error, opened.error().message);
  unfinished_.erase(request.name);
  serve(*created);
  co_return *std::move(created);
}

Task<ApiResult<std::monostate>> Topics::remove_in_turn(std::string name) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return refuse(protocol::ErrorCode::broker_not_available, "the broker is stopping");
  const auto begun = unfinished_.find(name);
  const bool again = begun != unfinished_.end() && begun->second == Unfinished::deletion;
  const ApiResult<bool> settled = co_await settle(name);
  if (!settled) co_return std::unexpected(settled.error());
  if (again) co_return std::monostate{};
  if (image_.topic(name) == nullptr) {
    co_return refuse(protocol::ErrorCode::unknown_topic_or_partition, "there is no topic " + name);
  }
  Result<void> done = co_await store_.mark_for_deletion(name);
  if (!done) co_return refuse(done.error());
  // From here on the topic is gone, whatever happens to its files.
  image_.remove_topic(name);
  configs_.erase(name);
  unfinished_[name] = Unfinished::deletion;
  done = co_await finish_deletion(name);
  if (!done) co_return refuse(done.error());
  co_return std::monostate{};
}

Task<Result<void>> Topics::open_partitions(metadata::TopicInfo topic) {
  const log::LogConfig config = log_config(metadata::TopicConfig::make(config_, topic.config), config_);
  std::vector<Task<Result<void>>> work;
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    TopicPartition id{topic.name, PartitionId(static_cast<std::int32_t>(i))};
    work.push_back(open_one(partitions_, std::move(id), topic.id, topic.partitions[i].leader_epoch, config));
  }
  co_return co_await gather(env_.executor, std::move(work), kLogsAtOnce);
}

Task<Result<void>> Topics::remove_partitions(std::string name, std::size_t count) {
  std::vector<Task<Result<void>>> work;
  for (std::size_t i = 0; i < count; ++i) {
    TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
    work.push_back(partitions_.remove(std::move(id)));
  }
  co_return co_await gather(env_.executor, std::move(work), kLogsAtOnce);
}

void Topics::serve(metadata::TopicInfo topic) {
  configs_.insert_or_assign(topic.name, metadata::TopicConfig::make(config_, topic.config));
  image_.put_topic(std::move(topic));
}

TopicRequest Topics::automatic(std::string name) const {
  TopicRequest request;
  if (name == metadata::kOffsetsTopic) {
    request.partitions = config_.get(metadata::keys::offsets_topic_num_partitions);
    request.replication_factor =
        config_.internal_replication_factor(metadata::keys::offsets_topic_replication_factor, image_.brokers.size());
    request.config["cleanup.policy"] = "compact";
    request.config["compression.type"] = "producer";
    request.config["segment.bytes"] = std::to_string(config_.get(metadata::keys::offsets_topic_segment_bytes));
  }
  request.name = std::move(name);
  return request;
}

Task<void> Topics::stop() {
  stopping_ = true;
  co_await scope_.join();
}

}  // namespace barnabas::broker
