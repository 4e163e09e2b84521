#include "core/base/utf8.hpp"

#include <cstdint>

namespace barnabas {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The range that the second byte of a sequence must lie in, and the length of the sequence; 0 when lead
// starts none (Unicode, table 3-7).
struct Lead {
  std::size_t length;
  std::uint8_t low;
  std::uint8_t high;
};
Lead classify(std::uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xc2 || lead > 0xf4) return {0, 0, 0};
  if (lead < 0xe0) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead < 0xf0) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {4, 0x80, 0xbf};
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const Lead lead = classify(byte(i));
    std::size_t good = lead.length == 0 ? 0 : 1;
    while (good > 0 && good < lead.length && i + good < text.size()) {
      const std::uint8_t next = byte(i + good);
      if (next < (good == 1 ? lead.low : 0x80) || next > (good == 1 ? lead.high : 0xbf)) break;
      ++good;
    }
    const bool surrogate = good == 3 && byte(i) == 0xed && byte(i + 1) >= 0xa0;
    if (good == lead.length && good > 0 && !surrogate) {
      result.append(text.substr(i, good));
      i += good;
    } else {
      result.append(kReplacement);
      i += good > 0 ? good : 1;
    }
  }
  return result;
}

}  // namespace barnabas
