// The follower's half of Partition.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/replication/divergence.hpp"
#include "core/replication/partition_internal.hpp"

namespace barnabas::replication {

Result<void> Partition::check_follows(LeaderEpoch epoch) const {
  if (closing_) return fail(Errc::closed, id_.to_string() + " is being removed");
  if (role_ == Role::follower && epoch == leader_epoch_) return {};
  return fail(Errc::fenced_leader_epoch,
              id_.to_string() + " does not follow in leader epoch " + std::to_string(epoch.value()) + " any more");
}

LeaderEpoch Partition::last_fetched_epoch() const {
  const log::LeaderEpochCache& epochs = log_.leader_epochs();
  // Of an empty log: of the last record that was deleted.
  if (log_start_offset() == log_end_offset()) return epochs.latest().value_or(kNoLeaderEpoch);
  return epochs.epoch_of(Offset(log_end_offset().value() - 1)).value_or(kNoLeaderEpoch);
}

// The whole batches that are to be appended, in pieces that fit into a segment. What is here already is passed over;
// what is cut off at the end comes with the next fetch.
Result<std::vector<Partition::Piece>> Partition::pieces_of(ByteView batches, LeaderEpoch epoch) const {
  std::vector<Piece> pieces;
  Offset next = log_end_offset();
  LeaderEpoch last = last_fetched_epoch();
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(log_.config().segment_bytes, 0));
  for (std::size_t at = 0; at < batches.size();) {
    const ByteView rest = batches.subspan(at);
    const Result<record::BatchHeader> header = record::parse_batch_header(rest);
    if (!header && header.error().code == Errc::truncated) break;
    if (!header) return std::unexpected(header.error());
    const std::size_t size = header->total_size();
    B_TRY_VOID(record::verify_crc(rest.first(size)));
    if (header->next_offset() <= next) {
      at += size;
      continue;
    }
    // From a former leader whose log has become another one's between its answer and the sending of it.
    if (header->leader_epoch > epoch) break;
    if (header->base_offset < next || (header->leader_epoch != kNoLeaderEpoch && header->leader_epoch < last)) {
      return fail(Errc::corrupt, id_.to_string() + ": batch at " + std::to_string(header->base_offset.value()) +
                                     " of leader epoch " + std::to_string(header->leader_epoch.value()) +
                                     " does not follow " + std::to_string(next.value()) + " of epoch " +
                                     std::to_string(last.value()));
    }
    const bool joins = !pieces.empty() && pieces.back().size + size <= most;
    if (joins) {
      pieces.back().size += size;
    } else {
      pieces.push_back({at, size});
    }
    next = header->next_offset();
    last = std::max(last, header->leader_epoch);
    at += size;
  }
  return pieces;
}

// An empty log that was told to begin within a batch, as after DeleteRecords, begins with that batch.
Task<Result<void>> Partition::begin_before(ByteView batches) {
  if (log_start_offset() != log_end_offset()) co_return Result<void>{};
  const Result<record::BatchHeader> first = record::parse_batch_header(batches);
  const Offset end = log_end_offset();
  if (!first || first->base_offset >= end || first->next_offset() <= end) co_return Result<void>{};
  const Offset base = first->base_offset;
  co_return co_await log_.begin_at(base);
}

Task<Result<void>> Partition::append_as_follower(LeaderEpoch epoch, Buffer batches, Offset leader_high_watermark,
                                                 Offset leader_log_start) {
  B_CO_TRY_VOID(check_follows(epoch));
  const Use use(*this, following_);
  const ByteView bytes = batches.view();
  if (!bytes.empty()) {
    B_CO_TRY_VOID(co_await begin_before(bytes));
    B_CO_TRY(const std::vector<Piece> pieces, pieces_of(bytes, epoch));
    for (const Piece& piece : pieces) {
      Buffer part = batches.slice(piece.from, piece.size);
      B_CO_TRY_VOID(co_await log_.write(std::move(part)));
    }
    if (BARNABAS_MUTANT(followers_forget_producers)) log_.producers().clear();
    const Offset end = log_end_offset();
    B_CO_TRY_VOID(co_await log_.make_durable(end));
  }
  co_return co_await take_bounds(epoch, leader_high_watermark, leader_log_start);
}

Task<Result<void>> Partition::take_bounds(LeaderEpoch epoch, Offset leader_high_watermark, Offset leader_log_start) {
  B_CO_TRY_VOID(check_follows(epoch));
  const Offset known = std::min(leader_high_watermark, log_end_offset());
  if (known > high_watermark()) {
    log_.set_high_watermark(known);
    ring(watchers_);
  }
  // Above the high watermark it is taken over with that.
  if (leader_log_start <= log_start_offset() || leader_log_start > high_watermark()) co_return Result<void>{};
  B_CO_TRY_VOID(co_await log_.advance_log_start(leader_log_start));
  tell_log_start_moved();
  co_return Result<void>{};
}

Task<Result<void>> Partition::truncate_as_follower(LeaderEpoch epoch, log::EpochEnd leader_end) {
  B_CO_TRY_VOID(check_follows(epoch));
  const Use use(*this, following_);
  const bool ahead = leader_end.end < log_end_offset();
  if (ahead && BARNABAS_MUTANT(out_of_range_begins_at_log_start)) {
    const Offset start = log_start_offset();
    co_return co_await log_.begin_at(start);
  }
  const Offset to = truncation_offset(log_.leader_epochs(), log_end_offset(), leader_end);
  // Happens only after an unclean election, or when an epoch before this one lost what it had shown.
  if (to < high_watermark()) {
    env_.logger.log(env::LogLevel::warn, "partition " + id_.to_string(),
                    "cut at " + std::to_string(to.value()) + ", below the high watermark " +
                        std::to_string(high_watermark().value()) + ": the leader of epoch " +
                        std::to_string(epoch.value()) + " does not have these records");
  }
  B_CO_TRY_VOID(co_await log_.truncate_to(to));
  ring_all();
  co_return Result<void>{};
}

Task<Result<void>> Partition::reset_as_follower(LeaderEpoch epoch, Offset leader_start, Offset leader_end) {
  B_CO_TRY_VOID(check_follows(epoch));
  const Use use(*this, following_);
  Result<void> done;
  if (log_end_offset() > leader_end && !BARNABAS_MUTANT(out_of_range_begins_at_log_start)) {
    done = co_await log_.truncate_to(leader_end);
  } else if (leader_start > log_end_offset() || BARNABAS_MUTANT(out_of_range_begins_at_log_start)) {
    done = co_await log_.begin_at(leader_start);
  }
  if (done) ring_all();
  co_return done;
}

}  // namespace barnabas::replication
