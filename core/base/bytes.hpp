// Views of bytes, and owned bytes that can be shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/check.hpp"

namespace barnabas {

using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A slice of reference-counted memory. Copying it shares the memory; the memory lives as long as any slice.
// Written only by whoever made it, before it is shared. Not thread-safe, but for the count.
class Buffer {
 public:
  Buffer() = default;

  // size bytes, not initialised.
  static Buffer allocate(std::size_t size) {
    return Buffer(std::make_shared_for_overwrite<std::byte[]>(size), 0, size);
  }
  static Buffer copy_of(ByteView bytes) {
    Buffer buffer = allocate(bytes.size());
    if (!bytes.empty()) std::memcpy(buffer.memory_.get(), bytes.data(), bytes.size());
    return buffer;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::byte* data() const { return memory_.get() + begin_; }
  ByteView view() const { return {data(), size_}; }
  MutableByteView mutable_view() { return {memory_.get() + begin_, size_}; }

  // The part [from, from+size), sharing the memory. Requires that it lies inside.
  Buffer slice(std::size_t from, std::size_t size) const {
    B_CHECK_OP(from, <=, size_);
    B_CHECK_OP(size, <=, size_ - from);
    return Buffer(memory_, begin_ + from, size);
  }

 private:
  Buffer(std::shared_ptr<std::byte[]> memory, std::size_t begin, std::size_t size)
      : memory_(std::move(memory)), begin_(begin), size_(size) {}

  std::shared_ptr<std::byte[]> memory_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace barnabas
