#include "core/controller/decisions.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace barnabas::controller {

namespace {

const Member* find(const std::vector<Member>& members, BrokerId id) {
  const auto found = std::ranges::find(members, id, &Member::id);
  return found == members.end() ? nullptr : &*found;
}

// Leads, and may go on under its epoch.
bool leads_well(const PartitionRecord& record, std::span<const BrokerId> replicas, const LiveBrokers& live) {
  const Member* leader = find(record.isr, record.leader);
  if (leader == nullptr || !live.contains(record.leader)) return false;
  if (std::ranges::find(replicas, record.leader) == replicas.end()) return false;
  if (BARNABAS_MUTANT(leader_comeback_keeps_epoch)) return true;
  return is_valid(*leader, live);
}

template <class Visit>
void for_each_partition(const ControllerState& state, const Visit& visit) {
  for (const auto& [name, topic] : state.topics) {
    if (topic.deleting) continue;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const TopicPartition id{name, PartitionId(static_cast<std::int32_t>(i))};
      visit(id, topic, topic.partitions[i]);
    }
  }
}

}  // namespace

BrokerChanges compare(const Registrations& before, const Registrations& now) {
  BrokerChanges changes;
  for (const auto& [id, broker] : before) {
    if (!now.contains(id)) changes.gone.push_back(id);
  }
  for (const auto& [id, broker] : now) {
    const auto former = before.find(id);
    if (former == before.end()) {
      changes.started.push_back(id);
    } else if (former->second.epoch != broker.epoch && !BARNABAS_MUTANT(bounce_unseen)) {
      changes.bounced.push_back(id);
    } else if (former->second != broker && former->second.epoch == broker.epoch) {
      changes.moved.push_back(id);
    }
  }
  return changes;
}

PartitionRecord keep_suspects(const PartitionRecord& before, PartitionRecord after, const std::set<BrokerId>& suspects,
                              std::span<const BrokerId> replicas, const PartitionPolicy& policy) {
  const std::size_t least = std::min(policy.min_insync_replicas, replicas.size());
  if (after.leader == kNoBroker || after.isr.size() >= least) return after;
  for (const Member& member : before.isr) {
    if (suspects.contains(member.id) && find(after.isr, member.id) == nullptr) after.isr.push_back(member);
  }
  std::erase_if(after.eligible, [&](const Member& member) { return find(after.isr, member.id) != nullptr; });
  if (after.isr.size() >= least) after.eligible.clear();
  return after;
}

std::optional<PartitionRecord> first_record(const PartitionEntry& partition, const LiveBrokers& live) {
  PartitionRecord record;
  for (const BrokerId id : partition.replicas) {
    const auto broker = live.find(id);
    if (broker == live.end()) continue;
    record.isr.push_back({id, broker->second.incarnation});
    if (record.leader == kNoBroker && !broker->second.shutting_down) record.leader = id;
  }
  if (record.isr.empty()) return std::nullopt;
  if (record.leader == kNoBroker) record.leader = record.isr.front().id;
  return record;
}

std::optional<StateChange> settle(const TopicPartition& id, const PartitionEntry& partition, const Liveness& liveness,
                                  const PartitionPolicy& policy) {
  if (!partition.record) return std::nullopt;
  const PartitionRecord& record = *partition.record;
  const PartitionView view(partition, liveness.live);
  if (leads_well(record, partition.replicas, view.live())) {
    auto next = drop_lost(record, partition.replicas, view.live(), policy);
    if (!next) return std::nullopt;
    PartitionRecord kept = keep_suspects(record, *std::move(next), liveness.suspects, partition.replicas, policy);
    if (kept.isr.size() == record.isr.size()) return std::nullopt;
    return StateChange{id, std::move(kept), false, true};
  }
  auto election = elect(record, partition.replicas, view.live(), ElectionKind::offline, policy);
  if (!election) return std::nullopt;
  // Nobody can take over from a suspect: it may be alive, and it leads as long as its session lasts.
  const bool waits = election->record.leader == kNoBroker && liveness.suspects.contains(record.leader);
  if (waits && !partition.offline_logs.contains(record.leader)) return std::nullopt;
  PartitionRecord next = std::move(election->record);
  if (election->clean) {
    next = keep_suspects(record, std::move(next), liveness.suspects, partition.replicas, policy);
  }
  return StateChange{id, std::move(next), true, election->clean};
}

