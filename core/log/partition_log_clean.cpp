// The half of PartitionLog that compaction stands on: what it may read, and how its result takes the place of that.
#include <algorithm>

#include "core/base/mutant.hpp"
#include "core/log/file_names.hpp"
#include "core/log/log_loader.hpp"
#include "core/log/partition_log.hpp"
#include "core/log/whole_file.hpp"

namespace barnabas::log {

struct PartitionLog::Replacement {
  explicit Replacement(Executor& executor) : done(executor) {}
  std::vector<std::shared_ptr<Segment>> old;
  std::shared_ptr<Segment> cleaned;
  Event done;
  Result<bool> outcome = false;
};

std::optional<PartitionLog::CleaningTurn> PartitionLog::begin_cleaning() {
  if (cleaning_ || replacing_ || cleaning_refused_ || refusal()) return std::nullopt;
  cleaning_ = true;
  cleaning_truncations_ = truncations_;
  return std::optional<CleaningTurn>(CleaningTurn(*this));
}

void PartitionLog::end_cleaning() {
  cleaning_ = false;
  cleaning_ended_.notify_all();
}

Task<void> PartitionLog::wait_for_cleaning_to_end() {
  cleaning_refused_ = true;
  while (cleaning_ || replacing_) co_await cleaning_ended_.wait();
}

std::vector<std::shared_ptr<Segment>> PartitionLog::closed_segments() const {
  std::vector<std::shared_ptr<Segment>> result;
  for (auto it = segments_.begin(); std::next(it) != segments_.end(); ++it) result.push_back(it->second);
  return result;
}

Task<Result<ProducerState>> PartitionLog::producers_at(Offset base) { return LogLoader::producers_at(*this, base); }

Task<Result<std::vector<ProducerId>>> PartitionLog::open_in_snapshots(Offset from, Offset until) {
  const std::vector<Offset> there(snapshots_.lower_bound(from), snapshots_.lower_bound(until));
  std::vector<ProducerId> open;
  for (const Offset offset : there) {
    B_CO_TRY(const auto state, co_await LogLoader::read_snapshot(*this, offset));
    if (!state) continue;
    for (const auto& [id, entry] : state->entries()) {
      if (entry.transaction_start) open.push_back(id);
    }
  }
  co_return open;
}

Task<Result<std::shared_ptr<Segment>>> PartitionLog::create_cleaned_segment(Offset base, Timestamp created) {
  const std::string path = join_path(directory_, offset_file_name(base, kLogSuffix)) + std::string(kCleanedSuffix);
  auto file = co_await env_.disk.open(path, env::OpenMode::create_truncate);
  if (!file) co_return std::unexpected(std::move(file).error());
  auto segment = std::make_shared<Segment>(directory_, base, *std::move(file), created, 0);
  segment->begin_anew();
  co_return segment;
}

Task<Result<void>> PartitionLog::remove_cleaned_files() {
  B_CO_TRY(const auto names, co_await env_.disk.list(directory_));
  bool any = false;
  for (const std::string& name : names) {
    if (!name.ends_with(kCleanedSuffix) && !name.ends_with(kSwapSuffix)) continue;
    const std::string path = join_path(directory_, name);
    B_CO_TRY_VOID(co_await remove_if_present(env_.disk, path));
    any = true;
  }
  // They would be taken for those of a later pass that a crash interrupts.
  if (any) B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory_));
  co_return Result<void>{};
}

Task<Result<bool>> PartitionLog::replace_segments(std::vector<std::shared_ptr<Segment>> old,
                                                  std::shared_ptr<Segment> cleaned) {
  B_CHECK(cleaning_ && !old.empty());
  const auto what = std::make_shared<Replacement>(env_.executor);
  what->old = std::move(old);
  what->cleaned = std::move(cleaned);
  replacing_ = true;
  // In the log's own scope: who compacts may be destroyed at any time, files and memory must agree.
  scope_.spawn(run_replacement(*this, what));
  co_await what->done.wait();
  co_return what->outcome;
}

Task<void> PartitionLog::run_replacement(PartitionLog& log, std::shared_ptr<Replacement> what) {
  {
    const auto turn = co_await log.mutations_.acquire();
    what->outcome = co_await log.replace(*what);
  }
  log.replacing_ = false;
  log.cleaning_ended_.notify_all();
  what->done.set();
}

Task<Result<bool>> PartitionLog::replace(const Replacement& what) {
  if (auto refused = refusal()) co_return std::unexpected(*std::move(refused));
  if (truncations_ != cleaning_truncations_) co_return false;
  for (const auto& segment : what.old) {
    const auto found = segments_.find(segment->base());
    if (found == segments_.end() || found->second != segment) co_return false;
  }
  if (BARNABAS_MUTANT(originals_go_first)) {
    for (const auto& segment : what.old) B_CO_TRY_VOID(co_await segment->retire_files(env_.disk));
  }
  // Their entries first, so that a power cut among the renames leaves each file under one name or the other.
  auto done = co_await env_.disk.sync_directory(directory_);
  if (done) {
    // The log last: while it is not a .swap, recovery takes none of them.
    done = co_await what.cleaned->rename_files(env_.disk, kCleanedSuffix, kSwapSuffix, Segment::LogGoes::last);
    if (!done && wants_room(done.error())) co_return refuse_or_fail("compacting", done.error());
  }
  if (done) done = co_await env_.disk.sync_directory(directory_);
  if (!done) co_return fail_directory("compacting", done.error());
  done = co_await put_in_place(what);
  if (!done) co_return fail_directory("compacting", done.error());
  co_return true;
}

// The .swap files are durable: recovery would do what is done here.
Task<Result<void>> PartitionLog::put_in_place(const Replacement& what) {
  Mutation mutation(*this);
  for (const auto& segment : what.old) {
    std::erase(loaded_, segment);
    segments_.erase(segment->base());
  }
  // Not closed yet: until its files have their names, its indexes must stay in memory.
  segments_.emplace(what.cleaned->base(), what.cleaned);
  for (const auto& segment : what.old) {
    // In any order: the .swap replaces what is left of them.
    B_CO_TRY_VOID(co_await segment->rename_files(env_.disk, "", kDeletedSuffix, Segment::LogGoes::last));
    remove_later(segment);
  }
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory_));
  // The log first: what is still a .swap then is an index, whose log recovery finds.
  B_CO_TRY_VOID(co_await what.cleaned->rename_files(env_.disk, kSwapSuffix, "", Segment::LogGoes::first));
  B_CO_TRY_VOID(co_await env_.disk.sync_directory(directory_));
  what.cleaned->close_to_appends();
  note_loaded(what.cleaned);
  for (const auto& segment : what.old) {
    if (segment->base() == what.cleaned->base() || !snapshots_.contains(segment->base())) continue;
    const std::string path = join_path(directory_, offset_file_name(segment->base(), kSnapshotSuffix));
    B_CO_TRY_VOID(co_await remove_if_present(env_.disk, path));
    snapshots_.erase(segment->base());
  }
  mutation.done();
  co_return Result<void>{};
}

}  // namespace barnabas::log
