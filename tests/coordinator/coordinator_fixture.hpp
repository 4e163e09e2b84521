// A GroupCoordinator on a simulated node, over logs in memory that fail and dawdle when told to.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/coordinator/runtime/group_coordinator.hpp"
#include "core/protocol/messages/08_offset_commit.hpp"
#include "core/protocol/messages/09_offset_fetch.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/12_heartbeat.hpp"
#include "core/protocol/messages/13_leave_group.hpp"
#include "core/protocol/messages/14_sync_group.hpp"
#include "core/protocol/messages/15_describe_groups.hpp"
#include "core/protocol/messages/16_list_groups.hpp"
#include "core/protocol/messages/42_delete_groups.hpp"
#include "core/record/batch.hpp"
#include "sim/world/world.hpp"

namespace barnabas::coordinator {

using protocol::ErrorCode;
using protocol::String;

// What outlives the coordinator: the partition's log. And how it behaves.
struct LogOnDisk {
  std::vector<Buffer> batches;
  Offset end{0};

  Duration append_takes{};
  Duration replay_takes{};
  // The next appends fail so; stored tells whether the batch is in the log nevertheless.
  struct Failure {
    Errc code;
    bool stored = false;
  };
  std::vector<Failure> failures;

  void store(Buffer batch) {
    Buffer own = Buffer::copy_of(batch.view());
    record::assign_offsets(own.mutable_view(), end, LeaderEpoch(0));
    end = record::parse_batch_header(own.view())->next_offset();
    batches.push_back(own);
  }
};

class MemoryLog final : public StateLog {
 public:
  MemoryLog(LogOnDisk& disk, env::Clock& clock) : disk_(disk), clock_(clock) {}

  Task<Result<Offset>> append(Buffer batch) override {
    EXPECT_FALSE(busy_) << "two appends at a time";
    busy_ = true;
    if (disk_.append_takes > Duration::zero()) co_await clock_.sleep_for(disk_.append_takes);
    busy_ = false;
    const Offset base = disk_.end;
    if (!disk_.failures.empty()) {
      const LogOnDisk::Failure failure = disk_.failures.front();
      disk_.failures.erase(disk_.failures.begin());
      if (failure.stored) disk_.store(batch);
      co_return fail(failure.code, "as the test wants it");
    }
    disk_.store(batch);
    co_return base;
  }
  Task<Result<void>> replay(std::function<Result<void>(ByteView)> visit) override {
    if (disk_.replay_takes > Duration::zero()) co_await clock_.sleep_for(disk_.replay_takes);
    for (const Buffer& batch : disk_.batches) B_CO_TRY_VOID(visit(batch.view()));
    co_return Result<void>();
  }

 private:
  LogOnDisk& disk_;
  env::Clock& clock_;
  bool busy_ = false;
};

class CoordinatorFixture : public testing::Test {
 protected:
  static constexpr std::int32_t kPartitions = 4;
  static constexpr std::int16_t kJoinVersion = 3;  // Without the detour over MEMBER_ID_REQUIRED.

  ~CoordinatorFixture() override { coordinator.reset(); }

  // Replaces the coordinator by a new one that loads from the logs.
  void start(bool wait = true) {
    coordinator.reset();
    coordinator = std::make_unique<GroupCoordinator>(node.env(), config, kPartitions, partition_exists);
    for (std::int32_t i = 0; i < kPartitions; ++i) load(i, ++epoch, wait);
  }
  void load(std::int32_t partition, std::int32_t at_epoch, bool wait = true) {
    auto log = std::make_unique<MemoryLog>(logs[partition], node.env().clock);
    Task<Result<void>> task = coordinator->load(PartitionId(partition), LeaderEpoch(at_epoch), std::move(log));
    if (wait) {
      EXPECT_TRUE(run(std::move(task)).has_value());
    } else {
      node.spawn_task(drop(std::move(task)));
      world.run_for(1ms);
    }
  }
  LogOnDisk& log_of(std::string_view group) { return logs[coordinator->partition_for(group).value()]; }

  template <class T>
  T run(Task<T> task) {
    return world.run(node, std::move(task));
  }
  static Task<void> drop(Task<Result<void>> task) { (void)co_await std::move(task); }

  // An answer that arrives some time.
  template <class T>
  using Later = std::shared_ptr<std::optional<T>>;
  template <class T>
  Later<T> begin(Task<T> task) {
    auto later = std::make_shared<std::optional<T>>();
    node.spawn_task(keep<T>(std::move(task), later));
    world.run_for(1ms);
    return later;
  }
  template <class T>
  static Task<void> keep(Task<T> task, Later<T> later) {
    later->emplace(co_await std::move(task));
  }

