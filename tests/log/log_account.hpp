// The plainest account of what a log holds: a list of batches, and what follows from it by the letter of the
// definitions, however slowly.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/log/transaction_index.hpp"

namespace barnabas::log {

struct TwinRecord {
  std::int64_t offset = 0;
  std::string key;
  std::optional<std::string> value;
  bool operator==(const TwinRecord&) const = default;
};

struct TwinBatch {
  enum class Kind : std::uint8_t { plain, transactional, commit, abort };

  std::int64_t base = 0;
  std::int64_t last = 0;
  std::int64_t producer = -1;
  std::int32_t last_sequence = -1;  // Of data.
  Kind kind = Kind::plain;
  std::vector<TwinRecord> records;
  bool is_marker() const { return kind == Kind::commit || kind == Kind::abort; }
  bool operator==(const TwinBatch&) const = default;
};

TwinBatch account_of(const Buffer& batch);

// Where each producer's open transaction begins.
std::map<std::int64_t, std::int64_t> open_transactions(const std::vector<TwinBatch>& batches);

// What a reader of committed records is to see below `end`: by the markers in the list itself.
std::vector<TwinRecord> committed_records(const std::vector<TwinBatch>& batches, std::int64_t end);
// What it does see, which knows only the list of aborted transactions that comes with the batches (KIP-98).
std::vector<TwinRecord> filtered_records(const std::vector<TwinBatch>& batches, std::int64_t end,
                                         const std::vector<AbortedTransaction>& aborted);

// May compaction have made `after` of `before`, where no record at or above `limit` may go? Empty: yes. keeps_marks:
// tombstones and markers are younger than delete.retention.ms.
std::string not_compaction_of(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after,
                              std::int64_t limit, bool keeps_marks);
// S6: the markers of data that are there, and the last batch of each producer. Empty: nothing is lost.
std::string lost_of_producers(const std::vector<TwinBatch>& before, const std::vector<TwinBatch>& after);

}  // namespace barnabas::log
