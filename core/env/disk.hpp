// Files and directories.
//
// Durability, as POSIX has it and the simulated disk enforces it: a write is in the page cache, where a killed
// process leaves it; only sync() makes the bytes survive a power cut, and only Disk::sync_directory() makes a
// create, rename or unlink in that directory survive one. What was not synced may be lost, or kept in part, in
// units of sectors.
//
// Paths are plain strings with '/' separators, taken as they are. Errors: not_found, already_exists,
// permission_denied, no_space, io_error; the message names the path.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace barnabas::env {

// An open file. Operations on one file may overlap; the order of overlapping ones is not defined. Closing is
// the destructor's, and syncs nothing. A read or sync under way when the File is destroyed is harmless.
class File {
 public:
  virtual ~File() = default;

  // Up to size bytes from offset; fewer only at the end of the file (a short read by the system is retried).
  virtual Task<Result<Buffer>> read_at(std::uint64_t offset, std::size_t size) = 0;
  // Writes all parts, one after the other, from offset; grows the file when needed. On an error any part of
  // it may have been written. The parts must stay alive until this returns.
  virtual Task<Result<void>> write_at(std::uint64_t offset, std::span<const ByteView> parts) = 0;
  // Makes all that was written to this file, and its size, survive a power cut. After an error what was
  // written since the last success must be taken as lost, and a later success says nothing about it.
  virtual Task<Result<void>> sync() = 0;
  virtual Task<Result<void>> truncate(std::uint64_t size) = 0;
  // The present size, from memory.
  virtual std::uint64_t size() const = 0;
};

enum class OpenMode : std::uint8_t {
  read,               // Must exist.
  read_write,         // Must exist.
  create,             // Read and write; created when missing.
  create_exclusive,   // Read and write; already_exists when there.
  create_truncate,    // Read and write; created when missing, emptied when there.
  create_private,     // As create_truncate, and nobody but the owner may open it from then on (mode 0600): for secrets.
};

class Disk {
 public:
  virtual ~Disk() = default;

  virtual Task<Result<std::unique_ptr<File>>> open(std::string path, OpenMode mode) = 0;
  // Replaces an existing target, atomically.
  virtual Task<Result<void>> rename(std::string from, std::string to) = 0;
  // A file or an empty directory.
  virtual Task<Result<void>> remove(std::string path) = 0;
  // With missing parents; success when it is there already.
  virtual Task<Result<void>> create_directories(std::string path) = 0;
  // The names of its entries (no "." and ".."), sorted.
  virtual Task<Result<std::vector<std::string>>> list(std::string directory) = 0;
  virtual Task<Result<void>> sync_directory(std::string directory) = 0;
  virtual Task<Result<bool>> exists(std::string path) = 0;
  virtual Task<Result<std::uint64_t>> free_space(std::string path) = 0;

  // An exclusive lock by one process, held until the object dies: of the file `path`, created when missing.
  // locked: another process holds it.
  class Lock {
   public:
    virtual ~Lock() = default;
  };
  virtual Task<Result<std::unique_ptr<Lock>>> lock(std::string path) = 0;
};

}  // namespace barnabas::env
