// The coordinator of every group whose partition of __consumer_offsets this broker leads.
//
// A group belongs to the partition partition_for(group). For each partition that the broker leads, the broker
// calls load(); until the log is replayed, requests for its groups get COORDINATOR_LOAD_IN_PROGRESS (or what
// Kafka answers instead, for the sake of old clients); without it they get NOT_COORDINATOR.
//
// Law 4: a request yields records and a response. The records go to the partition's log; only when they are
// committed there are they replayed into the state, and then the response leaves. The decisions are in
// core/coordinator/group; here is the waiting.
//
// Requests borrow from the network's buffer: they, and the context, must live until the task is done, as they
// do in a handler's frame. Destroying a task that waits forgets its answer and nothing else.
// What the caller has done before: authorization; what it does after: nothing, the responses are complete
// (throttle_time_ms aside).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/async/scope.hpp"
#include "core/async/task.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/coordinator/group/config.hpp"
#include "core/coordinator/runtime/partition_writer.hpp"
#include "core/env/env.hpp"
#include "core/protocol/error_code.hpp"

namespace barnabas::protocol {
struct JoinGroupRequest;
struct JoinGroupResponse;
struct SyncGroupRequest;
struct SyncGroupResponse;
struct HeartbeatRequest;
struct HeartbeatResponse;
struct LeaveGroupRequest;
struct LeaveGroupResponse;
struct OffsetCommitRequest;
struct OffsetCommitResponse;
struct OffsetFetchRequest;
struct OffsetFetchResponse;
struct DescribeGroupsRequest;
struct DescribeGroupsResponse;
struct ListGroupsRequest;
struct ListGroupsResponse;
struct DeleteGroupsRequest;
struct DeleteGroupsResponse;
struct OffsetDeleteRequest;
struct OffsetDeleteResponse;
}  // namespace barnabas::protocol

namespace barnabas::coordinator {

// Who asks, in which version.
struct RequestContext {
  std::string client_id;
  std::string client_host;  // "/127.0.0.1", as Kafka writes it into the group's record.
  std::int16_t api_version = 0;
};

class Shard;
struct ShardContext;

class GroupCoordinator {
 public:
  // Whether a partition of a topic exists, for OffsetCommit (UNKNOWN_TOPIC_OR_PARTITION). Empty: every one does.
  using PartitionExists = std::function<bool(std::string_view topic, std::int32_t partition)>;

  // partition_count: of __consumer_offsets; it never changes while groups are loaded.
  GroupCoordinator(env::Env env, group::GroupConfig config, std::int32_t partition_count,
                   PartitionExists partition_exists = {});
  ~GroupCoordinator();
  GroupCoordinator(const GroupCoordinator&) = delete;
  GroupCoordinator& operator=(const GroupCoordinator&) = delete;

  // Before the first load(), when the topic turns out to have another count than the config says.
  void set_partition_count(std::int32_t count);
  PartitionId partition_for(std::string_view group) const { return partition_for(group, partition_count_); }
  // Among so many.
  static PartitionId partition_for(std::string_view group, std::int32_t partition_count);

  // This broker has become the partition's leader in this epoch: replays the log and then serves its groups.
  // A load with an epoch that is not newer than the last one seen for the partition does nothing (KAFKA-10614).
  // Errors: those of StateLog::replay; corrupt (a record of a known kind that cannot be read). Then the
  // partition's groups stay at NOT_COORDINATOR.
  Task<Result<void>> load(PartitionId partition, LeaderEpoch epoch, std::unique_ptr<StateLog> log);
  // It has ceased to be: forgets the groups; whoever waits gets NOT_COORDINATOR. Ignored when a newer epoch was
  // loaded. Returns when nothing uses the StateLog any more.
  Task<void> unload(PartitionId partition, LeaderEpoch epoch);
  // Unloads everything and ends the timers. Requests after it get COORDINATOR_NOT_AVAILABLE.
  Task<void> stop();

  // JoinGroup v0-v9, LeaveGroup v0-v5, and so on: every version that is declared. OffsetCommit v0 and
  // OffsetFetch v0, which mean the offsets in ZooKeeper, do not come here.
  Task<protocol::JoinGroupResponse> join_group(RequestContext context, const protocol::JoinGroupRequest& request);
  Task<protocol::SyncGroupResponse> sync_group(RequestContext context, const protocol::SyncGroupRequest& request);
  Task<protocol::HeartbeatResponse> heartbeat(RequestContext context, const protocol::HeartbeatRequest& request);
  Task<protocol::LeaveGroupResponse> leave_group(RequestContext context, const protocol::LeaveGroupRequest& request);
  Task<protocol::OffsetCommitResponse> offset_commit(RequestContext context,
                                                     const protocol::OffsetCommitRequest& request);
  Task<protocol::OffsetFetchResponse> offset_fetch(RequestContext context, const protocol::OffsetFetchRequest& request);
  Task<protocol::DescribeGroupsResponse> describe_groups(RequestContext context,
                                                         const protocol::DescribeGroupsRequest& request);
  Task<protocol::ListGroupsResponse> list_groups(RequestContext context, const protocol::ListGroupsRequest& request);
  Task<protocol::DeleteGroupsResponse> delete_groups(RequestContext context,
                                                     const protocol::DeleteGroupsRequest& request);
  Task<protocol::OffsetDeleteResponse> offset_delete(RequestContext context,
                                                     const protocol::OffsetDeleteRequest& request);

  // The topic is deleted: forgets what was committed for it.
  void topic_deleted(std::string_view topic);

 private:
  // The shard that serves the group, or why there is none.
  std::expected<Shard*, protocol::ErrorCode> shard_for(std::string_view group, bool empty_name_allowed = false);
  std::string fresh_member_id(std::string_view prefix);
  Task<void> run_timers();

  env::Env env_;
  std::int32_t partition_count_;
  PartitionExists partition_exists_;
  std::unique_ptr<ShardContext> context_;
  std::map<PartitionId, std::shared_ptr<Shard>> shards_;
  std::map<PartitionId, LeaderEpoch> epochs_;  // The last one seen, loaded or not.
  bool stopped_ = false;
  Scope scope_;  // Last: destroyed first.
};

}  // namespace barnabas::coordinator
