#include "core/controller/reassignment.hpp"

#include <algorithm>

namespace barnabas::controller {

namespace {

using protocol::ApiError;
using protocol::ErrorCode;

bool contains(std::span<const BrokerId> ids, BrokerId id) { return std::ranges::find(ids, id) != ids.end(); }

std::vector<BrokerId> without(const std::vector<BrokerId>& ids, const std::vector<BrokerId>& others) {
  std::vector<BrokerId> result;
  for (const BrokerId id : ids) {
    if (!contains(others, id)) result.push_back(id);
  }
  return result;
}

std::string list_of(const std::vector<BrokerId>& brokers) {
  std::string text;
  for (const BrokerId id : brokers) text += (text.empty() ? "" : ", ") + std::to_string(id.value());
  return text;
}

std::unexpected<ApiError> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ApiError{code, std::move(message)});
}

// Who were the replicas before a reassignment began.
std::vector<BrokerId> former(const PartitionEntry& partition) {
  return without(partition.listed(), partition.adding);
}

protocol::ApiResult<void> check_target(const ControllerState& state, const PartitionEntry& partition,
                                       const std::vector<BrokerId>& target, bool may_change_factor) {
  constexpr ErrorCode kCode = ErrorCode::invalid_replica_assignment;
  if (target.empty()) return refuse(kCode, "Empty replica list specified in partition reassignment.");
  const std::set<BrokerId> distinct(target.begin(), target.end());
  if (distinct.size() != target.size()) {
    return refuse(kCode, "Duplicate replica ids in partition reassignment replica list: " + list_of(target));
  }
  if (*distinct.begin() < BrokerId(0)) {
    return refuse(kCode, "Invalid broker id in replica list: " + list_of(target));
  }
  const std::vector<BrokerId> before = former(partition);
  std::vector<BrokerId> missing;
  for (const BrokerId id : without(target, before)) {
    if (!state.is_live(id)) missing.push_back(id);
  }
  if (!missing.empty()) {
    return refuse(kCode, "Replica assignment has brokers that are not alive: " + list_of(missing) +
                             "; start them, or choose others.");
  }
  if (!may_change_factor && target.size() != before.size()) {
    return refuse(ErrorCode::invalid_replication_factor,
                  "The replication factor is changed from " + std::to_string(before.size()) + " to " +
                      std::to_string(target.size()) + ", which this request does not allow.");
  }
  return {};
}

}  // namespace

protocol::ApiResult<Reassignment> begin_reassignment(const ControllerState& state, const TopicPartition& id,
                                                     const std::optional<std::vector<BrokerId>>& target,
                                                     bool may_change_factor) {
  const TopicEntry* topic = state.topic(id.topic);
  const PartitionEntry* partition = state.partition(id);
  if (partition == nullptr || topic->deleting) {
    return refuse(ErrorCode::unknown_topic_or_partition, "The partition does not exist.");
  }
  if (!target && !partition->reassigning()) {
    return refuse(ErrorCode::no_reassignment_in_progress, "No partition reassignment is in progress.");
  }
  if (target) {
    if (auto good = check_target(state, *partition, *target, may_change_factor); !good) {
      return std::unexpected(good.error());
    }
  }
  // While the leavers' logs are being removed there is no way back to them; whoever is wanted again is added anew.
  const std::vector<BrokerId> origin = partition->completing ? partition->replicas : former(*partition);
  Reassignment next;
  next.replicas = target.value_or(origin);
  for (const BrokerId replica : without(origin, next.replicas)) next.removing.push_back(replica);
  next.adding = without(next.replicas, origin);
  next.replicas.insert(next.replicas.end(), next.removing.begin(), next.removing.end());
  next.unneeded = without(partition->listed(), next.replicas);
  if (!partition->record) return next;
  next.record = confine(*partition->record, next.replicas, state.live());
  if (!next.record) {
    return refuse(ErrorCode::invalid_replica_assignment,
                  "None of the replicas " + list_of(next.replicas) +
                      " that is alive holds all records; wait until one is in sync.");
  }
  return next;
}

bool may_move(const PartitionEntry& partition) {
  if (!partition.record || !partition.reassigning() || partition.completing) return false;
  return std::ranges::all_of(partition.target(), [&](BrokerId id) { return partition.record->in_isr(id); });
}

std::optional<PartitionRecord> confine(const PartitionRecord& record, std::span<const BrokerId> replicas,
                                       const LiveBrokers& live) {
  PartitionRecord next = record;
  const auto leaves = [&](const Member& member) { return !contains(replicas, member.id); };
  std::erase_if(next.isr, leaves);
  std::erase_if(next.eligible, leaves);
  if (next.isr.empty()) return std::nullopt;
  ++next.leader_epoch;
  if (next.leader == kNoBroker || contains(replicas, next.leader)) return next;
  for (const BrokerId id : replicas) {
    const auto member = std::ranges::find(next.isr, id, &Member::id);
    if (member == next.isr.end() || !live.contains(id) || !is_valid(*member, live)) continue;
    next.leader = id;
    return next;
  }
  return std::nullopt;
}

}  // namespace barnabas::controller
