// Writing the states of partitions, and telling of them.
#include "core/async/gather.hpp"
#include "core/base/mutant.hpp"
#include "core/controller/term.hpp"
#include "core/metadata/znode_json.hpp"

namespace barnabas::controller {

namespace znode = metadata::znode;

namespace {

using zookeeper::CreateMode;
using zookeeper::CreateOp;
using zookeeper::Op;
using zookeeper::SetOp;

// States in one multi. More would not fit the smallest jute.maxbuffer with long names.
constexpr std::size_t kChunk = 500;
constexpr std::int64_t kWritesAtOnce = 10;  // As zookeeper.max.in.flight.requests.

zookeeper::Data data_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

std::size_t index_of(const TopicPartition& id) { return static_cast<std::size_t>(id.partition.value()); }

}  // namespace

// What a change was refused for is read again and looked at anew. Everything was decided on the brokers as they are
// known now, at the call.
Task<Result<void>> Term::write_changes(std::vector<StateChange> changes) {
  const std::optional<std::int32_t> incarnations = incarnations_;
  std::vector<Task<Result<void>>> writes;
  const std::size_t most = BARNABAS_MUTATE(states_written_one_by_one, kChunk, std::size_t{1});
  for (std::size_t from = 0; from < changes.size(); from += most) {
    const std::size_t to = std::min(changes.size(), from + most);
    std::vector<StateChange> chunk(std::make_move_iterator(changes.begin() + static_cast<std::ptrdiff_t>(from)),
                                   std::make_move_iterator(changes.begin() + static_cast<std::ptrdiff_t>(to)));
    writes.push_back(write_chunk(std::move(chunk), incarnations));
  }
  co_return co_await gather(context_.env.executor, std::move(writes), kWritesAtOnce);
}

// A broker whose logs may have lost their tail since, and that this controller has not heard of yet, must not count for
// one that holds everything: no state is written that was decided before it registered.
Task<Result<void>> Term::write_chunk(std::vector<StateChange> chunk, std::optional<std::int32_t> incarnations) {
  while (!chunk.empty()) {
    std::vector<Op> ops;
    const bool checks = incarnations && !BARNABAS_MUTANT(unheard_incarnations_count);
    if (checks) ops.push_back(zookeeper::CheckOp{std::string(znode::kIncarnations), *incarnations});
    for (const StateChange& change : chunk) {
      const std::string state = znode::encode_state(to_znode(change.record, state_.term.epoch));
      ops.push_back(SetOp{znode::state_path(change.id.topic, index_of(change.id)), data_of(state),
                          state_.partition(change.id)->partition_epoch});
    }
    B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(ops)));
    if (outcome.applied()) {
      for (const StateChange& change : chunk) apply(change);
      break;
    }
    if (checks && *outcome.refused == 0) {
      for (const StateChange& change : chunk) recheck_.insert(change.id);
      co_await watch_->incarnations_after(*incarnations);
      due(Work::brokers);
      due(Work::recheck);
      break;
    }
    const auto refused = chunk.begin() + static_cast<std::ptrdiff_t>(*outcome.refused - (checks ? 1 : 0));
    const TopicPartition id = refused->id;
    chunk.erase(refused);
    warn("the state of " + id.to_string() + " was changed by somebody else");
    B_CO_TRY_VOID(co_await load_state(id));
    tell(id);
    recheck_.insert(id);
    due(Work::recheck);
  }
  co_return Result<void>();
}

void Term::apply(const StateChange& change) {
  PartitionEntry* entry = state_.partition(change.id);
  if (entry == nullptr) return;
  entry->record = change.record;
  // At once, so that nobody is told of this state with the former replicas: told again, it would be no news.
  if (!change.replicas.empty()) entry->replicas = change.replicas;
  ++entry->partition_epoch;
  entry->controller_epoch = state_.term.epoch;
  if (change.elected && change.record.leader != kNoBroker) {
    ++context_.counts.elections;
    if (!change.clean) ++context_.counts.unclean_elections;
  }
  if (!change.clean) warn("unclean election of broker " + std::to_string(change.record.leader.value()) + " for " +
                          change.id.to_string() + ": records may be lost");
  if (entry->reassigning()) {
    reassigning_.insert(change.id);  // Its target may be in sync now.
    due(Work::reassignments);
  }
  tell(change.id);
}

void Term::tell(const TopicPartition& id, bool is_new) {
  const PartitionEntry* entry = state_.partition(id);
  if (entry == nullptr) return;
  for (const BrokerId replica : entry->replicas) {
    const auto channel = channels_.find(replica);
    if (channel != channels_.end()) channel->second->tell_roles(id, is_new);
  }
  tell_metadata(id);
}

