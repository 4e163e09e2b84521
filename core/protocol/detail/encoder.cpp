#include "core/protocol/detail/encoder.hpp"

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
    splices_->push_back({size_, records});
    return;
  }
  if (records.is_external() && out_ == nullptr) {
    size_ += records.size();
    return;
  }
  raw(records.view());
}

std::vector<Fragment> cut(const Buffer& memory, std::size_t skip, const Splices& splices) {
  std::vector<Fragment> fragments;
  std::size_t from = 0;
  const auto add_memory = [&](std::size_t to) {
    if (to > from) fragments.emplace_back(memory.slice(from, to - from));
    from = to;
  };
  for (const Splice& splice : splices) {
    add_memory(skip + splice.position);
    if (splice.records.is_external()) {
      fragments.emplace_back(splice.records.external());
    } else {
      fragments.emplace_back(splice.records.to_buffer());
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
