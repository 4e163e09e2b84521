#include "core/client/group_consumer.hpp"

#include <set>

#include "core/client/range_assignor.hpp"
#include "core/protocol/internal/consumer_protocol.hpp"
#include "core/protocol/internal/versioned.hpp"
#include "core/protocol/messages/10_find_coordinator.hpp"
#include "core/protocol/messages/11_join_group.hpp"
#include "core/protocol/messages/12_heartbeat.hpp"
#include "core/protocol/messages/13_leave_group.hpp"
#include "core/protocol/messages/14_sync_group.hpp"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;
using protocol::String;

constexpr std::string_view kProtocolType = "consumer";
constexpr std::string_view kAssignorName = "range";
// The first FindCoordinator that asks for several keys, and the first LeaveGroup for several members.
constexpr std::int16_t kFirstFindOfMany = 4;
constexpr std::int16_t kFirstLeaveOfMany = 3;

std::int32_t milliseconds(Duration duration) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

std::optional<String> optional_string(const std::optional<std::string>& text) {
  return text ? std::optional<String>(*text) : std::nullopt;
}

Buffer encode_assignment(const std::vector<TopicPartition>& partitions) {
  protocol::ConsumerProtocolAssignment assignment;
  for (const TopicPartition& one : partitions) {  // Sorted by topic.
    auto& topics = assignment.assigned_partitions;
    if (topics.empty() || topics.back().topic != one.topic) topics.emplace_back().topic = one.topic;
    topics.back().partitions.push_back(one.partition.value());
  }
  return protocol::encode_versioned(assignment, 1);
}

Result<std::vector<TopicPartition>> decode_assignment(ByteView bytes) {
  std::vector<TopicPartition> partitions;
  if (bytes.empty()) return partitions;
  B_TRY(const auto assignment, protocol::decode_versioned<protocol::ConsumerProtocolAssignment>(
                                   bytes, protocol::NewerVersions::read_as_newest));
  for (const auto& topic : assignment.assigned_partitions) {
    for (const std::int32_t id : topic.partitions) partitions.push_back({topic.topic.str(), PartitionId(id)});
  }
  return partitions;
}

// Joining again can't help: the group or the broker will not have this member.
bool is_final(ErrorCode error) {
  switch (error) {
    case ErrorCode::fenced_instance_id:
    case ErrorCode::group_authorization_failed:
    case ErrorCode::topic_authorization_failed:
    case ErrorCode::invalid_group_id:
    case ErrorCode::inconsistent_group_protocol:
    case ErrorCode::invalid_session_timeout:
    case ErrorCode::group_max_size_reached:
    case ErrorCode::unsupported_version: return true;
    default: return false;
  }
}

Error refused(std::string_view what, ErrorCode error) {
  return {Errc::permission_denied, std::string(what) + ": " + std::string(protocol::name_of(error))};
}

}  // namespace

