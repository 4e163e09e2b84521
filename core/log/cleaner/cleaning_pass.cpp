#include "core/log/cleaner/cleaning_pass.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"

namespace barnabas::log {

namespace {

// Of the first batch; kNoTimestamp when the segment is empty.
Task<Result<Timestamp>> first_timestamp(std::shared_ptr<Segment> segment) {
  BatchScanner scanner(segment->file(), 0, segment->size(), ScanDepth::headers, record::kBatchHeaderSize);
  B_CO_TRY(const bool there, co_await scanner.next());
  co_return there ? scanner.header().max_timestamp : kNoTimestamp;
}

// Without those that had ended before.
std::vector<AbortedTransaction> ending_from(Offset offset, std::vector<AbortedTransaction> transactions) {
  std::erase_if(transactions, [&](const AbortedTransaction& t) { return t.last_offset < offset; });
  return transactions;
}

}  // namespace

Task<Result<ClosedSegments>> list_closed(env::Env env, PartitionLog& log) {
  const LogConfig config = log.config();
  ClosedSegments closed;
  closed.segments = log.closed_segments();
  const Offset active_base = log.active_base();
  for (std::size_t i = 0; i < closed.segments.size(); ++i) {
    const std::shared_ptr<Segment> segment = closed.segments[i];
    SegmentFacts facts;
    facts.base = segment->base();
    facts.end = i + 1 < closed.segments.size() ? closed.segments[i + 1]->base() : active_base;
    facts.size = segment->size();
    if (config.max_compaction_lag_ms != LogConfig::kNever) {
      B_CO_TRY(facts.first_timestamp, co_await first_timestamp(segment));
    }
    if (config.min_compaction_lag_ms > 0) {
      B_CO_TRY(facts.largest_timestamp, co_await segment->largest_timestamp(env.disk, config.index_interval_bytes));
    }
    closed.facts.push_back(facts);
  }
  co_return closed;
}

LogFacts facts_of(const PartitionLog& log, const ClosedSegments& closed, Offset stable_end, Timestamp now,
                  std::optional<Offset> cleaned_to) {
  LogFacts facts;
  facts.closed = closed.facts;
  facts.active_base = closed.facts.empty() ? log.active_base() : closed.facts.back().end;
  facts.log_start = log.log_start_offset();
  facts.log_end = log.log_end_offset();
  facts.stable_end = std::min(stable_end, log.last_stable_offset());
  facts.cleaned_to = cleaned_to;
  facts.now = now;
  return facts;
}

// What a thread of the pool works on; it may outlive the pass.
struct CleaningPass::Mapping {
  Mapping(HashSecret secret, std::size_t slots, std::size_t capacity, std::vector<AbortedTransaction> aborted)
      : map(secret, slots, capacity), transactions(std::move(aborted)) {}

  OffsetMap map;
  TransactionTrack transactions;
  Offset from{0};
  bool full = false;
  Result<void> outcome;

  void take(ByteView batches) {
    outcome = record::for_each_batch(batches, [&](const record::BatchHeader& header, ByteView batch) -> Result<void> {
      if (full) return {};
      if (!BARNABAS_MUTANT(rot_is_copied)) B_TRY_VOID(record::verify_crc(batch));
      B_TRY(const bool covered, map_batch(map, transactions, header, batch, from));
      full = !covered;
      return {};
    });
  }
};

struct CleaningPass::Rewriting {
  struct Kept {
    record::BatchHeader header;
    Buffer bytes;
  };

  Rewriting(std::shared_ptr<const Mapping> the_map, std::vector<AbortedTransaction> in_range, RetentionTerms terms)
      : mapping(std::move(the_map)),
        transactions(std::move(in_range)),
        retention(mapping->map, transactions, std::move(terms)) {}

  std::shared_ptr<const Mapping> mapping;
  TransactionTrack transactions;
  RecordRetention retention;
  std::vector<Kept> kept;
  std::vector<AbortedTransaction> aborted;  // Whose markers are among the kept.
  std::optional<record::BatchHeader> dropped_end;  // The last batch read, if it went.
  Result<void> outcome;

  void take(const Buffer& chunk) {
    std::size_t position = 0;
    const auto one = [&](const record::BatchHeader& header, ByteView batch) -> Result<void> {
      if (!BARNABAS_MUTANT(rot_is_copied)) B_TRY_VOID(record::verify_crc(batch));
      const std::size_t begin = std::exchange(position, position + batch.size());
      B_TRY(BatchVerdict verdict, retention.judge(header, batch));
      dropped_end.reset();
      if (verdict.fate == BatchVerdict::Fate::drop) dropped_end = header;
      if (verdict.fate == BatchVerdict::Fate::keep) kept.push_back({header, chunk.slice(begin, batch.size())});
      if (verdict.fate == BatchVerdict::Fate::replace) {
        kept.push_back({record::load_batch_header(verdict.replacement.view()), std::move(verdict.replacement)});
      }
      return {};
    };
    outcome = record::for_each_batch(chunk.view(), one);
    std::ranges::move(transactions.take_kept(), std::back_inserter(aborted));
  }

