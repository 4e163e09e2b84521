#include "core/broker/group_topic.hpp"

#include "core/broker/partition_state_log.hpp"

namespace barnabas::broker {

GroupTopic::GroupTopic(env::Env env, Topics& topics, replication::PartitionTable& partitions,
                       coordinator::GroupCoordinator& groups)
    : env_(env),
      topics_(topics),
      partitions_(partitions),
      groups_(groups),
      loaded_(env.executor),
      scope_(env.executor) {}

void GroupTopic::load_if_present() {
  if (const metadata::TopicInfo* topic = topics_.image().topic(metadata::kOffsetsTopic)) load(*topic);
}

Task<Result<void>> GroupTopic::ensure() {
  if (loading_) co_return Result<void>{};
  const ApiResult<metadata::TopicInfo> topic = co_await topics_.ensure(std::string(metadata::kOffsetsTopic));
  if (!topic) co_return fail(Errc::not_found, topic.error().message);
  load(*topic);
  while (unloaded_ > 0) co_await loaded_.wait();
  co_return Result<void>{};
}

void GroupTopic::load(const metadata::TopicInfo& topic) {
  if (std::exchange(loading_, true)) return;
  groups_.set_partition_count(static_cast<std::int32_t>(topic.partitions.size()));
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    ++unloaded_;
    scope_.spawn(load_one(PartitionId(static_cast<std::int32_t>(i)), topic.partitions[i].leader_epoch));
  }
}

Task<void> GroupTopic::load_one(PartitionId partition, LeaderEpoch epoch) {
  const TopicPartition id{std::string(metadata::kOffsetsTopic), partition};
  if (auto found = partitions_.find(id)) {
    auto log = std::make_unique<PartitionStateLog>(std::move(found));
    const Result<void> loaded = co_await groups_.load(partition, epoch, std::move(log));
    if (!loaded) {
      env_.logger.log(env::LogLevel::warn, "groups",
                      "the groups of " + id.to_string() + " cannot be served: " + loaded.error().to_string());
    }
  }
  --unloaded_;
  loaded_.notify_all();
}

}  // namespace barnabas::broker
