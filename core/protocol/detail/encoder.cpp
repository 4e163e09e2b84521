#include "core/protocol/detail/encoder.hpp"

#include <cstring>
#include <limits>

#include "core/protocol/codec.hpp"

namespace barnabas::protocol {
namespace detail {
namespace {

// Below this a copy is cheaper than one more piece in a vectored write.
constexpr std::size_t kSmallRecords = 1024;

}  // namespace

void Encoder::records(const Records& records) {
  const bool large = records.is_owned() && records.size() >= kSmallRecords;
  if (splices_ != nullptr && (records.is_external() || large)) {
    if (out_ != nullptr) {
      splices_->list.push_back({size_, &records});
    } else {
      ++splices_->count;
      splices_->bytes += records.size();
    }
    return;
  }
  if (records.is_external() && out_ == nullptr) {
    size_ += records.size();
    return;
  }
  raw(records.view());
}

Buffer allocate_after(ByteView prefix, std::size_t size, std::size_t spliced, bool sized) {
  Buffer memory = Buffer::allocate(prefix.size() + size);
  std::byte* start = memory.mutable_view().data();
  if (!prefix.empty()) std::memcpy(start, prefix.data(), prefix.size());
  if (!sized) return memory;
  const std::size_t rest = memory.size() - sizeof(std::int32_t) + spliced;
  B_CHECK_OP(rest, <=, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  store_big_endian(start, static_cast<std::int32_t>(rest));
  return memory;
}

std::vector<Fragment> cut(const Buffer& memory, std::size_t skip, const std::vector<Splice>& splices) {
  std::vector<Fragment> fragments;
  fragments.reserve(2 * splices.size() + 1);
  std::size_t from = 0;
  const auto add_memory = [&](std::size_t to) {
    if (to > from) fragments.emplace_back(memory.slice(from, to - from));
    from = to;
  };
  for (const Splice& splice : splices) {
    add_memory(skip + splice.position);
    if (splice.records->is_external()) {
      fragments.emplace_back(splice.records->external());
    } else {
      fragments.emplace_back(splice.records->to_buffer());
    }
  }
  add_memory(memory.size());
  return fragments;
}

}  // namespace detail

std::size_t total_size(const std::vector<Fragment>& fragments) {
  std::size_t size = 0;
  for (const Fragment& fragment : fragments) {
    if (const auto* buffer = std::get_if<Buffer>(&fragment)) {
      size += buffer->size();
    } else {
      size += std::get<std::shared_ptr<const ExternalRecords>>(fragment)->size();
    }
  }
  return size;
}

}  // namespace barnabas::protocol
