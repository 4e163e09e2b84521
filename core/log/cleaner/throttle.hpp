// Holds compaction to log.cleaner.io.max.bytes.per.second, reads and writes of all its threads together. Pure.
#pragma once

#include <cstddef>

#include "core/base/time.hpp"

namespace barnabas::log {

class Throttle {
 public:
  // bytes_per_second: above 0.
  explicit Throttle(double bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  // So many bytes were just read or written: when the next may be.
  Instant reserve(std::size_t bytes, Instant now);

 private:
  double bytes_per_second_;
  Instant free_at_{};
};

}  // namespace barnabas::log
