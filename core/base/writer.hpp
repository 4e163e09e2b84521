// Appends big-endian integers, varints and byte strings to a growing array.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/base/bytes.hpp"

namespace barnabas {

class Writer {
 public:
  Writer() = default;
  explicit Writer(std::size_t expected_size) { out_.reserve(expected_size); }

  std::size_t size() const { return out_.size(); }
  ByteView view() const { return out_; }
  std::vector<std::byte> take() && { return std::move(out_); }
  Buffer to_buffer() const { return Buffer::copy_of(out_); }

  template <std::integral T>
  void write(T value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    put(at, value);
  }
  void i8(std::int8_t v) { write(v); }
  void i16(std::int16_t v) { write(v); }
  void i32(std::int32_t v) { write(v); }
  void i64(std::int64_t v) { write(v); }

  void bytes(ByteView data) { out_.insert(out_.end(), data.begin(), data.end()); }
  void zeros(std::size_t count) { out_.resize(out_.size() + count); }
  // count more bytes, zero, for the caller to fill; the view is valid until the next write.
  MutableByteView extend(std::size_t count) {
    zeros(count);
    return MutableByteView(out_).last(count);
  }

  void unsigned_varint(std::uint32_t value) { unsigned_varlong(value); }
  void unsigned_varlong(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<std::byte>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<std::byte>(value));
  }
  void varint(std::int32_t v) {
    unsigned_varint((static_cast<std::uint32_t>(v) << 1) ^ static_cast<std::uint32_t>(v >> 31));
  }
  void varlong(std::int64_t v) {
    unsigned_varlong((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
  }

  // Overwrites sizeof(T) bytes that were written before, at position: for lengths and checksums.
  template <std::integral T>
  void put(std::size_t position, T value) {
    B_CHECK_OP(position + sizeof(T), <=, out_.size());
    if constexpr (sizeof(T) > 1) value = std::byteswap(value);
    std::memcpy(out_.data() + position, &value, sizeof(T));
  }

 private:
  std::vector<std::byte> out_;
};

// The encoded sizes, for exact-size computations.
constexpr int unsigned_varlong_size(std::uint64_t value) {
  int size = 1;
  while (value >= 0x80) value >>= 7, ++size;
  return size;
}
constexpr int varint_size(std::int32_t v) {
  return unsigned_varlong_size((static_cast<std::uint32_t>(v) << 1) ^ static_cast<std::uint32_t>(v >> 31));
}
constexpr int varlong_size(std::int64_t v) {
  return unsigned_varlong_size((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
}

// Big-endian access in place, for patching a batch header. Require that the bytes are there.
template <std::integral T>
T load_big_endian(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (sizeof(T) > 1) value = std::byteswap(value);
  return value;
}
template <std::integral T>
void store_big_endian(std::byte* to, T value) {
  if constexpr (sizeof(T) > 1) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace barnabas
