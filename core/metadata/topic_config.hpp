// Topic-level configuration: overrides per topic over the broker's keys, with Kafka's names and meaning.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/metadata/config.hpp"

namespace barnabas::metadata {

// A broker key that gives a topic key its value where the topic has none, and the factor that turns its unit
// into the topic key's (log.roll.hours into segment.ms).
struct BrokerSynonym {
  const KeyInfo* key = nullptr;
  std::int64_t factor = 1;
};

struct TopicKeyInfo {
  KeyInfo key;                            // Its default counts only when there are no synonyms.
  std::array<BrokerSynonym, 3> synonyms;  // The first that is set wins; the last one's default is the default.
};

// The declaration of a topic-level key; null when unknown.
const KeyInfo* find_topic_key(std::string_view name);
// Every topic-level key, sorted by name.
std::span<const TopicKeyInfo> topic_keys();

// The effective configuration of one topic. Plain data; take a new one when overrides change.
struct TopicConfig {
  std::int32_t segment_bytes = 0;
  std::int64_t segment_ms = 0;
  std::int64_t segment_jitter_ms = 0;
  std::int32_t segment_index_bytes = 0;
  std::int32_t index_interval_bytes = 0;
  std::int64_t flush_messages = 0;
  std::int64_t flush_ms = 0;
  std::int64_t retention_ms = 0;     // -1: for ever.
  std::int64_t retention_bytes = 0;  // -1: no limit.
  std::int64_t file_delete_delay_ms = 0;
  std::int64_t delete_retention_ms = 0;
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = 0;
  double min_cleanable_dirty_ratio = 0;
  bool cleanup_delete = false;
  bool cleanup_compact = false;
  std::int32_t max_message_bytes = 0;
  std::int32_t min_insync_replicas = 0;
  std::string compression_type;  // "producer", "uncompressed", "gzip", "snappy", "lz4", "zstd".
  std::int32_t compression_gzip_level = 0;
  std::int32_t compression_lz4_level = 0;
  std::int32_t compression_zstd_level = 0;
  bool message_timestamp_log_append_time = false;
  std::int64_t message_timestamp_before_max_ms = 0;
  std::int64_t message_timestamp_after_max_ms = 0;
  bool message_downconversion_enable = false;
  bool unclean_leader_election_enable = false;
  bool preallocate = false;
  // "*", or partition:broker each (KIP-73).
  std::vector<std::string> leader_throttled_replicas;
  std::vector<std::string> follower_throttled_replicas;

  // overrides: as stored with the topic. Unknown or bad ones are ignored, as Kafka does with what it finds in
  // ZooKeeper; check_topic_overrides() is for what clients send.
  static TopicConfig make(const Config& broker, const std::map<std::string, std::string>& overrides);
};

// Whether such a list names this broker's replica of the partition.
bool names_replica(const std::vector<std::string>& throttled, PartitionId partition, BrokerId broker);

// invalid_argument, with the message that clients see as INVALID_CONFIG.
Result<void> check_topic_overrides(const Config& broker, const std::map<std::string, std::string>& overrides);

// Every topic key with value, source and synonyms, sorted by name.
std::vector<ConfigEntry> describe_topic(const Config& broker, const std::map<std::string, std::string>& overrides);

}  // namespace barnabas::metadata
