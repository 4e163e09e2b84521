// Open files of this machine.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/env/disk.hpp"
#include "net/reactor.hpp"
#include "net/unique_fd.hpp"

namespace barnabas::net {

// A descriptor with its path. Shared by the File and by the work under way on it, on any thread.
class OpenFile {
 public:
  OpenFile(Reactor& reactor, UniqueFd fd, std::string path);
  // The last close of a large unlinked file frees its blocks, which takes long: it goes to the disk pool.
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }

  void grow_to(std::uint64_t size);
  void set_size(std::uint64_t size) { size_.store(size, std::memory_order_relaxed); }
  // What the system says: another File may have changed it.
  void refresh_size();
  // False on file systems that cannot tell whether a read would block.
  bool knows_cached() const { return knows_cached_.load(std::memory_order_relaxed); }
  void set_cannot_know_cached() { knows_cached_.store(false, std::memory_order_relaxed); }

 private:
  Reactor& reactor_;
  UniqueFd fd_;
  std::string path_;
  std::atomic<std::uint64_t> size_ = 0;
  std::atomic<bool> knows_cached_ = true;
};

// Writes go to the page cache at once. Reads do too when the cache has the bytes; else, and for syncs, a thread
// of the disk pool waits in their place.
class DiskFile final : public env::File {
 public:
  DiskFile(Reactor& reactor, std::shared_ptr<OpenFile> file) : reactor_(reactor), file_(std::move(file)) {}

  Task<Result<Buffer>> read_at(std::uint64_t offset, std::size_t size) override;
  Task<Result<void>> write_at(std::uint64_t offset, std::span<const ByteView> parts) override;
  Task<Result<void>> sync() override;
  Task<Result<void>> truncate(std::uint64_t size) override;
  std::uint64_t size() const override { return file_->size(); }

  std::shared_ptr<OpenFile> open_file() const { return file_; }

 private:
  Reactor& reactor_;
  std::shared_ptr<OpenFile> file_;
};

// Returns when the range is (in all likelihood) in the page cache, so that sending it does not block the loop.
// Leaves it to the caller to find out that the file is shorter.
Task<Result<void>> bring_into_cache(Reactor& reactor, std::shared_ptr<OpenFile> file, std::uint64_t offset,
                                    std::size_t size);

}  // namespace barnabas::net
