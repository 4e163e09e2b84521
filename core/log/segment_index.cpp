#include "core/log/segment_index.hpp"

#include <algorithm>
#include <limits>

#include "core/base/reader.hpp"
#include "core/base/writer.hpp"

namespace barnabas::log {

void OffsetIndex::append(Offset last_offset, std::uint64_t position) {
  const std::int64_t relative = last_offset - base_;
  B_CHECK_OP(relative, >=, 0);
  B_CHECK_OP(relative, <=, std::numeric_limits<std::int32_t>::max());
  B_CHECK_OP(position, <=, static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()));
  const Entry entry{static_cast<std::int32_t>(relative), static_cast<std::int32_t>(position)};
  if (!entries_.empty()) {
    B_CHECK_OP(entry.relative_offset, >, entries_.back().relative_offset);
    B_CHECK_OP(entry.position, >, entries_.back().position);
  }
  entries_.push_back(entry);
}

std::optional<OffsetIndex::Hint> OffsetIndex::hint_for(Offset offset) const {
  const std::int64_t relative = offset - base_;
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), relative,
                                      [](std::int64_t r, const Entry& e) { return r < e.relative_offset; });
  if (above == entries_.begin()) return std::nullopt;
  const Entry& entry = *std::prev(above);
  return Hint{base_ + entry.relative_offset, static_cast<std::uint64_t>(entry.position)};
}

std::uint64_t OffsetIndex::boundary_at_or_before(std::uint64_t position) const {
  const auto above =
      std::upper_bound(entries_.begin(), entries_.end(), position, [](std::uint64_t p, const Entry& e) {
        return p < static_cast<std::uint64_t>(e.position);
      });
  return above == entries_.begin() ? 0 : static_cast<std::uint64_t>(std::prev(above)->position);
}

std::optional<OffsetIndex::Hint> OffsetIndex::last() const {
  if (entries_.empty()) return std::nullopt;
  const Entry& entry = entries_.back();
  return Hint{base_ + entry.relative_offset, static_cast<std::uint64_t>(entry.position)};
}

std::vector<std::byte> OffsetIndex::encode() const {
  Writer writer(entries_.size() * kEntrySize);
  for (const Entry& entry : entries_) {
    writer.i32(entry.relative_offset);
    writer.i32(entry.position);
  }
  return std::move(writer).take();
}

Result<OffsetIndex> OffsetIndex::decode(Offset base, ByteView file, std::uint64_t log_size) {
  if (file.size() % kEntrySize != 0) return fail(Errc::corrupt, "offset index of odd size");
  OffsetIndex index(base);
  index.entries_.reserve(file.size() / kEntrySize);
  Reader reader(file);
  while (reader.remaining() >= kEntrySize) {
    const Entry entry{reader.i32(), reader.i32()};
    // No entry has position 0: the first batch has none.
    if (entry.relative_offset == 0 && entry.position == 0) break;
    const bool rises = index.entries_.empty() || (entry.relative_offset > index.entries_.back().relative_offset &&
                                                  entry.position > index.entries_.back().position);
    if (!rises || entry.relative_offset < 0 || entry.position <= 0 ||
        static_cast<std::uint64_t>(entry.position) >= log_size) {
      return fail(Errc::corrupt, "offset index entry " + std::to_string(index.entries_.size()));
    }
    index.entries_.push_back(entry);
  }
  return index;
}

void TimeIndex::append_if_later(Timestamp timestamp, Offset offset) {
  const Timestamp last = entries_.empty() ? kNoTimestamp : entries_.back().timestamp;
  if (timestamp > last) entries_.push_back({timestamp, offset});
}

Offset TimeIndex::offset_for(Timestamp timestamp) const {
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), timestamp,
                                      [](Timestamp t, const Entry& e) { return t < e.timestamp; });
  return above == entries_.begin() ? base_ : std::prev(above)->offset;
}

std::optional<TimeIndex::Entry> TimeIndex::last() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.back();
}

std::vector<std::byte> TimeIndex::encode() const {
  Writer writer(entries_.size() * kEntrySize);
  for (const Entry& entry : entries_) {
    writer.i64(entry.timestamp.value());
    writer.i32(static_cast<std::int32_t>(entry.offset - base_));
  }
  return std::move(writer).take();
}

Result<TimeIndex> TimeIndex::decode(Offset base, ByteView file) {
  if (file.size() % kEntrySize != 0) return fail(Errc::corrupt, "time index of odd size");
  TimeIndex index(base);
  index.entries_.reserve(file.size() / kEntrySize);
  Reader reader(file);
  while (reader.remaining() >= kEntrySize) {
    const std::int64_t timestamp = reader.i64();
    const std::int32_t relative = reader.i32();
    if (timestamp == 0 && relative == 0 && !index.entries_.empty()) break;
    const Entry entry{Timestamp(timestamp), base + relative};
    const bool rises = index.entries_.empty() || (entry.timestamp > index.entries_.back().timestamp &&
                                                  entry.offset >= index.entries_.back().offset);
    if (!rises || relative < 0 || timestamp < 0) {
      return fail(Errc::corrupt, "time index entry " + std::to_string(index.entries_.size()));
    }
    index.entries_.push_back(entry);
  }
  return index;
}

}  // namespace barnabas::log
