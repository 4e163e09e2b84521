// A machine with the logs of a broker and one partition, and batches for it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/record/batch_builder.hpp"
#include "core/replication/partition_table.hpp"
#include "sim/world/world.hpp"

namespace barnabas::replication {

inline const TopicPartition kId{"orders", PartitionId(0)};

inline Uuid topic_id_of(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = number;
  return id;
}

struct Producer {
  ProducerId id = kNoProducerId;
  ProducerEpoch epoch = kNoProducerEpoch;
};

record::ValidatedRecords batch_of(int count, Producer producer = {}, std::int32_t sequence = record::kNoSequence,
                                  std::size_t value_size = 5);

// All three broker ids, and those in sync with the broker epochs under which they were let in.
Leadership leadership_of(std::int32_t epoch, std::int32_t partition_epoch, std::vector<std::int32_t> replicas,
                         std::vector<IsrMember> isr);

// The logs of one broker, opened on the present process of a node. Destroying it is the crash.
struct Broker {
  Broker(sim::World& in, sim::Node& on, std::int32_t broker_id) : world(in), node(on), id(broker_id) {}

  void open();
  void close();
  template <class T>
  T run(Task<T> task) {
    return world.run(node, std::move(task));
  }
  std::shared_ptr<Partition> create();

  sim::World& world;
  sim::Node& node;
  BrokerId id;
  log::LogConfig config;
  std::unique_ptr<log::LogManager> logs;
  std::unique_ptr<PartitionTable> table;
};

struct OwnWorld {
  explicit OwnWorld(std::uint64_t seed) : own_world(seed) {}
  sim::World own_world;
};

// A broker that leads one partition alone, in leader epoch 3.
struct Host : private OwnWorld, Broker {
  explicit Host(std::uint64_t seed) : OwnWorld(seed), Broker(own_world, own_world.add_node("a"), 1) {}
  ~Host() { close(); }

  void open();
  void close() {
    partition.reset();
    Broker::close();
  }

  std::shared_ptr<Partition> partition;
};

}  // namespace barnabas::replication
