// The leader's half of Partition: appends.
#include "core/replication/partition.hpp"

#include <algorithm>

#include "core/replication/divergence.hpp"
#include "core/replication/partition_internal.hpp"

namespace barnabas::replication {

Partition::Partition(env::Env env, TopicPartition id, Uuid topic_id, BrokerId self, log::PartitionLog& log,
                     Listener* listener)
    : env_(env),
      id_(std::move(id)),
      topic_id_(topic_id),
      self_(self),
      log_(log),
      listener_(listener),
      unused_(env.executor),
      scope_(env.executor) {}

PartitionView Partition::view() const {
  PartitionView view;
  view.role = role_;
  view.leader_epoch = leader_epoch_;
  view.partition_epoch = partition_epoch();
  view.leader = leader_;
  view.log_start = log_.log_start_offset();
  view.log_end = log_.log_end_offset();
  view.high_watermark = high_watermark();
  if (!leading_) return view;
  view.isr = leading_->isr();
  view.replicas = leading_->replicas();
  view.isr_change_pending = leading_->proposal().has_value();
  return view;
}

Task<Result<Appended>> Partition::append_as_leader(record::ValidatedRecords records, Acks acks) {
  B_CHECK(!records.batch.empty());
  auto pending = std::make_shared<Pending>(env_.executor, std::move(records), acks);
  if (closing_) {
    pending->finish(fail(Errc::closed, id_.to_string() + " is being removed"));
  } else if (!leads()) {
    pending->finish(fail(Errc::not_leader, id_.to_string() + " is not led here"));
  } else {
    queue_.push_back(pending);
    if (!paused_ && !std::exchange(appending_, true)) scope_.spawn(run_appends());
  }
  return wait_for(std::move(pending));
}

Task<Result<Appended>> Partition::wait_for(std::shared_ptr<Pending> pending) {
  co_await pending->done.wait();
  co_return std::move(*pending->outcome);
}

Task<void> Partition::run_appends() {
  while (!queue_.empty() && !paused_) {
    const std::shared_ptr<Pending> pending = std::move(queue_.front());
    queue_.pop_front();
    Result<Appended> appended = co_await append_one(*pending);
    if (!appended) {
      pending->finish(std::move(appended));
      continue;
    }
    pending->appended = *appended;
    written_.push_back(pending);
    // Followers may read it before it is synced here.
    ring(end_watchers_);
    const bool policy_waits = log_.config().flush_messages != log::LogConfig::kNever;
    if (!committing_ && !policy_waits) {
      commit(std::exchange(written_, {}));
    } else if (!std::exchange(committing_, true)) {
      scope_.spawn(run_commits());
    }
  }
  appending_ = false;
  tell_if_unused();
}

// The sequence is judged here, when all earlier batches are in the log's producer state, not when the request
// came: a producer's batches may be in flight together.
Task<Result<Appended>> Partition::append_one(Pending& pending) {
  if (!leads()) co_return fail(Errc::not_leader, id_.to_string() + " is no longer led here");
  if (log_.failed()) co_return fail(Errc::storage_failed, "the log of " + id_.to_string() + " is offline");
  if (pending.acks == Acks::all && !leading_->enough_insync()) {
    co_return fail(Errc::not_enough_replicas, id_.to_string() + ": the ISR has " +
                                                  std::to_string(leading_->isr().size()) +
                                                  " members, fewer than min.insync.replicas");
  }
  record::ValidatedRecords& records = pending.records;
  B_CO_TRY(const std::optional<log::AppendedBatch> duplicate, log_.producers().check(records.header));
  Appended appended;
  if (duplicate) {
    appended.base_offset = duplicate->base_offset();
    appended.last_offset = duplicate->last_offset;
    appended.log_append_time = records.log_append_time == kNoTimestamp ? kNoTimestamp : duplicate->timestamp;
    appended.log_start_offset = log_.log_start_offset();
    appended.duplicate = true;
    co_return appended;
  }
  record::assign_offsets(records.batch.mutable_view(), log_.log_end_offset(), leader_epoch_);
  Buffer batch = std::move(records.batch);
  B_CO_TRY(const log::AppendInfo info, co_await log_.write(std::move(batch)));
  appended.base_offset = info.base_offset;
  appended.last_offset = info.last_offset;
  appended.log_append_time = records.log_append_time;
  appended.log_start_offset = info.log_start_offset;
  co_return appended;
}

// One sync answers for all that was written before it began: group commit.
Task<void> Partition::run_commits() {
  while (!written_.empty()) {
    std::deque<std::shared_ptr<Pending>> group = std::exchange(written_, {});
    Offset end{0};
    for (const auto& pending : group) end = std::max(end, pending->appended.last_offset + 1);
    const Result<void> durable = co_await log_.make_durable(end);
    if (durable) {
      commit(std::move(group));
      continue;
    }
    for (const auto& pending : group) pending->finish(std::unexpected(durable.error()));
  }
  committing_ = false;
  tell_if_unused();
}

void Partition::commit(std::deque<std::shared_ptr<Pending>> done) {
  if (!leads()) {
    for (const auto& pending : done) {
      pending->finish(fail(Errc::not_leader, id_.to_string() + " is no longer led here"));
    }
    return;
  }
  for (const auto& pending : done) durable_end_ = std::max(durable_end_, pending->appended.last_offset + 1);
  apply(leading_->log_grew(durable_end_));
  for (auto& pending : done) {
    if (pending->acks == Acks::all && pending->appended.last_offset >= high_watermark()) {
      park(std::move(pending));
    } else {
      finish(*pending);
    }
  }
}

void Partition::park(std::shared_ptr<Pending> pending) {
  const Offset last = pending->appended.last_offset;
  // Only the duplicate of a batch that waits here already is not the newest.
  auto at = unreplicated_.end();
  while (at != unreplicated_.begin() && (*std::prev(at))->appended.last_offset > last) --at;
  unreplicated_.insert(at, std::move(pending));
}

void Partition::finish(Pending& pending) {
  if (pending.acks == Acks::all && !leading_->enough_insync()) {
    pending.finish(fail(Errc::not_enough_replicas_after_append,
                        id_.to_string() + ": the ISR is below min.insync.replicas since the append"));
    return;
  }
  pending.finish(pending.appended);
}

void Partition::finish_replicated() {
  while (!unreplicated_.empty() && unreplicated_.front()->appended.last_offset < high_watermark()) {
    finish(*unreplicated_.front());
    unreplicated_.pop_front();
  }
}

void Partition::fail_waiting(Errc code) {
  const std::string why = id_.to_string() + (code == Errc::closed ? " is being removed" : " is no longer led here");
  for (auto* waiting : {&queue_, &unreplicated_}) {
    for (const auto& pending : std::exchange(*waiting, {})) pending->finish(fail(code, why));
  }
}

void Partition::apply(const LeaderChanges& changes) {
  if (changes.high_watermark_moved) {
    B_CHECK_OP(leading_->high_watermark(), <=, log_.log_end_offset());
    log_.set_high_watermark(leading_->high_watermark());
    finish_replicated();
    ring(watchers_);
  }
  if (changes.proposed && listener_ != nullptr) listener_->isr_proposed(id_);
}

bool Partition::follower_fetched(BrokerId replica, std::int64_t broker_epoch, const ReadRequest& request) {
  if (closing_ || !leads()) return false;
  // Without progress it still is, or is not, one of the replicas.
  const Offset end = log_.log_end_offset();
  const auto diverging = diverging_epoch(log_.leader_epochs(), end, request.from, request.last_fetched_epoch);
  const bool counts = check_reader(request).has_value() && request.from >= log_.log_start_offset() &&
                      request.from <= end && diverging && !*diverging;
  if (!counts) return std::ranges::find(leading_->replicas(), replica) != leading_->replicas().end();
  const LeaderChanges changes = leading_->fetched({replica, broker_epoch, request.from, env_.clock.now()});
  apply(changes);
  return !changes.ignored;
}

void Partition::broker_registered(BrokerId broker, std::optional<std::int64_t> broker_epoch) {
  if (leads()) apply(leading_->registered(broker, broker_epoch, env_.clock.now()));
}

void Partition::look_for_laggards() {
  if (leads()) apply(leading_->tick(env_.clock.now()));
}

const IsrProposal* Partition::proposal() const {
  return leading_ && leading_->proposal() ? &*leading_->proposal() : nullptr;
}

void Partition::proposal_accepted(std::int32_t partition_epoch) {
  if (leads()) apply(leading_->proposal_accepted(partition_epoch));
}

void Partition::proposal_refused() {
  if (leads()) apply(leading_->proposal_refused());
}

void Partition::set_limits(LeaderLimits limits) {
  if (leads()) apply(leading_->limits_changed(limits));
}

}  // namespace barnabas::replication
