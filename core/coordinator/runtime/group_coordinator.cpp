#include "core/coordinator/runtime/group_coordinator.hpp"

#include <algorithm>

#include "core/base/checksum.hpp"
#include "core/base/mutant.hpp"
#include "core/base/uuid.hpp"
#include "core/coordinator/runtime/group_messages.hpp"
#include "core/coordinator/runtime/shard.hpp"
#include "core/env/timeout.hpp"
#include "core/protocol/messages/12_heartbeat.hpp"

namespace barnabas::coordinator {

using group::ErrorCode;

GroupCoordinator::GroupCoordinator(env::Env env, group::GroupConfig config, std::int32_t partition_count,
                                   PartitionExists partition_exists)
    : env_(env),
      partition_count_(partition_count),
      partition_exists_(std::move(partition_exists)),
      context_(new ShardContext{.env = env,
                                .config = config,
                                .waiters = std::make_shared<Waiters>(),
                                .deadlines_changed = Notification(env.executor)}),
      scope_(env.executor) {
  B_CHECK_OP(partition_count, >, 0);
  scope_.spawn(run_timers());
}

GroupCoordinator::~GroupCoordinator() {
  scope_.cancel();
  shards_.clear();
}

void GroupCoordinator::set_partition_count(std::int32_t count) {
  B_CHECK(shards_.empty());
  B_CHECK_OP(count, >, 0);
  partition_count_ = count;
}

PartitionId GroupCoordinator::partition_for(std::string_view group, std::int32_t partition_count) {
  return PartitionId(kafka_abs(java_string_hash(group)) % partition_count);
}

Task<Result<void>> GroupCoordinator::load(PartitionId partition, LeaderEpoch epoch, std::unique_ptr<StateLog> log) {
  if (stopped_) co_return fail(Errc::closed, "the group coordinator is stopped");
  const auto seen = epochs_.find(partition);
  const bool old = seen != epochs_.end() && seen->second >= epoch;
  if (old && !BARNABAS_MUTANT(groups_ignore_leader_epochs)) co_return Result<void>();
  epochs_[partition] = epoch;
  const std::shared_ptr<Shard> former = shards_.contains(partition) ? shards_[partition] : nullptr;
  const auto shard = std::make_shared<Shard>(*context_, partition, std::move(log));
  shards_[partition] = shard;
  if (former) co_await former->close();
  Result<void> loaded = co_await shard->load();
  co_return loaded;
}

Task<void> GroupCoordinator::unload(PartitionId partition, LeaderEpoch epoch) {
  LeaderEpoch& seen = epochs_.try_emplace(partition, kNoLeaderEpoch).first->second;
  if (epoch < seen && !BARNABAS_MUTANT(groups_ignore_leader_epochs)) co_return;
  seen = epoch;
  const auto found = shards_.find(partition);
  if (found == shards_.end()) co_return;
  const std::shared_ptr<Shard> shard = found->second;
  shards_.erase(found);
  co_await shard->close();
}

Task<void> GroupCoordinator::stop() {
  stopped_ = true;
  const auto shards = std::exchange(shards_, {});
  for (const auto& [partition, shard] : shards) co_await shard->close();
  scope_.cancel();
}

// Validates as Kafka does, in its order: the name, the coordinator, the loading.
std::expected<Shard*, ErrorCode> GroupCoordinator::shard_for(std::string_view group, bool empty_name_allowed) {
  if ((group.empty() && !empty_name_allowed) || group.size() > kMaxTextSize) {
    return std::unexpected(ErrorCode::invalid_group_id);
  }
  if (stopped_) return std::unexpected(ErrorCode::coordinator_not_available);
  const auto found = shards_.find(partition_for(group));
  if (found == shards_.end()) return std::unexpected(ErrorCode::not_coordinator);
  if (const ErrorCode error = found->second->status(); error != ErrorCode::none) return std::unexpected(error);
  return found->second.get();
}

void GroupCoordinator::topic_deleted(std::string_view topic) {
  for (const auto& [partition, shard] : shards_) shard->clean(topic);
}

Task<void> GroupCoordinator::run_timers() {
  Instant clean_at = env_.clock.now() + context_->config.offset_check_interval;
  while (true) {
    Instant next = clean_at;
    for (const auto& [partition, shard] : shards_) {
      const std::optional<Instant> deadline = shard->next_deadline();
      if (deadline) next = std::min(next, *deadline);
    }
    const Instant now = env_.clock.now();
    if (next > now) {
      co_await env::wait_until(env_.executor, env_.clock, context_->deadlines_changed, next);
      continue;
    }
    for (const auto& [partition, shard] : shards_) shard->fire(now);
    if (clean_at > now) continue;
    for (const auto& [partition, shard] : shards_) shard->clean();
    clean_at = now + context_->config.offset_check_interval;
  }
}

// "<prefix>-<uuid>", as Kafka makes it. The prefix is the client's and may be long: it is cut, not inside a
// UTF-8 sequence, so that the id fits into a record.
std::string GroupCoordinator::fresh_member_id(std::string_view prefix) {
  constexpr std::size_t kLongestPrefix = 255;
  const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  std::size_t size = std::min(prefix.size(), kLongestPrefix);
  while (size > 0 && size < prefix.size() && is_continuation(prefix[size])) --size;
  std::string id(prefix.substr(0, size));
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::uint64_t high = env_.random.next();
  const std::uint64_t low = env_.random.next();
  const Uuid uuid = Uuid::from_random(high, low);
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += kDigits[uuid.bytes[i] >> 4];
    id += kDigits[uuid.bytes[i] & 0xf];
  }
  return id;
}

