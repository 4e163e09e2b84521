// Writes the primitive values of Kafka's protocol, or only counts their bytes; behind codec.hpp.
//
// One code path does both, so that size and bytes cannot differ.
#pragma once

#include <bit>
#include <concepts>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/base/writer.hpp"
#include "core/protocol/types.hpp"

namespace barnabas::protocol::detail {

// Record sets left out of the contiguous bytes, each with the position where it belongs.
struct Splice {
  std::size_t position;
  const Records* records;
};
struct Splices {
  std::vector<Splice> list;  // Filled when bytes are written, not when they are counted.
  std::size_t count = 0;
  std::size_t bytes = 0;
};

class Encoder {
 public:
  // Counts only.
  Encoder(std::int16_t version, bool flexible) : version_(version), flexible_(flexible) {}
  Encoder(MutableByteView out, std::int16_t version, bool flexible)
      : out_(out.data()), capacity_(out.size()), version_(version), flexible_(flexible) {}

  // From now on large record sets are noted there instead of being copied. They must outlive the splices.
  void splice_into(Splices& splices) { splices_ = &splices; }

  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  std::size_t size() const { return size_; }
  // An encoder for the same version that counts: for what is preceded by its own size.
  Encoder counter() const { return Encoder(version_, flexible_); }

  // Where to write count bytes; null when only counting. Inlined by force: most of the work of encoding.
  [[gnu::always_inline]] std::byte* advance(std::size_t count) {
    const std::size_t at = size_;
    size_ += count;
    if (out_ == nullptr) return nullptr;
    B_CHECK_OP(size_, <=, capacity_);
    return out_ + at;
  }

  template <std::integral T>
  void integer(T value) {
    if (std::byte* to = advance(sizeof(T))) store_big_endian(to, value);
  }
  void unsigned_varint(std::uint32_t value) {
    std::byte* to = advance(value < 0x80 ? 1 : static_cast<std::size_t>(unsigned_varlong_size(value)));
    if (to == nullptr) return;
    for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::byte>(value | 0x80);
    *to = static_cast<std::byte>(value);
  }
  // size < 0 is null.
  void string_length(std::int64_t size, bool compact) {
    if (compact) return unsigned_varint(static_cast<std::uint32_t>(size + 1));
    B_CHECK_OP(size, <=, 32767);
    integer(static_cast<std::int16_t>(size));
  }
  void length(std::int64_t size, bool compact) {
    B_CHECK_OP(size, <=, 2147483646);
    if (compact) return unsigned_varint(static_cast<std::uint32_t>(size + 1));
    integer(static_cast<std::int32_t>(size));
  }
  void raw(ByteView bytes) {
    std::byte* to = advance(bytes.size());
    if (to != nullptr && !bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }
  void records(const Records& records);

 private:
  std::byte* out_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  Splices* splices_ = nullptr;
  std::int16_t version_;
  bool flexible_;
};

// Memory for prefix, which is copied, and size bytes; what encode_fragments says of `sized`.
Buffer allocate_after(ByteView prefix, std::size_t size, std::size_t spliced, bool sized);

// memory (skip bytes that precede the message, then the message without its splices) cut at the splices.
std::vector<Fragment> cut(const Buffer& memory, std::size_t skip, const std::vector<Splice>& splices);

}  // namespace barnabas::protocol::detail
