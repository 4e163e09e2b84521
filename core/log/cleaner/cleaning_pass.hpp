// One pass over one log: builds the map of the newest offset of each key in the dirty part, as far as memory goes, then
// rewrites all segments from the first one up to there.
//
// Crash-proof at every step: a rewritten segment is whole and synced as .cleaned before it becomes .swap, and .swap
// durably before the segments it was made of go (FORMAT.md). Reads go on meanwhile, on the old segments or the new.
#pragma once

#include <memory>
#include <vector>

#include "core/env/env.hpp"
#include "core/log/cleaner/batch_chunks.hpp"
#include "core/log/cleaner/cleaning_plan.hpp"
#include "core/log/cleaner/offset_map.hpp"
#include "core/log/cleaner/record_retention.hpp"
#include "core/log/cleaner/throttle.hpp"
#include "core/log/partition_log.hpp"

namespace barnabas::log {

struct CleaningLimits {
  std::size_t map_bytes = 128 * 1024 * 1024;  // Of one pass.
  double map_load_factor = 0.9;               // How much of the map may be in use.
  std::size_t io_bytes = 512 * 1024;          // Read or written at a time.
};

struct CleaningOutcome {
  // Compaction goes on here. Where it began: nothing was done, the log changed or was wanted back.
  Offset cleaned_to{0};
  std::uint64_t bytes_before = 0;  // Of the segments that were rewritten.
  std::uint64_t bytes_after = 0;
  std::uint64_t bytes_read = 0;
};

// The closed segments, as planning sees them, and the segments themselves.
struct ClosedSegments {
  std::vector<std::shared_ptr<Segment>> segments;
  std::vector<SegmentFacts> facts;
};
// io_error.
Task<Result<ClosedSegments>> list_closed(env::Env env, PartitionLog& log);
// stable_end: at most the log's last stable offset, and synced. The facts' closed segments borrow from `closed`.
LogFacts facts_of(const PartitionLog& log, const ClosedSegments& closed, Offset stable_end, Timestamp now,
                  std::optional<Offset> cleaned_to);

class CleaningPass {
 public:
  CleaningPass(env::Env env, PartitionLog::CleaningTurn& turn, const CleaningLimits& limits, HashSecret secret,
               Throttle& throttle);

  // Compacts what the plan allows, which was made of these segments. Errors: corrupt (a batch is damaged: the log is
  // left as it is), too_large (one batch has more keys than fit the map), no_space, io_error, storage_failed, closed.
  Task<Result<CleaningOutcome>> run(ClosedSegments closed, CleaningPlan plan);

 private:
  struct Mapping;
  struct Rewriting;

  Task<Result<void>> build_map(std::shared_ptr<Mapping> work, const ClosedSegments& closed, CleaningPlan plan);
  Task<Result<std::size_t>> clean_group(std::shared_ptr<Rewriting> work, const ClosedSegments& closed,
                                        std::size_t first, Offset until);
  Task<Result<void>> rewrite(std::shared_ptr<Rewriting> work, std::shared_ptr<Segment> from,
                             std::shared_ptr<Segment> into);
  Task<Result<void>> append(std::shared_ptr<Rewriting> work, std::shared_ptr<Segment> into);
  Task<void> pace(std::size_t bytes);
  Task<Result<void>> finish(std::shared_ptr<Segment> segment);
  std::size_t slots_for(const CleaningPlan& plan) const;

  env::Env env_;
  PartitionLog::CleaningTurn& turn_;
  PartitionLog& log_;
  CleaningLimits limits_;
  HashSecret secret_;
  Throttle& throttle_;
  CleaningOutcome outcome_;
};

}  // namespace barnabas::log
