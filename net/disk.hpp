// The file systems of this machine.
#pragma once

#include "core/env/disk.hpp"
#include "net/reactor.hpp"

namespace barnabas::net {

// What only looks at or changes one directory entry in memory happens at once; what may wait for the disk or take
// long (syncs, unlinks, renames, lists, emptying a file) goes to the disk pool.
class LocalDisk final : public env::Disk {
 public:
  explicit LocalDisk(Reactor& reactor) : reactor_(reactor) {}

  Task<Result<std::unique_ptr<env::File>>> open(std::string path, env::OpenMode mode) override;
  Task<Result<void>> rename(std::string from, std::string to) override;
  Task<Result<void>> remove(std::string path) override;
  Task<Result<void>> create_directories(std::string path) override;
  Task<Result<std::vector<std::string>>> list(std::string directory) override;
  Task<Result<void>> sync_directory(std::string directory) override;
  Task<Result<bool>> exists(std::string path) override;
  Task<Result<std::uint64_t>> free_space(std::string path) override;
  // An open-file-description lock: it also excludes Apache Kafka, which locks the same file with fcntl, and a
  // second lock in this process. The holder's process id stands in the file, for the message of whoever fails.
  Task<Result<std::unique_ptr<Lock>>> lock(std::string path) override;

 private:
  Reactor& reactor_;
};

}  // namespace barnabas::net
