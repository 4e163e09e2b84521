// The batches of one replica's log, as the oracle knows them: headers read from the disk as the log grows.
//
// Only what is new is read, so that following a log costs as much as its appends.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "core/base/ids.hpp"
#include "sim/disk/file_system.hpp"

namespace barnabas::sim {

// One batch. Two with the same base offset, epoch and checksum have the same bytes: the CRC covers all that is not
// named here.
struct BatchHead {
  std::int64_t base = 0;
  std::int64_t last = 0;
  std::int32_t epoch = -1;
  std::uint32_t crc = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t sequence = -1;

  bool same_bytes(const BatchHead& other) const {
    return base == other.base && last == other.last && epoch == other.epoch && crc == other.crc;
  }
};

class ReplicaLog {
 public:
  // directory: of the partition's log, as its process sees it.
  ReplicaLog(const FileSystem& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}

  const std::deque<BatchHead>& batches() const { return batches_; }
  std::int64_t end() const { return end_; }
  // Null when the offset is in no batch that is there.
  const BatchHead* find(std::int64_t offset) const;

  // The log ends here now, and begins there. What went is given to `gone`, what came to `came`, each in order. False:
  // what is said to be there is not on the disk.
  bool follow(std::int64_t start, std::int64_t end, const std::function<void(const BatchHead&)>& gone,
              const std::function<void(const BatchHead&)>& came);

 private:
  struct Place {
    std::int64_t segment = -1;  // Base offset of the file; -1: before the first.
    std::uint64_t position = 0;
  };
  bool read_next(BatchHead& head);
  bool open_segment();

  const FileSystem* files_;
  std::string directory_;
  std::deque<BatchHead> batches_;
  std::deque<Place> ends_;  // Where each of them ends.
  Place at_;
  InodePtr file_;
  std::int64_t end_ = 0;
};

}  // namespace barnabas::sim
