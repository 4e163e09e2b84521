// Reads a segment as whole batches, many at a time.
#pragma once

#include <memory>

#include "core/async/task.hpp"
#include "core/env/disk.hpp"

namespace barnabas::log {

class BatchChunks {
 public:
  // Reads [begin, end) of the file, both of them ends of batches. chunk: how much at a time, more if a batch is larger.
  BatchChunks(std::shared_ptr<env::File> file, std::uint64_t begin, std::uint64_t end, std::size_t chunk);

  // One or more whole batches, empty at the end. Their checksums were not looked at. corrupt: what comes next is no
  // batch; io_error.
  Task<Result<Buffer>> next();
  bool at_end() const { return position_ == end_; }

 private:
  std::shared_ptr<env::File> file_;
  std::uint64_t position_;
  std::uint64_t end_;
  std::size_t chunk_;
};

}  // namespace barnabas::log
