// Bytes as hex digits, for golden values.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace barnabas::coordinator {

inline Buffer from_hex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Buffer bytes = Buffer::allocate(digits.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes.mutable_view()[i] = static_cast<std::byte>(value(digits[2 * i]) * 16 + value(digits[2 * i + 1]));
  }
  return bytes;
}
inline std::string to_hex(const Buffer& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const std::byte byte : bytes.view()) {
    digits += kDigits[static_cast<std::size_t>(byte) >> 4];
    digits += kDigits[static_cast<std::size_t>(byte) & 0xf];
  }
  return digits;
}

}  // namespace barnabas::coordinator
