#include "core/replication/partition_table.hpp"

namespace barnabas::replication {

std::shared_ptr<Partition> PartitionTable::find(const TopicPartition& id) const {
  const auto found = partitions_.find(id);
  return found == partitions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Partition>> PartitionTable::all() const {
  std::vector<std::shared_ptr<Partition>> result;
  for (const auto& [id, partition] : partitions_) result.push_back(partition);
  return result;
}

Task<Result<std::shared_ptr<Partition>>> PartitionTable::create(TopicPartition id, Uuid topic_id, LeaderEpoch epoch,
                                                                log::LogConfig config) {
  if (auto present = find(id)) co_return present;
  const Result<log::PartitionLog*> made = co_await logs_.create(id, topic_id, config);
  if (!made && made.error().code == Errc::storage_failed) offline_.insert(id);
  if (!made) co_return std::unexpected(made.error());
  offline_.erase(id);
  log::PartitionLog* const log = *made;
  log->set_config(config);
  B_CO_TRY_VOID(co_await log->assign_leader_epoch(epoch));
  // What a killed process left in the page cache becomes visible now, and must not vanish afterwards.
  const bool promised = config.flush_messages != log::LogConfig::kNever;
  if (promised && log->recovery_point() < log->log_end_offset()) B_CO_TRY_VOID(co_await log->flush());
  auto partition = std::make_shared<Partition>(env_, id, topic_id, epoch, *log);
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
