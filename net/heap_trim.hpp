// Gives memory back to the system after a burst of connections: what they held is free again, but scattered, and the
// C library keeps it until it is told.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstddef>

namespace barnabas::net {

class HeapTrim {
 public:
  // So many connections must have gone since the last time, and no more than half of them be left.
  static constexpr std::size_t kLeast = 512;

  void opened() { peak_ = std::max(peak_, ++open_); }
  void closed() {
    if (!is_due(peak_, --open_)) return;
    ::malloc_trim(0);
    peak_ = open_;
  }

  static constexpr bool is_due(std::size_t peak, std::size_t open) { return peak - open >= kLeast && open <= peak / 2; }

 private:
  std::size_t open_ = 0;
  std::size_t peak_ = 0;  // Since the last time.
};

}  // namespace barnabas::net
