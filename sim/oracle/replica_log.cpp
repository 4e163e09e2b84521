#include "sim/oracle/replica_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace barnabas::sim {
namespace {

constexpr std::size_t kHeader = 61;
constexpr std::string_view kSuffix = ".log";

template <class T>
T big_endian(const std::array<std::byte, kHeader>& bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8) | std::to_integer<std::uint64_t>(bytes[at + i]);
  return static_cast<T>(value);
}

std::int64_t base_of(std::string_view name) {
  std::int64_t base = -1;
  if (name.size() != 20 + kSuffix.size() || !name.ends_with(kSuffix)) return -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + 20, base);
  return error == std::errc{} && end == name.data() + 20 ? base : -1;
}

}  // namespace

const BatchHead* ReplicaLog::find(std::int64_t offset) const {
  const auto found = std::ranges::lower_bound(batches_, offset, {}, &BatchHead::last);
  return found == batches_.end() || found->base > offset ? nullptr : &*found;
}

// The first segment behind the present one.
bool ReplicaLog::open_segment() {
  const auto directory = files_->find(directory_);
  if (!directory) return false;
  for (const auto& [name, inode] : (*directory)->entries) {
    const std::int64_t base = base_of(name);
    if (base <= at_.segment) continue;
    at_ = {base, 0};
    file_ = inode;
    return true;
  }
  return false;
}

bool ReplicaLog::read_next(BatchHead& head) {
  while (file_ == nullptr || file_->cached.size() < at_.position + kHeader) {
    if (!open_segment()) return false;
  }
  std::array<std::byte, kHeader> bytes{};
  file_->cached.read(at_.position, bytes);
  const auto length = big_endian<std::int32_t>(bytes, 8);
  if (length < static_cast<std::int32_t>(kHeader - 12)) return false;
  head.base = big_endian<std::int64_t>(bytes, 0);
  head.last = head.base + big_endian<std::int32_t>(bytes, 23);
  head.epoch = big_endian<std::int32_t>(bytes, 12);
  head.crc = big_endian<std::uint32_t>(bytes, 17);
  head.producer_id = big_endian<std::int64_t>(bytes, 43);
  head.producer_epoch = big_endian<std::int16_t>(bytes, 51);
  head.sequence = big_endian<std::int32_t>(bytes, 53);
  at_.position += static_cast<std::uint64_t>(length) + 12;
  return true;
}

bool ReplicaLog::follow(std::int64_t start, std::int64_t end, const std::function<void(const BatchHead&)>& gone,
                        const std::function<void(const BatchHead&)>& came) {
  if (end < end_ || start > end_) {
    while (!batches_.empty() && (batches_.back().last >= end || start > end_)) {
      gone(batches_.back());
      batches_.pop_back();
      ends_.pop_back();
    }
    // Files may have been made anew: find them again by name.
    at_ = ends_.empty() ? Place{} : Place{ends_.back().segment, ends_.back().position};
    file_ = nullptr;
    if (at_.segment >= 0) {
      std::string name = std::to_string(at_.segment);
      name = directory_ + "/" + std::string(20 - name.size(), '0') + name + std::string(kSuffix);
      if (const auto file = files_->find(name)) file_ = *file;
    }
    end_ = batches_.empty() ? std::min(start, end) : batches_.back().last + 1;
  }
  while (end_ < end) {
    BatchHead head;
    if (!read_next(head)) break;
    if (head.base >= end) return false;
    if (head.last < end_) continue;  // Read before, or below the start.
    batches_.push_back(head);
    ends_.push_back(at_);
    end_ = head.last + 1;
    came(head);
  }
  while (!batches_.empty() && batches_.front().last < start) {
    batches_.pop_front();
    ends_.pop_front();
  }
  // A log that was emptied, or whose last batches were compacted away, ends above its last batch.
  const bool whole = end_ == end || batches_.empty() || end_ < start;
  end_ = end;
  return whole;
}

}  // namespace barnabas::sim
