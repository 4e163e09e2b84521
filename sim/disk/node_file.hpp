// An open file and a held lock of one process on the simulated disk.
#pragma once

#include <cstdint>
#include <string>

#include "sim/disk/disk.hpp"

namespace barnabas::sim {

class NodeFile final : public env::File {
 public:
  NodeFile(MachineDisk& disk, Process& process, std::string path, InodePtr inode, bool writable)
      : disk_(disk), process_(process), path_(std::move(path)), inode_(std::move(inode)), writable_(writable) {}

  Task<Result<Buffer>> read_at(std::uint64_t offset, std::size_t size) override;
  Task<Result<void>> write_at(std::uint64_t offset, std::span<const ByteView> parts) override;
  Task<Result<void>> sync() override;
  Task<Result<void>> truncate(std::uint64_t size) override;
  std::uint64_t size() const override { return inode_->cached.size(); }

 private:
  MachineDisk& disk_;
  Process& process_;
  std::string path_;
  InodePtr inode_;
  bool writable_;
};

class NodeLock final : public env::Disk::Lock {
 public:
  NodeLock(MachineDisk& disk, Process& process, std::string path)
      : disk_(disk), process_(process), path_(std::move(path)) {}
  ~NodeLock() override;

 private:
  MachineDisk& disk_;
  Process& process_;
  std::string path_;
};

}  // namespace barnabas::sim
