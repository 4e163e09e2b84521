#include "tools/barnabas/file_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace barnabas::tools {

namespace {

std::unexpected<Error> system_error(const std::string& path, int code) {
  const std::string message = path + ": " + std::generic_category().message(code);
  if (code == ENOENT) return fail(Errc::not_found, message);
  if (code == EACCES) return fail(Errc::permission_denied, message);
  return fail(Errc::io_error, message);
}

}  // namespace

Result<FileReader> FileReader::open(const std::string& path) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return system_error(path, errno);
  std::shared_ptr<const int> descriptor(new int(opened), [](const int* held) {
    ::close(*held);
    delete held;
  });
  struct stat about{};
  if (::fstat(opened, &about) != 0) return system_error(path, errno);
  if (!S_ISREG(about.st_mode)) return fail(Errc::invalid_argument, path + ": not a regular file");
  return FileReader(path, std::move(descriptor), static_cast<std::uint64_t>(about.st_size));
}

Result<Buffer> FileReader::read(std::uint64_t position, std::size_t count) const {
  std::vector<std::byte> bytes(count);
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(*descriptor_, bytes.data() + done, count - done, static_cast<off_t>(position + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path_, errno);
    if (got == 0) return fail(Errc::io_error, path_ + ": became shorter while it was read");
    done += static_cast<std::size_t>(got);
  }
  return Buffer::copy_of(bytes);
}

}  // namespace barnabas::tools
