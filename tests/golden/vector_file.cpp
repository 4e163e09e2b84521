#include "tests/golden/vector_file.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace barnabas::golden {
namespace {

std::string read_gzip(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    ADD_FAILURE() << "cannot open " << path;
    return {};
  }
  std::string text;
  char chunk[65536];
  int size = 0;
  while ((size = gzread(file, chunk, sizeof(chunk))) > 0) text.append(chunk, static_cast<std::size_t>(size));
  if (size < 0) ADD_FAILURE() << "cannot read " << path;
  gzclose(file);
  return text;
}

}  // namespace

std::size_t for_each_vector(const std::string& name, const std::function<void(const nlohmann::json&)>& visit) {
  const std::string text = read_gzip(std::string(BARNABAS_GOLDEN_VECTORS) + "/" + name + ".jsonl.gz");
  std::size_t lines = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end > from) {
      ++lines;
      visit(nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(from),
                                  text.begin() + static_cast<std::ptrdiff_t>(end)));
    }
    from = end + 1;
  }
  EXPECT_GT(lines, 0u) << name;
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
  for (const std::byte b : bytes) {
    hex.push_back(kDigits[static_cast<std::size_t>(b) >> 4]);
    hex.push_back(kDigits[static_cast<std::size_t>(b) & 15]);
  }
  return hex;
}

}  // namespace barnabas::golden