  // A segment ends with the last offset that it covers, so that recovery knows which segments it replaces.
  void keep_end() {
    if (!dropped_end) return;
    Buffer end = emptied_batch(*std::exchange(dropped_end, std::nullopt));
    kept.push_back({record::load_batch_header(end.view()), std::move(end)});
  }
};

CleaningPass::CleaningPass(env::Env env, PartitionLog::CleaningTurn& turn, const CleaningLimits& limits,
                           HashSecret secret, Throttle& throttle)
    : env_(env), turn_(turn), log_(turn.log()), limits_(limits), secret_(secret), throttle_(throttle) {}

// No more than there are offsets to be mapped.
std::size_t CleaningPass::slots_for(const CleaningPlan& plan) const {
  const auto most = std::max<std::size_t>(limits_.map_bytes / OffsetMap::kBytesPerSlot, 1);
  const auto offsets = static_cast<double>(plan.uncleanable_from - std::min(plan.dirty_from, plan.uncleanable_from));
  const double wanted = offsets / limits_.map_load_factor + 2;
  return wanted < static_cast<double>(most) ? static_cast<std::size_t>(wanted) : most;
}

Task<Result<CleaningOutcome>> CleaningPass::run(ClosedSegments closed, CleaningPlan plan) {
  outcome_.cleaned_to = plan.dirty_from;
  if (plan.uncleanable_from <= plan.dirty_from) co_return outcome_;
  B_CO_TRY_VOID(co_await log_.remove_cleaned_files());
  const Offset first = closed.facts.front().base;
  B_CO_TRY(auto aborted, co_await log_.aborted_transactions(first, plan.uncleanable_from));
  aborted = ending_from(first, std::move(aborted));
  const std::size_t slots = slots_for(plan);
  const auto capacity = static_cast<std::size_t>(static_cast<double>(slots) * limits_.map_load_factor);
  // The segment in which the dirty part begins is read from its start.
  const auto dirty = std::ranges::find_if(closed.facts, [&](const auto& f) { return f.end > plan.dirty_from; });
  const auto mapping =
      std::make_shared<Mapping>(secret_, slots, std::max<std::size_t>(capacity, 1), ending_from(dirty->base, aborted));
  B_CO_TRY_VOID(co_await build_map(mapping, closed, plan));
  if (turn_.is_wanted_back()) co_return outcome_;

  RetentionTerms terms;
  terms.now = env_.clock.wall();
  terms.delete_retention_ms = log_.config().delete_retention_ms;
  B_CO_TRY(const ProducerState at_limit, co_await log_.producers_at(plan.uncleanable_from));
  const ProducerState& now = log_.producers();
  terms.producers = last_of_producers(BARNABAS_MUTATE(only_last_of_all_stays, at_limit, now), now);
  const auto rewriting = std::make_shared<Rewriting>(mapping, std::move(aborted), std::move(terms));
  const Offset mapped_to = mapping->map.latest() + 1;
  for (std::size_t at = 0; at < closed.facts.size() && closed.facts[at].base < mapped_to;) {
    B_CO_TRY(const std::size_t count, co_await clean_group(rewriting, closed, at, mapped_to));
    if (count == 0) co_return outcome_;
    at += count;
  }
  outcome_.cleaned_to = mapped_to;
  co_return outcome_;
}

Task<Result<void>> CleaningPass::build_map(std::shared_ptr<Mapping> work, const ClosedSegments& closed,
                                           CleaningPlan plan) {
  work->from = plan.dirty_from;
  for (std::size_t i = 0; i < closed.segments.size() && !work->full; ++i) {
    const std::shared_ptr<Segment> segment = closed.segments[i];
    const Offset end = closed.facts[i].end;
    if (end <= plan.dirty_from) continue;
    if (end > plan.uncleanable_from) break;
    BatchChunks chunks(segment->file(), 0, segment->size(), limits_.io_bytes);
    while (!chunks.at_end() && !work->full) {
      if (turn_.is_wanted_back()) co_return Result<void>{};
      B_CO_TRY(const Buffer chunk, co_await chunks.next());
      outcome_.bytes_read += chunk.size();
      co_await pace(chunk.size());
      std::function<void()> task = [work, chunk] { work->take(chunk.view()); };
      co_await env_.offload.run(std::move(task));
      B_CO_TRY_VOID(std::move(work->outcome));
    }
    // Offsets that an earlier pass took out at its end count as seen.
    if (!work->full) work->map.reach(end - 1);
  }
  if (work->full && work->map.latest() < plan.dirty_from) {
    co_return fail(Errc::too_large, log_.id().to_string() + ": the batch at offset " +
                                        std::to_string(plan.dirty_from.value()) +
                                        " has more keys than fit; raise log.cleaner.dedupe.buffer.size");
  }
  co_return Result<void>{};
}

// From this segment on, as many as become one. Their number; 0: the log changed, or is wanted back.
Task<Result<std::size_t>> CleaningPass::clean_group(std::shared_ptr<Rewriting> work, const ClosedSegments& closed,
                                                    std::size_t first, Offset until) {
  const Offset base = closed.facts[first].base;
  if (BARNABAS_MUTANT(transactions_by_group)) {
    B_CO_TRY(auto aborted, co_await log_.aborted_transactions(base, until));
    work->transactions = TransactionTrack(std::move(aborted));
  }
  const Timestamp created = closed.segments[first]->created();
  B_CO_TRY(const auto cleaned, co_await log_.create_cleaned_segment(base, created));
  std::vector<std::shared_ptr<Segment>> group;
  std::uint64_t before = 0;
  for (std::size_t at = first; at < closed.facts.size() && closed.facts[at].base < until; ++at) {
    B_CO_TRY(const auto indexes, co_await cleaned->indexes(env_.disk, log_.config().index_interval_bytes));
    const SegmentGroup so_far{base, cleaned->size(), indexes->offsets.size(), indexes->times.size()};
    if (!group.empty() && !joins_group(so_far, closed.facts[at], log_.config())) break;
    const std::shared_ptr<Segment> segment = closed.segments[at];
    group.push_back(segment);
    before += segment->size();
    cleaned->set_created(segment->created());
    B_CO_TRY(const auto open, co_await log_.open_in_snapshots(closed.facts[at].base, closed.facts[at].end));
    work->retention.note_open(open);
    B_CO_TRY_VOID(co_await rewrite(work, segment, cleaned));
    if (turn_.is_wanted_back()) co_return std::size_t{0};
  }
  work->keep_end();
  B_CO_TRY_VOID(co_await append(work, cleaned));
  B_CO_TRY_VOID(co_await finish(cleaned));
  const std::size_t count = group.size();
  B_CO_TRY(const bool replaced, co_await log_.replace_segments(std::move(group), cleaned));
  if (!replaced) co_return std::size_t{0};
  outcome_.bytes_before += before;
  outcome_.bytes_after += cleaned->size();
  co_return count;
}

Task<Result<void>> CleaningPass::rewrite(std::shared_ptr<Rewriting> work, std::shared_ptr<Segment> from,
                                         std::shared_ptr<Segment> into) {
  BatchChunks chunks(from->file(), 0, from->size(), limits_.io_bytes);
  while (!chunks.at_end()) {
    if (turn_.is_wanted_back()) co_return Result<void>{};
    B_CO_TRY(const Buffer chunk, co_await chunks.next());
    outcome_.bytes_read += chunk.size();
    co_await pace(chunk.size());
    std::function<void()> task = [work, chunk] { work->take(chunk); };
    co_await env_.offload.run(std::move(task));
    B_CO_TRY_VOID(std::move(work->outcome));
    B_CO_TRY_VOID(co_await append(work, into));
  }
  co_return Result<void>{};
}

Task<Result<void>> CleaningPass::append(std::shared_ptr<Rewriting> work, std::shared_ptr<Segment> into) {
  std::vector<ByteView> parts;
  std::size_t size = 0;
  for (const Rewriting::Kept& batch : work->kept) {
    const ByteView bytes = batch.bytes.view();
    size += bytes.size();
    // Neighbours that were neighbours before are written as one.
    if (!parts.empty() && parts.back().data() + parts.back().size() == bytes.data()) {
      parts.back() = ByteView(parts.back().data(), parts.back().size() + bytes.size());
    } else {
      parts.push_back(bytes);
    }
  }
  if (parts.empty()) co_return Result<void>{};
  B_CO_TRY_VOID(co_await into->file()->write_at(into->size(), parts));
  for (const Rewriting::Kept& batch : work->kept) {
    into->note_batch(batch.header, log_.config().index_interval_bytes);
  }
  for (const AbortedTransaction& transaction : work->aborted) into->note_aborted(transaction);
  work->kept.clear();
  work->aborted.clear();
  co_await pace(size);
  co_return Result<void>{};
}

Task<void> CleaningPass::pace(std::size_t bytes) {
  constexpr Duration kLook = 100ms;  // How often it is looked whether the turn is wanted back.
  const Instant until = throttle_.reserve(bytes, env_.clock.now());
  while (env_.clock.now() < until && !turn_.is_wanted_back()) {
    const Instant next = std::min(until, env_.clock.now() + kLook);
    co_await env_.clock.sleep_until(next);
  }
}

Task<Result<void>> CleaningPass::finish(std::shared_ptr<Segment> segment) {
  B_CO_TRY_VOID(co_await segment->write_indexes(env_.disk, kCleanedSuffix));
  B_CO_TRY_VOID(co_await segment->file()->sync());
  const std::vector<std::shared_ptr<env::File>> sides = segment->unsynced();
  for (const std::shared_ptr<env::File>& side : sides) B_CO_TRY_VOID(co_await side->sync());
  segment->unsynced().clear();
  co_return Result<void>{};
}

}  // namespace barnabas::log
