#include "core/log/producer_state.hpp"

#include <algorithm>
#include <limits>

#include "core/base/checksum.hpp"
#include "core/base/reader.hpp"
#include "core/base/writer.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::log {

namespace {

constexpr std::int16_t kSnapshotVersion = 1;
constexpr std::size_t kSnapshotHeader = 2 + 4 + 4;
constexpr std::size_t kSnapshotEntry = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
constexpr std::size_t kCrcPosition = 2;
constexpr std::size_t kCrcCovers = 6;
constexpr std::size_t kCountPosition = 6;

constexpr std::int16_t kAbortMarker = 0;
constexpr std::int16_t kCommitMarker = 1;

std::int32_t next_sequence(std::int32_t sequence) {
  return sequence == std::numeric_limits<std::int32_t>::max() ? 0 : sequence + 1;
}

AppendedBatch appended(const record::BatchHeader& header) {
  return {header.base_sequence, header.last_sequence(), header.last_offset(), header.last_offset_delta,
          header.max_timestamp};
}

std::string describe(const record::BatchHeader& header) {
  return "producer " + std::to_string(header.producer_id.value()) + " epoch " +
         std::to_string(header.producer_epoch.value()) + " sequence " + std::to_string(header.base_sequence);
}

}  // namespace

Result<std::optional<TransactionMarker>> read_marker(ByteView control_batch) {
  std::optional<TransactionMarker> marker;
  bool malformed = false;
  const auto walked = record::for_each_record(control_batch, [&](const record::RecordView& record) {
    if (!record.key || !record.value) {
      malformed = true;
      return;
    }
    Reader key(*record.key);
    Reader value(*record.value);
    key.skip(2);  // Versions of key and value: later ones only add fields.
    value.skip(2);
    const std::int16_t type = key.i16();
    const std::int32_t coordinator_epoch = value.i32();
    if (!key.ok()) {
      malformed = true;
    } else if (type == kAbortMarker || type == kCommitMarker) {
      malformed = malformed || !value.ok();
      marker = TransactionMarker{type == kCommitMarker, coordinator_epoch};
    }
  });
  if (!walked) return std::unexpected(walked.error());
  if (malformed) return fail(Errc::corrupt, "control record");
  return marker;
}

Result<std::optional<AppendedBatch>> ProducerState::check(const record::BatchHeader& header) const {
  if (!header.has_producer()) return std::nullopt;
  const auto found = producers_.find(header.producer_id);
  // State that is gone (expired, or deleted with the log) must not lock a living producer out (KIP-360).
  if (found == producers_.end()) return std::nullopt;
  const ProducerEntry& entry = found->second;
  if (header.producer_epoch < entry.epoch) {
    return fail(Errc::invalid_producer_epoch,
                describe(header) + ": epoch " + std::to_string(entry.epoch.value()) + " is known");
  }
  if (header.producer_epoch > entry.epoch) {
    if (header.base_sequence == 0) return std::nullopt;
    return fail(Errc::out_of_order_sequence, describe(header) + ": a new epoch begins at 0");
  }
  for (const AppendedBatch& batch : entry.batches) {
    if (batch.first_sequence == header.base_sequence && batch.last_sequence == header.last_sequence()) return batch;
  }
  if (entry.batches.empty() || header.base_sequence == next_sequence(entry.last_sequence())) return std::nullopt;
  // The oldest one remembered is only a lower bound while fewer than all five are known.
  if (entry.batches.size() == ProducerEntry::kRemembered &&
      header.last_sequence() < entry.batches.front().first_sequence) {
    return fail(Errc::duplicate_sequence, describe(header) + ": appended before the batches remembered");
  }
  return fail(Errc::out_of_order_sequence, describe(header) + ": after " + std::to_string(entry.last_sequence()));
}

Result<std::optional<AbortedTransaction>> ProducerState::update(const record::BatchHeader& header, ByteView batch) {
  if (!header.has_producer()) return std::nullopt;
  if (header.is_control()) {
    B_TRY(const auto marker, read_marker(batch));
    return marker ? apply_marker(header, *marker) : std::nullopt;
  }
  ProducerEntry& entry = producers_[header.producer_id];
  if (entry.epoch != header.producer_epoch) {
    entry.batches.clear();
    entry.epoch = header.producer_epoch;
  }
  if (entry.batches.size() == ProducerEntry::kRemembered) entry.batches.erase(entry.batches.begin());
  entry.batches.push_back(appended(header));
  entry.last_timestamp = header.max_timestamp;
  if (header.is_transactional() && !entry.transaction_start) set_transaction(entry, header.base_offset);
  return std::nullopt;
}

std::optional<AbortedTransaction> ProducerState::apply_marker(const record::BatchHeader& header,
                                                              const TransactionMarker& marker) {
  ProducerEntry& entry = producers_[header.producer_id];
  if (entry.epoch != header.producer_epoch) {
    entry.batches.clear();
    entry.epoch = header.producer_epoch;
  }
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp = header.max_timestamp;
  const std::optional<Offset> start = entry.transaction_start;
  if (!start) return std::nullopt;
  set_transaction(entry, std::nullopt);
  const Offset end = header.last_offset();
  ended_[*start] = end;
  if (marker.committed) return std::nullopt;
  return AbortedTransaction{header.producer_id, *start, end, open_.empty() ? end + 1 : *open_.begin()};
}