void Term::tell_metadata(const TopicPartition& id) {
  for (const auto& [broker, channel] : channels_) channel->tell_metadata(id);
}

void Term::refresh_policies() {
  for (auto& [name, topic] : state_.topics) topic.policy = policy_of(context_.config, topic.config);
}

Task<Result<void>> Term::recheck() {
  const Liveness liveness(state_);
  std::vector<StateChange> changes;
  for (const TopicPartition& id : std::exchange(recheck_, {})) {
    const TopicEntry* topic = state_.topic(id.topic);
    const PartitionEntry* entry = state_.partition(id);
    if (entry == nullptr || topic->deleting) continue;
    if (auto change = settle(id, *entry, liveness, topic->policy)) changes.push_back(*std::move(change));
    if (entry->reassigning()) reassigning_.insert(id);
  }
  if (!reassigning_.empty()) due(Work::reassignments);
  B_CO_TRY_VOID(co_await write_changes(std::move(changes)));
  co_return co_await create_missing_states();
}

// Partitions that never had a state get one as soon as a replica is alive.
Task<Result<void>> Term::create_missing_states() {
  std::vector<Task<Result<void>>> writes;
  const LiveBrokers live = state_.live();
  for (const auto& [name, topic] : state_.topics) {
    if (topic.deleting) continue;
    const bool any = std::ranges::any_of(topic.partitions, [&](const PartitionEntry& partition) {
      return !partition.record && first_record(partition, live).has_value();
    });
    if (any) writes.push_back(create_states(name));
  }
  co_return co_await gather(context_.env.executor, std::move(writes), kWritesAtOnce);
}

Task<Result<void>> Term::create_states(std::string topic) {
  const std::string folder = znode::partitions_path(topic);
  const auto children = co_await writer_.children(folder);
  if (!children && children.error().code != Errc::not_found) co_return std::unexpected(children.error());
  if (!children) {
    std::vector<Op> ops;
    ops.push_back(CreateOp{folder, std::nullopt, {}});
    B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(ops)));
    // Not found: the topic itself is gone, which its watch will tell.
    if (!outcome.applied() && outcome.code == Errc::not_found) co_return Result<void>();
  }
  std::set<std::string> present;
  if (children) present.insert(children->names.begin(), children->names.end());
  const LiveBrokers live = state_.live();
  const TopicEntry* entry = state_.topic(topic);
  if (entry == nullptr) co_return Result<void>();
  std::vector<Task<Result<void>>> writes;
  std::vector<std::size_t> chunk;
  for (std::size_t i = 0; i < entry->partitions.size(); ++i) {
    const PartitionEntry& partition = entry->partitions[i];
    if (partition.record || !first_record(partition, live)) continue;
    chunk.push_back(i);
    if (chunk.size() < kChunk) continue;
    writes.push_back(create_state_chunk(topic, std::exchange(chunk, {}), present));
  }
  if (!chunk.empty()) writes.push_back(create_state_chunk(topic, std::move(chunk), present));
  co_return co_await gather(context_.env.executor, std::move(writes), kWritesAtOnce);
}

Task<Result<void>> Term::create_state_chunk(std::string topic, std::vector<std::size_t> indexes,
                                            std::set<std::string> present) {
  const LiveBrokers live = state_.live();
  std::vector<Op> ops;
  std::vector<StateChange> changes;
  for (const std::size_t i : indexes) {
    const TopicPartition id{topic, PartitionId(static_cast<std::int32_t>(i))};
    const PartitionEntry* entry = state_.partition(id);
    auto record = entry == nullptr ? std::nullopt : first_record(*entry, live);
    if (!record) continue;
    if (!present.contains(std::to_string(i))) {
      ops.push_back(CreateOp{znode::partition_path(topic, i), std::nullopt, {}});
    }
    const std::string state = znode::encode_state(to_znode(*record, state_.term.epoch));
    ops.push_back(CreateOp{znode::state_path(topic, i), data_of(state), {}});
    changes.push_back({id, *std::move(record), false, true});
  }
  if (ops.empty()) co_return Result<void>();
  B_CO_TRY(const WriteOutcome outcome, co_await writer_.write(std::move(ops)));
  for (const StateChange& change : changes) {
    if (outcome.applied()) {
      apply(change);  // Makes its version 0.
      tell(change.id, true);
      continue;
    }
    // Some are there already, or the topic is gone: look at each.
    B_CO_TRY_VOID(co_await load_state(change.id));
    recheck_.insert(change.id);
  }
  if (!outcome.applied() && outcome.code != Errc::not_found) due(Work::recheck);
  co_return Result<void>();
}

}  // namespace barnabas::controller
