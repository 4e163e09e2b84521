#include "core/record/validate.hpp"

#include <limits>
#include <utility>

#include "core/record/batch_builder.hpp"
#include "core/record/legacy.hpp"

namespace barnabas::record {
namespace {

using Outcome = std::expected<ValidatedRecords, ValidationFailure>;

// The errors of single records, collected so that the client learns of all of them.
class RecordChecks {
 public:
  RecordChecks(const AppendPolicy& policy, Timestamp now) : policy_(policy), now_(now) {}

  void check(std::int32_t index, bool has_key, Timestamp timestamp, TimestampType client_type) {
    if (policy_.compacted && !has_key) {
      add(index, "a record of a compacted topic needs a key, in " + policy_.topic_partition);
    } else if (policy_.timestamp_type == TimestampType::create_time && timestamp != kNoTimestamp) {
      if (out_of_range(timestamp)) {
        bad_timestamp_ = true;
        add(index, "timestamp " + std::to_string(timestamp.value()) + " is too far from the broker's, " +
                       std::to_string(now_.value()));
      }
    } else if (client_type == TimestampType::log_append_time) {
      bad_timestamp_ = true;
      add(index, "a producer may not set the timestamp type to LogAppendTime");
    }
  }

  bool failed() const { return !errors_.empty(); }
  ValidationFailure take() {
    const Errc code = bad_timestamp_ ? Errc::invalid_timestamp : Errc::invalid_record;
    return {{code, "records were rejected; the first: " + errors_.front().message}, std::move(errors_)};
  }

 private:
  void add(std::int32_t index, std::string message) {
    if (errors_.size() < kMaxRecordErrors) errors_.push_back({index, std::move(message)});
  }

  // The distances are computed unsigned: timestamps are whatever the client sent.
  bool out_of_range(Timestamp timestamp) const {
    const auto at = static_cast<std::uint64_t>(timestamp.value());
    const auto now = static_cast<std::uint64_t>(now_.value());
    return timestamp > now_ ? exceeds(at - now, policy_.timestamp_after_max_ms)
                            : exceeds(now - at, policy_.timestamp_before_max_ms);
  }
  // INT64_MAX is no limit, even where the distance is larger still.
  static bool exceeds(std::uint64_t distance, std::int64_t limit) {
    return limit != INT64_MAX && distance > static_cast<std::uint64_t>(limit);
  }

