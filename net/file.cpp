#include "net/file.hpp"

#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "net/errors.hpp"

namespace barnabas::net {
namespace {

constexpr std::uint64_t kLargeFile = 1024 * 1024;
constexpr std::size_t kPartsPerCall = 64;
// The system reads ahead at least that much, so one probe stands for it.
constexpr std::uint64_t kProbeStep = 128 * 1024;
constexpr std::size_t kLargestRead = 0x7ffff000;  // Linux reads no more in one call.

enum class Wait : std::uint8_t { no, yes };

// What one attempt to fill a buffer came to.
struct Progress {
  std::size_t done = 0;
  int error = 0;  // EAGAIN: the rest would block; EOPNOTSUPP: the system cannot tell.
  bool at_end = false;
};

Progress read_into(int fd, MutableByteView into, std::uint64_t offset, Wait wait) {
  Progress progress;
  while (progress.done < into.size()) {
    iovec piece{into.data() + progress.done, std::min(into.size() - progress.done, kLargestRead)};
    const auto at = static_cast<off_t>(offset + progress.done);
    const ssize_t got = ::preadv2(fd, &piece, 1, at, wait == Wait::no ? RWF_NOWAIT : 0);
    if (got > 0) {
      progress.done += static_cast<std::size_t>(got);
    } else if (got == 0) {
      progress.at_end = true;
      break;
    } else if (errno != EINTR) {
      progress.error = errno;
      break;
    }
  }
  return progress;
}

// The rest of a read, in a thread. Owns what it touches.
struct BlockingRead {
  std::shared_ptr<OpenFile> file;
  Buffer buffer;
  std::uint64_t offset;
  std::size_t done;

  Result<Buffer> operator()() {
    const MutableByteView rest = buffer.mutable_view().subspan(done);
    const Progress progress = read_into(file->fd(), rest, offset + done, Wait::yes);
    if (progress.error != 0) return std::unexpected(file_error(progress.error, "read", file->path()));
    return buffer.slice(0, done + progress.done);
  }
};

Task<Result<Buffer>> read_from(Reactor& reactor, std::shared_ptr<OpenFile> file, std::uint64_t offset,
                               std::size_t size) {
  if (!reactor.may_proceed()) co_await reactor.pass();
  // No more memory than there are bytes to put into it.
  if (offset > file->size() || size > file->size() - offset) file->refresh_size();
  if (offset >= file->size() || size == 0) co_return Buffer();
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, file->size() - offset));
  Buffer buffer = Buffer::allocate(size);
  std::size_t done = 0;
  if (file->knows_cached()) {
    const Progress progress = read_into(file->fd(), buffer.mutable_view(), offset, Wait::no);
    done = progress.done;
    if (done == size || progress.at_end) co_return buffer.slice(0, done);
    if (progress.error == EOPNOTSUPP) {
      file->set_cannot_know_cached();
    } else if (progress.error != EAGAIN) {
      co_return std::unexpected(file_error(progress.error, "read", file->path()));
    }
  }
  BlockingRead read{file, std::move(buffer), offset, done};
  co_return co_await reactor.run_on(reactor.disk_pool(), std::move(read));
}

