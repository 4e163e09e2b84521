#include "core/log/cleaner/batch_chunks.hpp"

#include <algorithm>

#include "core/record/batch.hpp"

namespace barnabas::log {

namespace {

// How many of the bytes are whole batches.
Result<std::size_t> whole_batches(ByteView bytes) {
  std::size_t whole = 0;
  while (bytes.size() - whole >= record::kBatchHeaderSize) {
    B_TRY(const auto header, record::parse_batch_header_prefix(bytes.subspan(whole)));
    if (header.total_size() > bytes.size() - whole) break;
    whole += header.total_size();
  }
  return whole;
}

}  // namespace

BatchChunks::BatchChunks(std::shared_ptr<env::File> file, std::uint64_t begin, std::uint64_t end, std::size_t chunk)
    : file_(std::move(file)), position_(begin), end_(end), chunk_(std::max(chunk, record::kBatchHeaderSize)) {}

Task<Result<Buffer>> BatchChunks::next() {
  std::size_t wanted = chunk_;
  while (position_ < end_) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end_ - position_));
    B_CO_TRY(Buffer bytes, co_await file_->read_at(position_, size));
    B_CO_TRY(const std::size_t whole, whole_batches(bytes.view()));
    if (whole > 0) {
      position_ += whole;
      co_return bytes.slice(0, whole);
    }
    if (bytes.size() < size || size == end_ - position_) co_return fail(Errc::corrupt, "a batch is not whole");
    // One batch that is larger than what is read at a time.
    B_CO_TRY(const auto header, record::parse_batch_header_prefix(bytes.view()));
    wanted = header.total_size();
  }
  co_return Buffer();
}

}  // namespace barnabas::log