GroupConsumer::GroupConsumer(Cluster& cluster, GroupOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      consumer_(cluster, options_.consumer),
      scope_(cluster.env().executor) {}

GroupConsumer::~GroupConsumer() = default;

Task<Result<std::shared_ptr<Connection>>> GroupConsumer::coordinator() {
  if (coordinator_ != nullptr && !coordinator_->broken()) co_return coordinator_;
  coordinator_ = nullptr;
  B_CO_TRY(const auto any, co_await cluster_.to_any());
  protocol::FindCoordinatorRequest request;
  request.key = options_.group_id;
  request.coordinator_keys.emplace_back(options_.group_id);
  B_CO_TRY(const auto reply, co_await any->call(std::move(request)));
  protocol::FindCoordinatorResponse::Coordinator found;
  if (reply.version < kFirstFindOfMany) {
    found.error_code = reply->error_code;
    found.node_id = reply->node_id;
    found.host = reply->host;
    found.port = reply->port;
  } else if (!reply->coordinators.empty()) {
    found = reply->coordinators.front();
  } else {
    co_return fail(Errc::corrupt, "a FindCoordinator response without the group");
  }
  if (is_final(found.error_code)) react_to(found.error_code);
  if (found.error_code != ErrorCode::none) {
    co_return std::unexpected(refused("FindCoordinator", found.error_code));
  }
  const env::Endpoint endpoint{found.host.str(), static_cast<std::uint16_t>(found.port)};
  B_CO_TRY(coordinator_, co_await cluster_.to_named(BrokerId(found.node_id), endpoint));
  co_return coordinator_;
}

void GroupConsumer::react_to(ErrorCode error) {
  if (is_final(error)) fatal_ = error;
  switch (error) {
    case ErrorCode::rebalance_in_progress: rejoin_ = true; break;
    case ErrorCode::unknown_member_id: member_id_.clear(); [[fallthrough]];
    case ErrorCode::illegal_generation:
    case ErrorCode::fenced_instance_id:
      generation_ = -1;
      rejoin_ = true;
      break;
    case ErrorCode::not_coordinator:
    case ErrorCode::coordinator_not_available: coordinator_ = nullptr; break;
    default: break;
  }
}

void GroupConsumer::tell(const std::string& line) const {
  cluster_.env().logger.log(env::LogLevel::debug, "group " + options_.group_id, line);
}

Task<Result<void>> GroupConsumer::join() {
  if (!heartbeats_started_) scope_.spawn(heartbeat_loop());
  heartbeats_started_ = true;
  assignment_.clear();
  consumer_.unassign_all();
  while (true) {
    if (fatal_) co_return std::unexpected(refused("group " + options_.group_id, *fatal_));
    rejoin_ = false;
    // No heartbeat for the old generation while joining: its REBALANCE_IN_PROGRESS would be taken for news, and a
    // join that waits for the other members would never be the last one.
    generation_ = -1;
    auto joined = co_await join_once();
    if (joined && *joined == ErrorCode::none) {
      const auto started = co_await start_at_committed();
      if (started && !rejoin_) co_return Result<void>();
      if (started) tell("a rebalance began meanwhile");
      if (!started) tell("no position to start at: " + started.error().to_string());
    }
    if (joined && *joined != ErrorCode::none) tell("not in the group: " + std::string(protocol::name_of(*joined)));
    if (!joined) tell("joining failed: " + joined.error().to_string());
    if (!joined) coordinator_ = nullptr;
    if (joined) react_to(*joined);
    rejoin_ = true;
    if (joined && *joined == ErrorCode::member_id_required) continue;
    co_await cluster_.env().clock.sleep_for(options_.retry_backoff);
  }
}

protocol::JoinGroupRequest GroupConsumer::join_request() const {
  protocol::ConsumerProtocolSubscription subscription;
  for (const std::string& topic : options_.topics) subscription.topics.emplace_back(topic);
  protocol::JoinGroupRequest request;
  request.group_id = options_.group_id;
  request.session_timeout_ms = milliseconds(options_.session_timeout);
  request.rebalance_timeout_ms = milliseconds(options_.rebalance_timeout);
  request.member_id = member_id_;
  request.group_instance_id = optional_string(options_.instance_id);
  request.protocol_type = kProtocolType;
  auto& range = request.protocols.emplace_back();
  range.name = kAssignorName;
  range.metadata = protocol::encode_versioned(subscription, 1);
  return request;
}

// The code that says how it ended; an Error when there was no answer.
Task<Result<ErrorCode>> GroupConsumer::join_once() {
  B_CO_TRY(const auto connection, co_await coordinator());
  // The broker holds the answer until all members have joined.
  const Duration limit = options_.rebalance_timeout + cluster_.options().connection.request_timeout;
  auto request = join_request();
  constexpr std::int16_t kAny = protocol::JoinGroupRequest::kMaxVersion;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request), kAny, limit));
  if (reply->error_code == ErrorCode::member_id_required) member_id_ = reply->member_id.str();
  if (reply->error_code != ErrorCode::none) co_return reply->error_code;
  member_id_ = reply->member_id.str();
  const std::int32_t generation = reply->generation_id;
  std::vector<std::pair<std::string, Buffer>> assignments;
  if (reply->leader == member_id_ && !reply->skip_assignment) {
    B_CO_TRY(assignments, co_await assign_partitions(*reply));
  }
  co_return co_await sync(connection, generation, std::move(assignments));
}

Task<Result<std::vector<std::pair<std::string, Buffer>>>> GroupConsumer::assign_partitions(
    const protocol::JoinGroupResponse& response) {
  std::vector<AssignorMember> members;
  std::set<std::string> topics;
  for (const auto& member : response.members) {
    B_CO_TRY(const auto subscription, protocol::decode_versioned<protocol::ConsumerProtocolSubscription>(
                                          member.metadata.view(), protocol::NewerVersions::read_as_newest));
    AssignorMember& one = members.emplace_back();
    one.member_id = member.member_id.str();
    if (member.group_instance_id) one.instance_id = member.group_instance_id->str();
    for (const String& topic : subscription.topics) one.topics.push_back(topic.str());
    topics.insert(one.topics.begin(), one.topics.end());
  }
  std::vector<std::string> names(topics.begin(), topics.end());
  B_CO_TRY_VOID(co_await cluster_.refresh(std::move(names)));
  std::map<std::string, std::int32_t> counts;
  for (const std::string& topic : topics) {
    const TopicInfo* info = cluster_.topic(topic);
    if (info != nullptr && !info->partitions.empty()) {
      counts[topic] = static_cast<std::int32_t>(info->partitions.size());
    }
  }
  std::vector<std::pair<std::string, Buffer>> assignments;
  for (const auto& [member, partitions] : assign_ranges(std::move(members), counts)) {
    assignments.emplace_back(member, encode_assignment(partitions));
  }
  co_return std::move(assignments);
}

