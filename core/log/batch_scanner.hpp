// Walks the batches of a segment file from a position on.
#pragma once

#include <memory>

#include "core/async/task.hpp"
#include "core/env/disk.hpp"
#include "core/record/batch.hpp"

namespace barnabas::log {

// How much of each batch is looked at.
enum class ScanDepth : std::uint8_t {
  headers,  // The header; the whole of control batches.
  whole,    // All of it, and its CRC is verified.
};

class BatchScanner {
 public:
  // Reads [begin, end) of the file. chunk: how much to read at a time.
  BatchScanner(std::shared_ptr<env::File> file, std::uint64_t begin, std::uint64_t end, ScanDepth depth,
               std::size_t chunk);

  // Moves to the next batch. False at the end, if it is the end of a batch. corrupt: what comes next is not a
  // whole and sound batch of magic 2 (position() is where it begins). io_error: the disk.
  Task<Result<bool>> next();

  // The batch that next() found; valid until the following next().
  const record::BatchHeader& header() const { return header_; }
  // Depth whole, or a control batch: all of it; else at least its header.
  ByteView bytes() const;
  std::uint64_t position() const { return position_; }
  // Where the batch ends.
  std::uint64_t end_position() const { return position_ + header_.total_size(); }

 private:
  // Makes [position_, position_ + size) available in the chunk; size lies within the range.
  Task<Result<void>> load(std::size_t size);
  ByteView available() const;

  std::shared_ptr<env::File> file_;
  std::uint64_t position_;
  std::uint64_t end_;
  ScanDepth depth_;
  std::size_t chunk_size_;
  bool started_ = false;
  record::BatchHeader header_;
  Buffer chunk_;
  std::uint64_t chunk_begin_ = 0;
};

}  // namespace barnabas::log
