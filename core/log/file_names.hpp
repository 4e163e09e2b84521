// The names of a partition's files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"

namespace barnabas::log {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kTransactionIndexSuffix = ".txnindex";
inline constexpr std::string_view kSnapshotSuffix = ".snapshot";
inline constexpr std::string_view kDeletedSuffix = ".deleted";
inline constexpr std::string_view kCleanedSuffix = ".cleaned";
inline constexpr std::string_view kSwapSuffix = ".swap";
inline constexpr std::string_view kTemporarySuffix = ".tmp";
inline constexpr std::string_view kDeleteDirectorySuffix = "-delete";

inline constexpr std::string_view kLeaderEpochFile = "leader-epoch-checkpoint";
inline constexpr std::string_view kPartitionMetadataFile = "partition.metadata";

// "00000000000000000042.log" for 42 and ".log". The offset must not be negative.
std::string offset_file_name(Offset offset, std::string_view suffix);
// The offset in a name of 20 digits and exactly this suffix.
std::optional<Offset> parse_offset_file_name(std::string_view name, std::string_view suffix);

// "orders-3" as topic and partition. Nothing: another directory's name.
std::optional<TopicPartition> parse_partition_directory(std::string_view name);

std::string join_path(std::string_view directory, std::string_view name);

// A decimal number of at most 19 digits, with nothing around it.
std::optional<std::int64_t> parse_decimal(std::string_view text);

}  // namespace barnabas::log
