// What a leader checks in a produced record set before it appends it, and how it makes it fit to be stored.
//
// In the usual case nothing is converted: the CRC is verified, the records are walked, at most the header is
// patched, and the producer's own bytes come back. Else one new batch is built: when the topic's codec is another,
// when the set is of magic 0 or 1, or when a client numbered its records wrongly (Kafka renumbers these too).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/record/batch.hpp"

namespace barnabas::record {

inline constexpr std::int8_t kAnyMagic = -1;

enum class AppendOrigin : std::uint8_t {
  client,
  coordinator,  // Our own group or transaction coordinator: may write control batches.
};

// The topic's settings that decide here, with Kafka 3.9's defaults.
struct AppendPolicy {
  std::string topic_partition = {};                           // For messages only: "orders-3".
  std::optional<Codec> codec = {};                            // compression.type; nothing is "producer".
  CompressionOptions compression = {};                        // compression.*.level of that codec.
  TimestampType timestamp_type = TimestampType::create_time;  // message.timestamp.type
  std::int64_t timestamp_before_max_ms = INT64_MAX;           // message.timestamp.before.max.ms
  std::int64_t timestamp_after_max_ms = INT64_MAX;            // message.timestamp.after.max.ms
  bool compacted = false;                                     // cleanup.policy has compact: every record needs a key.
  std::size_t max_message_bytes = 1048588;  // max.message.bytes: of one batch, as it came and as it is stored.
  std::size_t segment_bytes = 1073741824;   // segment.bytes: of the set.
  std::size_t max_decompressed_bytes = kMaxDecompressedSize;
  AppendOrigin origin = AppendOrigin::client;
  bool zstd_allowed = true;         // False for Produce before version 7.
  bool one_batch_required = false;  // True for Produce since version 3: exactly one batch, of magic 2.
};

struct ValidatedRecords {
  Buffer batch;        // One batch of magic 2; base offset 0, ready for assign_offsets.
  BatchHeader header;  // Of batch.
  std::int32_t record_count = 0;
  Timestamp max_timestamp = kNoTimestamp;
  // The time of the append if the topic uses log-append time, for the response; else kNoTimestamp.
  Timestamp log_append_time = kNoTimestamp;
  bool rebuilt = false;       // batch is new memory: converted, recompressed or renumbered.
  bool up_converted = false;  // The set was of magic 0 or 1.
};

// record_errors of a Produce response (since version 8).
struct RecordError {
  std::int32_t index = 0;  // In the batch.
  std::string message;
};

// Error::code maps to Kafka's error code:
//   corrupt, truncated     CORRUPT_MESSAGE (2)               invalid_record       INVALID_RECORD (87)
//   too_large              MESSAGE_TOO_LARGE (10)            invalid_timestamp    INVALID_TIMESTAMP (32)
//   record_list_too_large  RECORD_LIST_TOO_LARGE (18)        unsupported_codec    UNSUPPORTED_COMPRESSION_TYPE (76)
// It converts to Error where only that is wanted.
struct ValidationFailure : Error {
  std::vector<RecordError> record_errors;  // At most kMaxRecordErrors.
};
inline constexpr std::size_t kMaxRecordErrors = 100;

// records must not be read by anyone else: it is patched in place and becomes the result. Bytes after the last
// whole batch are dropped; if nothing whole is there, the result has no batch and no records, and nothing is to be
// appended. expected_magic: kAnyMagic, or the only magic allowed.
std::expected<ValidatedRecords, ValidationFailure> validate_for_append(Buffer records, std::int8_t expected_magic,
                                                                       const AppendPolicy& policy, Timestamp now);

}  // namespace barnabas::record
