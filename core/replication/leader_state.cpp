#include "core/replication/leader_state.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/mutant.hpp"

namespace barnabas::replication {
namespace {

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

LeaderState::LeaderState(BrokerId self, std::int64_t self_epoch, Leadership leadership, Offset log_end,
                         Offset high_watermark, Instant now, LeaderLimits limits)
    : self_(self),
      self_epoch_(self_epoch),
      leadership_(std::move(leadership)),
      limits_(limits),
      log_end_(log_end),
      epoch_start_(log_end),
      high_watermark_(std::min(high_watermark, log_end)),
      now_(now) {
  B_CHECK(in_isr(self_));
  for (const BrokerId id : leadership_.replicas) {
    if (id == self_) continue;
    Follower& follower = followers_[id];
    follower.was_caught_up = in_isr(id);
    follower.caught_up = now;
  }
  move_high_watermark(now);
}

const IsrMember* LeaderState::find_in_isr(BrokerId id) const {
  const auto& isr = leadership_.isr;
  const auto found = std::find_if(isr.begin(), isr.end(), [&](const IsrMember& member) { return member.id == id; });
  return found == isr.end() ? nullptr : &*found;
}

bool LeaderState::in_maximal_isr(BrokerId id) const {
  if (in_isr(id)) return true;
  return proposal_ && std::any_of(proposal_->isr.begin(), proposal_->isr.end(),
                                  [&](const IsrMember& member) { return member.id == id; });
}

// Never more than there are replicas: Kafka's effective minimum.
std::size_t LeaderState::least_insync() const {
  return std::min(limits_.min_insync_replicas, leadership_.replicas.size());
}

std::optional<Offset> LeaderState::end_of(BrokerId follower) const {
  const auto found = followers_.find(follower);
  if (found == followers_.end() || !found->second.heard) return std::nullopt;
  return found->second.end;
}

// In the ISR, but in another life than the one that was let in.
bool LeaderState::has_lapsed(BrokerId id, const Follower& follower) const {
  const IsrMember* member = find_in_isr(id);
  return member != nullptr && member->broker_epoch != -1 && follower.broker_epoch > member->broker_epoch;
}

// Below the start of this epoch a follower may still have to cut off what another leader gave it (KAFKA-7128).
bool LeaderState::may_join(BrokerId id, const Follower& follower) const {
  const bool same_life = follower.registered == follower.broker_epoch || BARNABAS_MUTANT(former_life_joins_the_isr);
  return (!in_isr(id) || has_lapsed(id, follower)) && follower.heard && same_life && follower.end >= high_watermark_ &&
         (follower.end >= epoch_start_ || BARNABAS_MUTANT(isr_is_joined_below_the_epoch_start));
}

bool LeaderState::lags(const Follower& follower, Instant now) const {
  if (follower.heard && follower.end >= log_end_) return false;
  return !follower.was_caught_up || now - follower.caught_up > limits_.max_lag;
}

LeaderChanges LeaderState::log_grew(Offset log_end) {
  B_CHECK_OP(log_end, >=, log_end_);
  log_end_ = log_end;
  LeaderChanges changes;
  changes.high_watermark_moved = move_high_watermark(now_);
  return changes;
}

LeaderChanges LeaderState::fetched(const FollowerFetch& fetch) {
  LeaderChanges changes;
  now_ = std::max(now_, fetch.at);
  const auto found = followers_.find(fetch.replica);
  const std::int64_t known =
      found == followers_.end() ? 0 : std::max(found->second.broker_epoch, found->second.registered.value_or(-1));
  changes.ignored = found == followers_.end() || fetch.broker_epoch < known;
  if (changes.ignored) return changes;
  Follower& follower = found->second;
  if (fetch.broker_epoch != follower.broker_epoch) {
    // Another incarnation: what the former one had tells nothing.
    follower.heard = false;
    follower.was_caught_up = follower.was_caught_up && follower.broker_epoch == -1;
    follower.broker_epoch = fetch.broker_epoch;
  }
  if (fetch.offset >= log_end_) {
    follower.was_caught_up = true;
    follower.caught_up = fetch.at;
  } else if (follower.heard && fetch.offset >= follower.end_at_fetch) {
    follower.was_caught_up = true;
    follower.caught_up = std::max(follower.caught_up, follower.last_fetch);
  }
  follower.heard = true;
  follower.end = fetch.offset;
  follower.end_at_fetch = log_end_;
  follower.last_fetch = fetch.at;
  changes.high_watermark_moved = move_high_watermark(fetch.at);
  changes.proposed = propose_join(fetch.replica);
  return changes;
}

LeaderChanges LeaderState::registered(BrokerId broker, std::optional<std::int64_t> broker_epoch, Instant now) {
  now_ = std::max(now_, now);
  LeaderChanges changes;
  const auto found = followers_.find(broker);
  if (found == followers_.end()) return changes;
  Follower& follower = found->second;
  follower.registered = broker_epoch;
  if (broker_epoch && follower.broker_epoch != -1 && *broker_epoch > follower.broker_epoch &&
      !BARNABAS_MUTANT(former_life_joins_the_isr)) {
    follower.heard = false;
    follower.was_caught_up = false;
    follower.broker_epoch = *broker_epoch;
  }
  changes.high_watermark_moved = move_high_watermark(now_);
  // One that was put out because it lags comes back by its own fetches.
  if (!lags(follower, now_)) changes.proposed = propose_join(broker);
  return changes;
}

LeaderChanges LeaderState::tick(Instant now) {
  now_ = std::max(now_, now);
  LeaderChanges changes;
  if (!BARNABAS_MUTANT(shrunk_isr_leaves_the_high_watermark)) {
    changes.high_watermark_moved = move_high_watermark(now_);
  }
  if (proposal_) return changes;
  std::vector<IsrMember> staying;
  for (const IsrMember& member : leadership_.isr) {
    const auto found = followers_.find(member.id);
    if (found == followers_.end() || !lags(found->second, now_)) staying.push_back(member);
  }
  if (staying.size() == leadership_.isr.size()) return changes;
  propose(std::move(staying));
  changes.proposed = true;
  return changes;
}

bool LeaderState::propose_join(BrokerId id) {
  const Follower& follower = followers_.at(id);
  if (proposal_ || !may_join(id, follower)) return false;
  std::vector<IsrMember> isr = leadership_.isr;
  std::erase_if(isr, [&](const IsrMember& member) { return member.id == id; });
  isr.push_back({id, BARNABAS_MUTANT(former_life_joins_the_isr) ? std::int64_t{-1} : follower.broker_epoch});
  propose(std::move(isr));
  return true;
}

void LeaderState::propose(std::vector<IsrMember> isr) {
  for (IsrMember& member : isr) {
    if (member.id == self_) member.broker_epoch = self_epoch_;
  }
  proposal_ = IsrProposal{leadership_.epoch, leadership_.partition_epoch, std::move(isr)};
}

LeaderChanges LeaderState::proposal_accepted(std::int32_t partition_epoch) {
  LeaderChanges changes;
  if (!proposal_ || partition_epoch < leadership_.partition_epoch) return changes;
  leadership_.partition_epoch = partition_epoch;
  changes.isr_changed = leadership_.isr != proposal_->isr;
  leadership_.isr = std::move(proposal_->isr);
  proposal_.reset();
  // A smaller ISR may be all that the high watermark waited for (KAFKA-13091).
  if (!BARNABAS_MUTANT(shrunk_isr_leaves_the_high_watermark)) {
    changes.high_watermark_moved = move_high_watermark(now_);
  }
  return changes;
}

LeaderChanges LeaderState::proposal_refused() {
  proposal_.reset();
  LeaderChanges changes;
  changes.high_watermark_moved = move_high_watermark(now_);
  return changes;
}

LeaderChanges LeaderState::limits_changed(LeaderLimits limits) {
  limits_ = limits;
  LeaderChanges changes;
  changes.high_watermark_moved = move_high_watermark(now_);
  return changes;
}

LeaderChanges LeaderState::updated(const Leadership& leadership) {
  B_CHECK_OP(leadership.epoch, ==, leadership_.epoch);
  LeaderChanges changes;
  if (leadership.partition_epoch <= leadership_.partition_epoch) return changes;
  for (auto follower = followers_.begin(); follower != followers_.end();) {
    follower = contains(leadership.replicas, follower->first) ? std::next(follower) : followers_.erase(follower);
  }
  for (const BrokerId id : leadership.replicas) {
    if (id != self_) followers_.try_emplace(id);
  }
  changes.isr_changed = leadership.isr != leadership_.isr;
  leadership_ = leadership;
  proposal_.reset();
  changes.high_watermark_moved = move_high_watermark(now_);
  return changes;
}

bool LeaderState::move_high_watermark(Instant now) {
  if (!enough_insync() && !BARNABAS_MUTANT(high_watermark_moves_below_min_isr)) return false;
  Offset lowest = log_end_;
  for (const auto& [id, follower] : followers_) {
    // One that is about to join is waited for, or it would never catch up with a busy leader.
    const bool joining = follower.heard && follower.registered == follower.broker_epoch && !lags(follower, now);
    if (!in_maximal_isr(id) && !joining) continue;
    const bool counts = follower.heard && !has_lapsed(id, follower);
    lowest = std::min(lowest, counts ? follower.end : Offset(0));
  }
  if (lowest <= high_watermark_) return false;
  high_watermark_ = lowest;
  return true;
}

}  // namespace barnabas::replication
