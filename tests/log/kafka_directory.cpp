#include "tests/log/kafka_directory.hpp"

#include <zlib.h>

namespace barnabas::log {

std::string gunzip(const std::string& name) {
  const std::string path = std::string(BARNABAS_LOG_TEST_DATA) + "/" + name;
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  std::string chunk(1 << 16, '\0');
  for (int got = 0; (got = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0;) {
    text.append(chunk, 0, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

Files unpack(const std::string& name) {
  const std::string tar = gunzip(name);
  Files files;
  constexpr std::size_t kBlock = 512;
  for (std::size_t at = 0; at + kBlock <= tar.size() && tar[at] != '\0';) {
    std::string path(tar.c_str() + at);
    path = path.substr(0, 100);
    const std::size_t size = std::stoul(tar.substr(at + 124, 11), nullptr, 8);
    if (tar[at + 156] == '0') files[path.substr(path.starts_with("./") ? 2 : 0)] = tar.substr(at + kBlock, size);
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  EXPECT_FALSE(files.empty()) << name;
  return files;
}

}  // namespace barnabas::log
