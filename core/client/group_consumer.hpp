// A member of a consumer group (the classic protocol, range assignor): joins, heartbeats, commits, leaves.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/consumer.hpp"
#include "core/protocol/messages/11_join_group.hpp"

namespace barnabas::client {

enum class OffsetReset : std::uint8_t { earliest, latest };

struct GroupOptions {
  std::string group_id;
  std::vector<std::string> topics;
  std::optional<std::string> instance_id;
  Duration session_timeout = std::chrono::seconds(45);
  Duration rebalance_timeout = std::chrono::seconds(60);
  Duration heartbeat_interval = std::chrono::seconds(3);
  Duration retry_backoff = std::chrono::milliseconds(100);
  OffsetReset reset = OffsetReset::latest;  // Where a partition without a commit begins.
  ConsumerOptions consumer;
};

struct CommittedOffset {
  Offset offset{-1};  // -1: none.
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::string metadata;
};

class GroupConsumer {
 public:
  GroupConsumer(Cluster& cluster, GroupOptions options);
  ~GroupConsumer();
  GroupConsumer(const GroupConsumer&) = delete;
  GroupConsumer& operator=(const GroupConsumer&) = delete;

  // Enters a generation: finds the coordinator, joins, assigns when elected leader, syncs, reads the committed
  // offsets of what it was given. Tries until it succeeds or an error is final (the group or member was
  // refused, fenced, not authorized).
  void tell(const std::string& line) const;
  Task<Result<void>> join();
  // Joins when it must, then polls what is assigned.
  Task<Result<Polled>> poll();

  // The generation that this member is in, or -1.
  std::int32_t generation() const { return generation_; }
  const std::string& member_id() const { return member_id_; }
  bool rejoin_needed() const { return rejoin_; }
  const std::vector<TopicPartition>& assignment() const { return assignment_; }
  Consumer& consumer() { return consumer_; }

  // Commits as a member of the present generation. One code per partition, as the broker answered; an Error
  // when there was no answer: then it is not known whether the commit took effect.
  Task<Result<std::map<TopicPartition, protocol::ErrorCode>>> commit(std::map<TopicPartition, Offset> offsets);
  // Commits the positions after the last poll.
  Task<Result<std::map<TopicPartition, protocol::ErrorCode>>> commit_positions();
  Task<Result<std::map<TopicPartition, CommittedOffset>>> committed(std::vector<TopicPartition> partitions);

  // Leaves the group and ends the heartbeats. A member that is destroyed without it is noticed by its timeout.
  Task<Result<void>> leave();

 private:
  Task<Result<std::shared_ptr<Connection>>> coordinator();
  protocol::JoinGroupRequest join_request() const;
  Task<Result<protocol::ErrorCode>> join_once();
  // As the leader of a generation: an encoded assignment for each member.
  Task<Result<std::vector<std::pair<std::string, Buffer>>>> assign_partitions(
      const protocol::JoinGroupResponse& response);
  Task<Result<protocol::ErrorCode>> sync(std::shared_ptr<Connection> connection, std::int32_t generation,
                                         std::vector<std::pair<std::string, Buffer>> assignments);
  Task<Result<void>> start_at_committed();
  Task<void> heartbeat_loop();
  Task<Result<protocol::ErrorCode>> heartbeat();
  // Drops what the error says is no longer true: the coordinator, the member id, the generation.
  void react_to(protocol::ErrorCode error);

  Cluster& cluster_;
  GroupOptions options_;
  Consumer consumer_;
  std::shared_ptr<Connection> coordinator_;
  std::string member_id_;
  std::int32_t generation_ = -1;
  bool rejoin_ = true;
  bool heartbeats_started_ = false;
  std::optional<protocol::ErrorCode> fatal_;
  std::vector<TopicPartition> assignment_;
  Scope scope_;
};

}  // namespace barnabas::client
