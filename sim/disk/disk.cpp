#include "sim/disk/disk.hpp"

#include <algorithm>
#include <utility>

#include "sim/disk/node_file.hpp"
#include "sim/world/process.hpp"

namespace barnabas::sim {
namespace {

std::string_view name_of_operation(DiskOperation kind) {
  switch (kind) {
    case DiskOperation::read: return "disk_read";
    case DiskOperation::write: return "disk_write";
    case DiskOperation::truncate: return "disk_truncate";
    case DiskOperation::sync: return "disk_sync";
    case DiskOperation::sync_directory: return "disk_sync_directory";
    case DiskOperation::change_directory: return "disk_change_directory";
    case DiskOperation::look: return "disk_look";
  }
  return "disk";
}

}  // namespace

MachineDisk::MachineDisk(Kernel& kernel, std::string node_name, std::uint32_t node_index, Prng stream)
    : kernel_(kernel), name_(std::move(node_name)), node_(node_index), stream_(stream) {}

void MachineDisk::fail_syncs(std::string path_contains, std::uint64_t count) {
  fail_syncs_of_ = std::move(path_contains);
  fail_syncs_ = count;
}

bool MachineDisk::sync_fails(const std::string& path) {
  if (fail_syncs_ > 0 && path.find(fail_syncs_of_) != std::string::npos) {
    --fail_syncs_;
    return true;
  }
  return fails(faults_.sync_error, path);
}

bool MachineDisk::rot(const std::function<bool(const std::string& path)>& may_strike) {
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : files_.durable_files()) {
    const auto inode = files_.find(path);
    // A page that is still dirty would be written over the rotten one.
    if (bytes.size() > 0 && may_strike(path) && inode && (*inode)->dirty.empty()) paths.push_back(path);
  }
  if (paths.empty()) return false;
  const std::string& path = paths[stream_.below(paths.size())];
  const InodePtr inode = files_.find(path).value();
  const std::uint64_t bit = stream_.below(inode->durable.size() * 8);
  files_.rot(*inode, bit);
  kernel_.trace.note(kernel_.now(), name_, "bit_rot", Fields().add("path", path).add("bit", bit));
  return true;
}

Duration MachineDisk::latency(DiskOperation kind, const std::string& path) {
  std::int64_t low = 2'000;
  std::int64_t high = 30'000;
  if (kind == DiskOperation::read) high = 200'000;
  const bool sync = kind == DiskOperation::sync || kind == DiskOperation::sync_directory;
  if (sync) {
    low = 100'000;
    high = 4'000'000;
  }
  Duration taken(stream_.between(low, high));
  if (sync && fails(faults_.slow_sync, path)) {
    taken += Duration(stream_.between(0, Duration(faults_.slow_max).count()));
  }
  if (fails(faults_.slow, path)) taken += Duration(stream_.between(0, Duration(faults_.slow_max).count()));
  return taken;
}

void MachineDisk::start(Process& process, DiskOperation kind, const std::string& path, std::uint64_t detail,
                        Duration delay, Effect effect) {
  const std::uint64_t id = ++last_operation_;
  const std::uint64_t payload =
      RollingHash::of(path) ^ (detail * 0x9e3779b97f4a7c15) ^ static_cast<std::uint64_t>(kind);
  if (kernel_.trace.detailed()) {
    kernel_.trace.detail(kernel_.now(), name_, name_of_operation(kind),
                         Fields().add("path", path).add("detail", detail));
  }
  auto& running = running_[id];
  running.process = &process;
  running.effect = std::move(effect);
  running.event = kernel_.scheduler.after(delay, {EventKind::disk, node_, payload}, [this, id] {
    auto node = running_.extract(id);
    node.mapped().effect.happen();
  });
}

void MachineDisk::process_died(const Process& process) {
  for (auto it = running_.begin(); it != running_.end();) {
    if (it->second.process != &process) {
      ++it;
      continue;
    }
    kernel_.scheduler.cancel(it->second.event);
    if (it->second.effect.interrupted) it->second.effect.interrupted(stream_);
    it = running_.erase(it);
  }
  std::erase_if(locks_, [&](const auto& lock) { return lock.second == &process; });
}

void MachineDisk::power_cut() {
  const CutStyle style = files_.power_cut(stream_);
  const std::string_view name = style == CutStyle::keep_all   ? "keep_all"
                                : style == CutStyle::lose_all ? "lose_all"
                                                              : "mixed";
  kernel_.trace.note(kernel_.now(), name_, "disk_after_cut", Fields().add("style", name));
}

template <class T>
Task<Result<T>> ProcessDisk::perform(DiskOperation kind, std::string path, std::function<Result<T>()> effect) {
  if (process_.severed()) co_await Never{};
  auto completion = std::make_shared<Completion<Result<T>>>();
  if (kind == DiskOperation::change_directory) {
    effect = [disk = &disk_, path, change = std::move(effect)]() -> Result<T> {
      if (disk->fails(disk->faults_.change_error, path)) return fail(Errc::io_error, path + ": cannot be changed");
      return change();
    };
  }
  MachineDisk::Effect whole;
  whole.happen = [completion, effect, process = &process_] { completion->complete(process->executor(), effect()); };
  if (kind == DiskOperation::change_directory) {
    whole.interrupted = [effect](Prng& draw) {
      if (draw.below(2) == 0) static_cast<void>(effect());
    };
  }
  const Duration delay = disk_.latency(kind, path);
  disk_.start(process_, kind, path, 0, delay, std::move(whole));
  co_return co_await completion->wait();
}