std::optional<Offset> ProducerState::first_unstable() const {
  if (ended_.empty()) return first_open_transaction();
  return open_.empty() ? ended_.begin()->first : std::min(ended_.begin()->first, *open_.begin());
}

void ProducerState::high_watermark_reached(Offset offset) {
  std::erase_if(ended_, [&](const auto& transaction) { return transaction.second < offset; });
}

void ProducerState::expire(Timestamp now, std::int64_t expiration_ms) {
  std::erase_if(producers_, [&](const auto& item) {
    const ProducerEntry& entry = item.second;
    return !entry.transaction_start && now - entry.last_timestamp >= expiration_ms;
  });
}

void ProducerState::set_transaction(ProducerEntry& entry, std::optional<Offset> start) {
  if (entry.transaction_start) open_.erase(*entry.transaction_start);
  if (start) open_.insert(*start);
  entry.transaction_start = start;
}

const ProducerEntry* ProducerState::find(ProducerId id) const {
  const auto found = producers_.find(id);
  return found == producers_.end() ? nullptr : &found->second;
}

namespace {

void write_entry(Writer& writer, ProducerId id, const ProducerEntry& entry, const AppendedBatch& batch) {
  writer.i64(id.value());
  writer.i16(entry.epoch.value());
  writer.i32(batch.last_sequence);
  writer.i64(batch.last_offset.value());
  writer.i32(batch.offset_delta);
  writer.i64(batch.timestamp.value());
  writer.i32(entry.coordinator_epoch);
  writer.i64(entry.transaction_start ? entry.transaction_start->value() : -1);
}

}  // namespace

std::vector<std::byte> ProducerState::encode() const {
  Writer writer(kSnapshotHeader + producers_.size() * kSnapshotEntry);
  writer.i16(kSnapshotVersion);
  writer.i32(0);  // Places of the CRC and the count.
  writer.i32(0);
  std::int32_t count = 0;
  for (const auto& [id, entry] : producers_) {
    AppendedBatch last{record::kNoSequence, record::kNoSequence, Offset(-1), 0, kNoTimestamp};
    if (!entry.batches.empty()) {
      for (auto batch = entry.batches.begin(); batch != std::prev(entry.batches.end()); ++batch, ++count) {
        write_entry(writer, id, entry, *batch);
      }
      last = entry.batches.back();
    }
    last.timestamp = entry.last_timestamp;
    write_entry(writer, id, entry, last);
    ++count;
  }
  writer.put(kCountPosition, count);
  writer.put(kCrcPosition, crc32c(writer.view().subspan(kCrcCovers)));
  return std::move(writer).take();
}

void ProducerState::restore_entry(Reader& reader) {
  const ProducerId id(reader.i64());
  const ProducerEpoch epoch(reader.i16());
  const std::int32_t last_sequence = reader.i32();
  const Offset last_offset(reader.i64());
  const std::int32_t delta = reader.i32();
  const Timestamp timestamp(reader.i64());
  const std::int32_t coordinator_epoch = reader.i32();
  const Offset transaction_start(reader.i64());

  ProducerEntry& entry = producers_[id];
  set_transaction(entry, std::nullopt);
  if (entry.epoch != epoch) entry = ProducerEntry{};
  entry.epoch = epoch;
  entry.last_timestamp = timestamp;
  entry.coordinator_epoch = coordinator_epoch;
  if (transaction_start.value() >= 0) set_transaction(entry, transaction_start);
  if (last_offset.value() < 0 || last_sequence < 0 || delta < 0) return;
  const std::int64_t first = std::int64_t{last_sequence} - delta;
  const std::int64_t wrapped = first >= 0 ? first : first + (std::int64_t{1} << 31);
  if (entry.batches.size() == ProducerEntry::kRemembered) entry.batches.erase(entry.batches.begin());
  entry.batches.push_back({static_cast<std::int32_t>(wrapped), last_sequence, last_offset, delta, timestamp});
}

Result<ProducerState> ProducerState::decode(ByteView snapshot) {
  Reader reader(snapshot);
  const std::int16_t version = reader.i16();
  const auto crc = reader.read<std::uint32_t>();
  const std::int32_t count = reader.i32();
  if (!reader.ok() || version != kSnapshotVersion || count < 0 ||
      reader.remaining() != static_cast<std::size_t>(count) * kSnapshotEntry ||
      crc32c(snapshot.subspan(kCrcCovers)) != crc) {
    return fail(Errc::corrupt, "producer snapshot");
  }
  ProducerState state;
  for (std::int32_t i = 0; i < count; ++i) state.restore_entry(reader);
  return state;
}

}  // namespace barnabas::log
