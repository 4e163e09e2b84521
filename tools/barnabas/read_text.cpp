#include "tools/barnabas/read_text.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace barnabas::tools {
namespace {

std::unexpected<Error> cannot_read(const std::string& path, int error) {
  const Errc code = error == ENOENT ? Errc::not_found : error == EACCES ? Errc::permission_denied : Errc::io_error;
  return fail(code, "cannot read " + path + ": " + std::generic_category().message(error));
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return cannot_read(path, errno);
  std::string text;
  std::array<char, 4096> piece;
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), file.get()))
    text.append(piece.data(), size);
  // A directory opens, but cannot be read.
  if (std::ferror(file.get()) != 0) return cannot_read(path, errno);
  return text;
}

}  // namespace barnabas::tools
