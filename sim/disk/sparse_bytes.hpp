// The contents of a simulated file: pages that exist only where something was written; the rest reads as zero.
// Copies share their pages until one of them is written to, so that an image of a disk is cheap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/base/bytes.hpp"

namespace barnabas::sim {

class SparseBytes {
 public:
  static constexpr std::size_t kPageSize = 4096;

  std::uint64_t size() const { return size_; }
  // Fills `into` from offset; bytes past the end are zero.
  void read(std::uint64_t offset, MutableByteView into) const;
  // All of it, for checkers and tests.
  std::vector<std::byte> contents() const;
  // Grows the size when needed.
  void write(std::uint64_t offset, ByteView bytes);
  // What is cut off reads as zero when the size grows again.
  void resize(std::uint64_t size);
  // Offsets of the pages that exist at or after `from`, in order.
  std::vector<std::uint64_t> pages_from(std::uint64_t from) const;
  std::uint64_t allocated() const { return pages_.size() * kPageSize; }

 private:
  using Page = std::array<std::byte, kPageSize>;
  Page& writable(std::uint64_t page);

  std::map<std::uint64_t, std::shared_ptr<Page>> pages_;
  std::uint64_t size_ = 0;
};

}  // namespace barnabas::sim
