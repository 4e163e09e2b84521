#include "tools/barnabas/dump_log_side_files.hpp"

#include "core/base/checksum.hpp"
#include "core/base/reader.hpp"
#include "core/log/file_names.hpp"
#include "core/log/segment_index.hpp"
#include "core/log/transaction_index.hpp"
#include "core/record/batch.hpp"
#include "tools/barnabas/file_reader.hpp"

namespace barnabas::tools {

namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

Offset base_of(const std::string& path, std::string_view suffix) {
  return log::parse_offset_file_name(path.substr(path.rfind('/') + 1), suffix).value_or(Offset(0));
}

Result<Buffer> whole(const std::string& path) {
  B_TRY(const FileReader file, FileReader::open(path));
  return file.read(0, file.size());
}

// Where the index says that a batch begins, one that ends with this offset must. Nothing: it does.
std::optional<std::string> mismatch(const FileReader& log, Offset offset, std::int32_t position) {
  const auto at = static_cast<std::uint64_t>(position);
  if (position < 0 || at + record::kBatchHeaderSize > log.size()) return "the log ends before it";
  const auto bytes = log.read(at, record::kBatchHeaderSize);
  if (!bytes) return bytes.error().message;
  const auto header = record::parse_batch_header_prefix(bytes->view());
  if (!header) return "no batch begins there";
  if (header->last_offset() == offset) return std::nullopt;
  return "log offset: " + number(header->last_offset().value());
}

}  // namespace

Result<void> dump_offset_index(const std::string& path, DumpOutput& out) {
  B_TRY(const Buffer content, whole(path));
  const Offset base = base_of(path, log::kIndexSuffix);
  const auto log = FileReader::open(path.substr(0, path.size() - log::kIndexSuffix.size()) + ".log");
  Reader reader(content.view());
  std::size_t count = 0;
  while (reader.remaining() >= log::OffsetIndex::kEntrySize) {
    const std::int32_t relative = reader.i32();
    const std::int32_t position = reader.i32();
    if (relative == 0 && position == 0) break;  // The rest was preallocated.
    const Offset offset = base + relative;
    out.text("offset: " + number(offset.value()) + " position: " + number(position));
    out.object("offsetIndexEntry", {{"offset", offset.value()}, {"position", position}});
    const auto wrong = log ? mismatch(*log, offset, position) : std::nullopt;
    if (wrong) out.damage("Mismatch in " + path + ": index offset: " + number(offset.value()) + ", " + *wrong);
    ++count;
  }
  if (count == 0) out.text(path + " is empty.");
  return {};
}

Result<void> dump_time_index(const std::string& path, DumpOutput& out) {
  B_TRY(const Buffer content, whole(path));
  const Offset base = base_of(path, log::kTimeIndexSuffix);
  Reader reader(content.view());
  Timestamp last = kNoTimestamp;
  for (bool first = true; reader.remaining() >= log::TimeIndex::kEntrySize; first = false) {
    const Timestamp timestamp(reader.i64());
    const std::int32_t relative = reader.i32();
    if (timestamp == Timestamp(0) && relative == 0 && !first) break;  // The rest was preallocated.
    const Offset offset = base + relative;
    out.text("timestamp: " + number(timestamp.value()) + " offset: " + number(offset.value()));
    out.object("timeIndexEntry", {{"timestamp", timestamp.value()}, {"offset", offset.value()}});
    if (timestamp <= last) out.damage("Timestamp " + number(timestamp.value()) + " is not above the one before it");
    last = timestamp;
  }
  return {};
}

Result<void> dump_transaction_index(const std::string& path, DumpOutput& out) {
  B_TRY(const Buffer content, whole(path));
  const auto index = log::TransactionIndex::decode(base_of(path, log::kTransactionIndexSuffix), content.view());
  if (!index) {
    out.damage(path + ": " + index.error().message);
    return {};
  }
  for (const log::AbortedTransaction& entry : index->entries()) {
    out.text("version: 0 producerId: " + number(entry.producer_id.value()) + " firstOffset: " +
             number(entry.first_offset.value()) + " lastOffset: " + number(entry.last_offset.value()) +
             " lastStableOffset: " + number(entry.last_stable_offset.value()));
    out.object("abortedTransaction", {{"version", 0},
                                      {"producerId", entry.producer_id.value()},
                                      {"firstOffset", entry.first_offset.value()},
                                      {"lastOffset", entry.last_offset.value()},
                                      {"lastStableOffset", entry.last_stable_offset.value()}});
  }
  return {};
}

namespace {

// One entry as it is in the file; what ProducerState makes of several for one producer does not show.
struct SnapshotEntry {
  std::int64_t producer_id, last_offset, timestamp, transaction_start;
  std::int32_t last_sequence, offset_delta, coordinator_epoch;
  std::int16_t epoch;
};

SnapshotEntry read_entry(Reader& reader) {
  SnapshotEntry entry{};
  entry.producer_id = reader.i64();
  entry.epoch = reader.i16();
  entry.last_sequence = reader.i32();
  entry.last_offset = reader.i64();
  entry.offset_delta = reader.i32();
  entry.timestamp = reader.i64();
  entry.coordinator_epoch = reader.i32();
  entry.transaction_start = reader.i64();
  return entry;
}

void print_entry(const SnapshotEntry& entry, DumpOutput& out) {
  const bool open = entry.transaction_start >= 0;
  std::string line = "producerId: " + number(entry.producer_id) + " producerEpoch: " + number(entry.epoch) +
                     " coordinatorEpoch: " + number(entry.coordinator_epoch) + " currentTxnFirstOffset: " +
                     (open ? "OptionalLong[" + number(entry.transaction_start) + "]" : "OptionalLong.empty") +
                     " lastTimestamp: " + number(entry.timestamp);
  Json fields{{"producerId", entry.producer_id},
              {"producerEpoch", entry.epoch},
              {"coordinatorEpoch", entry.coordinator_epoch},
              {"currentTxnFirstOffset", open ? Json(entry.transaction_start) : Json(nullptr)},
              {"lastTimestamp", entry.timestamp}};
  if (entry.last_offset >= 0) {
    const std::int64_t first = (std::int64_t{entry.last_sequence} - entry.offset_delta) & 0x7fffffff;
    line += " firstSequence: " + number(first) + " lastSequence: " + number(entry.last_sequence) +
            " lastOffset: " + number(entry.last_offset) + " offsetDelta: " + number(entry.offset_delta) +
            " timestamp: " + number(entry.timestamp);
    fields.update(Json{{"firstSequence", first},
                       {"lastSequence", entry.last_sequence},
                       {"lastOffset", entry.last_offset},
                       {"offsetDelta", entry.offset_delta}});
  }
  out.text(line);
  out.object("producer", std::move(fields));
}

}  // namespace

Result<void> dump_snapshot(const std::string& path, DumpOutput& out) {
  constexpr std::size_t kCrcCovers = 6;
  constexpr std::size_t kEntrySize = 46;
  B_TRY(const Buffer content, whole(path));
  Reader reader(content.view());
  const std::int16_t version = reader.i16();
  const auto crc = reader.read<std::uint32_t>();
  const std::int32_t count = reader.i32();
  if (!reader.ok() || version != 1 || crc32c(content.view().subspan(kCrcCovers)) != crc || count < 0 ||
      reader.remaining() != static_cast<std::size_t>(count) * kEntrySize) {
    out.damage(path + ": not a whole producer snapshot of version 1, or its CRC does not match");
    return {};
  }
  for (std::int32_t i = 0; i < count; ++i) print_entry(read_entry(reader), out);
  return {};
}

}  // namespace barnabas::tools