Task<protocol::JoinGroupResponse> GroupCoordinator::join_group(RequestContext context,
                                                               const protocol::JoinGroupRequest& request) {
  const auto refuse = [&request](ErrorCode error) {
    return to_response(group::JoinReply{.error = error, .member_id = request.member_id.str()});
  };
  const auto shard = shard_for(request.group_id);
  if (!shard) co_return refuse(shard.error());
  if (const ErrorCode error = check(context_->config, request); error != ErrorCode::none) co_return refuse(error);
  AnswerSlot slot(env_.executor, context_->waiters);
  group::JoinInput input = to_input(context, request);
  input.waiter = slot.id();
  input.fresh_member_id = fresh_member_id(input.instance_id ? *input.instance_id : context.client_id);
  (*shard)->submit(request.group_id, std::move(input));
  co_await slot.wait();
  co_return to_response(slot.take<group::JoinReply>());
}

Task<protocol::SyncGroupResponse> GroupCoordinator::sync_group(RequestContext context,
                                                               const protocol::SyncGroupRequest& request) {
  const auto shard = shard_for(request.group_id);
  ErrorCode error = shard ? ErrorCode::none : shard.error();
  // The rebalance that was under way is lost with the state. Old clients do not expect the true error here.
  if (error == ErrorCode::coordinator_load_in_progress) error = ErrorCode::rebalance_in_progress;
  const bool names_protocol = request.protocol_type && request.protocol_name;
  if (context.api_version >= 5 && !names_protocol) error = ErrorCode::inconsistent_group_protocol;
  if (error != ErrorCode::none) co_return to_response(group::SyncReply{.error = error});
  AnswerSlot slot(env_.executor, context_->waiters);
  group::SyncInput input = to_input(request);
  input.waiter = slot.id();
  (*shard)->submit(request.group_id, std::move(input));
  co_await slot.wait();
  co_return to_response(slot.take<group::SyncReply>());
}

Task<protocol::HeartbeatResponse> GroupCoordinator::heartbeat(RequestContext,
                                                              const protocol::HeartbeatRequest& request) {
  protocol::HeartbeatResponse response;
  const auto shard = shard_for(request.group_id);
  if (!shard) {
    // While it is loading, nobody's session can end: the member may believe that all is well.
    const bool loading = shard.error() == ErrorCode::coordinator_load_in_progress;
    response.error_code = loading ? ErrorCode::none : shard.error();
    co_return response;
  }
  const group::MemberIdentity member{request.member_id.str(), own(request.group_instance_id)};
  response.error_code = (*shard)->heartbeat(request.group_id, member, request.generation_id);
  co_return response;
}

Task<protocol::LeaveGroupResponse> GroupCoordinator::leave_group(RequestContext context,
                                                                 const protocol::LeaveGroupRequest& request) {
  const std::int16_t version = context.api_version;
  std::vector<group::MemberIdentity> leavers = leavers_of(version, request);
  LeaveReply reply;
  const auto shard = shard_for(request.group_id);
  if (!shard) {
    reply.error = shard.error();
  } else if ((*shard)->find(request.group_id) == nullptr) {
    reply.errors.assign(leavers.size(), ErrorCode::unknown_member_id);
  } else {
    AnswerSlot slot(env_.executor, context_->waiters);
    (*shard)->submit(request.group_id, LeaveOperation{slot.id(), std::move(leavers)});
    co_await slot.wait();
    reply = slot.take<LeaveReply>();
  }
  co_return to_response(version, request, reply);
}

}  // namespace barnabas::coordinator