Task<Result<std::unique_ptr<env::File>>> ProcessDisk::open(std::string path, env::OpenMode mode) {
  using env::OpenMode;
  const std::function<Result<InodePtr>()> effect = [disk = &disk_, files = &disk_.files_, path,
                                                    mode]() -> Result<InodePtr> {
    auto found = files->find(path);
    const bool may_create = mode != OpenMode::read && mode != OpenMode::read_write;
    if (!found && may_create && disk->full(1) && disk->stream_.below(2) == 0) {
      return fail(Errc::no_space, path + ": no space left for a new file");
    }
    if (!found) {
      if (may_create) found = files->create(path);
    } else if ((*found)->directory) {
      return fail(Errc::invalid_argument, path + ": is a directory");
    } else if (mode == OpenMode::create_exclusive) {
      return fail(Errc::already_exists, path + ": exists already");
    } else if (mode == OpenMode::create_truncate || mode == OpenMode::create_private) {
      files->truncate(**found, 0);
    }
    if (found && mode == OpenMode::create_private) (*found)->owners_only = true;
    return found;
  };
  const bool changes = mode != OpenMode::read && mode != OpenMode::read_write;
  auto inode =
      co_await perform<InodePtr>(changes ? DiskOperation::change_directory : DiskOperation::look, path, effect);
  if (!inode) co_return std::unexpected(std::move(inode).error());
  std::unique_ptr<env::File> file =
      std::make_unique<NodeFile>(disk_, process_, path, *std::move(inode), mode != OpenMode::read);
  co_return file;
}

Task<Result<void>> ProcessDisk::rename(std::string from, std::string to) {
  const std::function<Result<void>()> effect = [files = &disk_.files_, from, to] { return files->rename(from, to); };
  co_return co_await perform<void>(DiskOperation::change_directory, from, effect);
}

Task<Result<void>> ProcessDisk::remove(std::string path) {
  const std::function<Result<void>()> effect = [files = &disk_.files_, path] { return files->remove(path); };
  co_return co_await perform<void>(DiskOperation::change_directory, path, effect);
}

Task<Result<void>> ProcessDisk::create_directories(std::string path) {
  const std::function<Result<void>()> effect = [files = &disk_.files_, path] {
    return files->create_directories(path);
  };
  co_return co_await perform<void>(DiskOperation::change_directory, path, effect);
}

Task<Result<std::vector<std::string>>> ProcessDisk::list(std::string directory) {
  using Names = std::vector<std::string>;
  const std::function<Result<Names>()> effect = [files = &disk_.files_, directory]() -> Result<Names> {
    B_TRY(const InodePtr found, files->find(directory));
    if (!found->directory) return fail(Errc::not_found, directory + ": not a directory");
    Names names;
    for (const auto& [name, inode] : found->entries) names.push_back(name);
    return names;
  };
  co_return co_await perform<Names>(DiskOperation::look, directory, effect);
}

Task<Result<void>> ProcessDisk::sync_directory(std::string directory) {
  if (process_.severed()) co_await Never{};
  auto found = disk_.files_.find(directory);
  if (!found || !(*found)->directory) co_return fail(Errc::not_found, directory + ": no such directory");
  const std::function<Result<void>()> effect = [disk = &disk_, directory, inode = *found,
                                                covered = disk_.files_.begin_directory_sync()]() -> Result<void> {
    if (disk->sync_fails(directory)) return fail(Errc::io_error, directory + ": directory sync failed");
    disk->files_.finish_directory_sync(inode, covered);
    return {};
  };
  co_return co_await perform<void>(DiskOperation::sync_directory, directory, effect);
}

Task<Result<bool>> ProcessDisk::exists(std::string path) {
  const std::function<Result<bool>()> effect = [files = &disk_.files_, path]() -> Result<bool> {
    return files->find(path).has_value();
  };
  co_return co_await perform<bool>(DiskOperation::look, path, effect);
}

Task<Result<std::uint64_t>> ProcessDisk::free_space(std::string path) {
  const std::function<Result<std::uint64_t>()> effect = [disk = &disk_]() -> Result<std::uint64_t> {
    const std::uint64_t used = disk->files_.allocated();
    return disk->faults_.capacity - std::min(used, disk->faults_.capacity);
  };
  co_return co_await perform<std::uint64_t>(DiskOperation::look, path, effect);
}

Task<Result<std::unique_ptr<env::Disk::Lock>>> ProcessDisk::lock(std::string path) {
  using LockPtr = std::unique_ptr<Lock>;
  // The lock object is made at the instant it is taken: when nobody waits any more, it is given up with the answer.
  const std::function<Result<LockPtr>()> effect = [disk = &disk_, process = &process_, path]() -> Result<LockPtr> {
    if (!disk->files_.find(path)) {
      B_TRY(const InodePtr created, disk->files_.create(path));
      static_cast<void>(created);
    }
    if (!disk->locks_.emplace(path, process).second) {
      return fail(Errc::locked, path + ": another process holds the lock");
    }
    return LockPtr(std::make_unique<NodeLock>(*disk, *process, path));
  };
  co_return co_await perform<LockPtr>(DiskOperation::look, path, effect);
}

}  // namespace barnabas::sim
