#include "core/controller/partition_rules.hpp"

#include <algorithm>
#include <functional>

#include "core/base/mutant.hpp"

namespace barnabas::controller {
namespace {

bool contains(std::span<const BrokerId> ids, BrokerId id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

std::size_t least_insync(std::span<const BrokerId> replicas, const PartitionPolicy& policy) {
  return std::min(policy.min_insync_replicas, replicas.size());
}

const Member* find(const std::vector<Member>& members, BrokerId id) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.id == id; });
  return found == members.end() ? nullptr : &*found;
}

bool is_live(BrokerId id, const LiveBrokers& live) { return live.contains(id); }

// Puts an ISR into the record. Who leaves it for a set that is too small to move the high watermark stays eligible; so
// does who was eligible before.
void set_isr(PartitionRecord& record, std::vector<Member> isr, std::span<const BrokerId> replicas,
             const LiveBrokers& live, const PartitionPolicy& policy) {
  std::vector<Member> eligible;
  if (isr.size() < least_insync(replicas, policy)) {
    for (const std::vector<Member>* former : {&record.isr, &record.eligible}) {
      for (const Member& member : *former) {
        if (find(isr, member.id) == nullptr && find(eligible, member.id) == nullptr && is_valid(member, live) &&
            contains(replicas, member.id)) {
          eligible.push_back(member);
        }
      }
    }
  }
  record.isr = std::move(isr);
  record.eligible = std::move(eligible);
}

// The first of the replicas, in order of preference, that satisfies the condition.
BrokerId first_of(std::span<const BrokerId> replicas, const std::function<bool(BrokerId)>& condition) {
  const auto found = std::find_if(replicas.begin(), replicas.end(), condition);
  return found == replicas.end() ? kNoBroker : *found;
}

// Whether there is still somebody to wait for: a member that is away and may come back with its log.
bool any_valid_member(const PartitionRecord& record, const LiveBrokers& live) {
  const auto valid = [&](const Member& member) { return is_valid(member, live); };
  return std::any_of(record.isr.begin(), record.isr.end(), valid) ||
         std::any_of(record.eligible.begin(), record.eligible.end(), valid);
}

struct Choice {
  BrokerId leader = kNoBroker;
  bool clean = true;
};

Choice choose_offline(const PartitionRecord& record, std::span<const BrokerId> replicas, const LiveBrokers& live,
                      const PartitionPolicy& policy) {
  const auto live_member = [&](const std::vector<Member>& members) {
    return [&live, &members](BrokerId id) {
      const Member* member = find(members, id);
      return member != nullptr && is_live(id, live) && is_valid(*member, live);
    };
  };
  const auto once_insync = [&](BrokerId id) { return is_live(id, live) && record.in_isr(id); };
  const BrokerId last = first_of(replicas, once_insync);
  if (last != kNoBroker && !live_member(record.isr)(last) && BARNABAS_MUTANT(last_in_isr_leads_again)) {
    return {last, true};
  }
  if (const BrokerId id = first_of(replicas, live_member(record.isr)); id != kNoBroker) return {id, true};
  if (const BrokerId id = first_of(replicas, live_member(record.eligible)); id != kNoBroker) return {id, true};
  if (any_valid_member(record, live) && !policy.unclean_election) return {};
  // The best of what is left: who was in sync once has at most lost its tail.
  if (const BrokerId id = first_of(replicas, once_insync); id != kNoBroker) return {id, false};
  if (!policy.unclean_election) return {};
  return {first_of(replicas, [&](BrokerId id) { return is_live(id, live); }), false};
}

BrokerId choose_for_shutdown(const PartitionRecord& record, std::span<const BrokerId> replicas,
                             const LiveBrokers& live) {
  return first_of(replicas, [&](BrokerId id) {
    const Member* member = find(record.isr, id);
    return member != nullptr && is_live(id, live) && !live.at(id).shutting_down && is_valid(*member, live);
  });
}

// After a leader was chosen: itself, and whoever of the ISR is there and holds its log.
void lead(PartitionRecord& record, BrokerId leader, bool clean, bool without_leaving,
          std::span<const BrokerId> replicas, const LiveBrokers& live, const PartitionPolicy& policy) {
  std::vector<Member> isr;
  for (const Member& member : record.isr) {
    const auto broker = live.find(member.id);
    const bool leaves = broker == live.end() || (without_leaving && broker->second.shutting_down);
    if (clean && !leaves && member.id != leader && is_valid(member, live)) isr.push_back(member);
  }
  isr.insert(isr.begin(), Member{leader, live.at(leader).incarnation});
  // What an unclean leader lacks, the others may not be asked for later: its log is the log now.
  if (!clean) record.isr.clear(), record.eligible.clear();
  set_isr(record, std::move(isr), replicas, live, policy);
  record.leader = leader;
  ++record.leader_epoch;
}

}  // namespace