Result<void> write_all(OpenFile& file, std::uint64_t offset, std::span<const ByteView> parts) {
  std::size_t skip = 0;  // Of the first part, what was written already.
  while (true) {
    while (!parts.empty() && skip >= parts.front().size()) {
      skip -= parts.front().size();
      parts = parts.subspan(1);
    }
    if (parts.empty()) return {};
    std::array<iovec, kPartsPerCall> pieces;
    std::size_t count = 0;
    for (const ByteView part : parts.first(std::min(parts.size(), pieces.size()))) {
      const std::size_t from = count == 0 ? skip : 0;
      pieces[count].iov_base = const_cast<std::byte*>(part.data() + from);
      pieces[count].iov_len = part.size() - from;
      ++count;
    }
    const auto at = static_cast<off_t>(offset);
    const ssize_t written = ::pwritev(file.fd(), pieces.data(), static_cast<int>(count), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(file_error(errno, "write to", file.path()));
    skip += static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
    file.grow_to(offset);
  }
}

Result<void> truncate_now(OpenFile& file, std::uint64_t size) {
  while (::ftruncate(file.fd(), static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) return std::unexpected(file_error(errno, "truncate", file.path()));
  }
  file.set_size(size);
  return {};
}

// Whether one byte of each step of the range can be read without waiting.
bool is_cached(OpenFile& file, std::uint64_t offset, std::size_t size) {
  std::array<std::byte, 1> byte{};
  const std::uint64_t last = offset + size - 1;
  for (std::uint64_t at = offset;; at = std::min(at + kProbeStep, last)) {
    const Progress progress = read_into(file.fd(), byte, at, Wait::no);
    if (progress.error == EOPNOTSUPP) file.set_cannot_know_cached();
    if (progress.error != 0) return false;
    if (at == last) return true;
  }
}

}  // namespace

OpenFile::OpenFile(Reactor& reactor, UniqueFd fd, std::string path)
    : reactor_(reactor), fd_(std::move(fd)), path_(std::move(path)) {
  refresh_size();
}

OpenFile::~OpenFile() {
  if (size() >= kLargeFile) reactor_.disk_pool().post([fd = std::move(fd_)] {});
}

void OpenFile::grow_to(std::uint64_t size) {
  if (size > this->size()) set_size(size);
}

void OpenFile::refresh_size() {
  struct stat status{};
  if (::fstat(fd(), &status) == 0) set_size(static_cast<std::uint64_t>(status.st_size));
}

Task<Result<Buffer>> DiskFile::read_at(std::uint64_t offset, std::size_t size) {
  return read_from(reactor_, file_, offset, size);
}

Task<Result<void>> DiskFile::write_at(std::uint64_t offset, std::span<const ByteView> parts) {
  std::shared_ptr<OpenFile> file = file_;
  Reactor& reactor = reactor_;
  if (!reactor.may_proceed()) co_await reactor.pass();
  co_return write_all(*file, offset, parts);
}

Task<Result<void>> DiskFile::sync() {
  auto work = [file = file_]() -> Result<void> {
    // fdatasync writes the size as well, which is all of the metadata that reading back needs.
    while (::fdatasync(file->fd()) != 0) {
      if (errno != EINTR) return std::unexpected(file_error(errno, "sync", file->path()));
    }
    return {};
  };
  return reactor_.run_on(reactor_.disk_pool(), std::move(work));
}

Task<Result<void>> DiskFile::truncate(std::uint64_t size) {
  std::shared_ptr<OpenFile> file = file_;
  Reactor& reactor = reactor_;
  if (file->size() < size + kLargeFile) co_return truncate_now(*file, size);
  auto work = [file, size] { return truncate_now(*file, size); };
  co_return co_await reactor.run_on(reactor.disk_pool(), std::move(work));
}

Task<Result<void>> bring_into_cache(Reactor& reactor, std::shared_ptr<OpenFile> file, std::uint64_t offset,
                                    std::size_t size) {
  if (size == 0 || (file->knows_cached() && is_cached(*file, offset, size))) co_return Result<void>();
  auto work = [file, offset, size]() -> Result<void> {
    std::vector<std::byte> scratch(std::min<std::size_t>(size, kProbeStep));
    for (std::size_t done = 0; done < size;) {
      const MutableByteView into = MutableByteView(scratch).first(std::min(scratch.size(), size - done));
      const Progress progress = read_into(file->fd(), into, offset + done, Wait::yes);
      if (progress.error != 0) return std::unexpected(file_error(progress.error, "read", file->path()));
      if (progress.at_end) break;
      done += progress.done;
    }
    return {};
  };
  co_return co_await reactor.run_on(reactor.disk_pool(), std::move(work));
}

}  // namespace barnabas::net
