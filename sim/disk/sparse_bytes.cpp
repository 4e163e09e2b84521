#include "sim/disk/sparse_bytes.hpp"

#include <algorithm>
#include <cstring>

namespace barnabas::sim {

SparseBytes::Page& SparseBytes::writable(std::uint64_t page) {
  auto& slot = pages_[page];
  if (!slot) {
    slot = std::make_shared<Page>();
    slot->fill(std::byte{0});
  } else if (slot.use_count() > 1) {
    slot = std::make_shared<Page>(*slot);
  }
  return *slot;
}

void SparseBytes::read(std::uint64_t offset, MutableByteView into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::uint64_t at = offset + done;
    const std::size_t within = at % kPageSize;
    const std::size_t count = std::min(kPageSize - within, into.size() - done);
    const auto page = pages_.find(at / kPageSize);
    if (page == pages_.end()) {
      std::memset(into.data() + done, 0, count);
    } else {
      std::memcpy(into.data() + done, page->second->data() + within, count);
    }
    done += count;
  }
}

std::vector<std::byte> SparseBytes::contents() const {
  std::vector<std::byte> all(size_);
  read(0, all);
  return all;
}

void SparseBytes::write(std::uint64_t offset, ByteView bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::uint64_t at = offset + done;
    const std::size_t within = at % kPageSize;
    const std::size_t count = std::min(kPageSize - within, bytes.size() - done);
    std::memcpy(writable(at / kPageSize).data() + within, bytes.data() + done, count);
    done += count;
  }
  size_ = std::max(size_, offset + bytes.size());
}

void SparseBytes::resize(std::uint64_t size) {
  if (size < size_) {
    pages_.erase(pages_.lower_bound((size + kPageSize - 1) / kPageSize), pages_.end());
    const std::size_t within = size % kPageSize;
    if (within != 0 && pages_.contains(size / kPageSize)) {
      Page& last = writable(size / kPageSize);
      std::fill(last.begin() + static_cast<std::ptrdiff_t>(within), last.end(), std::byte{0});
    }
  }
  size_ = size;
}

std::vector<std::uint64_t> SparseBytes::pages_from(std::uint64_t from) const {
  std::vector<std::uint64_t> offsets;
  for (auto it = pages_.lower_bound(from / kPageSize); it != pages_.end(); ++it) {
    offsets.push_back(it->first * kPageSize);
  }
  return offsets;
}

}  // namespace barnabas::sim
