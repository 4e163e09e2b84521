#include "core/record/record_reader.hpp"

#include <string>

namespace barnabas::record {
namespace {

// The fewest bytes of a record: its length, attributes, two deltas, two lengths, a header count.
constexpr std::size_t kLeastRecordSize = 7;

// Java's arithmetic wraps; what a client sends must not be undefined behaviour here.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// A length of -1 is null. Kafka reads every negative one so.
std::optional<ByteView> read_nullable(Reader& reader) {
  const std::int32_t size = reader.varint();
  if (size < 0) return std::nullopt;
  return reader.bytes(size);
}

}  // namespace

void Headers::Iterator::read() {
  if (left_ == 0) return;
  current_.key = as_text(reader_.bytes(reader_.varint()));
  current_.value = read_nullable(reader_);
}

bool RecordCursor::next(RecordView& record) {
  if (fault_ != Fault::none) return false;
  if (index_ == header_.record_count) return reader_.at_end() ? false : stop(Fault::trailing);
  if (reader_.at_end()) return stop(Fault::too_few);

  const std::size_t start = reader_.position();
  const std::int32_t size = reader_.varint();
  const ByteView bytes = reader_.bytes(size);
  if (!reader_.ok()) return stop(Fault::bad_length);
  Reader body(bytes);
  if (!read_fields(body, record)) return false;
  record.size = static_cast<std::int32_t>(reader_.position() - start);
  ++index_;
  return true;
}

bool RecordCursor::read_fields(Reader& body, RecordView& record) {
  body.skip(1);  // Attributes: none are defined.
  const std::int64_t timestamp_delta = body.varlong();
  const std::int32_t offset_delta = body.varint();
  record.offset = Offset(wrapping_add(header_.base_offset.value(), offset_delta));
  record.timestamp = header_.timestamp_type() == TimestampType::log_append_time
                         ? header_.max_timestamp
                         : Timestamp(wrapping_add(header_.base_timestamp.value(), timestamp_delta));
  record.key = read_nullable(body);
  record.value = read_nullable(body);

  const std::int32_t count = body.varint();
  if (!body.ok()) return stop(Fault::bad_field);
  // Two bytes a header at least, so that no count can be claimed that is not there.
  if (count < 0 || static_cast<std::size_t>(count) > body.remaining() / 2) return stop(Fault::bad_headers);
  ByteView encoded;
  if (count > 0) {
    Reader walk = body;
    for (std::int32_t i = 0; i < count; ++i) {
      walk.skip(walk.varint());  // A key of negative length fails here: it may not be null.
      (void)read_nullable(walk);
    }
    if (!walk.ok()) return stop(Fault::bad_headers);
    encoded = body.bytes(static_cast<std::int64_t>(walk.position() - body.position()));
  }
  record.headers = Headers(encoded, count);
  return body.at_end() ? true : stop(Fault::bad_length);
}

Result<void> RecordCursor::status() const {
  const auto in_record = [this](std::string what) {
    return fail(Errc::corrupt, "record " + std::to_string(index_) + " of " + std::to_string(header_.record_count) +
                                   " in a batch " + std::move(what));
  };
  switch (fault_) {
    case Fault::none: return {};
    case Fault::too_few: return in_record("is missing");
    case Fault::bad_length: return in_record("has a length that does not fit");
    case Fault::bad_field: return in_record("ends inside a field");
    case Fault::bad_headers: return in_record("has malformed headers");
    case Fault::trailing: return fail(Errc::corrupt, "bytes are left after the last record of a batch");
  }
  return {};
}

Result<ByteView> open_records(const BatchHeader& header, ByteView batch, Buffer& storage, std::size_t max_size) {
  B_CHECK_OP(batch.size(), >=, kBatchHeaderSize);
  const ByteView payload = batch.subspan(kBatchHeaderSize);
  // A batch that compaction emptied keeps its codec but holds no compressed data.
  if (header.codec() == Codec::none || header.record_count == 0) return payload;
  B_TRY(storage, decompress(header.codec(), payload, max_size));
  return storage.view();
}

Result<std::vector<RecordView>> read_records(ByteView batch, Buffer& decompressed) {
  B_TRY(const BatchHeader header, parse_batch_header(batch));
  B_TRY(const ByteView bytes, open_records(header, batch.first(header.total_size()), decompressed));
  std::vector<RecordView> records;
  records.reserve(std::min(static_cast<std::size_t>(header.record_count), bytes.size() / kLeastRecordSize));
  RecordCursor cursor(header, bytes);
  for (RecordView record; cursor.next(record);) records.push_back(record);
  B_TRY_VOID(cursor.status());
  return records;
}

}  // namespace barnabas::record
