// Reads partitions from given offsets. Groups are in group_consumer.hpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/client/cluster.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/record/batch.hpp"

namespace barnabas::client {

enum class IsolationLevel : std::int8_t { read_uncommitted = 0, read_committed = 1 };

// Special timestamps of offset_for.
inline constexpr Timestamp kLatest{-1};
inline constexpr Timestamp kEarliest{-2};

struct ConsumerOptions {
  IsolationLevel isolation = IsolationLevel::read_uncommitted;
  std::int32_t max_wait_ms = 500;
  std::int32_t min_bytes = 1;
  std::int32_t max_bytes = 50 * 1024 * 1024;
  std::int32_t partition_max_bytes = 1024 * 1024;
  bool check_crcs = true;
};

struct ConsumedRecord {
  TopicPartition partition;
  Offset offset{0};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  Timestamp timestamp = kNoTimestamp;
  record::TimestampType timestamp_type = record::TimestampType::create_time;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  ProducerId producer_id = kNoProducerId;  // Of its batch.
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t sequence = record::kNoSequence;
};

// What went wrong with one partition in one poll. The position stays; the next poll tries again.
struct PartitionProblem {
  TopicPartition partition;
  protocol::ErrorCode error = protocol::ErrorCode::none;  // The broker's answer, or
  std::optional<Error> problem;                           // no answer, or bytes that are wrong (corrupt).
};

struct PartitionState {
  Offset high_watermark{-1};
  Offset last_stable_offset{-1};
  Offset log_start_offset{-1};
  BrokerId leader = kNoBroker;              // Who answered, and
  LeaderEpoch named_epoch = kNoLeaderEpoch;  // the leader epoch that the request named (KIP-320).
};

struct Polled {
  std::vector<ConsumedRecord> records;  // In the order of partitions, then of offsets.
  std::vector<PartitionProblem> problems;
  std::map<TopicPartition, PartitionState> states;  // Of those that were answered without an error.
};

class Consumer {
 public:
  // The cluster must outlive the consumer.
  Consumer(Cluster& cluster, ConsumerOptions options);

  // Reads this partition from here on; replaces an earlier position.
  void assign(const TopicPartition& partition, Offset from);
  void unassign(const TopicPartition& partition);
  void unassign_all() { positions_.clear(); }
  // The next offset to be read.
  std::optional<Offset> position(const TopicPartition& partition) const;
  const std::map<TopicPartition, Offset>& positions() const { return positions_; }

  // One Fetch to each leader concerned, all under way together. Refreshes metadata first when the last poll
  // found it stale. Returns after max_wait_ms when there is nothing new; at once when nothing is assigned.
  Task<Polled> poll();

  // The first offset at or after the time, kEarliest, or kLatest. -1: none.
  Task<Result<Offset>> offset_for(TopicPartition partition, Timestamp timestamp);

 private:
  struct Round;

  Task<void> prepare(Round& round);
  Task<Result<void>> ask(Round& round, BrokerId leader, std::vector<TopicPartition> partitions);
  protocol::FetchRequest fetch_request(const std::vector<TopicPartition>& partitions) const;
  Task<void> collect(Round& round);
  void take_partition(Round& round, const TopicPartition& partition,
                      const protocol::FetchResponse::PartitionData& data);
  void note_problem(Round& round, const TopicPartition& partition, protocol::ErrorCode error,
                    std::optional<Error> problem);

  Cluster& cluster_;
  ConsumerOptions options_;
  std::map<TopicPartition, Offset> positions_;
  bool stale_metadata_ = true;
  bool backoff_ = false;  // The last poll met only problems: wait a little first.
};

}  // namespace barnabas::client
