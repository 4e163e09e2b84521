#include "sim/oracle/partition_oracle.hpp"

#include <algorithm>

namespace barnabas::sim {
namespace {

std::string at(std::int64_t offset) { return " offset " + std::to_string(offset); }

std::uint32_t bit(std::int32_t broker) { return 1U << (static_cast<std::uint32_t>(broker) & 31U); }

}  // namespace

void PartitionOracle::complain(std::string_view invariant, std::int32_t broker, const std::string& what) const {
  judge_(invariant, name_ + (broker < 0 ? "" : " at broker " + std::to_string(broker)) + ": " + what);
}

const ReplicaView* PartitionOracle::view(std::int32_t broker) const {
  const auto found = replicas_.find(broker);
  return found == replicas_.end() || !found->second.seen ? nullptr : &found->second.view;
}

const ReplicaLog* PartitionOracle::log(std::int32_t broker) const {
  const auto found = replicas_.find(broker);
  return found == replicas_.end() || !found->second.seen ? nullptr : &found->second.log;
}

void PartitionOracle::see(std::int32_t broker, const ReplicaView& view, const FileSystem& files,
                          const std::string& directory, const Rules& rules,
                          const std::function<std::vector<std::int32_t>()>& isr) {
  auto found = replicas_.find(broker);
  if (found == replicas_.end()) found = replicas_.emplace(broker, Replica{ReplicaLog(files, directory), {}}).first;
  Replica& replica = found->second;
  if (replica.seen && replica.view == view) return;
  const bool fresh = !replica.seen;
  const ReplicaView before = replica.view;
  compare(broker, replica, view, fresh);
  replica.view = view;
  replica.seen = true;
  if (view.leads && (fresh || !before.leads || before.leader_epoch != view.leader_epoch)) {
    taken_over(broker, replica, view, rules);
  }
  // Who does not know of a successor that was elected uncleanly, whether that runs or not, may commit more on its own.
  // That is no part of the ledger, and goes when it follows.
  const bool superseded = is_superseded(view) || state_.leader_epoch > view.leader_epoch;
  if (view.leads && !fresh && view.high_watermark > before.high_watermark && unclean_elections_ > 0 && superseded) {
    lost_from_ = std::min(lost_from_, before.high_watermark);
  }
  if (view.leads && view.high_watermark > ledger_end_) {
    watermark_of_leader(broker, replica, view, rules, isr());
  } else if (!view.leads && !fresh && view.high_watermark > before.high_watermark) {
    watermark_of_follower(broker, replica, view, before.high_watermark, rules);
  }
}

// What changed in the replica, and whether it may change so.
void PartitionOracle::compare(std::int32_t broker, Replica& replica, const ReplicaView& view, bool fresh) {
  const ReplicaView& before = replica.view;
  if (!fresh) {
    const bool same_epoch = view.leader_epoch == before.leader_epoch;
    if (view.leader_epoch < before.leader_epoch || (same_epoch && view.partition_epoch < before.partition_epoch)) {
      complain("E6", broker, "leader epoch " + std::to_string(before.leader_epoch) + ", partition epoch " +
                                 std::to_string(before.partition_epoch) + " became " +
                                 std::to_string(view.leader_epoch) + ", " + std::to_string(view.partition_epoch));
    }
    if (same_epoch && view.high_watermark < before.high_watermark && before.high_watermark <= lost_from_) {
      complain("H1", broker, "the high watermark fell from " + std::to_string(before.high_watermark) + " to " +
                                 std::to_string(view.high_watermark) + " in epoch " +
                                 std::to_string(view.leader_epoch));
    }
  }
  if (view.log_start < 0 || view.log_start > view.high_watermark || view.high_watermark > view.log_end) {
    complain("H4", broker, "log start " + std::to_string(view.log_start) + ", high watermark " +
                               std::to_string(view.high_watermark) + ", log end " + std::to_string(view.log_end));
  }
  const bool whole = replica.log.follow(
      view.log_start, view.log_end, [&](const BatchHead& head) { cut_off(broker, view, head); },
      [&](const BatchHead& head) { take_in(broker, replica, view, head, fresh, before.log_end); });
  if (!whole) complain("R4", broker, "the disk does not hold what the log's end says: " + std::to_string(view.log_end));
}

void PartitionOracle::take_in(std::int32_t broker, const Replica& replica, const ReplicaView& view,
                              const BatchHead& head, bool fresh, std::int64_t end_before) {
  const auto& batches = replica.log.batches();
  if (batches.size() > 1 && batches[batches.size() - 2].epoch > head.epoch) {
    complain("E5", broker, "at" + at(head.base) + " epoch " + std::to_string(head.epoch) + " follows epoch " +
                               std::to_string(batches[batches.size() - 2].epoch));
  }
  if (!fresh && head.epoch > view.leader_epoch) {
    complain("E5", broker, "at" + at(head.base) + " a batch of epoch " + std::to_string(head.epoch) + " in epoch " +
                               std::to_string(view.leader_epoch));
  }
  const auto [known, is_new] = known_.try_emplace({head.epoch, head.base}, Known{head.crc, head.last, 0});
  if (!is_new && (known->second.crc != head.crc || known->second.last != head.last)) {
    complain("R3", broker, "at" + at(head.base) + " of epoch " + std::to_string(head.epoch) +
                               " there are other bytes than in another replica");
  }
  known->second.holders |= bit(broker);
  if (fresh || !view.leads || !replica.view.leads || replica.view.leader_epoch != view.leader_epoch) return;
  if (head.epoch != view.leader_epoch) {
    complain("E5", broker, "at" + at(head.base) + " the leader of epoch " + std::to_string(view.leader_epoch) +
                               " appended in epoch " + std::to_string(head.epoch));
  }
  const auto [appender, first] = appenders_.try_emplace(head.epoch, broker);
  if (!first && appender->second != broker) {
    complain("E1", broker, "appended in epoch " + std::to_string(head.epoch) + ", as broker " +
                               std::to_string(appender->second) + " did");
  }
  const std::int64_t expected = batches.size() > 1 ? batches[batches.size() - 2].last + 1 : end_before;
  if (head.base != expected && batches.size() > 1) {
    complain("R4", broker, "the leader went on at" + at(head.base) + " after " + std::to_string(expected));
  }
}

const PartitionOracle::Committed* PartitionOracle::committed_at(std::int64_t offset) const {
  auto found = ledger_.upper_bound(offset);
  if (found == ledger_.begin()) return nullptr;
  --found;
  return found->second.head.last < offset ? nullptr : &found->second;
}

const PartitionOracle::Replica* PartitionOracle::leader() const {
  const Replica* newest = nullptr;
  for (const auto& [broker, replica] : replicas_) {
    if (!replica.seen || !replica.view.leads) continue;
    if (newest == nullptr || newest->view.leader_epoch < replica.view.leader_epoch) newest = &replica;
  }
  return newest;
}

bool PartitionOracle::is_superseded(const ReplicaView& view) const {
  const Replica* newest = leader();
  return newest != nullptr && newest->view.leader_epoch > view.leader_epoch;
}

void PartitionOracle::cut_off(std::int32_t broker, const ReplicaView& view, const BatchHead& head) {
  const Committed* committed = committed_at(head.base);
  if (committed == nullptr || !committed->head.same_bytes(head) || head.base >= excused_from_) return;
  const Replica* leading = leader();
  if (leading != nullptr && head.last < std::max(view.log_start, leading->view.log_start)) return;
  complain("R8", broker, "cut off" + at(head.base) + ", which was below a high watermark; its log is from " +
                             std::to_string(view.log_start) + " to " + std::to_string(view.log_end) + " in epoch " +
                             std::to_string(view.leader_epoch));
}

// From here on the ledger is what the new leader's log says.
void PartitionOracle::lose_from(std::int64_t offset) {
  const auto from = ledger_.lower_bound(offset);
  for (auto it = from; it != ledger_.end(); ++it) {
    excused_ += static_cast<std::uint64_t>(it->second.head.last - it->second.head.base + 1);
    const BatchHead& head = it->second.head;
    sequences_.erase({head.producer_id, head.producer_epoch, head.sequence});
  }
  ledger_.erase(from, ledger_.end());
  ledger_end_ = std::min(ledger_end_, offset);
  lost_from_ = std::min(lost_from_, offset);
}

void PartitionOracle::taken_over(std::int32_t broker, const Replica& replica, const ReplicaView& view,
                                 const Rules& rules) {
  for (const auto& [base, committed] : ledger_) {
    if (committed.head.last < view.log_start || committed.by_epoch > view.leader_epoch) continue;
    const BatchHead* own = replica.log.find(base);
    if (own != nullptr && own->same_bytes(committed.head)) continue;
    // Compaction may have taken or rewritten it.
    if (rules.compacted && committed.head.last < view.log_end) continue;
    if (base < excused_from_) {
      complain("R1", broker, "became leader of epoch " + std::to_string(view.leader_epoch) + " without" + at(base) +
                                 " of epoch " + std::to_string(committed.head.epoch) + "; its log is from " +
                                 std::to_string(view.log_start) + " to " + std::to_string(view.log_end) +
                                 ", the ledger ends at " + std::to_string(ledger_end_));
    }
    lose_from(base);
    break;
  }
  if (view.log_start > ledger_end_) ledger_end_ = view.log_start;
  if (view.leader_epoch >= state_.leader_epoch) excused_from_ = kNoLoss;
}

// A successor that has taken over holds what its predecessor still commits.
void PartitionOracle::check_successor(std::int32_t broker, const BatchHead& head, std::int32_t epoch) {
  for (const auto& [other, replica] : replicas_) {
    if (other == broker || !replica.seen || !replica.view.leads || replica.view.leader_epoch <= epoch) continue;
    if (head.last < replica.view.log_start) continue;
    const BatchHead* own = replica.log.find(head.base);
    if (own != nullptr && own->same_bytes(head)) continue;
    complain("E2", broker, "as leader of epoch " + std::to_string(epoch) + " moved its high watermark over" +
                               at(head.base) + ", which leader " + std::to_string(other) + " of epoch " +
                               std::to_string(replica.view.leader_epoch) + " does not hold");
  }
}

void PartitionOracle::commit(std::int32_t broker, const BatchHead& head, std::int32_t epoch,
                             const std::vector<std::int32_t>& isr) {
  const auto known = known_.find({head.epoch, head.base});
  for (const std::int32_t member : isr) {
    if (known != known_.end() && (known->second.holders & bit(member)) != 0) continue;
    complain("H2", broker, "the high watermark passed" + at(head.base) + ", which broker " + std::to_string(member) +
                               " in the ISR never had");
  }
  check_successor(broker, head, epoch);
  if (head.producer_id >= 0 && head.sequence >= 0 &&
      !sequences_.emplace(head.producer_id, head.producer_epoch, head.sequence).second) {
    complain("P1", broker, "at" + at(head.base) + " producer " + std::to_string(head.producer_id) + " sequence " +
                               std::to_string(head.sequence) + " is there a second time");
  }
  ledger_.insert_or_assign(head.base, Committed{head, epoch});
}

void PartitionOracle::watermark_of_leader(std::int32_t broker, const Replica& replica, const ReplicaView& view,
                                          const Rules& rules, const std::vector<std::int32_t>& isr) {
  // After a legal loss a leader that was superseded may still commit what its successor does not have.
  if (lost_from_ != kNoLoss && is_superseded(view)) return;
  const std::size_t needed = std::min(rules.min_insync, std::max<std::size_t>(1, holders_.size()));
  if (rules.min_insync_known && isr.size() < needed && state_.leader >= 0) {
    complain("R5", broker, "the high watermark moved to " + std::to_string(view.high_watermark) + " with " +
                               std::to_string(isr.size()) + " in sync");
  }
  for (const BatchHead* head = nullptr; ledger_end_ < view.high_watermark; ledger_end_ = head->last + 1) {
    const auto& batches = replica.log.batches();
    const auto next = std::ranges::lower_bound(batches, ledger_end_, {}, &BatchHead::last);
    if (next == batches.end() || next->last >= view.high_watermark) break;
    head = &*next;
    commit(broker, *head, view.leader_epoch, isr);
  }
  ledger_end_ = std::max(ledger_end_, view.high_watermark);
}

void PartitionOracle::watermark_of_follower(std::int32_t broker, const Replica& replica, const ReplicaView& view,
                                            std::int64_t from, const Rules& rules) {
  if (lost_from_ != kNoLoss || rules.compacted) return;
  if (view.high_watermark > ledger_end_) {
    complain("R3", broker, "a follower's high watermark is " + std::to_string(view.high_watermark) +
                               ", no leader's was above " + std::to_string(ledger_end_));
    return;
  }
  auto committed = ledger_.lower_bound(std::max(from, view.log_start));
  for (; committed != ledger_.end() && committed->second.head.last < view.high_watermark; ++committed) {
    const BatchHead* own = replica.log.find(committed->first);
    if (own != nullptr && own->same_bytes(committed->second.head)) continue;
    return complain("R3", broker, "a follower has other bytes than its leader had at" + at(committed->first) +
                                      ", below its high watermark " + std::to_string(view.high_watermark));
  }
}

void PartitionOracle::acknowledged(std::int64_t first, std::int64_t last) {
  if (last < ledger_end_ || first >= lost_from_) return;
  complain("R2", -1, "offsets " + std::to_string(first) + " to " + std::to_string(last) +
                         " were acknowledged, and no high watermark was above " + std::to_string(ledger_end_));
}

void PartitionOracle::consumed(std::int64_t offset) {
  if (offset < ledger_end_ || offset >= lost_from_) return;
  complain("H3", -1, "a reader was given" + at(offset) + ", and no high watermark was above " +
                         std::to_string(ledger_end_));
}

// Epochs only rise: it was never in the named one if it was beyond it before, or is not there yet.
void PartitionOracle::served(std::int32_t broker, std::int32_t named, std::int32_t epoch_before) {
  const ReplicaView* now = view(broker);
  const std::string what = "a reader who named epoch " + std::to_string(named) + " was answered in epoch ";
  if (epoch_before > named) return complain("E8", broker, what + std::to_string(epoch_before) + " or later");
  if (now == nullptr || now->leader_epoch < 0 || now->leader_epoch >= named) return;
  complain("E8", broker, what + std::to_string(now->leader_epoch) + " or earlier");
}

void PartitionOracle::must_hold(const StateZnode& state, const Rules& rules, std::size_t replicas) {
  const std::size_t enough = std::max<std::size_t>(1, std::min(rules.min_insync, replicas));
  if (state.isr.size() >= enough) holders_ = {state.isr.begin(), state.isr.end()};
}

void PartitionOracle::state_written(const StateZnode& state, const std::optional<StateZnode>& before,
                                    const Rules& rules, std::size_t replicas) {
  // Whom all of the ledger may be asked of, before this election.
  const bool elected = state.leader >= 0 && (!before || state.leader_epoch != before->leader_epoch);
  const bool is_holder = before && (holders_.contains(state.leader) || before->in_isr(state.leader));
  // Who has lost its tail may be elected by somebody who cannot know that yet: it comes back as another, or R1 sees it.
  const bool may_lack = !is_holder || (rules.unclean && taints_.contains(state.leader));
  if (elected && before && may_lack) {
    const bool all_lost = std::ranges::all_of(holders_, [&](std::int32_t b) { return taints_.contains(b); });
    if (!rules.unclean && !all_lost) {
      std::string who;
      for (const std::int32_t holder : holders_) who += " " + std::to_string(holder);
      complain("C7", -1, "broker " + std::to_string(state.leader) + " was elected, all of the ledger is with:" + who);
    }
    ++unclean_elections_;
    excused_from_ = 0;
  }
  state_ = state;
  must_hold(state, rules, replicas);
  for (auto& [broker, taint] : taints_) taint.left = taint.left || !state.in_isr(broker);
  std::erase_if(taints_, [&](const auto& entry) {
    const auto& [broker, taint] = entry;
    return state.in_isr(broker) && (taint.left || state.incarnation_of(broker) != taint.incarnation);
  });
  // Others have left while nobody knew that those who stay had lost their tails.
  weigh_taints(true);
}

void PartitionOracle::tainted(std::int32_t broker, std::int64_t sure_end) {
  const auto [taint, first] = taints_.try_emplace(broker, Taint{state_.incarnation_of(broker), sure_end, false});
  if (!first) taint->second.sure_end = std::min(taint->second.sure_end, sure_end);
  taint->second.left = taint->second.left || !state_.in_isr(broker);
  taint->second.known = false;
  weigh_taints(false);
}

void PartitionOracle::registered(std::int32_t broker) {
  const auto taint = taints_.find(broker);
  if (taint != taints_.end()) taint->second.known = true;
}

void PartitionOracle::weigh_taints(bool from_now) {
  std::int64_t lowest = kNoLoss;
  for (const std::int32_t holder : holders_) {
    const auto taint = taints_.find(holder);
    if (taint == taints_.end() || (from_now && taint->second.known)) return;
    lowest = std::min(lowest, taint->second.sure_end);
  }
  if (lowest < ledger_end_) excused_from_ = std::min(excused_from_, lowest);
}

}  // namespace barnabas::sim
