#include "core/broker/group_topic.hpp"

#include "core/env/timeout.hpp"
#include "core/metadata/topic_definitions.hpp"

namespace barnabas::broker {
namespace {

// How long whoever had the topic made waits for its groups; they are empty.
constexpr Duration kLoadPatience = 1s;

}  // namespace

GroupTopic::GroupTopic(env::Env env, const MetadataCache& metadata, zookeeper::Client& zookeeper,
                       replication::PartitionTable& partitions, coordinator::GroupCoordinator& groups,
                       Duration commit_patience)
    : env_(env),
      metadata_(metadata),
      zookeeper_(zookeeper),
      partitions_(partitions),
      groups_(groups),
      commit_patience_(commit_patience),
      loaded_(env.executor),
      scope_(env.executor) {}

Task<Result<void>> GroupTopic::learn_size() {
  if (size_known_) co_return Result<void>{};
  std::string name(metadata::kOffsetsTopic);
  B_CO_TRY(const auto topic, co_await metadata::load_topic_definition(zookeeper_, std::move(name)));
  if (!topic || topic->partitions.empty() || size_known_) co_return Result<void>{};
  size_known_ = true;
  groups_.set_partition_count(static_cast<std::int32_t>(topic->partitions.size()));
  co_return Result<void>{};
}

void GroupTopic::role_changed(PartitionId partition, replication::Role role, LeaderEpoch epoch) {
  const auto led = led_.find(partition);
  if (role != replication::Role::leader) {
    if (led != led_.end()) led_.erase(led);
    scope_.spawn(groups_.unload(partition, epoch));
  } else if (led != led_.end()) {
    *led->second = epoch;
  } else {
    ++loading_;
    scope_.spawn(load(partition, led_[partition] = std::make_shared<LeaderEpoch>(epoch)));
  }
}

Task<void> GroupTopic::load(PartitionId partition, PartitionStateLog::Epoch epoch) {
  const TopicPartition id{std::string(metadata::kOffsetsTopic), partition};
  if (auto found = partitions_.find(id)) {
    std::unique_ptr<coordinator::StateLog> log =
        std::make_unique<PartitionStateLog>(env_, std::move(found), epoch, commit_patience_);
    const Result<void> loaded = co_await groups_.load(partition, *epoch, std::move(log));
    const bool moved_on = !loaded && (loaded.error().code == Errc::closed || loaded.error().code == Errc::not_leader);
    if (!loaded && !moved_on) {
      env_.logger.log(env::LogLevel::warn, "groups",
                      "the groups of " + id.to_string() + " cannot be served: " + loaded.error().to_string());
    }
    // The next epoch is another chance.
    const auto led = led_.find(partition);
    if (!loaded && led != led_.end() && led->second == epoch) led_.erase(led);
  }
  --loading_;
  loaded_.notify_all();
}

Task<Result<void>> GroupTopic::ensure(Topics& topics) {
  if (metadata_.image().topic(metadata::kOffsetsTopic) != nullptr) co_return Result<void>{};
  std::string name(metadata::kOffsetsTopic);
  const ApiResult<metadata::TopicInfo> topic = co_await topics.ensure(std::move(name));
  if (!topic) co_return fail(Errc::not_found, topic.error().message);
  const Instant deadline = env_.clock.now() + kLoadPatience;
  while (loading_ > 0 && env_.clock.now() < deadline) {
    co_await env::wait_until(env_.executor, env_.clock, loaded_, deadline);
  }
  co_return Result<void>{};
}

const metadata::BrokerInfo* GroupTopic::coordinator_of(std::string_view group) const {
  const metadata::ClusterImage& image = metadata_.image();
  const metadata::TopicInfo* topic = image.topic(metadata::kOffsetsTopic);
  if (topic == nullptr) return nullptr;
  const auto count = static_cast<std::int32_t>(topic->partitions.size());
  const PartitionId at = coordinator::GroupCoordinator::partition_for(group, count);
  const metadata::PartitionInfo* partition = image.partition(metadata::kOffsetsTopic, at);
  return partition == nullptr ? nullptr : image.broker(partition->leader);
}

}  // namespace barnabas::broker
