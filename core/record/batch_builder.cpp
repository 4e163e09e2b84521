#include "core/record/batch_builder.hpp"

#include <algorithm>
#include <limits>

namespace barnabas::record {
namespace {

int nullable_size(const std::optional<ByteView>& bytes) {
  if (!bytes) return varint_size(-1);
  return varint_size(static_cast<std::int32_t>(bytes->size())) + static_cast<int>(bytes->size());
}

void write_nullable(Writer& out, const std::optional<ByteView>& bytes) {
  out.varint(bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
  if (bytes) out.bytes(*bytes);
}

std::int16_t attributes_of(const BatchOptions& options) {
  int bits = static_cast<int>(options.codec);
  if (options.timestamp_type == TimestampType::log_append_time) bits |= 0x8;
  if (options.transactional) bits |= 0x10;
  if (options.control) bits |= 0x20;
  if (options.delete_horizon) bits |= 0x40;
  return static_cast<std::int16_t>(bits);
}

}  // namespace

BatchBuilder::BatchBuilder(BatchOptions options) : options_(options) { out_.zeros(kBatchHeaderSize); }

void BatchBuilder::append(Timestamp timestamp, std::optional<ByteView> key, std::optional<ByteView> value,
                          std::span<const Header> headers) {
  append_record(last_delta_ + 1, timestamp, key, value, headers);
}

void BatchBuilder::append(const RecordView& record) {
  append_record(last_delta_ + 1, record.timestamp, record.key, record.value, record.headers);
}

void BatchBuilder::append_in_place(const RecordView& record) {
  const std::int64_t delta = record.offset - options_.base_offset;
  B_CHECK_OP(delta, >, std::int64_t{last_delta_});
  B_CHECK_OP(delta, <=, std::int64_t{std::numeric_limits<std::int32_t>::max()});
  append_record(static_cast<std::int32_t>(delta), record.timestamp, record.key, record.value, record.headers);
}

template <class Range>
void BatchBuilder::append_record(std::int32_t offset_delta, Timestamp timestamp, std::optional<ByteView> key,
                                 std::optional<ByteView> value, const Range& headers) {
  B_CHECK_OP(timestamp.value(), >=, -1);
  if (count_ == 0) base_timestamp_ = options_.delete_horizon.value_or(timestamp);
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  const std::int64_t timestamp_delta = timestamp - base_timestamp_;
  const auto header_count = static_cast<std::int32_t>(headers.size());

  int size = 1 + varlong_size(timestamp_delta) + varint_size(offset_delta) + nullable_size(key) + nullable_size(value) +
             varint_size(header_count);
  for (const Header& header : headers) size += nullable_size(as_bytes(header.key)) + nullable_size(header.value);

  out_.varint(size);
  out_.i8(0);
  out_.varlong(timestamp_delta);
  out_.varint(offset_delta);
  write_nullable(out_, key);
  write_nullable(out_, value);
  out_.varint(header_count);
  for (const Header& header : headers) {
    write_nullable(out_, as_bytes(header.key));
    write_nullable(out_, header.value);
  }
  ++count_;
  last_delta_ = offset_delta;
  B_CHECK_OP(out_.size(), <, std::size_t{std::numeric_limits<std::int32_t>::max()});
}

Buffer BatchBuilder::build() {
  B_CHECK_OP(count_, >, 0);
  Buffer batch;
  if (options_.codec == Codec::none) {
    batch = out_.to_buffer();
  } else {
    const Buffer payload = compress(options_.codec, out_.view().subspan(kBatchHeaderSize), options_.compression);
    batch = Buffer::allocate(kBatchHeaderSize + payload.size());
    std::ranges::copy(payload.view(), batch.mutable_view().begin() + kBatchHeaderSize);
  }
  BatchHeader header{.base_offset = options_.base_offset,
                     .length = static_cast<std::int32_t>(batch.size() - kLogOverhead),
                     .leader_epoch = options_.leader_epoch,
                     .attributes = attributes_of(options_),
                     .last_offset_delta = options_.last_offset_delta.value_or(last_delta_),
                     .base_timestamp = base_timestamp_,
                     .max_timestamp = options_.timestamp_type == TimestampType::log_append_time
                                          ? options_.log_append_time
                                          : max_timestamp_,
                     .producer_id = options_.producer_id,
                     .producer_epoch = options_.producer_epoch,
                     .base_sequence = options_.base_sequence,
                     .record_count = count_};
  store_batch_header(batch.mutable_view(), header);
  header.crc = compute_crc(batch.view());
  store_batch_header(batch.mutable_view(), header);
  return batch;
}

}  // namespace barnabas::record
