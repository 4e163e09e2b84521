// The reading half of Partition.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/replication/divergence.hpp"
#include "core/replication/partition_internal.hpp"

namespace barnabas::replication {

Offset Partition::visible_end(Isolation isolation) const {
  switch (isolation) {
    case Isolation::read_uncommitted: return high_watermark();
    case Isolation::read_committed: return last_stable_offset();
    case Isolation::log_end: break;
  }
  return log_end_offset();
}

bool Partition::knows_visible_end() const { return !leading_ || high_watermark() >= leading_->epoch_start(); }

// The epoch first: a reader that is behind or ahead of this broker is told so, whatever the role.
Result<void> Partition::check_reader(const ReadRequest& request) const {
  const bool says = request.current_epoch != kNoLeaderEpoch && !BARNABAS_MUTANT(leader_epoch_of_a_reader_is_ignored);
  if (says && request.current_epoch != leader_epoch_) {
    const bool behind = request.current_epoch < leader_epoch_;
    return fail(behind ? Errc::fenced_leader_epoch : Errc::unknown_leader_epoch,
                id_.to_string() + ": leader epoch " + std::to_string(request.current_epoch.value()) + " where " +
                    std::to_string(leader_epoch_.value()) + " is known");
  }
  if (leads() || (request.from_follower && role_ == Role::follower)) return {};
  return fail(Errc::not_leader, id_.to_string() + " is not led here");
}

Task<Result<ReadResult>> Partition::read(ReadRequest request) {
  if (closing_) co_return fail(Errc::closed, id_.to_string() + " is being removed");
  B_CO_TRY_VOID(check_reader(request));
  const Use use(*this, reads_);
  ReadResult result;
  // All of one moment, and the bound with them (KAFKA-9807).
  result.high_watermark = high_watermark();
  result.last_stable_offset = last_stable_offset();
  result.log_start_offset = log_.log_start_offset();
  const Offset bound = visible_end(request.isolation);
  if (request.last_fetched_epoch != kNoLeaderEpoch && request.from >= result.log_start_offset) {
    B_CO_TRY(result.diverging, diverging_epoch(log_.leader_epochs(), log_.log_end_offset(), request.from,
                                               request.last_fetched_epoch));
    if (result.diverging) co_return result;
  }
  B_CO_TRY(result.slice, co_await log_.read(request.from, request.max_bytes, bound, request.at_least_one_batch));
  if (request.isolation == Isolation::read_committed) {
    B_CO_TRY(result.aborted, co_await log_.aborted_transactions(result.slice, bound));
  }
  co_return result;
}

std::optional<log::EpochEnd> Partition::end_of_epoch(LeaderEpoch asked) const {
  return log_.leader_epochs().end_offset_for(asked, log_.log_end_offset());
}

Task<Result<std::optional<log::TimestampedOffset>>> Partition::find_timestamp(Timestamp at, Isolation isolation) {
  return visible_only(log_.find_timestamp(at), isolation);
}

Task<Result<std::optional<log::TimestampedOffset>>> Partition::find_max_timestamp(Isolation isolation) {
  return visible_only(log_.find_max_timestamp(), isolation);
}

Task<Result<std::optional<log::TimestampedOffset>>> Partition::visible_only(
    Task<Result<std::optional<log::TimestampedOffset>>> search, Isolation isolation) {
  if (closing_) co_return fail(Errc::closed, id_.to_string() + " is being removed");
  const Use use(*this, reads_);
  const Offset bound = visible_end(isolation);
  B_CO_TRY(std::optional<log::TimestampedOffset> found, co_await std::move(search));
  if (found && found->offset >= bound) found.reset();
  co_return found;
}

Task<Result<Offset>> Partition::delete_records(Offset before) {
  if (closing_) co_return fail(Errc::closed, id_.to_string() + " is being removed");
  if (!leads()) co_return fail(Errc::not_leader, id_.to_string() + " is not led here");
  const Use use(*this, reads_);
  B_CO_TRY_VOID(co_await log_.advance_log_start(before));
  tell_log_start_moved();
  co_return log_start_offset();
}

}  // namespace barnabas::replication
