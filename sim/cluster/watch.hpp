// The oracle's eyes: after every event at a broker's node it looks at that broker's partitions, and at ZooKeeper.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/replication/partition_table.hpp"
#include "sim/oracle/cluster_oracle.hpp"
#include "sim/world/world.hpp"

namespace barnabas::sim {

class ClusterWatch {
 public:
  // directory: where brokers keep their logs.
  ClusterWatch(World& world, ClusterOracle& oracle, std::string directory);

  // The process of this broker has partitions now; the table lives until process_ended().
  void process_began(std::int32_t broker, Node& node, const replication::PartitionTable& partitions);
  void process_ended(std::int32_t broker);

 private:
  struct Hosted {
    const replication::Partition* partition = nullptr;
    TopicPartition id;
    std::string topic_id;
    ReplicaView view;
    bool seen = false;
    Instant looked{};    // When the view was last found the same,
    Duration stood{};    // and for how long it has been, apart from gaps in which the process may not have run.
    bool judged = false;
  };
  struct Host {
    std::int32_t broker = -1;
    Node* node = nullptr;
    const replication::PartitionTable* partitions = nullptr;
    std::vector<Hosted> hosted;  // In the table's order.
  };

  void look(Host& host);
  void align(Host& host);
  void look_at(Host& host, Hosted& hosted);
  void nothing_changed(const Host& host, Hosted& hosted);

  World& world_;
  ClusterOracle& oracle_;
  std::string directory_;
  std::map<std::uint32_t, Host> hosts_;  // By node index.
};

}  // namespace barnabas::sim