bool PartitionRecord::in_isr(BrokerId id) const { return find(isr, id) != nullptr; }

std::vector<BrokerId> PartitionRecord::isr_ids() const {
  std::vector<BrokerId> ids;
  for (const Member& member : isr) ids.push_back(member.id);
  return ids;
}

bool is_valid(const Member& member, const LiveBrokers& live) {
  const auto broker = live.find(member.id);
  return broker == live.end() || broker->second.incarnation == member.incarnation;
}

std::optional<Election> elect(const PartitionRecord& record, std::span<const BrokerId> replicas,
                              const LiveBrokers& live, ElectionKind kind, const PartitionPolicy& policy) {
  Choice choice;
  switch (kind) {
    case ElectionKind::offline: choice = choose_offline(record, replicas, live, policy); break;
    case ElectionKind::controlled_shutdown: choice.leader = choose_for_shutdown(record, replicas, live); break;
    case ElectionKind::preferred: {
      const BrokerId first = replicas.empty() ? kNoBroker : replicas.front();
      const Member* member = find(record.isr, first);
      if (member == nullptr || record.leader == first || !is_live(first, live) || !is_valid(*member, live)) {
        return std::nullopt;
      }
      choice.leader = first;
      break;
    }
  }
  Election election{record, choice.clean};
  if (choice.leader != kNoBroker) {
    lead(election.record, choice.leader, choice.clean, kind == ElectionKind::controlled_shutdown, replicas, live,
         policy);
    return election;
  }
  if (kind != ElectionKind::offline || record.leader == kNoBroker) return std::nullopt;
  election.record.leader = kNoBroker;
  ++election.record.leader_epoch;
  return election;
}

std::optional<PartitionRecord> drop_lost(const PartitionRecord& record, std::span<const BrokerId> replicas,
                                         const LiveBrokers& live, const PartitionPolicy& policy) {
  const Member* leader = find(record.isr, record.leader);
  if (leader == nullptr || !is_live(record.leader, live) || !is_valid(*leader, live)) return std::nullopt;
  std::vector<Member> staying;
  for (const Member& member : record.isr) {
    if (is_live(member.id, live) && is_valid(member, live)) staying.push_back(member);
  }
  if (staying.size() == record.isr.size()) return std::nullopt;
  PartitionRecord next = record;
  set_isr(next, std::move(staying), replicas, live, policy);
  ++next.leader_epoch;
  return next;
}

std::expected<PartitionRecord, IsrRefusal> alter_isr(const PartitionRecord& record, std::int32_t partition_epoch,
                                                     std::span<const BrokerId> replicas, const LiveBrokers& live,
                                                     const PartitionPolicy& policy, const IsrRequest& request) {
  const auto proposer = live.find(request.leader);
  if (proposer == live.end() || proposer->second.epoch != request.leader_broker_epoch) {
    return std::unexpected(IsrRefusal::stale_broker_epoch);
  }
  if (request.leader_epoch != record.leader_epoch || request.leader != record.leader) {
    return std::unexpected(IsrRefusal::fenced_leader_epoch);
  }
  if (request.partition_epoch != partition_epoch) return std::unexpected(IsrRefusal::invalid_update_version);
  std::vector<Member> isr;
  for (const IsrRequest::Proposed& proposed : request.isr) {
    if (!contains(replicas, proposed.id) || find(isr, proposed.id) != nullptr) {
      return std::unexpected(IsrRefusal::invalid_request);
    }
    const Member* present = find(record.isr, proposed.id);
    const auto broker = live.find(proposed.id);
    const bool same_life =
        broker != live.end() && (proposed.broker_epoch == -1 || proposed.broker_epoch == broker->second.epoch);
    if (same_life && proposed.broker_epoch != -1 && (present != nullptr || !broker->second.shutting_down)) {
      // The leader vouches for the log of this very life.
      isr.push_back({proposed.id, broker->second.incarnation});
    } else if (present != nullptr) {
      // Stays what it was: its entry says which log was in sync, not which one answers now.
      isr.push_back(*present);
    } else if (same_life && !broker->second.shutting_down) {
      isr.push_back({proposed.id, broker->second.incarnation});
    } else {
      return std::unexpected(IsrRefusal::ineligible_replica);
    }
  }
  if (find(isr, request.leader) == nullptr) return std::unexpected(IsrRefusal::invalid_request);
  PartitionRecord next = record;
  set_isr(next, std::move(isr), replicas, live, policy);
  return next;
}

}  // namespace barnabas::controller
