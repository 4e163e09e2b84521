// Reads big-endian integers, varints and byte strings from a view.
//
// Input is never trusted: each read checks what is left. After the first failure the reader is failed for
// good and every further read gives zero or an empty view, so that callers may read a whole structure and
// ask ok() once. Nothing is allocated. The views returned point into the input.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

#include "core/base/bytes.hpp"

namespace barnabas {

class Reader {
 public:
  explicit Reader(ByteView input) : input_(input) {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return input_.size() - position_; }
  bool at_end() const { return position_ == input_.size(); }

  // Marks the input as bad: for callers who found a value that cannot be.
  void set_failed() {
    ok_ = false;
    position_ = input_.size();
  }

  template <std::integral T>
  T read() {
    if (remaining() < sizeof(T)) return set_failed(), T{};
    T value;
    std::memcpy(&value, input_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    if constexpr (sizeof(T) > 1) value = std::byteswap(value);
    return value;
  }
  std::int8_t i8() { return read<std::int8_t>(); }
  std::int16_t i16() { return read<std::int16_t>(); }
  std::int32_t i32() { return read<std::int32_t>(); }
  std::int64_t i64() { return read<std::int64_t>(); }

  // size bytes; fails when fewer are left or size is negative.
  ByteView bytes(std::int64_t size) {
    if (size < 0 || static_cast<std::uint64_t>(size) > remaining()) return set_failed(), ByteView{};
    ByteView result = input_.subspan(position_, static_cast<std::size_t>(size));
    position_ += result.size();
    return result;
  }
  ByteView rest() { return bytes(static_cast<std::int64_t>(remaining())); }
  void skip(std::int64_t size) { (void)bytes(size); }

  // LEB128 as Kafka reads it: a fifth byte's (tenth, for 64 bits) surplus high bits are dropped; one byte
  // more is an error.
  std::uint32_t unsigned_varint() { return static_cast<std::uint32_t>(varint_bits(5)); }
  std::uint64_t unsigned_varlong() { return varint_bits(10); }
  // Zig-zag.
  std::int32_t varint() {
    const std::uint32_t raw = unsigned_varint();
    return static_cast<std::int32_t>((raw >> 1) ^ (~(raw & 1) + 1));
  }
  std::int64_t varlong() {
    const std::uint64_t raw = unsigned_varlong();
    return static_cast<std::int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
  }

 private:
  std::uint64_t varint_bits(int max_bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < max_bytes; ++i) {
      if (position_ == input_.size()) return set_failed(), 0;
      const auto byte = static_cast<std::uint8_t>(input_[position_++]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) return value;
    }
    return set_failed(), 0;
  }

  ByteView input_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace barnabas
