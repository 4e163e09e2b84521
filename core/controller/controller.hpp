// The controller: the one broker that decides who leads what, as long as its term lasts.
//
// Every broker has one of these. It takes part in the election (`/controller`), and while it is elected it holds what
// ZooKeeper holds in memory, decides one event after the other (partition_rules.hpp and what is beside it, pure),
// writes the outcome fenced by the version of /controller_epoch, and tells the brokers (LeaderAndIsr, UpdateMetadata,
// StopReplica). What it tells is made of what it holds at the moment of sending (level-triggered: a broker that was
// slow gets the newest state once, not every state in between), in order, again and again until the broker answers or
// is gone.
//
// A term ends when /controller is not its own any more, its session is over, or a write is refused because of a newer
// controller epoch; nothing of it goes on then (C1, C2, KAFKA-4447), and the next term starts from nothing
// (KAFKA-5310).
//
// Layout of znodes, order of writes and wire are Kafka 3.9's in ZooKeeper mode. What is more: keys of ours beside
// Kafka's in the state znodes and registrations (metadata/znode_json.hpp), for W1, W2 and W4.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/task.hpp"
#include "core/controller/broker_port.hpp"
#include "core/env/env.hpp"
#include "core/metadata/cluster_image.hpp"
#include "core/metadata/config.hpp"
#include "core/metadata/topic_store.hpp"
#include "core/protocol/api_error.hpp"
#include "core/protocol/messages/07_controlled_shutdown.hpp"
#include "core/protocol/messages/43_elect_leaders.hpp"
#include "core/protocol/messages/45_alter_partition_reassignments.hpp"
#include "core/protocol/messages/46_list_partition_reassignments.hpp"
#include "core/protocol/messages/56_alter_partition.hpp"
#include "core/protocol/messages/67_allocate_producer_ids.hpp"

namespace barnabas::controller {

class Controller {
 public:
  // All of these outlive this. local: where the controller tells its own broker, which is registered before start().
  Controller(env::Env env, const metadata::Config& config, metadata::TopicStore& store, zookeeper::Client& zookeeper,
             BrokerId self, LocalBroker& local);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Takes part in the election from now on. Returns when somebody is controller (this broker: when its first term has
  // told this broker of its partitions), or with the error of ZooKeeper.
  Task<Result<void>> start();
  // The broker has registered anew, on a new session: the former term is over; takes part again.
  Task<Result<void>> session_renewed();
  // The session is over and there is no other yet: the term ends at once.
  void session_lost();
  // A broker cannot reach this peer (refused or reset): evidence, which is looked into. On any broker: when the peer is
  // the controller, this broker looks into it and may depose it.
  void suspect(BrokerId peer);

  // Whether this broker is the controller, as far as it knows, and in which epoch.
  std::optional<metadata::Controllership> term() const;
  // Who is, as far as this broker has heard; kNoBroker: nobody.
  BrokerId controller_id() const;

  // ----- What only the controller answers. NOT_CONTROLLER elsewhere, or when its term ends meanwhile. -----

  // A topic that is planned (its replicas are chosen). Durable when answered; its leaders are elected and told to this
  // broker, too, unless no replica is alive.
  Task<protocol::ApiResult<metadata::TopicInfo>> create_topic(metadata::NewTopic topic);
  // Marked durably when answered; the rest follows by itself.
  Task<protocol::ApiResult<std::monostate>> delete_topic(std::string name);
  // added: the replicas of the new partitions. present: how many partitions the caller saw.
  Task<protocol::ApiResult<std::monostate>> add_partitions(std::string name, std::size_t present,
                                                           metadata::Assignment added);
  Task<protocol::AlterPartitionResponse> alter_partition(protocol::AlterPartitionRequest request, std::int16_t version);
  Task<protocol::ControlledShutdownResponse> controlled_shutdown(protocol::ControlledShutdownRequest request);
  Task<protocol::ElectLeadersResponse> elect_leaders(protocol::ElectLeadersRequest request);
  Task<protocol::AlterPartitionReassignmentsResponse> alter_reassignments(
      protocol::AlterPartitionReassignmentsRequest request);
  Task<protocol::ListPartitionReassignmentsResponse> list_reassignments(
      protocol::ListPartitionReassignmentsRequest request);
  Task<protocol::AllocateProducerIdsResponse> allocate_producer_ids(protocol::AllocateProducerIdsRequest request);

  struct Counts {
    bool active = false;
    std::size_t offline_partitions = 0;
    std::size_t preferred_imbalance = 0;
    std::size_t topics = 0;
    std::size_t partitions = 0;
    std::uint64_t elections = 0;
    std::uint64_t unclean_elections = 0;
    std::uint64_t suspicions = 0;            // That led to an election or a deposition.
    std::uint64_t suspicions_refuted = 0;    // The probe found the peer alive.
  };
  Counts counts() const;

  // Resigns (deletes /controller if it is its own) and stops taking part.
  Task<void> stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barnabas::controller
