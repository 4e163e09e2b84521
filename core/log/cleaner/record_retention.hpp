// Which records of a batch survive compaction: the heart of KIP-58's contract. Pure.
//
// A record stays if no record with its key comes after it. A tombstone (no value) and a transaction's marker stay for
// delete.retention.ms after compaction first met them with nothing left before them that they would have to hide: the
// time until which is written into the batch, its delete horizon (KIP-534). Records of aborted transactions go, and
// records without a key, which a compacted topic does not take. Offsets never change. A batch keeps its last offset,
// producer and sequence however few of its records are left, and stays, though empty, while it is the last of a
// producer that is still remembered.
//
// The last below the limit of the pass, that is, though others follow: a truncation may take all above the limit, and
// what is left must tell the producers' state, whatever became of snapshots in a crash. For the same reason the first
// batch of a transaction stays that ends above the limit, and a marker while a snapshot before it tells of the
// transaction as open.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "core/log/cleaner/offset_map.hpp"
#include "core/log/cleaner/transaction_track.hpp"
#include "core/log/producer_state.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::log {

// The last thing that a producer wrote to the log below the limit.
struct LastOfProducer {
  std::optional<Offset> data;  // Last offset of its last batch; nothing when only a marker is known.
  ProducerEpoch epoch = kNoProducerEpoch;
  std::optional<Offset> transaction_start;  // Of its open transaction.
};
using LastOfProducers = std::map<ProducerId, LastOfProducer>;
// at_limit: the state of all below the limit; now: of the whole log.
LastOfProducers last_of_producers(const ProducerState& at_limit, const ProducerState& now);

struct RetentionTerms {
  Timestamp now{0};
  std::int64_t delete_retention_ms = 0;
  LastOfProducers producers;
};

struct BatchVerdict {
  enum class Fate : std::uint8_t { keep, replace, drop };
  Fate fate = Fate::keep;
  Buffer replacement;  // For replace: the batch with the records that are left, perhaps none.
  std::int32_t records_kept = 0;
};

// Takes note of the keys of one whole batch. False: the map is full, and the batch is not covered. corrupt.
Result<bool> map_batch(OffsetMap& map, TransactionTrack& transactions, const record::BatchHeader& header,
                       ByteView batch, Offset from);

// The batch without its records: a header, as Kafka writes it: no codec, no base timestamp, no horizon.
Buffer emptied_batch(record::BatchHeader header);

class RecordRetention {
 public:
  RecordRetention(const OffsetMap& map, TransactionTrack& transactions, RetentionTerms terms)
      : map_(map), transactions_(transactions), terms_(std::move(terms)) {}

  // A snapshot of this place in the log tells of these producers' transactions as open.
  void note_open(const std::vector<ProducerId>& producers) { told_open_.insert(producers.begin(), producers.end()); }
  // Batches must come in order, each whole. Errors: corrupt, too_large (its records, decompressed).
  Result<BatchVerdict> judge(const record::BatchHeader& header, ByteView batch);

 private:
  bool tells_producer_state(const record::BatchHeader& header) const;
  bool stays(const record::BatchHeader& header, const record::RecordView& record) const;
  bool horizon_passed(const record::BatchHeader& header) const {
    return header.has_delete_horizon() && header.base_timestamp <= terms_.now;
  }
  Result<BatchVerdict> thin_out(const record::BatchHeader& header, ByteView batch, bool begins_horizon,
                                bool keep_when_empty) const;

  const OffsetMap& map_;
  TransactionTrack& transactions_;
  RetentionTerms terms_;
  std::set<ProducerId> told_open_;  // The markers have yet to come.
};

}  // namespace barnabas::log
