// The codecs one by one, for compression.cpp only. Contracts as in compression.hpp.
#pragma once

#include <algorithm>
#include <cstring>

#include "core/record/compression.hpp"

namespace barnabas::record {

Buffer gzip_compress(ByteView data, std::optional<int> level);
Result<Buffer> gzip_decompress(ByteView data, std::size_t max_size);

Buffer snappy_compress(ByteView data);
Result<Buffer> snappy_decompress(ByteView data, std::size_t max_size);

Buffer lz4_compress(ByteView data, std::optional<int> level, Lz4Checksum checksum);
Result<Buffer> lz4_decompress(ByteView data, std::size_t max_size, Lz4Checksum checksum);

Buffer zstd_compress(ByteView data, std::optional<int> level);
Result<Buffer> zstd_decompress(ByteView data, std::size_t max_size);

// Output of a decompressor that does not know its size beforehand: grows by doubling, up to a bound. When it is
// full, the decompressor is given a spare byte elsewhere, to learn whether more would come: then it is too large.
class BoundedOutput {
 public:
  // compressed_size: to guess the first allocation from.
  BoundedOutput(std::size_t compressed_size, std::size_t max_size)
      : max_size_(max_size), first_size_(std::max(kLeast, compressed_size * 4)) {}

  // Free memory of at least one byte. Requires that it is not full.
  MutableByteView room() {
    B_CHECK(!full());
    if (size_ == buffer_.size()) grow();
    return buffer_.mutable_view().subspan(size_);
  }
  void advance(std::size_t count) { size_ += count; }
  bool full() const { return size_ == max_size_; }

  Buffer take() { return buffer_.slice(0, size_); }

  std::unexpected<Error> too_large() const {
    return fail(Errc::too_large, "records decompress to more than " + std::to_string(max_size_) + " bytes");
  }

 private:
  static constexpr std::size_t kLeast = 1024;

  void grow() {
    Buffer larger = Buffer::allocate(std::min(max_size_, buffer_.empty() ? first_size_ : 2 * buffer_.size()));
    if (size_ > 0) std::memcpy(larger.mutable_view().data(), buffer_.data(), size_);
    buffer_ = std::move(larger);
  }

  std::size_t max_size_;
  std::size_t first_size_;
  Buffer buffer_;
  std::size_t size_ = 0;
};

}  // namespace barnabas::record
