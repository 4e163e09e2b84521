#include "tests/golden/vector_file.hpp"

#include <zlib.h>

#include <algorithm>

namespace barnabas::golden {

std::optional<std::string> read_gzip(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return std::nullopt;
  std::string text;
  char chunk[65536];
  int size = 0;
  while ((size = gzread(file, chunk, sizeof(chunk))) > 0) text.append(chunk, static_cast<std::size_t>(size));
  gzclose(file);
  if (size < 0) return std::nullopt;
  return text;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end > from) lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

Buffer from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Buffer buffer = Buffer::allocate(hex.size() / 2);
  for (std::size_t i = 0; i < buffer.size(); ++i) {
    buffer.mutable_view()[i] = static_cast<std::byte>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
  }
  return buffer;
}

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    hex.push_back(kDigits[static_cast<std::size_t>(b) >> 4]);
    hex.push_back(kDigits[static_cast<std::size_t>(b) & 15]);
  }
  return hex;
}

}  // namespace barnabas::golden