std::vector<StateChange> settle_all(const ControllerState& state) {
  const Liveness liveness(state);
  std::vector<StateChange> changes;
  for_each_partition(state, [&](const TopicPartition& id, const TopicEntry& topic, const PartitionEntry& partition) {
    if (auto change = settle(id, partition, liveness, topic.policy)) changes.push_back(*std::move(change));
  });
  if (changes.size() > 1 && BARNABAS_MUTANT(partitions_settled_in_reverse)) std::ranges::reverse(changes);
  return changes;
}

std::optional<StateChange> prefer(const TopicPartition& id, const PartitionEntry& partition, const Liveness& liveness,
                                  const PartitionPolicy& policy) {
  if (!partition.record) return std::nullopt;
  const PartitionView view(partition, liveness.live);
  auto election = elect(*partition.record, partition.replicas, view.live(), ElectionKind::preferred, policy);
  if (!election) return std::nullopt;
  PartitionRecord next = keep_suspects(*partition.record, std::move(election->record), liveness.suspects,
                                       partition.replicas, policy);
  return StateChange{id, std::move(next), true, true};
}

std::vector<TopicPartition> imbalanced(const ControllerState& state, std::int32_t percentage) {
  struct Share {
    std::size_t all = 0;
    std::vector<TopicPartition> elsewhere;
  };
  std::map<BrokerId, Share> shares;
  const Liveness liveness(state);
  for_each_partition(state, [&](const TopicPartition& id, const TopicEntry& topic, const PartitionEntry& partition) {
    if (partition.replicas.empty() || !partition.record) return;
    Share& share = shares[partition.replicas.front()];
    ++share.all;
    if (partition.record->leader == partition.replicas.front()) return;
    share.elsewhere.push_back(id);
    static_cast<void>(topic);
  });
  std::vector<TopicPartition> chosen;
  for (const auto& [broker, share] : shares) {
    const bool too_many = share.elsewhere.size() * 100 > share.all * static_cast<std::size_t>(percentage);
    if (!too_many || !liveness.live.contains(broker)) continue;
    for (const TopicPartition& id : share.elsewhere) {
      const PartitionEntry& partition = *state.partition(id);
      if (!partition.reassigning() && partition.record->in_isr(broker)) chosen.push_back(id);
    }
  }
  return chosen;
}

ShutdownPlan plan_shutdown(const ControllerState& state, BrokerId broker) {
  ShutdownPlan plan;
  const Liveness liveness(state);
  LiveBrokers others = liveness.live;
  others.erase(broker);
  for_each_partition(state, [&](const TopicPartition& id, const TopicEntry& topic, const PartitionEntry& partition) {
    if (!partition.record || partition.replicas.size() < 2 || !partition.has_replica(broker)) return;
    const PartitionRecord& record = *partition.record;
    if (record.leader == broker) {
      const PartitionView view(partition, liveness.live);
      auto election = elect(record, partition.replicas, view.live(), ElectionKind::controlled_shutdown, topic.policy);
      if (!election) return;
      plan.changes.push_back({id, std::move(election->record), true, true});
      return;
    }
    plan.followed.push_back(id);
    if (!record.in_isr(broker)) return;
    const PartitionView view(partition, others);
    if (auto next = drop_lost(record, partition.replicas, view.live(), topic.policy)) {
      PartitionRecord kept =
          keep_suspects(record, *std::move(next), liveness.suspects, partition.replicas, topic.policy);
      plan.changes.push_back({id, std::move(kept), false, true});
    }
  });
  return plan;
}

std::vector<TopicPartition> still_led(const ControllerState& state, BrokerId broker) {
  std::vector<TopicPartition> led;
  for_each_partition(state, [&](const TopicPartition& id, const TopicEntry&, const PartitionEntry& partition) {
    if (partition.record && partition.record->leader == broker && partition.replicas.size() > 1) led.push_back(id);
  });
  return led;
}

bool is_offline(const PartitionEntry& partition, const LiveBrokers& live) {
  return !partition.record || partition.record->leader == kNoBroker || !live.contains(partition.record->leader);
}

}  // namespace barnabas::controller
