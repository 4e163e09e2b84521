// What a partition's log is told by its topic's configuration. Names and defaults are Kafka's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/base/time.hpp"

namespace barnabas::log {

struct LogConfig {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::int64_t segment_bytes = 1024LL * 1024 * 1024;     // segment.bytes
  std::int64_t segment_ms = 7LL * 24 * 3600 * 1000;      // segment.ms
  std::int64_t segment_jitter_ms = 0;                    // segment.jitter.ms: at most this is drawn and taken off
  std::int64_t segment_index_bytes = 10LL * 1024 * 1024; // segment.index.bytes
  std::int64_t index_interval_bytes = 4096;              // index.interval.bytes
  std::int64_t flush_messages = kNever;                  // flush.messages
  std::int64_t flush_ms = kNever;                        // flush.ms
  std::int64_t retention_ms = 7LL * 24 * 3600 * 1000;    // retention.ms, -1 is no limit
  std::int64_t retention_bytes = -1;                     // retention.bytes, -1 is no limit
  std::int64_t max_message_bytes = 1048588;              // max.message.bytes: checked before append, not here
  std::int64_t producer_id_expiration_ms = 24LL * 3600 * 1000;  // producer.id.expiration.ms
  std::int64_t file_delete_delay_ms = 60'000;            // file.delete.delay.ms
  bool preallocate = false;                              // preallocate
  bool cleanup_delete = true;                            // cleanup.policy contains delete
  bool cleanup_compact = false;                          // cleanup.policy contains compact
  double min_cleanable_ratio = 0.5;                      // min.cleanable.dirty.ratio
  std::int64_t min_compaction_lag_ms = 0;                // min.compaction.lag.ms
  std::int64_t max_compaction_lag_ms = kNever;           // max.compaction.lag.ms
  std::int64_t delete_retention_ms = 24LL * 3600 * 1000; // delete.retention.ms: tombstones and markers stay so long
};

// A configured number of milliseconds; what does not fit is practically for ever.
inline Duration duration_of(std::int64_t milliseconds) {
  constexpr std::int64_t kMost = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count() / 2;
  return std::chrono::milliseconds(std::clamp<std::int64_t>(milliseconds, 0, kMost));
}

}  // namespace barnabas::log
