// A log, and beside it the plainest account of what it must hold: a list of batches. Whatever is done to the log is
// done to the account, and what the log then shows is compared with it: after a crash it must be one of the few things
// that the crash allows, after compaction what KIP-58 promises.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/log/cleaner/cleaning_pass.hpp"
#include "tests/log/log_account.hpp"
#include "tests/log/support.hpp"

namespace barnabas::log {

// One pass of the cleaner over this log, up to its recovery point.
Task<Result<CleaningOutcome>> clean_once(env::Env env, PartitionLog& log, CleaningLimits limits, Throttle& throttle,
                                         std::optional<Offset> cleaned_to);

class LogTwin : public LogTest {
 public:
  LogTwin(std::uint64_t seed, const LogConfig& wanted, CleaningLimits limits);
  void TestBody() override {}

  // Producers from here on write in transactions; those from 0 on are idempotent, -1 is nobody.
  static constexpr int kFirstTransactional = 10;

  // Each of these returns what it found wrong; empty: nothing.
  std::string append(int records, int keys, int value_size, int producer);
  // Appends the marker that ends this producer's transaction, if one is open.
  std::string end_transaction(int producer, bool commit);
  // What a follower gets whose log has parted from the leader's: a batch that begins below the log end.
  std::string append_overlapping(int batches, int records, int keys);
  std::string flush();
  std::string truncate(std::size_t batches);
  std::string delete_records(std::size_t batches);
  // All goes, and the log begins at its end: a follower's that has nothing in common with its leader's.
  std::string begin_anew();
  std::string retain();
  // from_start: as when the cleaner's checkpoint was lost.
  std::string compact(bool from_start = false);
  std::string reopen();
  std::string pass_time(Duration time);
  // The process dies, or the machine loses power, `steps` events after this was begun.
  enum class During : std::uint8_t { append, compaction, deletion, retention, truncation };
  std::string crash(bool power, During what, int steps, int records, int keys);
  // Syncs fail now and then while batches are appended; then the disk is well again, but the directory is out of
  // service. Then the process is killed and started again, or not, and last the machine loses power.
  std::string fail_syncs(bool kill_first, int records, int keys);
  // Writes fail now and then, or the disk is full and then is not. With the disk repaired the process is killed and
  // started again in the first case, and goes on in the second.
  // One bit of a batch in a closed segment turns, for a while: the checksum tells whoever reads it, compaction leaves
  // everything as it is, and the other batches are read as before.
  std::string rot(std::size_t segment, std::size_t batch, std::uint64_t bit);
  enum class Trouble : std::uint8_t { broken, full };
  std::string fail_writes(Trouble trouble, int records, int keys);
  // The whole log against the account.
  std::string compare();

  // How many passes and crashed passes replaced a segment, for tests that must meet them.
  int passes() const { return passes_; }

 private:
  std::int64_t end() const { return batches_.empty() ? start_ : std::max(start_, batches_.back().last + 1); }
  bool waits_for_sync() const { return config.flush_messages == 1; }
  // A new process on the same machine; nothing but the checkpoint's recovery point and log start is known to it.
  std::string start(Offset recovery_point, Offset log_start, bool clean = false);
  void note(TwinBatch batch);
  void forget_from(std::int64_t offset);
  Buffer next_batch(int records, int keys, int value_size, int producer, TwinBatch& into);
  std::string read(std::vector<TwinBatch>& into);
  std::string check_producers();
  std::string check_rotten(std::shared_ptr<Segment> segment, std::size_t position);
  // Where the log ends when its last batches, as many, are cut off. Not where the first of those begins: of a gap that
  // compaction left there only the log in memory knows.
  std::int64_t end_before_last(std::size_t batches) const;
  // Compaction may touch nothing at or above it: the base of a segment.
  std::int64_t cleaning_limit() const;
  std::string take_over_compaction(std::int64_t limit);
  std::string check_transactions(const std::vector<TwinBatch>& now);
  void forget_below_start();
  std::string append_in_trouble(Trouble trouble, bool last, int records, int keys, std::vector<TwinBatch>& possible);
  std::string check_compaction(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after,
                               std::int64_t limit) const;

  std::vector<TwinBatch> batches_;
  // All that was ever appended and neither cut off nor lost, without the records.
  std::vector<TwinBatch> history_;
  // How far compaction may have gone, and whether the log was cut below that. What was removed for the sake of what was
  // cut off, a producer's last batch but one, say, does not come back: of that nobody can say any more what it would
  // have meant.
  std::int64_t compacted_to_ = 0;
  bool blurred_ = false;
  CleaningLimits limits_;
  Throttle throttle_{1e300};
  std::int64_t start_ = 0;  // The log start.
  std::int64_t synced_ = 0;
  std::int64_t checkpoint_ = 0;  // The recovery point on disk.
  std::optional<Offset> cleaned_to_;
  std::int64_t clock_ = 1'000;
  int serial_ = 0;
  int passes_ = 0;
};

}  // namespace barnabas::log
