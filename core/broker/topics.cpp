#include "core/broker/topics.hpp"

#include <algorithm>
#include <utility>

#include "core/broker/detached.hpp"
#include "core/broker/error_mapping.hpp"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

// How long whoever asks for a topic that is not there waits for the controller to take it up.
constexpr Duration kEnsurePatience = 1s;

std::unexpected<ApiError> refuse(const metadata::TopicError& error) {
  const auto code = static_cast<ErrorCode>(static_cast<std::int16_t>(error.problem));
  return std::unexpected(ApiError{code, error.message});
}

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

ApiError stopping() { return {ErrorCode::broker_not_available, "the broker is stopping"}; }

std::int32_t or_default(std::int32_t asked, std::int32_t otherwise) { return asked == -1 ? otherwise : asked; }

}  // namespace

Topics::Topics(env::Env env, const metadata::Config& config, const MetadataCache& metadata, TopicConfigs& configs,
               metadata::TopicStore& store, zookeeper::Client& zookeeper, controller::Controller& controller,
               replication::PartitionTable& partitions, LowWatermarks& low_watermarks, BrokerId self)
    : env_(env),
      config_(config),
      metadata_(metadata),
      configs_(configs),
      store_(store),
      zookeeper_(zookeeper),
      controller_(controller),
      partitions_(partitions),
      low_watermarks_(low_watermarks),
      self_(self),
      turn_(env.executor, 1),
      scope_(env.executor) {}

metadata::Racks Topics::racks() const {
  metadata::Racks racks;
  for (const auto& [id, broker] : metadata_.image().brokers) {
    if (broker.rack) racks[id] = *broker.rack;
  }
  return racks;
}

std::int32_t Topics::default_replication_factor() const {
  return std::max(config_.get(metadata::keys::default_replication_factor),
                  config_.get(metadata::keys::min_replication_factor));
}

std::optional<ApiError> Topics::too_few_replicas(const metadata::Assignment& assignment) const {
  const auto least = static_cast<std::size_t>(config_.get(metadata::keys::min_replication_factor));
  for (const std::vector<BrokerId>& replicas : assignment) {
    if (replicas.size() >= least) continue;
    return ApiError{ErrorCode::invalid_replication_factor,
                    "Replication factor: " + std::to_string(replicas.size()) +
                        " is below min.replication.factor=" + std::to_string(least) + "; ask for at least " +
                        std::to_string(least) + " replicas, or lower the brokers' key"};
  }
  return std::nullopt;
}

std::optional<ApiError> Topics::too_many_partitions(const metadata::Assignment& assignment) const {
  const auto here = std::ranges::count_if(assignment, [&](const std::vector<BrokerId>& replicas) {
    return std::ranges::find(replicas, self_) != replicas.end();
  });
  if (partitions_.size() + static_cast<std::size_t>(here) <= kMaxPartitions) return std::nullopt;
  return ApiError{ErrorCode::policy_violation,
                  "this broker would host more than " + std::to_string(kMaxPartitions) + " partitions"};
}

ApiResult<metadata::TopicInfo> Topics::plan(const TopicRequest& request) const {
  const metadata::ClusterImage& image = metadata_.image();
  if (auto good = metadata::validate_topic_name(request.name); !good) return refuse(good.error());
  if (auto free = metadata::check_collision(image, request.name); !free) return refuse(free.error());
  if (auto good = metadata::check_topic_overrides(config_, request.config); !good) {
    return refuse(ErrorCode::invalid_config, good.error().message);
  }
  const std::uint64_t draw = request.manual_partitions.empty() ? env_.random.next() : 0;
  auto assignment =
      request.manual_partitions.empty()
          ? metadata::assign_replicas(
                image.live_brokers(),
                or_default(request.partitions, config_.get(metadata::keys::num_partitions)),
                or_default(request.replication_factor, default_replication_factor()),
                static_cast<std::uint32_t>(draw), static_cast<std::uint32_t>(draw >> 32), racks())
          : metadata::check_manual_assignment(image.live_brokers(), request.manual_partitions,
                                              request.manual_replicas);
  if (!assignment) return refuse(assignment.error());
  if (auto few = too_few_replicas(*assignment)) return std::unexpected(*std::move(few));
  if (auto many = too_many_partitions(*assignment)) return std::unexpected(*std::move(many));
  metadata::TopicInfo topic;
  topic.name = request.name;
  topic.config = request.config;
  for (std::vector<BrokerId>& replicas : *assignment) topic.partitions.emplace_back().replicas = std::move(replicas);
  return topic;
}

