#include "core/log/batch_scanner.hpp"

#include <algorithm>

#include "core/base/mutant.hpp"

namespace barnabas::log {

BatchScanner::BatchScanner(std::shared_ptr<env::File> file, std::uint64_t begin, std::uint64_t end, ScanDepth depth,
                           std::size_t chunk)
    : file_(std::move(file)),
      position_(begin),
      end_(end),
      depth_(depth),
      chunk_size_(std::max(chunk, record::kBatchHeaderSize)) {
  B_CHECK_OP(begin, <=, end);
}

ByteView BatchScanner::available() const {
  if (position_ < chunk_begin_ || position_ >= chunk_begin_ + chunk_.size()) return {};
  return chunk_.view().subspan(static_cast<std::size_t>(position_ - chunk_begin_));
}

ByteView BatchScanner::bytes() const {
  const ByteView from_here = available();
  return from_here.first(std::min(from_here.size(), header_.total_size()));
}

Task<Result<void>> BatchScanner::load(std::size_t size) {
  if (available().size() >= size) co_return Result<void>{};
  const std::uint64_t left = end_ - position_;
  const std::size_t wanted = std::max(size, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_, left)));
  auto chunk = co_await file_->read_at(position_, wanted);
  if (!chunk) co_return std::unexpected(std::move(chunk).error());
  if (chunk->size() < size) co_return fail(Errc::corrupt, "the file ends early");
  chunk_ = *std::move(chunk);
  chunk_begin_ = position_;
  co_return Result<void>{};
}

Task<Result<bool>> BatchScanner::next() {
  if (started_) position_ = end_position();
  started_ = false;
  if (position_ == end_) co_return false;
  const std::uint64_t left = end_ - position_;
  if (left < record::kBatchHeaderSize) co_return fail(Errc::corrupt, "less than a batch header is left");
  B_CO_TRY_VOID(co_await load(record::kBatchHeaderSize));
  const auto header = record::parse_batch_header_prefix(available().first(record::kBatchHeaderSize));
  if (!header) co_return fail(Errc::corrupt, header.error().message);
  if (header->total_size() > left) co_return fail(Errc::corrupt, "the batch is not whole");
  if (depth_ == ScanDepth::whole || header->is_control()) {
    B_CO_TRY_VOID(co_await load(header->total_size()));
  }
  if (depth_ == ScanDepth::whole && !BARNABAS_MUTANT(recovery_believes_what_it_reads)) {
    const auto verified = record::verify_crc(available().first(header->total_size()));
    if (!verified) co_return fail(Errc::corrupt, verified.error().message);
  }
  header_ = *header;
  started_ = true;
  co_return true;
}

}  // namespace barnabas::log
