#include "core/log/cleaner/offset_map.hpp"

#include <algorithm>

namespace barnabas::log {

// One slot more than may be used, so that every search ends.
OffsetMap::OffsetMap(HashSecret secret, std::size_t slots, std::size_t capacity)
    : secret_(secret), capacity_(std::min(slots, capacity)), slots_(slots + 1) {
  B_CHECK_OP(slots, >, 0u);
}

std::size_t OffsetMap::slot_of(const KeyHash& hash) const {
  std::size_t at = static_cast<std::size_t>(hash.low % slots_.size());
  while (slots_[at].offset >= 0 && slots_[at].hash != hash) at = at + 1 == slots_.size() ? 0 : at + 1;
  return at;
}

bool OffsetMap::put(ByteView key, Offset offset) {
  if (size_ >= capacity_) return false;
  const KeyHash hash = hash_of_key(secret_, key);
  Slot& slot = slots_[slot_of(hash)];
  if (slot.offset < 0) ++size_;
  slot = {hash, offset.value()};
  return true;
}

std::optional<Offset> OffsetMap::find(ByteView key) const {
  const Slot& slot = slots_[slot_of(hash_of_key(secret_, key))];
  if (slot.offset < 0) return std::nullopt;
  return Offset(slot.offset);
}

}  // namespace barnabas::log
