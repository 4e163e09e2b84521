#include "core/log/transaction_index.hpp"

#include "core/base/check.hpp"
#include "core/base/reader.hpp"
#include "core/base/writer.hpp"

namespace barnabas::log {

namespace {
constexpr std::int16_t kVersion = 0;
}

void TransactionIndex::append(const AbortedTransaction& transaction) {
  if (!entries_.empty()) B_CHECK_OP(transaction.last_offset, >, entries_.back().last_offset);
  entries_.push_back(transaction);
}

bool TransactionIndex::collect(Offset from, Offset upper, std::vector<AbortedTransaction>& found) const {
  for (const AbortedTransaction& transaction : entries_) {
    if (transaction.last_offset >= from && transaction.first_offset < upper) found.push_back(transaction);
    // What was still open then begins at or above the upper bound.
    if (transaction.last_stable_offset >= upper) return true;
  }
  return false;
}

void TransactionIndex::truncate_from_end(Offset end) {
  while (!entries_.empty() && entries_.back().last_offset >= end) entries_.pop_back();
}

std::vector<std::byte> TransactionIndex::encode() const {
  Writer writer(entries_.size() * kEntrySize);
  for (const AbortedTransaction& transaction : entries_) {
    writer.i16(kVersion);
    writer.i64(transaction.producer_id.value());
    writer.i64(transaction.first_offset.value());
    writer.i64(transaction.last_offset.value());
    writer.i64(transaction.last_stable_offset.value());
  }
  return std::move(writer).take();
}

Result<TransactionIndex> TransactionIndex::decode(Offset base, ByteView file) {
  if (file.size() % kEntrySize != 0) return fail(Errc::corrupt, "transaction index of odd size");
  TransactionIndex index;
  index.entries_.reserve(file.size() / kEntrySize);
  Reader reader(file);
  Offset previous = base - 1;
  while (reader.remaining() >= kEntrySize) {
    const std::int16_t version = reader.i16();
    const ProducerId producer(reader.i64());
    const Offset first(reader.i64());
    const Offset last(reader.i64());
    const Offset stable(reader.i64());
    if (version != kVersion || last <= previous || first > last || first < Offset(0)) {
      return fail(Errc::corrupt, "transaction index entry " + std::to_string(index.entries_.size()));
    }
    index.entries_.push_back({producer, first, last, stable});
    previous = last;
  }
  return index;
}

}  // namespace barnabas::log
