// The newest offset of each key in the part of a log that is not yet compacted: a hash table of fixed size, which
// holds hashes in place of keys. Compaction takes into one pass only as much of a log as fits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/log/cleaner/key_hash.hpp"

namespace barnabas::log {

class OffsetMap {
 public:
  static constexpr std::size_t kBytesPerSlot = 24;

  // slots: at least one. capacity: how many keys may be put, at most `slots`; fewer make look-ups faster.
  OffsetMap(HashSecret secret, std::size_t slots, std::size_t capacity);

  // False, and nothing happens, when it is full (even if the key is there, as in Kafka). Offsets of one key must rise.
  bool put(ByteView key, Offset offset);
  std::optional<Offset> find(ByteView key) const;

  std::size_t size() const { return size_; }

  // The last offset whose record was taken into account; -1 when there is none yet. Records above it are outside of
  // what the map can judge.
  Offset latest() const { return latest_; }
  void reach(Offset offset) { latest_ = std::max(latest_, offset); }

 private:
  struct Slot {
    KeyHash hash;
    std::int64_t offset = -1;  // -1: empty.
  };
  static_assert(sizeof(Slot) == kBytesPerSlot);

  // Where the key is, or would be put.
  std::size_t slot_of(const KeyHash& hash) const;

  HashSecret secret_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  Offset latest_{-1};
  std::vector<Slot> slots_;
};

}  // namespace barnabas::log