  Task<protocol::JoinGroupResponse> join(std::string group, std::string member_id = "", std::string metadata = "topics",
                                         std::optional<std::string> instance = {},
                                         std::int16_t version = kJoinVersion) {
    protocol::JoinGroupRequest request;
    request.group_id = group;
    request.session_timeout_ms = 10'000;
    request.rebalance_timeout_ms = 30'000;
    request.member_id = member_id;
    if (instance) request.group_instance_id = String(*instance);
    request.protocol_type = "consumer";
    auto& protocol = request.protocols.emplace_back();
    protocol.name = "range";
    protocol.metadata = Buffer::copy_of(as_bytes(metadata));
    const RequestContext context{"client", "/10.0.0.1", version};
    co_return co_await coordinator->join_group(context, request);
  }
  Task<protocol::SyncGroupResponse> sync(std::string group, std::string member_id, std::int32_t generation,
                                         std::map<std::string, std::string> assignments = {}) {
    protocol::SyncGroupRequest request;
    request.group_id = group;
    request.member_id = member_id;
    request.generation_id = generation;
    for (const auto& [id, assignment] : assignments) {
      auto& entry = request.assignments.emplace_back();
      entry.member_id = id;
      entry.assignment = Buffer::copy_of(as_bytes(assignment));
    }
    const RequestContext context{"client", "/10.0.0.1", 3};
    co_return co_await coordinator->sync_group(context, request);
  }
  Task<ErrorCode> heartbeat(std::string group, std::string member_id, std::int32_t generation) {
    protocol::HeartbeatRequest request;
    request.group_id = group;
    request.member_id = member_id;
    request.generation_id = generation;
    const RequestContext context{"client", "/10.0.0.1", 3};
    const protocol::HeartbeatResponse response = co_await coordinator->heartbeat(context, request);
    co_return response.error_code;
  }
  Task<protocol::LeaveGroupResponse> leave(std::string group, std::string member_id, std::int16_t version) {
    protocol::LeaveGroupRequest request;
    request.group_id = group;
    if (version < 3) request.member_id = member_id;
    if (version >= 3) request.members.emplace_back().member_id = member_id;
    const RequestContext context{"client", "/10.0.0.1", version};
    co_return co_await coordinator->leave_group(context, request);
  }
  Task<ErrorCode> commit(std::string group, std::int64_t offset, std::int32_t partition = 0, std::string member_id = "",
                         std::int32_t generation = -1, std::string metadata = "") {
    protocol::OffsetCommitRequest request;
    request.group_id = group;
    request.member_id = member_id;
    request.generation_id_or_member_epoch = generation;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    auto& entry = topic.partitions.emplace_back();
    entry.partition_index = partition;
    entry.committed_offset = offset;
    entry.committed_metadata = String(metadata);
    const RequestContext context{"client", "/10.0.0.1", 8};
    const protocol::OffsetCommitResponse response = co_await coordinator->offset_commit(context, request);
    co_return response.topics.at(0).partitions.at(0).error_code;
  }
  Task<protocol::OffsetFetchResponse> fetch_all(std::string group, std::int16_t version) {
    protocol::OffsetFetchRequest request;
    if (version >= 8) {
      request.groups.emplace_back().group_id = group;
    } else {
      request.group_id = group;
    }
    const RequestContext context{"client", "/10.0.0.1", version};
    co_return co_await coordinator->offset_fetch(context, request);
  }
  // The committed offset of partition 0 of t; -1 when there is none, -1000 - error when it is refused.
  std::int64_t fetch(std::string group, std::int32_t partition = 0) {
    return run(fetch_one(std::move(group), partition));
  }
  Task<std::int64_t> fetch_one(std::string group, std::int32_t partition) {
    protocol::OffsetFetchRequest request;
    request.group_id = group;
    auto& topic = request.topics.emplace().emplace_back();
    topic.name = "t";
    topic.partition_indexes = {partition};
    const RequestContext context{"client", "/10.0.0.1", 7};
    const protocol::OffsetFetchResponse response = co_await coordinator->offset_fetch(context, request);
    if (response.error_code != ErrorCode::none) co_return -1000 - static_cast<std::int64_t>(response.error_code);
    co_return response.topics.at(0).partitions.at(0).committed_offset;
  }
  static std::int64_t refused(ErrorCode error) { return -1000 - static_cast<std::int64_t>(error); }

  Task<protocol::DescribeGroupsResponse> describe(std::string group) {
    protocol::DescribeGroupsRequest request;
    request.groups.emplace_back(group);
    const RequestContext context{"client", "/10.0.0.1", 5};
    co_return co_await coordinator->describe_groups(context, request);
  }
  Task<protocol::ListGroupsResponse> list(std::string state = "") {
    protocol::ListGroupsRequest request;
    if (!state.empty()) request.states_filter.emplace_back(state);
    const RequestContext context{"client", "/10.0.0.1", 5};
    co_return co_await coordinator->list_groups(context, request);
  }
  Task<ErrorCode> remove(std::string group) {
    protocol::DeleteGroupsRequest request;
    request.groups_names.emplace_back(group);
    const RequestContext context{"client", "/10.0.0.1", 2};
    const protocol::DeleteGroupsResponse response = co_await coordinator->delete_groups(context, request);
    co_return response.results.at(0).error_code;
  }

  // A stable group of one; its member id.
  std::string make_stable(const std::string& group) {
    const protocol::JoinGroupResponse joined = run(join(group));
    EXPECT_EQ(joined.error_code, ErrorCode::none);
    const std::string id = joined.member_id.str();
    const protocol::SyncGroupResponse synced = run(sync(group, id, joined.generation_id, {{id, "all of it"}}));
    EXPECT_EQ(synced.error_code, ErrorCode::none);
    return id;
  }

  sim::World world{42};
  sim::Node& node = world.add_node("a");
  std::map<std::int32_t, LogOnDisk> logs;
  group::GroupConfig config;
  GroupCoordinator::PartitionExists partition_exists;
  std::int32_t epoch = 0;
  std::unique_ptr<GroupCoordinator> coordinator;
};

}  // namespace barnabas::coordinator
