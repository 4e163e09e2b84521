// Walks the records of a batch of magic 2 without copying them.
//
// A record: length varint, attributes i8, timestamp delta varlong, offset delta varint, key length varint (-1 is
// null), key, value length varint, value, header count varint, headers (key length and key, value length and
// value).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/reader.hpp"
#include "core/record/batch.hpp"

namespace barnabas::record {

struct Header {
  std::string_view key;  // Bytes as the producer wrote them; UTF-8 is not checked, as Kafka does not.
  std::optional<ByteView> value = {};
};

// The headers of one record, checked when the record was read, decoded as they are walked. Borrows.
class Headers {
 public:
  class Iterator {
   public:
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    Iterator(Reader at, std::int32_t left) : reader_(at), left_(left) { read(); }
    const Header& operator*() const { return current_; }
    const Header* operator->() const { return &current_; }
    Iterator& operator++() {
      --left_;
      read();
      return *this;
    }
    bool operator==(const Iterator& other) const { return left_ == other.left_; }

   private:
    void read();

    Reader reader_;
    std::int32_t left_;
    Header current_;
  };

  Headers() = default;
  // encoded: count headers, known to be well-formed.
  Headers(ByteView encoded, std::int32_t count) : encoded_(encoded), count_(count) {}

  std::size_t size() const { return static_cast<std::size_t>(count_); }
  bool empty() const { return count_ == 0; }
  Iterator begin() const { return {Reader(encoded_), count_}; }
  Iterator end() const { return {Reader({}), 0}; }

 private:
  ByteView encoded_;
  std::int32_t count_ = 0;
};

// Borrows from the bytes it was read from.
struct RecordView {
  Offset offset{0};
  Timestamp timestamp = kNoTimestamp;  // The batch's maximum if that is a log-append time.
  std::optional<ByteView> key = {};
  std::optional<ByteView> value = {};
  Headers headers;
  std::int32_t size = 0;  // Encoded, its length prefix included.
};

// The cursor over the uncompressed records of one batch. Allocates nothing but an error's message.
//
//   RecordCursor cursor(header, records);
//   for (RecordView r; cursor.next(r);) use(r);
//   B_TRY_VOID(cursor.status());
class RecordCursor {
 public:
  // records: what follows the header, decompressed.
  RecordCursor(const BatchHeader& header, ByteView records) : header_(header), reader_(records) {}

  // Reads the next record. False at the end and after the first fault.
  bool next(RecordView& record);

  // Errc::corrupt if a record was malformed, if there were fewer than the header's count, or if bytes are left
  // after the last one. Call it after next() returned false.
  Result<void> status() const;

 private:
  enum class Fault : std::uint8_t { none, too_few, bad_length, bad_field, bad_headers, trailing };

  bool stop(Fault fault) { return fault_ = fault, false; }
  bool read_fields(Reader& body, RecordView& record);

  BatchHeader header_;
  Reader reader_;
  std::int32_t index_ = 0;
  Fault fault_ = Fault::none;
};

// The record bytes of a whole batch: a view into it, or decompressed into storage, which must outlive the result.
// Errc::too_large over max_size.
Result<ByteView> open_records(const BatchHeader& header, ByteView batch, Buffer& storage,
                              std::size_t max_size = kMaxDecompressedSize);

// Calls f(const RecordView&) for each record of one whole batch; f returns void or Result<void>, whose error ends
// the walk. What f sees is valid during the call. The CRC is not verified.
template <class F>
Result<void> for_each_record(ByteView batch, F&& f, std::size_t max_size = kMaxDecompressedSize) {
  B_TRY(const BatchHeader header, parse_batch_header(batch));
  Buffer storage;
  B_TRY(const ByteView records, open_records(header, batch.first(header.total_size()), storage, max_size));
  RecordCursor cursor(header, records);
  for (RecordView record; cursor.next(record);) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, const RecordView&>>) {
      f(record);
    } else {
      B_TRY_VOID(f(record));
    }
  }
  return cursor.status();
}

// All records of one whole batch. They borrow from batch, or from decompressed if the batch is compressed.
Result<std::vector<RecordView>> read_records(ByteView batch, Buffer& decompressed);

}  // namespace barnabas::record
