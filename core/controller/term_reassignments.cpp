// Reassignments (KIP-455): the steps of reassignment.hpp, written and told.
#include <algorithm>

#include "core/controller/term.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

namespace {

using protocol::ApiError;
using protocol::ErrorCode;
using zookeeper::Op;
using zookeeper::SetOp;

zookeeper::Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

std::size_t index_of(const TopicPartition& id) { return static_cast<std::size_t>(id.partition.value()); }

Op state_write(const TopicPartition& id, const PartitionRecord& record, std::int32_t controller_epoch,
               std::int32_t version) {
  return SetOp{znode::state_path(id.topic, index_of(id)),
               data_of(znode::encode_state(to_znode(record, controller_epoch))), version};
}

std::vector<std::int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<std::int32_t> result;
  for (const BrokerId id : ids) result.push_back(id.value());
  return result;
}

}  // namespace

Op Term::topic_write(const TopicEntry& topic) const {
  return SetOp{znode::topic_path(topic.name), data_of(znode::encode_topic(topic.to_info())), topic.version};
}

// One partition, in one step: the topic's znode and the new epoch of the partition.
Task<protocol::ApiResult<void>> Term::reassign(TopicPartition id, std::optional<std::vector<BrokerId>> target,
                                               bool may_change_factor) {
  const auto next = begin_reassignment(state_, id, target, may_change_factor);
  if (!next) co_return std::unexpected(next.error());
  TopicEntry topic = *state_.topic(id.topic);
  PartitionEntry& entry = topic.partitions[index_of(id)];
  const bool same = next->replicas == entry.replicas && next->adding == entry.adding &&
                    next->removing == entry.removing && next->unneeded.empty();
  if (same) co_return protocol::ApiResult<void>();
  entry.replicas = next->replicas;
  entry.adding = next->adding;
  entry.removing = next->removing;
  entry.completing = false;
  std::vector<Op> ops;
  if (incarnations_) ops.push_back(zookeeper::CheckOp{std::string(znode::kIncarnations), *incarnations_});
  ops.push_back(topic_write(topic));
  if (next->record) ops.push_back(state_write(id, *next->record, state_.term.epoch, entry.partition_epoch));
  const auto written = co_await writer_.write(std::move(ops));
  if (!written && ended()) co_return std::unexpected(ApiError{ErrorCode::not_controller, written.error().message});
  if (!written) co_return std::unexpected(ApiError{ErrorCode::unknown_server_error, written.error().message});
  if (!written->applied()) {
    // The topic's own watch brings its news; the state's is read here.
    const auto loaded = co_await load_state(id);
    if (loaded) tell(id);
    co_return std::unexpected(
        ApiError{ErrorCode::request_timed_out, "The partition has changed meanwhile; try again."});
  }
  ++topic.version;
  state_.put_topic(std::move(topic));
  leaving_.erase(id);
  if (next->record) apply({id, *next->record, next->record->leader != state_.partition(id)->record->leader, true});
  for (const BrokerId added : next->adding) {
    if (const auto channel = channels_.find(added); channel != channels_.end()) channel->second->tell_roles(id, true);
  }
  // These are not waited for: what they keep is in nobody's way, and their next start finds it stray.
  for (const BrokerId unneeded : next->unneeded) {
    const auto channel = channels_.find(unneeded);
    if (channel != channels_.end()) channel->second->tell_stop(id, Stop{true, false});
  }
  tell(id);
  reassigning_.insert(id);
  due(Work::reassignments);
  if (!next->record) {
    recheck_.insert(id);  // The new replicas may be the first that are alive.
    due(Work::recheck);
  }
  co_return protocol::ApiResult<void>();
}

// /admin/reassign_partitions, as the tools before KIP-455 write it. Removed once none of it is under way any more.
Task<Result<void>> Term::on_reassignment_orders() {
  const auto node = watch_->reassignments();
  if (!node) co_return Result<void>();
  const auto wanted = znode::decode_reassignment(node->data ? as_text(node->data->view()) : std::string_view());
  if (!wanted) warn("znode " + std::string(znode::kReassignPartitions) + ": " + wanted.error().message);
  bool under_way = false;
  if (wanted) {
    for (const auto& [id, replicas] : *wanted) {
      const PartitionEntry* entry = state_.partition(id);
      if (entry != nullptr && entry->target() != replicas) {
        std::optional<std::vector<BrokerId>> target = replicas;
        const auto begun = co_await reassign(id, std::move(target), true);
        if (ended()) co_return fail(Errc::session_expired, "the term is over");
        if (!begun) warn("the reassignment of " + id.to_string() + " is refused: " + begun.error().message);
      }
      entry = state_.partition(id);
      under_way |= entry != nullptr && entry->reassigning();
    }
  }
  if (under_way) co_return Result<void>();
  std::vector<Op> ops;
  ops.push_back(zookeeper::RemoveOp{std::string(znode::kReassignPartitions), node->stat.version});
  B_CO_TRY_VOID(co_await writer_.write(std::move(ops)));
  co_return Result<void>();
}

