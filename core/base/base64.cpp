#include "core/base/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace barnabas {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < count ? static_cast<std::uint32_t>(bytes[i + k]) : 0);
    }
    for (std::size_t k = 0; k < 4; ++k) text.push_back(k <= count ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=');
  }
  return text;
}

std::optional<Buffer> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  Buffer buffer = Buffer::allocate(text.size() / 4 * 3 - padding);
  const MutableByteView out = buffer.mutable_view();
  std::uint32_t bits = 0;
  std::size_t at = 0;
  int count = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out[at++] = static_cast<std::byte>(bits >> count);
  }
  return buffer;
}

}  // namespace barnabas