  const AppendPolicy& policy_;
  const Timestamp now_;
  std::vector<RecordError> errors_;
  bool bad_timestamp_ = false;
};

// What the scan over the outer batches or messages found.
struct SetSummary {
  std::size_t size = 0;  // Of the whole batches; a partial one at the end is dropped.
  std::int32_t batches = 0;
  std::int8_t magic = 0;
  int codec_id = 0;  // Of the last compressed one.
};

ValidationFailure failure(const AppendPolicy& policy, Errc code, std::string what) {
  return {{code, policy.topic_partition + ": " + std::move(what)}, {}};
}
std::unexpected<ValidationFailure> reject(const AppendPolicy& policy, Errc code, std::string what) {
  return std::unexpected(failure(policy, code, std::move(what)));
}
std::unexpected<ValidationFailure> reject(const AppendPolicy& policy, const Error& error) {
  return reject(policy, error.code, error.message);
}

int codec_id_of(const Extent& extent, ByteView bytes) {
  if (extent.magic == 2) return load_batch_header(bytes).attributes & 0x7;
  return static_cast<int>(bytes[kMagicPosition + 1]) & 0x7;
}

// What the Produce API demands of a set since version 3.
Result<void> check_request_shape(ByteView set, std::int8_t expected_magic, const AppendPolicy& policy) {
  const Result<Extent> first = parse_extent(set);
  if (!first && first.error().code != Errc::truncated) return std::unexpected(first.error());
  if (!first) {
    return policy.one_batch_required ? fail(Errc::invalid_record, "no record batch") : Result<void>{};
  }
  const std::int8_t wanted = policy.one_batch_required ? 2 : expected_magic;
  if (wanted != kAnyMagic && first->magic != wanted) {
    return fail(Errc::invalid_record,
                "magic " + std::to_string(first->magic) + " instead of " + std::to_string(wanted));
  }
  if (!policy.zstd_allowed && codec_id_of(*first, set) == static_cast<int>(Codec::zstd)) {
    return fail(Errc::unsupported_codec, "zstd needs Produce version 7");
  }
  if (!policy.one_batch_required) return {};
  const Result<Extent> second = parse_extent(set.subspan(first->size));
  if (second) return fail(Errc::invalid_record, "more than one record batch");
  return second.error().code == Errc::truncated ? Result<void>{} : std::unexpected(second.error());
}

// Base offset, size and checksum of one outer batch or message.
Result<void> check_outer(const Extent& extent, ByteView bytes, const AppendPolicy& policy) {
  if (extent.magic == 2 && policy.origin == AppendOrigin::client && extent.base_offset != Offset(0)) {
    return fail(Errc::invalid_record, "base offset " + std::to_string(extent.base_offset.value()) + " instead of 0");
  }
  if (extent.size > policy.max_message_bytes) {
    return fail(Errc::too_large, "a batch of " + std::to_string(extent.size) + " bytes; max.message.bytes is " +
                                     std::to_string(policy.max_message_bytes));
  }
  return extent.magic == 2 ? verify_crc(bytes) : verify_message_crc(bytes);
}

Result<SetSummary> scan_set(ByteView set, const AppendPolicy& policy) {
  SetSummary summary;
  while (true) {
    const ByteView rest = set.subspan(summary.size);
    const Result<Extent> extent = parse_extent(rest);
    if (!extent && extent.error().code == Errc::truncated) return summary;
    if (!extent) return std::unexpected(extent.error());
    const ByteView bytes = rest.first(extent->size);
    B_TRY_VOID(check_outer(*extent, bytes, policy));
    B_TRY(const Codec codec, codec_from_id(codec_id_of(*extent, bytes)));
    if (codec != Codec::none) summary.codec_id = static_cast<int>(codec);
    if (summary.batches == 0) summary.magic = extent->magic;
    if (extent->magic != summary.magic) return fail(Errc::invalid_record, "batches of different magic in one set");
    ++summary.batches;
    summary.size += extent->size;
  }
}

// The fields of a batch of magic 2 that must agree with each other.
Result<void> check_header(const BatchHeader& header, const AppendPolicy& policy) {
  if (header.last_offset_delta < 0) return fail(Errc::invalid_record, "a batch whose last offset is below its first");
  if (header.record_count <= 0) {
    return fail(Errc::invalid_record, "a batch of " + std::to_string(header.record_count) + " records");
  }
  if (std::int64_t{header.last_offset_delta} + 1 != header.record_count) {
    return fail(Errc::invalid_record, "a batch of " + std::to_string(header.record_count) +
                                          " records with last offset delta " +
                                          std::to_string(header.last_offset_delta));
  }
  if (policy.origin != AppendOrigin::client) return {};
  if (header.is_control()) return fail(Errc::invalid_record, "clients may not write control records");
  if (header.has_producer() && header.base_sequence < 0) {
    return fail(Errc::invalid_record, "sequence " + std::to_string(header.base_sequence) + " of producer " +
                                          std::to_string(header.producer_id.value()));
  }
  return {};
}

// A batch with a right CRC whose content does not parse was made so by the client: it may not send it again.
Error made_by_client(Error error) {
  if (error.code == Errc::corrupt || error.code == Errc::truncated) error.code = Errc::invalid_record;
  return error;
}

struct WalkResult {
  Timestamp max_timestamp = kNoTimestamp;
  bool numbered_well = true;  // Offset deltas are 0, 1, 2, ...
  std::optional<ValidationFailure> failure;
};

WalkResult walk_records(const BatchHeader& header, ByteView records, const AppendPolicy& policy, Timestamp now) {
  WalkResult result;
  RecordChecks checks(policy, now);
  RecordCursor cursor(header, records);
  Offset expected = header.base_offset;
  for (RecordView record; cursor.next(record); ++expected) {
    checks.check(static_cast<std::int32_t>(expected - header.base_offset), record.key.has_value(), record.timestamp,
                 header.timestamp_type());
    result.max_timestamp = std::max(result.max_timestamp, record.timestamp);
    result.numbered_well = result.numbered_well && record.offset == expected;
  }
  if (const Result<void> status = cursor.status(); !status) {
    const Error error = made_by_client(status.error());
    result.failure = failure(policy, error.code, error.message);
  } else if (checks.failed()) {
    result.failure = checks.take();
  }
  return result;
}

BatchOptions options_for(const AppendPolicy& policy, Codec codec, Timestamp now) {
  return {.codec = codec,
          .compression = policy.compression,
          .timestamp_type = policy.timestamp_type,
          .log_append_time = now};
}

Result<Buffer> rebuild(const BatchHeader& header, ByteView records, Codec codec, const AppendPolicy& policy,
                       Timestamp now) {
  BatchOptions options = options_for(policy, codec, now);
  options.producer_id = header.producer_id;
  options.producer_epoch = header.producer_epoch;
  options.base_sequence = header.base_sequence;
  options.transactional = header.is_transactional();
  options.control = header.is_control();
  BatchBuilder builder(options);
  RecordCursor cursor(header, records);
  for (RecordView record; cursor.next(record);) {
    if (record.timestamp < kNoTimestamp) {
      return fail(Errc::invalid_timestamp, "a record has timestamp " + std::to_string(record.timestamp.value()));
    }
    builder.append(record);
  }
  return builder.build();
}

// The sizes of what is to be stored, and the summary for the caller.
Outcome finish(Buffer batch, const AppendPolicy& policy, ValidatedRecords result, Timestamp now) {
  if (batch.size() > policy.max_message_bytes) {
    return reject(policy, Errc::too_large,
                  "the batch is " + std::to_string(batch.size()) +
                      " bytes after its conversion; max.message.bytes is " + std::to_string(policy.max_message_bytes));
  }
  if (batch.size() > policy.segment_bytes) {
    return reject(policy, Errc::record_list_too_large,
                  std::to_string(batch.size()) + " bytes; segment.bytes is " + std::to_string(policy.segment_bytes));
  }
  result.header = load_batch_header(batch.view());
  result.record_count = result.header.record_count;
  result.max_timestamp = result.header.max_timestamp;
  if (policy.timestamp_type == TimestampType::log_append_time) result.log_append_time = now;
  result.batch = std::move(batch);
  return result;
}

Outcome validate_batch(Buffer batch, const AppendPolicy& policy, Timestamp now) {
  const BatchHeader header = load_batch_header(batch.view());
  if (auto ok = check_header(header, policy); !ok) return reject(policy, ok.error());
  Buffer storage;
  const Result<ByteView> records = open_records(header, batch.view(), storage, policy.max_decompressed_bytes);
  if (!records) return reject(policy, made_by_client(records.error()));
  WalkResult walk = walk_records(header, *records, policy, now);
  if (walk.failure) return std::unexpected(*std::move(walk.failure));

  // Control batches stay as our own coordinator wrote them.
  const Codec codec = header.is_control() ? header.codec() : policy.codec.value_or(header.codec());
  ValidatedRecords result;
  result.rebuilt = codec != header.codec() || !walk.numbered_well;
  if (result.rebuilt) {
    Result<Buffer> rebuilt = rebuild(header, *records, codec, policy, now);
    if (!rebuilt) return reject(policy, rebuilt.error());
    batch = *std::move(rebuilt);
  } else {
    set_max_timestamp(batch.mutable_view(), policy.timestamp_type,
                      policy.timestamp_type == TimestampType::log_append_time ? now : walk.max_timestamp);
  }
  return finish(std::move(batch), policy, std::move(result), now);
}

Outcome convert_messages(ByteView set, Codec source, const AppendPolicy& policy, Timestamp now) {
  BatchBuilder builder(options_for(policy, policy.codec.value_or(source), now));
  RecordChecks checks(policy, now);
  const Result<void> walked =
      for_each_message(set, policy.max_decompressed_bytes, [&](const Message& message) -> Result<void> {
        checks.check(builder.count(), message.key.has_value(), message.timestamp, message.timestamp_type());
        if (message.timestamp < kNoTimestamp) {
          return fail(Errc::invalid_timestamp, "a message has timestamp " + std::to_string(message.timestamp.value()));
        }
        builder.append(message.timestamp, message.key, message.value);
        if (builder.uncompressed_size() > policy.max_decompressed_bytes + kBatchHeaderSize) {
          return fail(Errc::too_large, "more than " + std::to_string(policy.max_decompressed_bytes) + " bytes");
        }
        return {};
      });
  if (!walked) return reject(policy, walked.error());
  if (checks.failed()) return std::unexpected(checks.take());
  ValidatedRecords result;
  result.rebuilt = true;
  result.up_converted = true;
  return finish(builder.build(), policy, std::move(result), now);
}

}  // namespace

Outcome validate_for_append(Buffer records, std::int8_t expected_magic, const AppendPolicy& policy, Timestamp now) {
  if (auto ok = check_request_shape(records.view(), expected_magic, policy); !ok) return reject(policy, ok.error());
  const Result<SetSummary> summary = scan_set(records.view(), policy);
  if (!summary) return reject(policy, summary.error());
  if (summary->batches == 0) return ValidatedRecords{};
  // Uncompressed messages of magic 0 and 1 each look like a batch of their own; anything else comes as one.
  if (summary->batches > 1 && (summary->magic == 2 || summary->codec_id != 0)) {
    return reject(policy, Errc::invalid_record, "more than one record batch");
  }
  records = records.slice(0, summary->size);
  if (summary->magic == 2) return validate_batch(std::move(records), policy, now);
  return convert_messages(records.view(), static_cast<Codec>(summary->codec_id), policy, now);
}

}  // namespace barnabas::record
