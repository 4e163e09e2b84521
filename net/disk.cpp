#include "net/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "net/errors.hpp"
#include "net/file.hpp"
#include "net/unique_fd.hpp"

namespace barnabas::net {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kPrivateFileMode = 0600;
constexpr mode_t kDirectoryMode = 0755;

int open_flags(env::OpenMode mode) {
  switch (mode) {
    case env::OpenMode::read: return O_RDONLY;
    case env::OpenMode::read_write: return O_RDWR;
    case env::OpenMode::create: return O_RDWR | O_CREAT;
    case env::OpenMode::create_exclusive: return O_RDWR | O_CREAT | O_EXCL;
    case env::OpenMode::create_truncate: return O_RDWR | O_CREAT | O_TRUNC;
    case env::OpenMode::create_private: return O_RDWR | O_CREAT | O_TRUNC;
  }
  return O_RDONLY;
}

UniqueFd open_retrying(const std::string& path, int flags, mode_t mode) {
  while (true) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode));
    if (fd || errno != EINTR) return fd;
  }
}

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = kFileMode) {
  UniqueFd fd = open_retrying(path, flags, mode);
  if (!fd) return std::unexpected(file_error(errno, (flags & O_CREAT) != 0 ? "create" : "open", path));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(file_error(errno, "open", path));
  if (S_ISDIR(status.st_mode)) return std::unexpected(file_error(EISDIR, "open", path));
  return fd;
}

// One that was there already, and open to others, is closed to them before anything is written to it.
Result<UniqueFd> open_private_file(const std::string& path, int flags) {
  B_TRY(UniqueFd fd, open_file(path, flags, kPrivateFileMode));
  if (::fchmod(fd.get(), kPrivateFileMode) != 0) return std::unexpected(file_error(errno, "change the mode of", path));
  return fd;
}

Result<void> make_directories(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), kDirectoryMode) == 0) continue;
    const int error = errno;
    struct stat status{};
    const bool is_there = ::stat(part.c_str(), &status) == 0;
    if (is_there && S_ISDIR(status.st_mode)) continue;
    return std::unexpected(file_error(is_there ? ENOTDIR : error, "create the directory", path));
  }
  return {};
}

Result<std::vector<std::string>> list_now(const std::string& directory) {
  struct Closer {
    void operator()(DIR* opened) const { ::closedir(opened); }
  };
  const std::unique_ptr<DIR, Closer> opened(::opendir(directory.c_str()));
  if (!opened) return std::unexpected(file_error(errno, "list", directory));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(opened.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return std::unexpected(file_error(errno, "list", directory));
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> sync_directory_now(const std::string& directory) {
  const UniqueFd fd = open_retrying(directory, O_RDONLY | O_DIRECTORY, kFileMode);
  if (!fd) return std::unexpected(file_error(errno, "open the directory", directory));
  while (::fsync(fd.get()) != 0) {
    if (errno != EINTR) return std::unexpected(file_error(errno, "sync the directory", directory));
  }
  return {};
}

struct FileLock final : env::Disk::Lock {
  explicit FileLock(UniqueFd f) : fd(std::move(f)) {}
  UniqueFd fd;
};

// "process 1234", as far as it can be known: from the lock, which says so for Kafka's kind, or from the file.
std::string holder_of(int fd, struct flock asked) {
  if (::fcntl(fd, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK && asked.l_pid > 0) {
    return "process " + std::to_string(asked.l_pid);
  }
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  int pid = 0;
  if (size > 0 && std::from_chars(text.data(), text.data() + size, pid).ec == std::errc() && pid > 0) {
    return "process " + std::to_string(pid);
  }
  return "another process";
}

Result<std::unique_ptr<env::Disk::Lock>> lock_now(const std::string& path) {
  B_TRY(UniqueFd fd, open_file(path, O_RDWR | O_CREAT));
  struct flock range{};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  if (::fcntl(fd.get(), F_OFD_SETLK, &range) != 0) {
    if (errno != EAGAIN && errno != EACCES) return std::unexpected(file_error(errno, "lock", path));
    return fail(Errc::locked, path + " is locked by " + holder_of(fd.get(), range));
  }
  // Only for people: nothing depends on it.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) == 0) (void)!::pwrite(fd.get(), pid.data(), pid.size(), 0);
  return std::make_unique<FileLock>(std::move(fd));
}

}  // namespace

Task<Result<std::unique_ptr<env::File>>> LocalDisk::open(std::string path, env::OpenMode mode) {
  if (!reactor_.may_proceed()) co_await reactor_.pass();
  const int flags = open_flags(mode);
  Result<UniqueFd> fd;
  if (mode == env::OpenMode::create_truncate) {
    auto work = [path, flags] { return open_file(path, flags); };
    fd = co_await reactor_.run_on(reactor_.disk_pool(), std::move(work));
  } else if (mode == env::OpenMode::create_private) {
    auto work = [path, flags] { return open_private_file(path, flags); };
    fd = co_await reactor_.run_on(reactor_.disk_pool(), std::move(work));
  } else {
    fd = open_file(path, flags);
  }
  if (!fd) co_return std::unexpected(std::move(fd.error()));
  auto file = std::make_shared<OpenFile>(reactor_, std::move(*fd), std::move(path));
  co_return std::make_unique<DiskFile>(reactor_, std::move(file));
}

Task<Result<void>> LocalDisk::rename(std::string from, std::string to) {
  auto work = [from = std::move(from), to = std::move(to)]() -> Result<void> {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return std::unexpected(file_error(errno, "rename " + from + " to", to));
  };
  return reactor_.run_on(reactor_.disk_pool(), std::move(work));
}

Task<Result<void>> LocalDisk::remove(std::string path) {
  auto work = [path = std::move(path)]() -> Result<void> {
    if (std::remove(path.c_str()) == 0) return {};
    return std::unexpected(file_error(errno, "remove", path));
  };
  return reactor_.run_on(reactor_.disk_pool(), std::move(work));
}

Task<Result<void>> LocalDisk::create_directories(std::string path) {
  auto work = [path = std::move(path)] { return make_directories(path); };
  return reactor_.run_on(reactor_.disk_pool(), std::move(work));
}

Task<Result<std::vector<std::string>>> LocalDisk::list(std::string directory) {
  auto work = [directory = std::move(directory)] { return list_now(directory); };
  return reactor_.run_on(reactor_.disk_pool(), std::move(work));
}

Task<Result<void>> LocalDisk::sync_directory(std::string directory) {
  auto work = [directory = std::move(directory)] { return sync_directory_now(directory); };
  return reactor_.run_on(reactor_.disk_pool(), std::move(work));
}

Task<Result<bool>> LocalDisk::exists(std::string path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) co_return true;
  if (errno == ENOENT || errno == ENOTDIR) co_return false;
  co_return std::unexpected(file_error(errno, "look at", path));
}

Task<Result<std::uint64_t>> LocalDisk::free_space(std::string path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) co_return std::unexpected(file_error(errno, "look at", path));
  co_return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Task<Result<std::unique_ptr<env::Disk::Lock>>> LocalDisk::lock(std::string path) { co_return lock_now(path); }

}  // namespace barnabas::net
