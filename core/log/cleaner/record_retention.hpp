// Which records of a batch survive compaction: the heart of KIP-58's contract. Pure.
//
// A record stays if no record with its key comes after it. A tombstone (no value) and a transaction's marker stay for
// delete.retention.ms after compaction first met them with nothing left before them that they would have to hide: the
// time until which is written into the batch, its delete horizon (KIP-534). Records of aborted transactions go, and
// records without a key, which a compacted topic does not take. Offsets never change. A batch keeps its last offset,
// producer and sequence however few of its records are left, and stays, though empty, while it is the last of a
// producer that is still remembered.
#pragma once

#include <map>
#include <optional>

#include "core/log/cleaner/offset_map.hpp"
#include "core/log/cleaner/transaction_track.hpp"
#include "core/log/producer_state.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::log {

// The last thing that a producer wrote to the log.
struct LastOfProducer {
  std::optional<Offset> data;  // Last offset of its last batch; nothing when only a marker is known.
  ProducerEpoch epoch = kNoProducerEpoch;
};
using LastOfProducers = std::map<ProducerId, LastOfProducer>;
LastOfProducers last_of_producers(const ProducerState& state);

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

  // Batches must come in order, each whole. Errors: corrupt, too_large (its records, decompressed).
  Result<BatchVerdict> judge(const record::BatchHeader& header, ByteView batch);

 private:
  bool is_last_of_producer(const record::BatchHeader& header) const;
  bool stays(const record::BatchHeader& header, const record::RecordView& record) const;
  bool horizon_passed(const record::BatchHeader& header) const {
    return header.has_delete_horizon() && header.base_timestamp <= terms_.now;
  }
  Result<BatchVerdict> thin_out(const record::BatchHeader& header, ByteView batch, bool begins_horizon,
                                bool keep_when_empty) const;

  const OffsetMap& map_;
  TransactionTrack& transactions_;
  RetentionTerms terms_;
};

}  // namespace barnabas::log
