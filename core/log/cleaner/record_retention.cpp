#include "core/log/cleaner/record_retention.hpp"

#include <limits>

#include "core/base/mutant.hpp"
#include "core/record/batch_builder.hpp"

namespace barnabas::log {

namespace {

using Fate = BatchVerdict::Fate;

record::BatchBuilder thinned(const record::BatchHeader& header, std::optional<Timestamp> horizon) {
  record::BatchOptions options;
  options.codec = header.codec();
  options.base_offset = header.base_offset;
  options.leader_epoch = header.leader_epoch;
  options.timestamp_type = header.timestamp_type();
  options.log_append_time = header.max_timestamp;
  options.producer_id = header.producer_id;
  options.producer_epoch = header.producer_epoch;
  options.base_sequence = header.base_sequence;
  options.transactional = header.is_transactional();
  options.control = header.is_control();
  options.delete_horizon = horizon;
  options.last_offset_delta = header.last_offset_delta;
  return record::BatchBuilder(options);
}

Timestamp horizon_after(Timestamp now, std::int64_t retention_ms) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return Timestamp(now.value() > kMax - retention_ms ? kMax : now.value() + retention_ms);
}

}  // namespace

Buffer emptied_batch(record::BatchHeader header) {
  constexpr int kKept = 0x8 | 0x10 | 0x20;  // Timestamp type, transactional, control.
  Buffer batch = Buffer::allocate(record::kBatchHeaderSize);
  header.length = static_cast<std::int32_t>(record::kBatchHeaderSize - record::kLogOverhead);
  header.attributes = static_cast<std::int16_t>(header.attributes & kKept);
  header.base_timestamp = kNoTimestamp;
  header.record_count = 0;
  record::store_batch_header(batch.mutable_view(), header);
  header.crc = record::compute_crc(batch.view());
  record::store_batch_header(batch.mutable_view(), header);
  return batch;
}

LastOfProducers last_of_producers(const ProducerState& at_limit, const ProducerState& now) {
  LastOfProducers result;
  for (const auto& [id, entry] : at_limit.entries()) {
    const bool remembered = now.find(id) != nullptr;
    if (!remembered && !entry.transaction_start) continue;
    LastOfProducer& last = result[id];
    last.transaction_start = entry.transaction_start;
    if (!remembered) continue;
    last.epoch = entry.epoch;
    if (!entry.batches.empty()) last.data = entry.last_offset();
  }
  return result;
}

Result<bool> map_batch(OffsetMap& map, TransactionTrack& transactions, const record::BatchHeader& header,
                       ByteView batch, Offset from) {
  if (header.is_control()) {
    B_TRY_VOID(transactions.note_marker(header, batch));
  } else if (!transactions.note_data(header)) {
    bool full = false;
    B_TRY_VOID(record::for_each_record(batch, [&](const record::RecordView& record) {
      if (!full && record.key && record.offset >= from) full = !map.put(*record.key, record.offset);
    }));
    if (full) return false;
  }
  map.reach(header.last_offset());
  return true;
}

bool RecordRetention::tells_producer_state(const record::BatchHeader& header) const {
  if (!header.has_producer()) return false;
  const auto found = terms_.producers.find(header.producer_id);
  if (found == terms_.producers.end()) return false;
  const LastOfProducer& last = found->second;
  if (header.is_control()) return !last.data && header.producer_epoch == last.epoch;
  return last.data == header.last_offset() ||
         BARNABAS_MUTATE(open_transaction_forgets_its_start, last.transaction_start == header.base_offset, false);
}

bool RecordRetention::stays(const record::BatchHeader& header, const record::RecordView& record) const {
  if (record.offset > map_.latest()) return true;
  if (!record.key) return false;
  if (const auto newest = map_.find(*record.key); newest && *newest > record.offset) return false;
  return record.value.has_value() || !horizon_passed(header);
}

Result<BatchVerdict> RecordRetention::judge(const record::BatchHeader& header, ByteView batch) {
  bool useless = false;  // Nobody needs what is in it.
  bool begins_horizon = false;
  if (header.is_control()) {
    B_TRY(begins_horizon, transactions_.note_marker(header, batch));
    const bool ends_told = header.record_count > 0 && told_open_.erase(header.producer_id) > 0;
    useless = begins_horizon && horizon_passed(header);
    useless = useless && !ends_told;
    begins_horizon = begins_horizon && !header.has_delete_horizon();
  } else {
    useless = transactions_.note_data(header);
  }
  const bool keep_when_empty = BARNABAS_MUTATE(last_of_producer_goes, tells_producer_state(header), false);
  if (useless || header.record_count == 0) {
    if (!keep_when_empty) return BatchVerdict{Fate::drop, {}, 0};
    if (header.record_count == 0) return BatchVerdict{Fate::keep, {}, 0};
    return BatchVerdict{Fate::replace, emptied_batch(header), 0};
  }
  return thin_out(header, batch, begins_horizon, keep_when_empty);
}

Result<BatchVerdict> RecordRetention::thin_out(const record::BatchHeader& header, ByteView batch, bool begins_horizon,
                                               bool keep_when_empty) const {
  Buffer storage;
  B_TRY(const ByteView records, record::open_records(header, batch, storage));
  std::int32_t kept = 0;
  bool tombstones = false;
  Offset above = header.base_offset;
  record::RecordCursor counting(header, records);
  for (record::RecordView record; counting.next(record);) {
    // Nothing that a leader takes; but files come from elsewhere, too.
    if (record.offset < above || record.offset > header.last_offset() || record.timestamp < kNoTimestamp) {
      return fail(Errc::corrupt, "a record in the batch at offset " + std::to_string(header.base_offset.value()) +
                                     " has an impossible offset or timestamp");
    }
    above = record.offset + 1;
    if (!header.is_control() && !stays(header, record)) continue;
    ++kept;
    tombstones = tombstones || !record.value;
  }
  B_TRY_VOID(counting.status());
  if (kept == 0) {
    if (!keep_when_empty) return BatchVerdict{Fate::drop, {}, 0};
    return BatchVerdict{Fate::replace, emptied_batch(header), 0};
  }
  begins_horizon = begins_horizon || (tombstones && !header.has_delete_horizon());
  if (kept == header.record_count && !begins_horizon) return BatchVerdict{Fate::keep, {}, kept};

  std::optional<Timestamp> horizon;
  if (header.has_delete_horizon()) horizon = header.base_timestamp;
  if (begins_horizon) {
    horizon = BARNABAS_MUTATE(marks_go_at_once, horizon_after(terms_.now, terms_.delete_retention_ms), terms_.now);
  }
  record::BatchBuilder builder = thinned(header, horizon);
  record::RecordCursor cursor(header, records);
  for (record::RecordView record; cursor.next(record);) {
    if (header.is_control() || stays(header, record)) builder.append_in_place(record);
  }
  return BatchVerdict{Fate::replace, builder.build(), kept};
}

}  // namespace barnabas::log
