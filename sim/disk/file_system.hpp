// What one machine's disk holds: a pure model without time; disk.hpp adds time and failures.
//
// The fault model:
//  - Every file has durable contents and, over them, the page cache. A write or truncate changes the cache only.
//  - A killed process changes neither: what was written stays readable.
//  - A sync makes durable what the cache held when the sync began (contents and size); what is written while it
//    runs is not covered. It does not make the file's directory entry durable.
//  - Creating, renaming and removing change the cached directory only. Syncing that directory makes durable the
//    changes made in it before the sync began. A rename between two directories is one change, durable once either
//    of them is synced. A file whose entry, or whose parent's entry, was never made durable may be gone.
//  - A failed sync marks what it covered as clean without making it durable, as Linux does: a later sync that
//    succeeds does not write it either.
//  - At a power cut the cache is gone. Of what was not synced, per sector of 512 bytes the seed decides: kept,
//    dropped (the durable contents show), or torn: the new bytes up to or from some point, or garbage. A tear never
//    harms a byte that is the same before and after. The size is the old, the new, or, for a file that
//    grew, one between. Each change to a directory is kept or lost by itself. In one cut of ten everything is
//    kept, in one of ten everything is lost.
//  - Sync itself never lies. Synced bytes rot only when told to, by rot().
// Everything is ordered by name or number, so that the same seed meets the same choices.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/prng.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "sim/disk/sparse_bytes.hpp"

namespace barnabas::sim {

inline constexpr std::size_t kSectorSize = 512;

struct Inode {
  bool directory = false;

  // Of a file.
  bool owners_only = false;  // OpenMode::create_private.
  SparseBytes cached;
  SparseBytes durable;
  std::map<std::uint64_t, std::uint64_t> dirty;  // Sector number -> number of the write that dirtied it.
  Instant sync_busy_until{};                     // For disk.hpp: syncs end in the order they began.

  // Of a directory.
  std::map<std::string, std::shared_ptr<Inode>> entries;
  std::map<std::string, std::shared_ptr<Inode>> durable_entries;
};
using InodePtr = std::shared_ptr<Inode>;

// How a power cut treats what was not synced.
enum class CutStyle : std::uint8_t { keep_all, lose_all, mixed };

class FileSystem {
 public:
  FileSystem();
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  // not_found when a component is missing or is no directory.
  Result<InodePtr> find(std::string_view path) const;
  // Adds an empty file; its parent directory must exist. already_exists.
  Result<InodePtr> create(std::string_view path);
  Result<void> create_directories(std::string_view path);
  Result<void> rename(std::string_view from, std::string_view to);
  // A file, or an empty directory (else invalid_argument).
  Result<void> remove(std::string_view path);

  void write(Inode& file, std::uint64_t offset, ByteView bytes);
  void truncate(Inode& file, std::uint64_t size);

  // What a sync that begins now will make durable.
  struct FileSnapshot {
    struct Sector {
      std::uint64_t number;
      std::uint64_t write;
      std::array<std::byte, kSectorSize> bytes;
    };
    std::vector<Sector> sectors;
    std::uint64_t size = 0;
  };
  FileSnapshot begin_sync(const Inode& file) const;
  // Snapshots of one file must be finished in the order in which they were begun.
  void finish_sync(Inode& file, const FileSnapshot& snapshot);
  void fail_sync(Inode& file, const FileSnapshot& snapshot);

  // Turns this bit of the file, which must be within its durable size, and the cache with it.
  void rot(Inode& file, std::uint64_t bit);

  // Changes to directories are numbered; a directory sync covers those numbered so far.
  std::uint64_t begin_directory_sync() const { return last_change_; }
  void finish_directory_sync(const InodePtr& directory, std::uint64_t covered);

  // A new, empty disk. Inodes still held from before no longer belong to the file system.
  void wipe();

  // Drops the cache. Inodes still held from before the cut no longer belong to the file system.
  CutStyle power_cut(Prng& draw);
  void power_cut(Prng& draw, CutStyle style);

  std::uint64_t allocated() const;

  // Every file by path: as a process sees it, and what is sure to be there after a power cut now.
  std::map<std::string, SparseBytes> files() const;
  std::map<std::string, SparseBytes> durable_files() const;

 private:
  struct Change {
    std::uint64_t number = 0;
    InodePtr inode;
    InodePtr from_directory;  // Null: the entry is new.
    std::string from_name;
    InodePtr to_directory;  // Null: the entry is removed.
    std::string to_name;
  };
  struct Place {
    InodePtr directory;
    std::string name;
  };

  Result<Place> parent_of(std::string_view path) const;
  void record(Change change);
  static void apply_durably(const Change& change);
  void settle(Inode& inode, Prng& draw, CutStyle style);
  void settle_file(Inode& file, Prng& draw, CutStyle style);

  InodePtr root_;
  std::vector<Change> pending_;
  std::uint64_t last_change_ = 0;
  std::uint64_t last_write_ = 0;
};

}  // namespace barnabas::sim