metadata::NewTopic Topics::new_topic(const metadata::TopicInfo& planned) const {
  metadata::NewTopic topic;
  topic.name = planned.name;
  topic.config = planned.config;
  for (const metadata::PartitionInfo& partition : planned.partitions) topic.assignment.push_back(partition.replicas);
  const std::uint64_t high = env_.random.next();
  topic.id = Uuid::from_random(high, env_.random.next());
  return topic;
}

Task<ApiResult<metadata::TopicInfo>> Topics::create(TopicRequest request, Duration patience) {
  const Instant deadline = env_.clock.now() + patience;
  auto work = detached(env_.executor, scope_, create_in_turn(std::move(request)));
  ApiResult<metadata::TopicInfo> created = co_await std::move(work);
  if (!created) co_return created;
  std::function<bool()> led = [this, &topic = *created] {
    return metadata_.has_leaders(topic.name, topic.partitions.size());
  };
  const bool in_time = co_await metadata_.wait_until(std::move(led), deadline);
  if (in_time) co_return created;
  co_return refuse(ErrorCode::request_timed_out,
                   "the topic is created, but not all of its partitions have a leader yet; look again shortly");
}

Task<ApiResult<metadata::TopicInfo>> Topics::create_in_turn(TopicRequest request) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return std::unexpected(stopping());
  const ApiResult<metadata::TopicInfo> planned = plan(request);
  if (!planned) co_return planned;
  metadata::NewTopic topic = new_topic(*planned);
  co_return co_await controller_.create_topic(std::move(topic));
}

Task<ApiResult<metadata::TopicInfo>> Topics::ensure(std::string name) {
  const Instant deadline = env_.clock.now() + kEnsurePatience;
  auto work = detached(env_.executor, scope_, ensure_in_turn(name));
  const ApiResult<metadata::TopicInfo> there = co_await std::move(work);
  if (!there) co_return there;
  std::function<bool()> led = [this, &name] { return metadata_.has_leaders(name); };
  const bool in_time = co_await metadata_.wait_until(std::move(led), deadline);
  if (in_time) co_return *metadata_.image().topic(name);
  co_return refuse(ErrorCode::leader_not_available, "the topic " + name + " is being created");
}

Task<ApiResult<metadata::TopicInfo>> Topics::ensure_in_turn(std::string name) {
  const Semaphore::Units turn = co_await turn_.acquire();
  if (stopping_) co_return std::unexpected(stopping());
  if (const metadata::TopicInfo* present = metadata_.image().topic(name)) co_return *present;
  const TopicRequest request = automatic(name);
  ApiResult<metadata::TopicInfo> planned = plan(request);
  if (!planned) co_return planned;
  metadata::NewTopic topic = new_topic(*planned);
  if (controller_.term()) {
    metadata::NewTopic same = topic;
    ApiResult<metadata::TopicInfo> created = co_await controller_.create_topic(std::move(same));
    if (created) co_return created;
    if (created.error().code == ErrorCode::topic_already_exists) co_return planned;
    if (created.error().code != ErrorCode::not_controller) co_return created;
  }
  const Result<void> proposed = co_await store_.propose_topic(std::move(topic));
  if (proposed || proposed.error().code == Errc::already_exists) co_return planned;
  co_return refuse(error_code_of(proposed.error().code), proposed.error().message);
}

TopicRequest Topics::automatic(std::string name) const {
  TopicRequest request;
  if (name == metadata::kOffsetsTopic) {
    request.partitions = config_.get(metadata::keys::offsets_topic_num_partitions);
    const std::int32_t wanted = config_.internal_replication_factor(metadata::keys::offsets_topic_replication_factor,
                                                                    metadata_.image().brokers.size());
    request.replication_factor = std::max(wanted, config_.get(metadata::keys::min_replication_factor));
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
