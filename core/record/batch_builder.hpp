// Builds one record batch of magic 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/writer.hpp"
#include "core/record/record_reader.hpp"

namespace barnabas::record {

struct BatchOptions {
  Codec codec = Codec::none;
  CompressionOptions compression = {};
  Offset base_offset{0};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  TimestampType timestamp_type = TimestampType::create_time;
  Timestamp log_append_time = kNoTimestamp;  // The batch's max timestamp if the type is log_append_time.
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = kNoSequence;
  bool transactional = false;
  bool control = false;
  // For a batch that compaction thins out (KIP-534): the base timestamp, and the attribute that says so.
  std::optional<Timestamp> delete_horizon = {};
  // The header's, if it is not that of the last record: a thinned batch keeps the one it had.
  std::optional<std::int32_t> last_offset_delta = {};
};

class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options = {});

  // Appends a record with the next offset. Copies everything. Requires timestamp >= -1 and that the records stay
  // under 2^31 bytes: the caller watches uncompressed_size().
  void append(Timestamp timestamp, std::optional<ByteView> key, std::optional<ByteView> value,
              std::span<const Header> headers = {});
  // The same with the headers, timestamp, key and value of a record that was read; its offset is ignored.
  void append(const RecordView& record);
  // The same with the offset of the record that was read, which must be at least the base offset and rise.
  void append_in_place(const RecordView& record);

  std::int32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  // Bytes of the batch if it were built now without compression.
  std::size_t uncompressed_size() const { return out_.size(); }

  // The batch with its CRC, ready to be sent or appended. Requires at least one record. The builder is spent.
  Buffer build();

 private:
  template <class Range>
  void append_record(std::int32_t offset_delta, Timestamp timestamp, std::optional<ByteView> key,
                     std::optional<ByteView> value, const Range& headers);

  BatchOptions options_;
  Writer out_;  // kBatchHeaderSize bytes of room, then the records.
  std::int32_t count_ = 0;
  std::int32_t last_delta_ = -1;
  Timestamp base_timestamp_ = kNoTimestamp;
  Timestamp max_timestamp_ = kNoTimestamp;
};

}  // namespace barnabas::record
