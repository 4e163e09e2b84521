// Reads what one Fetch request asks for: which partitions, how much of each, in which format.
//
// Sizes: until version 2 of Fetch a partition's max_bytes is hard and its first batch is cut there, which clients
// report; since 3 the first batch of the answer comes whole, whatever its size, and no other is cut. Record bytes stay
// in their files until they are sent; only what an old client needs converted passes through memory, as much as the
// broker's budget for that has room for.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "core/async/pace.hpp"
#include "core/broker/fetch_session.hpp"
#include "core/broker/request_context.hpp"
#include "core/protocol/messages/01_fetch.hpp"
#include "core/replication/partition.hpp"

namespace barnabas::broker {

// Bytes of batches that one answer converts for an old client; one batch at least.
inline constexpr std::size_t kMaxConvertedBytes = 4 * 1024 * 1024;
// Converted bytes that all answers together may hold until they are written.
inline constexpr std::int64_t kConversionMemory = 128 * 1024 * 1024;

class FetchReader {
 public:
  using PartitionData = protocol::FetchResponse::PartitionData;

  // What one look at the partitions found; slices of files, no bytes.
  struct Attempt {
    struct Part {
      protocol::ErrorCode error = protocol::ErrorCode::none;
      replication::ReadResult read{};
      BrokerId elsewhere = kNoBroker;  // Where the consumer is better served (KIP-392); nothing was read.
      std::size_t limit = 0;  // What the partition might have given.
    };
    std::vector<Part> parts;  // One for each item.
    std::size_t bytes = 0;
    bool at_once = false;  // A part has an error, diverges, or is to be read elsewhere.
  };

  // The context outlives this.
  FetchReader(RequestContext& context, const protocol::FetchRequest& request);

  // Finds the partitions; which are there is settled now. Once, and first.
  Task<void> find(std::vector<FetchItem> items);

  // Of a follower's fetch: that all below its offsets is in its logs. Once, before anything is read.
  Task<void> note_progress();
  // The topic of the item, empty where it is not known.
  const std::string& topic_of(std::size_t item) const { return targets_[item].topic; }
  // Links one watcher into each partition that is there.
  Task<void> watch(Event& bell, std::deque<replication::Watcher>& watchers);
  Task<Attempt> read();
  // There is no reason to wait any longer.
  bool is_enough(const Attempt& attempt) const { return attempt.at_once || attempt.bytes >= min_bytes_; }
  // The answers, one for each item. For an old client: once the context's turn to be written has come.
  Task<std::vector<PartitionData>> answers(Attempt attempt);

 private:
  struct Target {
    FetchItem item;
    std::string topic;                                  // Empty: no topic has this id.
    std::shared_ptr<replication::Partition> partition;  // Null: see obstacle.
    protocol::ErrorCode obstacle = protocol::ErrorCode::none;
  };

  Target resolve(FetchItem item) const;
  protocol::ErrorCode obstacle(const Target& target) const;
  replication::ReadRequest request_for(const Target& target) const;
  BrokerId preferred_replica(const Target& target) const;
  // A replica out of sync that is named in leader.replication.throttled.replicas.
  bool is_throttled(const Target& target) const;
  Task<Attempt::Part> read_one(const Target& target, std::size_t left, bool whole_first);
  Task<PartitionData> answer(const Target& target, Attempt::Part part);
  Task<Result<Buffer>> convert(const Target& target, const Attempt::Part& part) const;
  void count(const Target& target, const PartitionData& answer) const;

  bool is_hard() const { return context_.version() <= 2; }
  bool converts() const { return magic_ < 2; }
  bool follower() const { return replica_ >= 0; }

  RequestContext& context_;
  Pace pace_;
  std::int32_t replica_;        // Who fetches; negative: a consumer.
  std::int64_t replica_epoch_;  // Of its registration; -1: not told.
  std::string rack_;            // Of a consumer; empty: not told.
  std::size_t max_bytes_;
  std::size_t min_bytes_;
  replication::Isolation isolation_;
  std::int8_t magic_;  // The newest format that the client knows.
  std::vector<Target> targets_;
};

}  // namespace barnabas::broker