Task<Result<void>> Term::on_reassignments() {
  std::set<TopicPartition> ids = std::exchange(reassigning_, {});
  bool any_ended = false;
  while (!ids.empty()) {
    const TopicPartition id = ids.extract(ids.begin()).value();
    const TopicEntry* topic = state_.topic(id.topic);
    const PartitionEntry* entry = state_.partition(id);
    if (entry == nullptr || topic->deleting || !entry->reassigning()) continue;
    Result<void> done;
    if (entry->completing) {
      const auto leaving = leaving_.find(id);
      if (leaving != leaving_.end() && !leaving->second.empty()) continue;
      done = co_await finish_reassignment(id);
      any_ended = true;
    } else if (may_move(*entry)) {
      done = co_await move(id);
    }
    if (done) continue;
    reassigning_.merge(ids);
    reassigning_.insert(id);
    co_return done;
  }
  if (any_ended) due(Work::reassignment_orders);
  co_return Result<void>();
}

// The target is in sync: it takes over, and the others are told to remove their logs.
Task<Result<void>> Term::move(TopicPartition id) {
  PartitionEntry* entry = state_.partition(id);
  const std::vector<BrokerId> target = entry->target();
  auto record = confine(*entry->record, target, state_.live());
  if (!record) co_return Result<void>();  // None of them is alive: when one comes back.
  const bool elected = record->leader != entry->record->leader;
  std::vector<StateChange> changes;
  changes.push_back({id, *std::move(record), elected, true, target});
  const std::int32_t before = entry->partition_epoch;
  B_CO_TRY_VOID(co_await write_changes(std::move(changes)));
  entry = state_.partition(id);
  if (entry == nullptr || entry->partition_epoch != before + 1) co_return Result<void>();  // Refused: looked at again.
  std::set<BrokerId> leaving;
  for (const BrokerId broker : entry->removing) {
    const auto channel = channels_.find(broker);
    if (channel == channels_.end()) continue;
    leaving.insert(broker);
    channel->second->tell_stop(id, Stop{true, false});
  }
  entry->completing = true;
  tell(id);
  leaving_[id] = std::move(leaving);
  reassigning_.insert(id);
  due(Work::reassignments);
  co_return Result<void>();
}

Task<Result<void>> Term::finish_reassignment(TopicPartition id) {
  TopicEntry topic = *state_.topic(id.topic);
  PartitionEntry& entry = topic.partitions[index_of(id)];
  entry.adding.clear();
  entry.removing.clear();
  entry.completing = false;
  std::vector<Op> ops;
  ops.push_back(topic_write(topic));
  B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(ops)));
  if (!outcome.applied()) {
    reassigning_.insert(id);
    co_return fail(Errc::bad_version, "the topic of " + id.to_string() + " has changed meanwhile");
  }
  ++topic.version;
  state_.put_topic(std::move(topic));
  leaving_.erase(id);
  tell(id);
  info("the reassignment of " + id.to_string() + " has ended");
  co_return Result<void>();
}

// ----- Requests -----

Task<protocol::AlterPartitionReassignmentsResponse> Term::alter_reassignments(
    protocol::AlterPartitionReassignmentsRequest request) {
  protocol::AlterPartitionReassignmentsResponse response;
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  for (const auto& topic : request.topics) {
    auto& answers = response.responses.emplace_back();
    answers.name = topic.name;
    for (const auto& wanted : topic.partitions) {
      const TopicPartition id{topic.name.str(), PartitionId(wanted.partition_index)};
      std::optional<std::vector<BrokerId>> target;
      if (wanted.replicas) {
        target.emplace();
        for (const std::int32_t replica : *wanted.replicas) target->emplace_back(replica);
      }
      const auto begun = co_await reassign(id, std::move(target), request.allow_replication_factor_change);
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = wanted.partition_index;
      if (begun) continue;
      answer.error_code = begun.error().code;
      answer.error_message = protocol::String(begun.error().message);
      if (begun.error().code == ErrorCode::not_controller) response.error_code = ErrorCode::not_controller;
    }
  }
  co_return response;
}

Task<protocol::ListPartitionReassignmentsResponse> Term::list_reassignments(
    protocol::ListPartitionReassignmentsRequest request) {
  protocol::ListPartitionReassignmentsResponse response;
  std::optional<std::set<TopicPartition>> wanted;
  if (request.topics) {
    wanted.emplace();
    for (const auto& topic : *request.topics) {
      for (const std::int32_t index : topic.partition_indexes) wanted->insert({topic.name.str(), PartitionId(index)});
    }
  }
  for (const auto& [name, topic] : state_.topics) {
    protocol::ListPartitionReassignmentsResponse::OngoingTopicReassignment group;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const PartitionEntry& entry = topic.partitions[i];
      const auto index = static_cast<std::int32_t>(i);
      if (topic.deleting || !entry.reassigning()) continue;
      if (wanted && !wanted->contains({name, PartitionId(index)})) continue;
      auto& one = group.partitions.emplace_back();
      one.partition_index = index;
      one.replicas = numbers(entry.listed());
      one.adding_replicas = numbers(entry.adding);
      one.removing_replicas = numbers(entry.removing);
    }
    if (group.partitions.empty()) continue;
    group.name = protocol::String(name);
    response.topics.push_back(std::move(group));
  }
  co_return response;
}

}  // namespace barnabas::controller
