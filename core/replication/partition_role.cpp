// How a Partition gets a role, loses it, and ends.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/replication/partition_internal.hpp"

namespace barnabas::replication {

Result<void> Partition::check_newer(LeaderEpoch epoch) const {
  if (closing_) return fail(Errc::closed, id_.to_string() + " is being removed");
  if (epoch > leader_epoch_) return {};
  return fail(Errc::fenced_leader_epoch, id_.to_string() + ": leader epoch " + std::to_string(epoch.value()) +
                                             ", known is " + std::to_string(leader_epoch_.value()));
}

Task<Result<void>> Partition::lead(Leadership leadership, std::int64_t self_epoch, LeaderLimits limits) {
  if (leads() && leadership.epoch == leader_epoch_) {
    apply(leading_->updated(leadership));
    co_return Result<void>{};
  }
  B_CO_TRY_VOID(check_newer(leadership.epoch));
  if (leads()) {
    co_await pause_appends();
  } else {
    B_CO_TRY_VOID(co_await leave_role());
  }
  const LeaderEpoch epoch = leadership.epoch;
  const auto assigned = co_await log_.assign_leader_epoch(epoch);
  if (!assigned) {
    paused_ = false;
    (void)co_await leave_role();
    co_return assigned;
  }
  durable_end_ = log_.log_end_offset();
  leading_.emplace(self_, self_epoch, std::move(leadership), durable_end_, log_.high_watermark(), env_.clock.now(),
                   limits);
  role_ = Role::leader;
  leader_epoch_ = epoch;
  leader_ = self_;
  log_.set_high_watermark(leading_->high_watermark());
  finish_replicated();
  ring_all();
  resume_appends();
  co_return Result<void>{};
}

// Who leads on in a new epoch keeps its log, and all who wait. Only what is half written must be in it before the epoch
// begins.
Task<void> Partition::pause_appends() {
  paused_ = true;
  co_await wait_until_unused(false);
}

void Partition::resume_appends() {
  paused_ = false;
  if (!queue_.empty() && !std::exchange(appending_, true)) scope_.spawn(run_appends());
}

Task<Result<void>> Partition::follow(BrokerId leader, LeaderEpoch epoch, std::int32_t partition_epoch) {
  if (role_ != Role::follower || epoch != leader_epoch_) {
    B_CO_TRY_VOID(check_newer(epoch));
    B_CO_TRY_VOID(co_await leave_role());
    if (BARNABAS_MUTANT(truncate_to_high_watermark)) {
      const Offset to = log_.high_watermark();
      B_CO_TRY_VOID(co_await log_.truncate_to(to));
    }
    role_ = Role::follower;
    leader_epoch_ = epoch;
    partition_epoch_ = partition_epoch;
  }
  leader_ = leader;
  partition_epoch_ = std::max(partition_epoch_, partition_epoch);
  ring_all();
  co_return Result<void>{};
}

// The log is then still, and what is in it as durable as promised: what a killed process left in the page cache must
// not vanish after a leader has shown it, or a follower has told of it.
Task<Result<void>> Partition::leave_role() {
  partition_epoch_ = partition_epoch();
  role_ = Role::none;
  leading_.reset();
  leader_ = kNoBroker;
  fail_waiting(Errc::not_leader);
  ring_all();
  co_await wait_until_unused(false);
  const bool promised = log_.config().flush_messages != log::LogConfig::kNever;
  if (promised && log_.recovery_point() < log_.log_end_offset()) co_return co_await log_.flush();
  co_return Result<void>{};
}

Task<Result<void>> Partition::adopt_topic_id(Uuid id) {
  const Use use(*this, reads_);
  B_CO_TRY_VOID(co_await log_.set_topic_id(id));
  topic_id_ = id;
  co_return Result<void>{};
}

void Partition::ring_all() {
  ring(watchers_);
  ring(end_watchers_);
}

void Partition::tell_log_start_moved() { ring_all(); }

void Partition::tell_if_unused() {
  if (!appending_ && !committing_ && following_ == 0) unused_.notify_all();
}

Task<void> Partition::wait_until_unused(bool readers_too) {
  while (appending_ || committing_ || following_ > 0 || (readers_too && reads_ > 0)) co_await unused_.wait();
}

Task<void> Partition::close() {
  closing_ = true;
  fail_waiting(Errc::closed);
  ring_all();
  co_await wait_until_unused(true);
  // What was being written has been parked meanwhile.
  fail_waiting(Errc::closed);
  role_ = Role::none;
  leading_.reset();
}

}  // namespace barnabas::replication
