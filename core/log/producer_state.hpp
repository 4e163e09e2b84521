// What a partition remembers of its idempotent producers: which batches came last (KIP-98, KIP-360).
//
// Pure: no I/O. The state is a function of the log's batches: the log calls update() for every batch, in order,
// after it was written, never before (KAFKA-6683), and the same while recovering. The leader calls check() first.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/reader.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/log/transaction_index.hpp"
#include "core/record/batch.hpp"

namespace barnabas::log {

inline constexpr std::int32_t kNoCoordinatorEpoch = -1;

// A batch that was appended before.
struct AppendedBatch {
  std::int32_t first_sequence;  // May be larger than last_sequence: sequences wrap from 2^31-1 to 0.
  std::int32_t last_sequence;
  Offset last_offset;
  std::int32_t offset_delta;  // last_offset - base_offset().
  Timestamp timestamp;        // The batch's largest.

  Offset base_offset() const { return last_offset - offset_delta; }
  bool operator==(const AppendedBatch&) const = default;
};

// One producer. Retries are recognised among its last five batches, as many as a client may have in flight.
struct ProducerEntry {
  static constexpr std::size_t kRemembered = 5;

  ProducerEpoch epoch = kNoProducerEpoch;
  std::vector<AppendedBatch> batches;       // Oldest first, at most kRemembered; empty after a marker with a new epoch.
  Timestamp last_timestamp = kNoTimestamp;  // Of its last batch or marker: what expiry looks at (KAFKA-9144).
  std::int32_t coordinator_epoch = kNoCoordinatorEpoch;
  std::optional<Offset> transaction_start;  // First offset of its open transaction.

  std::int32_t last_sequence() const { return batches.empty() ? record::kNoSequence : batches.back().last_sequence; }
  Offset last_offset() const { return batches.empty() ? Offset(-1) : batches.back().last_offset; }
  bool operator==(const ProducerEntry&) const = default;
};

// The content of a control record: how a transaction ended.
struct TransactionMarker {
  bool committed = false;
  std::int32_t coordinator_epoch = kNoCoordinatorEpoch;
};
// The marker in a whole control batch. Nothing: a control record of another type. Errc::corrupt.
Result<std::optional<TransactionMarker>> read_marker(ByteView control_batch);

class ProducerState {
 public:
  // May this batch of a client be appended next? Nothing: yes. A value: it was appended before, there.
  // Batches without a producer id are always welcome. Errors:
  //   invalid_producer_epoch: of an older epoch than one seen;
  //   out_of_order_sequence: not the sequence that comes next (0 for a new epoch);
  //   duplicate_sequence: before the five remembered batches.
  Result<std::optional<AppendedBatch>> check(const record::BatchHeader& header) const;

  // Takes note of a batch that is in the log. batch: the whole of it; only control batches are looked into, for
  // others the header's bytes do. Never fails for the sequences' sake: the log is right (KAFKA-6003). A value: the
  // batch is the marker that aborted this transaction, which belongs into its segment's transaction index.
  // Errc::corrupt: a control batch that cannot be read.
  Result<std::optional<AbortedTransaction>> update(const record::BatchHeader& header, ByteView batch);

  // Forgets producers that were silent for `expiration_ms`, but for those with an open transaction.
  void expire(Timestamp now, std::int64_t expiration_ms);
  void clear() { *this = ProducerState(); }

  // The first offset of the oldest open transaction.
  std::optional<Offset> first_open_transaction() const {
    return open_.empty() ? std::nullopt : std::optional<Offset>(*open_.begin());
  }

  // The first offset of the oldest transaction that is open, or whose marker lies at or above the high watermark
  // and so is not final yet (KIP-98).
  std::optional<Offset> first_unstable() const;
  // Everything below is final.
  void high_watermark_reached(Offset offset);

  const ProducerEntry* find(ProducerId id) const;
  std::size_t size() const { return producers_.size(); }
  const std::map<ProducerId, ProducerEntry>& entries() const { return producers_; }

  // A snapshot file's bytes (FORMAT.md).
  std::vector<std::byte> encode() const;
  // Errc::corrupt: not whole, a wrong CRC or version.
  static Result<ProducerState> decode(ByteView snapshot);

  // Of the producers; ended_ depends on a high watermark as well.
  bool operator==(const ProducerState& other) const { return producers_ == other.producers_; }

 private:
  void restore_entry(Reader& reader);
  std::optional<AbortedTransaction> apply_marker(const record::BatchHeader& header, const TransactionMarker& marker);

  void set_transaction(ProducerEntry& entry, std::optional<Offset> start);

  std::map<ProducerId, ProducerEntry> producers_;
  std::set<Offset> open_;           // Where the open transactions start.
  std::map<Offset, Offset> ended_;  // First offsets and markers of those that ended above the high watermark.
};

}  // namespace barnabas::log
