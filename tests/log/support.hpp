// A log on a simulated machine, and batches to fill it with.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/log/partition_log.hpp"
#include "core/record/batch_builder.hpp"
#include "sim/world/world.hpp"

namespace barnabas::log {

inline const TopicPartition kOrders{"orders", PartitionId(3)};
inline const std::string kDirectory = "/data/orders-3";

// Who wrote a batch; nobody by default.
struct Producer {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  std::int32_t sequence = -1;
};

// One batch of `count` records of `value_size` bytes, the first at `base` with this timestamp, each later by 1 ms.
Buffer make_batch(Offset base, int count, std::int64_t timestamp = 1000, std::size_t value_size = 20,
                  Producer producer = {}, std::int32_t leader_epoch = 0, bool transactional = false);
// The marker that ends a transaction.
Buffer make_marker(Offset base, Producer producer, bool committed, std::int32_t coordinator_epoch);

record::BatchHeader header_of(const Buffer& batch);

// All bytes from `from` to the end of the log, read in slices of at most max_bytes. Checks what a slice promises.
Task<Result<std::vector<std::byte>>> read_all(PartitionLog& log, Offset from, std::size_t max_bytes);

class LogTest : public ::testing::Test {
 protected:
  explicit LogTest(std::uint64_t seed = 7) : world(seed), node(&world.add_node("a")) {}

  template <class T>
  T run(Task<T> task) {
    return world.run(*node, std::move(task));
  }

  // Opens the directory on the present process; fails the test when that fails.
  void open(OpenOptions options = {});
  void reopen_clean();
  // The process dies, a new one recovers the log, told this recovery point.
  void kill_and_open(Offset recovery_point = Offset(0));
  void cut_and_open(Offset recovery_point = Offset(0));

  // Appends at the end of the log.
  Result<AppendInfo> append(int count, std::int64_t timestamp = 1000, std::size_t value_size = 20,
                            Producer producer = {});
  // What is in the log, as one array.
  std::vector<std::byte> content(std::size_t max_bytes = 1 << 20);

  std::vector<std::string> names();
  std::string file_text(const std::string& name);
  void put_file(const std::string& name, const std::string& text);
  // The bytes of a file, to be damaged.
  sim::InodePtr inode(const std::string& name);

  sim::World world;
  sim::Node* node;
  LogConfig config;
  std::unique_ptr<PartitionLog> log;
};

}  // namespace barnabas::log
