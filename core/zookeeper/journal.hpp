// The durable half of the embedded server: transactions on disk, group commit, snapshots, recovery. The format is
// described in FORMAT.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/event.hpp"
#include "core/async/scope.hpp"
#include "core/env/env.hpp"
#include "core/zookeeper/znode_tree.hpp"

namespace barnabas::zookeeper {

// What recovery found.
struct RecoveryReport {
  Zxid snapshot_zxid{0};  // 0: there was none.
  Zxid last_zxid{0};
  std::uint64_t replayed = 0;      // Transactions after the snapshot.
  std::uint64_t bytes_cut = 0;     // Torn tails of journals.
  std::vector<std::string> notes;  // For people; also logged as warnings.
};

class Journal {
 public:
  // Recovers the directory into `tree` (which must be new) and opens the journal for appending. `tree` must outlive
  // the journal and be changed only by transactions given to append(), in order: snapshots are taken from it.
  // locked, corrupt, and the disk's errors.
  static Task<Result<std::unique_ptr<Journal>>> open(env::Env env, std::string directory,
                                                     std::uint64_t snapshot_after_bytes, ZnodeTree& tree,
                                                     RecoveryReport& report);

  Journal(env::Env env, std::string directory, std::uint64_t snapshot_after_bytes, const ZnodeTree& tree);

  // Queues a transaction that was, or will at once be, applied to the tree. One that is not `urgent` is written
  // together with the next urgent one, or at stop().
  void append(const Transaction& transaction, bool urgent);

  // Someone has to wait for all that was appended.
  void hurry() {
    if (last_urgent_ == last_queued_) return;
    last_urgent_ = last_queued_;
    work_.notify_all();
  }

  // Whether more than one client may be about to ask for something: then a group waits for a turn of the loop that
  // brings nothing, microseconds that spare a sync. False at first.
  void set_gathers(bool gathers) { gathers_ = gathers; }

  // The last transaction that someone may have to wait for.
  Zxid last_urgent() const { return last_urgent_; }
  // Returns when everything up to zxid survives a power cut. Errc::closed when the journal failed or stopped first:
  // it may or may not survive.
  Task<Result<void>> wait_durable(Zxid zxid);
  // Returns when the queue has room for another transaction (or the journal has failed).
  Task<void> wait_for_room();
  // The disk is full: nothing more should be appended until it is not. What was appended waits for room, and is
  // written as soon as there is some; it is tried again and again.
  bool full() const { return full_; }
  Zxid durable() const { return durable_; }
  // Why nothing is written any more.
  const std::optional<Error>& failure() const { return failure_; }

  // Writes what is queued, marks the journal as complete, and ends. After it append() must not be called.
  Task<void> stop();

 private:
  struct Listing;

  Task<Result<void>> prepare_directory();
  Task<Result<void>> recover(ZnodeTree& tree, RecoveryReport& report);
  Task<Result<Listing>> list_files();
  Task<Result<void>> load_snapshot(const Listing& listing, ZnodeTree& tree, RecoveryReport& report);
  Task<Result<void>> replay_log(Zxid name, bool is_last, ZnodeTree& tree, RecoveryReport& report);
  // The file's size after it.
  Task<Result<std::uint64_t>> settle_tail(env::File& file, Buffer bytes, std::uint64_t group, std::uint64_t valid_size,
                                          std::string log_path, RecoveryReport& report);
  Task<Result<void>> create_log(Zxid first);

  Task<void> run();
  Task<void> gather();
  Task<Result<void>> write_batch(const std::vector<std::byte>& batch);
  Task<void> make_room(std::uint64_t end);
  Task<Result<void>> write_or_wait(const std::vector<std::byte>& batch);
  Task<void> finish_log();
  Task<void> take_snapshot(std::vector<std::byte> image, Zxid zxid);
  Task<Result<void>> write_snapshot(std::vector<std::byte> image, Zxid zxid);
  Task<Result<void>> remove_older_than(Zxid zxid);
  bool snapshot_due(std::size_t batch_size) const;
  void note(RecoveryReport& report, std::string line);
  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  env::Env env_;
  std::string directory_;
  std::uint64_t snapshot_after_bytes_;
  const ZnodeTree& tree_;
  std::unique_ptr<env::Disk::Lock> lock_;
  std::unique_ptr<env::File> log_;
  Zxid log_first_{0};           // The one in its name.
  std::uint64_t log_size_ = 0;  // All of it is synced, but for a batch on its way.
  std::uint64_t log_room_ = 0;  // The file's size: zeros follow what is in it.
  Zxid journal_end_{0};         // What the journals proved to have held, while recovering.
  std::uint64_t snapshot_at_size_ = 0;

  std::vector<std::byte> queue_;
  Zxid last_queued_{0};
  Zxid last_urgent_{0};
  Zxid durable_{0};
  bool gathers_ = false;
  bool stopping_ = false;
  bool full_ = false;
  std::optional<Error> failure_;
  Notification work_;
  Notification progress_;
  Scope scope_;  // Last: its task uses the rest.
};

}  // namespace barnabas::zookeeper
