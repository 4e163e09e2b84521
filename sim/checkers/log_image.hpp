// A broker's partition logs as bytes on a disk, decoded by the checkers' own small reader of record batches v2.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "sim/disk/sparse_bytes.hpp"

namespace barnabas::sim {

struct LoggedRecord {
  std::int64_t offset = 0;
  std::string key;
  std::string value;
  bool tombstone = false;  // No value at all.
};

struct LoggedBatch {
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool control = false;
  std::uint64_t hash = 0;             // Over all its bytes.
  std::vector<LoggedRecord> records;  // Empty when it is compressed.
};

struct LogImage {
  std::vector<LoggedBatch> batches;  // In the order of the files; whole and with a right CRC, up to the first problem.
  std::string problem;               // What stopped the reader, with file and position; empty at the clean end.

  std::int64_t start() const { return batches.empty() ? 0 : batches.front().base_offset; }
  std::int64_t end() const { return batches.empty() ? 0 : batches.back().last_offset + 1; }
  const LoggedRecord* find(std::int64_t offset) const;
};
using LogImages = std::map<TopicPartition, LogImage>;

// Every partition directory below the data directory, but those being deleted.
LogImages read_logs(const std::map<std::string, SparseBytes>& files, const std::string& data_directory);

}  // namespace barnabas::sim
