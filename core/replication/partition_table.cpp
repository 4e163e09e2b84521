#include "core/replication/partition_table.hpp"

namespace barnabas::replication {

std::shared_ptr<Partition> PartitionTable::find(const TopicPartition& id) const {
  const auto found = partitions_.find(id);
  return found == partitions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Partition>> PartitionTable::all() const {
  std::vector<std::shared_ptr<Partition>> result;
  result.reserve(partitions_.size());
  for (const auto& [id, partition] : partitions_) result.push_back(partition);
  return result;
}

std::optional<Uuid> PartitionTable::topic_id_on_disk(const TopicPartition& id) const {
  const log::PartitionLog* log = logs_.find(id);
  return log == nullptr ? std::nullopt : std::optional(log->topic_id());
}

Task<Result<std::shared_ptr<Partition>>> PartitionTable::create(TopicPartition id, Uuid topic_id,
                                                                log::LogConfig config) {
  if (auto present = find(id)) co_return present;
  const Result<log::PartitionLog*> made = co_await logs_.create(id, topic_id, config);
  if (!made && made.error().code == Errc::storage_failed) offline_.insert(id);
  if (!made) co_return std::unexpected(made.error());
  offline_.erase(id);
  log::PartitionLog& log = **made;
  const Uuid known = log.topic_id();
  auto partition = std::make_shared<Partition>(env_, id, known, self_, log, listener_);
  partitions_[id] = partition;
  co_return partition;
}

Task<Result<void>> PartitionTable::remove(TopicPartition id) {
  if (const auto partition = find(id)) {
    co_await partition->close();
    partitions_.erase(id);
  }
  Result<void> removed = co_await logs_.remove(id);
  if (removed) offline_.erase(id);
  co_return removed;
}

Task<void> PartitionTable::close_all() {
  for (const auto& partition : all()) co_await partition->close();
}

}  // namespace barnabas::replication
