#include "core/broker/frame_guess.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/writer.hpp"

namespace barnabas::broker {
namespace {

constexpr std::size_t kShown = 8;

bool starts_with(ByteView bytes, std::string_view text) { return as_text(bytes).starts_with(text); }

std::string hex(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte byte : bytes) {
    const auto value = static_cast<unsigned>(byte);
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
  return out;
}

}  // namespace

std::string guess_note(ByteView first_bytes) {
  // Cut to three letters: in a bad length only four bytes are at hand.
  static constexpr std::array<std::string_view, 8> kHttp = {"GET", "POS", "HEA", "PUT", "DEL", "OPT", "PAT", "CON"};
  const auto is_method = [&](std::string_view method) { return starts_with(first_bytes, method); };
  if (std::ranges::any_of(kHttp, is_method)) return "; it looks like an HTTP request";
  if (starts_with(first_bytes, "\x16\x03")) return "; it looks like a TLS hello";
  if (starts_with(first_bytes, "SSH-")) return "; it looks like an SSH client";
  return "; it begins with the bytes " + hex(first_bytes.first(std::min(first_bytes.size(), kShown)));
}

std::string describe_bad_length(ByteView head, std::size_t max_frame) {
  const auto size = load_big_endian<std::int32_t>(head.data());
  std::string line = "a request of " + std::to_string(size) + " bytes is ";
  line += size < 0 || static_cast<std::size_t>(size) <= max_frame
              ? "none"
              : "over socket.request.max.bytes=" + std::to_string(max_frame);
  return line + guess_note(head);
}

}  // namespace barnabas::broker
