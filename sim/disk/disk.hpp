// The simulated disk behind env::Disk: file_system.hpp's model with time, locks and failures.
//
// Every operation takes virtual time and takes effect at one instant within it; the answer comes when it is over. An
// operation whose waiter is destroyed goes on. At a kill the operations under way are cut short: each change of a
// directory or size has happened or not, a write has happened up to some byte.
// Further faults, all off unless set: the disk is full (whatever would allocate more than the capacity fails with
// no_space, and so does every other new file while nothing is left), a read, write, sync or change of a directory fails
// with io_error (a failed write has written some prefix; of a failed change nothing has happened), an operation is
// slow, bits rot. Errors and slowness can be held to paths that contain a text. There are no short reads: the port's
// contract is that whoever implements it reads on (tests/net).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/env/disk.hpp"
#include "sim/disk/file_system.hpp"
#include "sim/world/completion.hpp"
#include "sim/world/kernel.hpp"

namespace barnabas::sim {

class Process;

struct DiskFaults {
  Ratio read_error{0, 1};
  Ratio write_error{0, 1};
  Ratio sync_error{0, 1};
  Ratio change_error{0, 1};  // Of creating, renaming and removing.
  std::string errors_of;     // Only paths that contain this have errors or are slow; empty: all.
  Ratio slow{0, 1};          // How many operations take up to slow_max longer.
  Ratio slow_sync{0, 1};     // How many syncs do.
  Duration slow_max = 5s;
  std::uint64_t capacity = 1ULL << 40;  // Bytes, in whole pages of 4096.
};

enum class DiskOperation : std::uint8_t { read, write, truncate, sync, sync_directory, change_directory, look };

// The disk of one machine; outlives its processes.
class MachineDisk {
 public:
  MachineDisk(Kernel& kernel, std::string node_name, std::uint32_t node_index, Prng stream);

  FileSystem& files() { return files_; }
  const FileSystem& files() const { return files_; }
  DiskFaults& faults() { return faults_; }
  // The next `count` syncs of files whose path contains the text fail.
  void fail_syncs(std::string path_contains, std::uint64_t count);
  // Bit rot: turns one bit of one synced file, drawn among those whose paths the filter accepts. False: there is none.
  bool rot(const std::function<bool(const std::string& path)>& may_strike);

  // Called by Process and Machine only.
  void process_died(const Process& process);
  void power_cut();

 private:
  friend class ProcessDisk;
  friend class NodeFile;
  friend class NodeLock;

  // What an operation does: at its instant, and when a kill cuts it short.
  struct Effect {
    std::function<void()> happen;
    std::function<void(Prng&)> interrupted;  // May be empty: nothing happens.
  };
  struct Running {
    const Process* process = nullptr;
    EventId event;
    Effect effect;
  };

  void start(Process& process, DiskOperation kind, const std::string& path, std::uint64_t detail, Duration delay,
             Effect effect);
  // The time this operation takes, drawn anew.
  Duration latency(DiskOperation kind, const std::string& path);
  bool concerns(const std::string& path) const { return path.find(faults_.errors_of) != std::string::npos; }
  bool fails(Ratio probability, const std::string& path) { return concerns(path) && roll(probability); }
  bool roll(Ratio probability) { return probability.numerator > 0 && stream_.chance(probability); }
  bool sync_fails(const std::string& path);
  bool full(std::uint64_t more) const { return files_.allocated() + more > faults_.capacity; }

  Kernel& kernel_;
  std::string name_;
  std::uint32_t node_;
  Prng stream_;
  FileSystem files_;
  DiskFaults faults_;
  std::map<std::uint64_t, Running> running_;
  std::uint64_t last_operation_ = 0;
  std::map<std::string, const Process*> locks_;
  std::string fail_syncs_of_;
  std::uint64_t fail_syncs_ = 0;
};

// One process's door to it.
class ProcessDisk final : public env::Disk {
 public:
  ProcessDisk(MachineDisk& disk, Process& process) : disk_(disk), process_(process) {}

  Task<Result<std::unique_ptr<env::File>>> open(std::string path, env::OpenMode mode) override;
  Task<Result<void>> rename(std::string from, std::string to) override;
  Task<Result<void>> remove(std::string path) override;
  Task<Result<void>> create_directories(std::string path) override;
  Task<Result<std::vector<std::string>>> list(std::string directory) override;
  Task<Result<void>> sync_directory(std::string directory) override;
  Task<Result<bool>> exists(std::string path) override;
  Task<Result<std::uint64_t>> free_space(std::string path) override;
  Task<Result<std::unique_ptr<Lock>>> lock(std::string path) override;

 private:
  template <class T>
  Task<Result<T>> perform(DiskOperation kind, std::string path, std::function<Result<T>()> effect);

  MachineDisk& disk_;
  Process& process_;
};

}  // namespace barnabas::sim
