// The small files at the top of the data directory, as text. Pure; FORMAT.md describes them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace barnabas::log {

inline constexpr std::string_view kLockFile = ".lock";
inline constexpr std::string_view kCleanShutdownFile = ".kafka_cleanshutdown";
inline constexpr std::string_view kMetaPropertiesFile = "meta.properties";
inline constexpr std::string_view kRecoveryPointFile = "recovery-point-offset-checkpoint";
inline constexpr std::string_view kHighWatermarkFile = "replication-offset-checkpoint";
inline constexpr std::string_view kLogStartFile = "log-start-offset-checkpoint";
inline constexpr std::string_view kCleanerFile = "cleaner-offset-checkpoint";

// The broker epoch is a ZooKeeper transaction id of the registration; Kafka writes -1 here in ZooKeeper mode.
inline constexpr std::string_view kCleanShutdownText = R"({"version":0,"brokerEpoch":-1})";

using OffsetCheckpoint = std::map<TopicPartition, Offset>;

std::string to_text(const OffsetCheckpoint& checkpoint);
// name: of the file, for the error. corrupt.
Result<OffsetCheckpoint> parse_offset_checkpoint(std::string_view text, std::string_view name);

// Whose directory this is.
struct MetaProperties {
  BrokerId broker_id = kNoBroker;
  std::string cluster_id;
};

std::string to_text(const MetaProperties& properties);
// corrupt: no broker.id or cluster.id in it. unsupported: written in KRaft mode (version=1).
Result<MetaProperties> parse_meta_properties(std::string_view text);

}  // namespace barnabas::log