Task<Result<ErrorCode>> GroupConsumer::sync(std::shared_ptr<Connection> connection, std::int32_t generation,
                                            std::vector<std::pair<std::string, Buffer>> assignments) {
  protocol::SyncGroupRequest request;
  request.group_id = options_.group_id;
  request.generation_id = generation;
  request.member_id = member_id_;
  request.group_instance_id = optional_string(options_.instance_id);
  request.protocol_type = String(kProtocolType);
  request.protocol_name = String(kAssignorName);
  for (auto& [member, bytes] : assignments) {
    auto& assignment = request.assignments.emplace_back();
    assignment.member_id = member;
    assignment.assignment = std::move(bytes);
  }
  const Duration limit = options_.rebalance_timeout + cluster_.options().connection.request_timeout;
  constexpr std::int16_t kAny = protocol::SyncGroupRequest::kMaxVersion;
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request), kAny, limit));
  if (reply->error_code != ErrorCode::none) co_return reply->error_code;
  B_CO_TRY(assignment_, decode_assignment(reply->assignment.view()));
  generation_ = generation;
  co_return ErrorCode::none;
}

Task<Result<void>> GroupConsumer::start_at_committed() {
  B_CO_TRY(const auto offsets, co_await committed(assignment_));
  for (const TopicPartition& partition : assignment_) {
    const auto found = offsets.find(partition);
    if (found != offsets.end() && found->second.offset.value() >= 0) {
      consumer_.assign(partition, found->second.offset);
      continue;
    }
    const Timestamp where = options_.reset == OffsetReset::earliest ? kEarliest : kLatest;
    B_CO_TRY(const Offset offset, co_await consumer_.offset_for(partition, where));
    consumer_.assign(partition, offset);
  }
  co_return Result<void>();
}

Task<Result<Polled>> GroupConsumer::poll() {
  if (rejoin_) B_CO_TRY_VOID(co_await join());
  co_return co_await consumer_.poll();
}

Task<void> GroupConsumer::heartbeat_loop() {
  while (true) {
    co_await cluster_.env().clock.sleep_for(options_.heartbeat_interval);
    if (generation_ < 0) continue;  // Not in the group, or joining it.
    const std::int32_t generation = generation_;
    const auto answer = co_await heartbeat();
    if (generation != generation_) continue;  // An answer to an older membership.
    if (answer) {
      react_to(*answer);
    } else {
      coordinator_ = nullptr;
    }
  }
}

Task<Result<ErrorCode>> GroupConsumer::heartbeat() {
  B_CO_TRY(const auto connection, co_await coordinator());
  protocol::HeartbeatRequest request;
  request.group_id = options_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = optional_string(options_.instance_id);
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  co_return reply->error_code;
}

Task<Result<void>> GroupConsumer::leave() {
  scope_.cancel();
  heartbeats_started_ = false;
  if (member_id_.empty()) co_return Result<void>();
  B_CO_TRY(const auto connection, co_await coordinator());
  protocol::LeaveGroupRequest request;
  request.group_id = options_.group_id;
  request.member_id = member_id_;
  auto& member = request.members.emplace_back();
  member.member_id = member_id_;
  member.group_instance_id = optional_string(options_.instance_id);
  B_CO_TRY(const auto reply, co_await connection->call(std::move(request)));
  generation_ = -1;
  member_id_.clear();
  rejoin_ = true;
  assignment_.clear();
  consumer_.unassign_all();
  ErrorCode error = reply->error_code;
  if (reply.version >= kFirstLeaveOfMany && error == ErrorCode::none && !reply->members.empty()) {
    error = reply->members.front().error_code;
  }
  if (error != ErrorCode::none) co_return std::unexpected(refused("LeaveGroup", error));
  co_return Result<void>();
}

}  // namespace barnabas::client
