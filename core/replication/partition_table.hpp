// The partitions that this broker hosts.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/log/log_manager.hpp"
#include "core/replication/partition.hpp"

namespace barnabas::replication {

// Partitions are shared with the requests that use them: one that was removed lives on, closed, until the last
// of them is done; its log does not (Partition::close).
class PartitionTable {
 public:
  // The log manager outlives the table. self: this broker.
  PartitionTable(env::Env env, log::LogManager& logs, BrokerId self) : env_(env), logs_(logs), self_(self) {}

  // Of all partitions that are made from now on. It outlives them; null: nobody listens.
  void set_listener(Partition::Listener* listener) { listener_ = listener; }

  // Null when this broker does not host it, or was not told so since its start.
  std::shared_ptr<Partition> find(const TopicPartition& id) const;
  // It was to be opened, but the data directory is out of service that has its log, or may have it.
  bool is_offline(const TopicPartition& id) const { return offline_.contains(id); }
  std::size_t size() const { return partitions_.size(); }
  // In order of topic and partition.
  std::vector<std::shared_ptr<Partition>> all() const;
  const std::map<TopicPartition, std::shared_ptr<Partition>>& partitions() const { return partitions_; }
  // The topic id of the log that is on disk under this name, hosted or not; zero: it has none. Nothing: no such log.
  std::optional<Uuid> topic_id_on_disk(const TopicPartition& id) const;

  // The partition, made without a role on the log that is there or on a new one. Its directory is durable when this
  // returns. A log with another topic id is refused (storage_failed): look before. Errors: LogManager::create's.
  Task<Result<std::shared_ptr<Partition>>> create(TopicPartition id, Uuid topic_id, log::LogConfig config);
  // Closes the partition and removes its directory. Success when it is not there.
  Task<Result<void>> remove(TopicPartition id);
  // Writes the checkpoints of all logs (LogManager::checkpoint), as after a log start was moved or a log was cut.
  Task<Result<void>> checkpoint() { return logs_.checkpoint(); }
  // How the directories of the logs do.
  std::vector<log::DirectoryStatus> directories() const { return logs_.directories(); }
  // Closes every partition; the logs stay, for LogManager::stop.
  Task<void> close_all();

 private:
  env::Env env_;
  log::LogManager& logs_;
  BrokerId self_;
  Partition::Listener* listener_ = nullptr;
  std::map<TopicPartition, std::shared_ptr<Partition>> partitions_;
  std::set<TopicPartition> offline_;
};

}  // namespace barnabas::replication
