#include "sim/disk/node_file.hpp"

#include <algorithm>
#include <cstring>

#include "sim/world/process.hpp"

namespace barnabas::sim {
namespace {

Buffer joined(std::span<const ByteView> parts) {
  std::size_t total = 0;
  for (const ByteView part : parts) total += part.size();
  Buffer all = Buffer::allocate(total);
  std::size_t at = 0;
  for (const ByteView part : parts) {
    if (!part.empty()) std::memcpy(all.mutable_view().data() + at, part.data(), part.size());
    at += part.size();
  }
  return all;
}

// What a write takes of the disk's room: what the file grows by, or the pages of it that are not there yet.
std::uint64_t allocated_by_write(const Inode& file, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t end = offset + size;
  if (end > file.cached.size()) return end - file.cached.size();
  constexpr std::uint64_t kPage = SparseBytes::kPageSize;
  const std::uint64_t first = offset / kPage * kPage;
  std::uint64_t missing = size == 0 ? 0 : ((end - 1) / kPage + 1) * kPage - first;
  for (const std::uint64_t page : file.cached.pages_from(first)) {
    if (page < end) missing -= kPage;
  }
  return missing;
}

}  // namespace

NodeLock::~NodeLock() {
  const auto it = disk_.locks_.find(path_);
  if (it != disk_.locks_.end() && it->second == &process_) disk_.locks_.erase(it);
}

Task<Result<Buffer>> NodeFile::read_at(std::uint64_t offset, std::size_t size) {
  if (process_.severed()) co_await Never{};
  auto completion = std::make_shared<Completion<Result<Buffer>>>();
  MachineDisk::Effect effect;
  effect.happen = [completion, offset, size, disk = &disk_, process = &process_, inode = inode_, path = path_] {
    if (disk->fails(disk->faults_.read_error, path)) {
      completion->complete(process->executor(), fail(Errc::io_error, path + ": read failed"));
      return;
    }
    const std::uint64_t end = inode->cached.size();
    Buffer data = Buffer::allocate(offset >= end ? 0 : std::min<std::uint64_t>(size, end - offset));
    inode->cached.read(offset, data.mutable_view());
    completion->complete(process->executor(), std::move(data));
  };
  const Duration delay = disk_.latency(DiskOperation::read, path_);
  disk_.start(process_, DiskOperation::read, path_, offset, delay, std::move(effect));
  co_return co_await completion->wait();
}

Task<Result<void>> NodeFile::write_at(std::uint64_t offset, std::span<const ByteView> parts) {
  if (process_.severed()) co_await Never{};
  if (!writable_) co_return fail(Errc::permission_denied, path_ + ": opened for reading only");
  auto completion = std::make_shared<Completion<Result<void>>>();
  const Buffer data = joined(parts);
  MachineDisk::Effect effect;
  effect.happen = [completion, offset, data, disk = &disk_, process = &process_, inode = inode_, path = path_] {
    const auto write_some = [&](std::size_t count) { disk->files_.write(*inode, offset, data.view().first(count)); };
    if (disk->fails(disk->faults_.write_error, path)) {
      write_some(disk->stream_.below(data.size() + 1));
      completion->complete(process->executor(), fail(Errc::io_error, path + ": write failed"));
      return;
    }
    if (const std::uint64_t more = allocated_by_write(*inode, offset, data.size()); more > 0 && disk->full(more)) {
      completion->complete(process->executor(), fail(Errc::no_space, path + ": no space left"));
      return;
    }
    write_some(data.size());
    completion->complete(process->executor(), Result<void>{});
  };
  effect.interrupted = [offset, data, disk = &disk_, inode = inode_](Prng& draw) {
    const std::uint64_t choice = draw.below(3);  // Nothing, all, or a part of it.
    const std::size_t count = choice == 0 ? 0 : choice == 1 ? data.size() : draw.below(data.size() + 1);
    disk->files_.write(*inode, offset, data.view().first(count));
  };
  const Duration delay = disk_.latency(DiskOperation::write, path_);
  disk_.start(process_, DiskOperation::write, path_, RollingHash::of(as_text(data.view())) + offset, delay,
              std::move(effect));
  co_return co_await completion->wait();
}

Task<Result<void>> NodeFile::sync() {
  if (process_.severed()) co_await Never{};
  auto completion = std::make_shared<Completion<Result<void>>>();
  auto snapshot = std::make_shared<FileSystem::FileSnapshot>(disk_.files_.begin_sync(*inode_));
  MachineDisk::Effect effect;
  effect.happen = [completion, snapshot, disk = &disk_, process = &process_, inode = inode_, path = path_] {
    if (disk->sync_fails(path)) {
      disk->files_.fail_sync(*inode, *snapshot);
      completion->complete(process->executor(), fail(Errc::io_error, path + ": sync failed"));
      return;
    }
    disk->files_.finish_sync(*inode, *snapshot);
    completion->complete(process->executor(), Result<void>{});
  };
  // Syncs of one file end in the order in which they began.
  const Duration drawn = disk_.latency(DiskOperation::sync, path_);
  const Instant now = disk_.kernel_.now();
  const Instant end = std::max(now + drawn, inode_->sync_busy_until + Duration(1));
  inode_->sync_busy_until = end;
  disk_.start(process_, DiskOperation::sync, path_, snapshot->size, end - now, std::move(effect));
  co_return co_await completion->wait();
}

Task<Result<void>> NodeFile::truncate(std::uint64_t size) {
  if (process_.severed()) co_await Never{};
  if (!writable_) co_return fail(Errc::permission_denied, path_ + ": opened for reading only");
  auto completion = std::make_shared<Completion<Result<void>>>();
  MachineDisk::Effect effect;
  effect.happen = [completion, size, disk = &disk_, process = &process_, inode = inode_] {
    disk->files_.truncate(*inode, size);
    completion->complete(process->executor(), Result<void>{});
  };
  effect.interrupted = [size, disk = &disk_, inode = inode_](Prng& draw) {
    if (draw.below(2) == 0) disk->files_.truncate(*inode, size);
  };
  const Duration delay = disk_.latency(DiskOperation::truncate, path_);
  disk_.start(process_, DiskOperation::truncate, path_, size, delay, std::move(effect));
  co_return co_await completion->wait();
}

}  // namespace barnabas::sim
